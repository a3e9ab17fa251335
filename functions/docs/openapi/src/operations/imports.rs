use super::{answer, content};
use crate::operation::{Operation, Who};
use crate::problems::{of_imports, of_members};
use serde_json::json;

/// Returns the operations on imports.
pub fn all() -> Vec<Operation> {
    let mut problems = of_members();
    problems.extend(of_imports());
    // The file can have any media type. OpenAPI needs no schema for bytes.
    let file = json!({ "required": true, "content": {
        "application/octet-stream": {},
        "application/json": { "schema": {}, "example": [{ "url": "https://example.com/", "id": "example", "tags": ["print"] }] },
    } });
    vec![Operation {
        method: "POST",
        path: "/{org_id}/-/import",
        id: "import",
        tag: "Import",
        summary: "Import links from a file",
        description: "Creates links from a file of at most 4,000,000 bytes: the export of another link shortener (CSV or JSON), \
                      or a table with a column `url` and any of `id`, `title`, `tags`, `access`, `forward`, `enabled` and \
                      `expires_at`. The caller becomes the creator of the links. Send the file's bytes as they are, best with \
                      `Content-Type: application/octet-stream`; the media type is ignored. \
                      With `dry_run=true`, nothing is written, and the response says for each row what would happen. \
                      To import edited rows of a dry run, send them back as lines of JSON, each with its `source` as \
                      `source_id`. \
                      One request writes rows for at most 20 seconds. If `next` is not null, send the same file again with \
                      `from` set to it and `import` set to the `import` of the first response. It is always safe to send a \
                      file again: a row whose link exists is `replayed` or `exists` and makes no second link, whoever sends \
                      it; a row whose link was deleted makes it again. All links of an import have the tag in `import`."
            .to_owned(),
        who: Who::Members,
        parameters: &[
            "file_format",
            "dry_run",
            "from_row",
            "row_limit",
            "import",
            "on_conflict",
            "disabled",
            "slug_prefix",
            "extra_tag",
        ],
        body: Some(file),
        success: vec![(200, answer("The result of each row.", &[], content("application/json", "Import", &["import"])))],
        problems,
    }]
}
