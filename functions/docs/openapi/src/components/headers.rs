use super::schemas::read;
use serde_json::{Value, json};
use shared::model::RecordId;

/// A link's `birth` and version, with a hyphen between them. If no `birth` is stored, the creation time replaces it.
const ETAG: &str = r#"^"([A-Za-z0-9_-]{16}|([a-z0-9][a-z0-9_-]{0,63}#)?[0-9]{1,15})-[0-9]+"$"#;

/// Returns the response headers, keyed by the names that the operations use.
pub fn headers() -> Value {
    let header = |description: &str, schema: Value| json!({ "description": description, "schema": schema });
    json!({
        "ETag": header(
            "Identifies this version of the link. Send it in `If-Match`.",
            json!({ "type": "string", "pattern": ETAG }),
        ),
        "TextETag": header(
            "Identifies this version of the text. Send it in `If-None-Match`.",
            json!({ "type": "string", "pattern": "^\"[A-Za-z0-9_-]+\"$" }),
        ),
        "FileName": header(
            "The file name under which a browser saves the image. It consists of the slug and an extension.",
            json!({ "type": "string", "pattern": "^inline; filename=\"[a-z0-9_-]+\\.(svg|png)\"$" }),
        ),
        "NextPage": header(
            "The path and query of the next page of an export. Absent on the last page and in a JSON list.",
            json!({ "type": "string", "pattern": "^</[^>]+>; rel=\"next\"$" }),
        ),
        "ExportFileName": header(
            "The file name under which a browser saves an export. Absent in JSON.",
            json!({ "type": "string", "pattern": "^attachment; filename=\"links\\.(csv|ndjson)\"$" }),
        ),
        "LinkLocation": header(
            "The API path of the new link.",
            json!({ "type": "string", "format": "uri-reference" }),
        ),
        "SignInLocation": header(
            "The URL that the browser requests next.",
            json!({ "type": "string", "format": "uri-reference" }),
        ),
        "Target": header("The URL to which the visitor is redirected.", json!({ "type": "string", "format": "uri-reference" })),
        "SignpostChange": header(
            "The id of this change's record in the history, for undoing the change. Absent if nothing changed.",
            read::<RecordId>(),
        ),
        "IdempotencyReplayed": header("Always `true`.", json!({ "type": "string", "const": "true" })),
        "NoIndex": header("Tells search engines not to index the URL.", json!({ "type": "string", "const": "noindex" })),
    })
}
