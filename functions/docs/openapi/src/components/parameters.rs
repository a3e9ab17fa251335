mod imports;

use super::schemas::read;
use serde_json::{Map, Value, json};
use shared::model::{Change, Day, OrgId, RecordId, Search, Slug, SlugPrefix, State, Tag, TargetUrl, UserId};

/// `*`, or one to ten entity tags (RFC 9110, section 8.8.3).
const IF_MATCH: &str = r#"^(\*|(W/)?"[!#-~]*"( *, *(W/)?"[!#-~]*"){0,9})$"#;

/// Returns the parameters, keyed by the names that the operations use.
pub fn parameters() -> Map<String, Value> {
    let mut parameters = imports::parameters();
    if let Value::Object(others) = others() {
        parameters.extend(others);
    }
    parameters
}

/// Returns all parameters except those of an import.
fn others() -> Value {
    let variable = |name: &str, description: &str, schema: Value| json!({ "name": name, "in": "path", "required": true, "description": description, "schema": schema });
    let mut org_id = variable("org_id", "The organization's id, as in the access token.", read::<OrgId>());
    if let Some(org_id) = org_id.as_object_mut() {
        // The id of the organization Acme, which `cargo run` creates.
        org_id.insert("example".to_owned(), "1189c444-8a2d-4c41-8b4b-ae43ce79a492".into());
    }
    let header = |name: &str, description: &str, schema: Value| json!({ "name": name, "in": "header", "description": description, "schema": schema });
    let handle = json!({ "type": "string", "pattern": "^@[A-Za-z0-9]([A-Za-z0-9-]{0,38}[A-Za-z0-9])?$" });
    json!({
        "org_id": org_id,
        "org_id_or_handle": variable(
            "org_id",
            "The organization's id, or `@` and one of its handles.",
            json!({ "anyOf": [read::<OrgId>(), handle] }),
        ),
        "slug": variable("slug", "The link's slug, or one of its aliases.", read::<Slug>()),
        "record": variable("record", "The id of a record in the history.", read::<RecordId>()),
        "link": query(
            "link",
            "Only changes of this link: its `birth`, or a slug. A slug is that of the link which has it, or else of the last \
             one that had it and was deleted.",
            json!({ "type": "string" }),
        ),
        "changed_by": query("creator", "Only changes by this user; `me` means the caller.", read::<UserId>()),
        "kind_of_change": query(
            "change",
            "Only changes of this kind. `hand_over` also finds renames that handed the link over.",
            read::<Change>(),
        ),
        "history_limit": query(
            "limit",
            "The maximum number of records per page.",
            json!({ "type": "integer", "minimum": 1, "maximum": 100, "default": 50 }),
        ),
        "return_to": query(
            "return_to",
            "Where to go after signing in: `/`, `/#…`, `/docs` or `/{org_id}/-/open/{slug}`. Any other value means `/`.",
            json!({ "type": "string" }),
        ),
        "sign_in_org_id": query("org_id", "The organization to work in after signing in.", json!({ "type": "string" })),
        "change": query("change", "`1` lets the user choose a different account.", json!({ "type": "string" })),
        "code": query("code", "The provider's authorization code.", json!({ "type": "string" })),
        "state": query("state", "The `state` parameter of the sign-in, as sent to the provider.", json!({ "type": "string" })),
        "limit": query(
            "limit",
            "The maximum number of links per page. In JSON it is at most 100, and the default is 50. In an export it is at \
             most 1,000, which is also the default.",
            json!({ "type": "integer", "minimum": 1, "maximum": 1000 }),
        ),
        "cursor": query(
            "cursor",
            "The `next_cursor` of the previous page. Send all other parameters as for the first page.",
            json!({ "type": "string" }),
        ),
        "creator": query("creator", "Only links that this user created; `me` means the caller.", read::<UserId>()),
        "tag": query("tag", "Only links with this tag.", read::<Tag>()),
        "prefix": query(
            "prefix",
            "Only links whose slug begins with this text.",
            read::<SlugPrefix>(),
        ),
        "url": query(
            "url",
            "Only links with exactly this destination, after normalization of both URLs.",
            read::<TargetUrl>(),
        ),
        "link_state": query(
            "state",
            "Only links in this state: `on`, `off` (switched off), `expired` (and not switched off), `expiring` (on, and \
             expires within seven days) or `members` (for members only).",
            read::<State>(),
        ),
        "q": query(
            "q",
            "Only links that contain each of these words, separated by white space, in their slug, title, destination or \
             tags. Case is ignored.",
            read::<Search>(),
        ),
        "include": query(
            "include",
            "Additional data for each link: `clicks`, the numbers of people's and bots' clicks since the link was created.",
            json!({ "type": "string", "enum": ["clicks"] }),
        ),
        "from": query("from", "The first day, in UTC. The default range is thirty days. The day can be earlier than the first day whose clicks are kept.", or_empty(read::<Day>())),
        "to": query("to", "The last day, in UTC. The default is today. The day can be in the future.", or_empty(read::<Day>())),
        "by": query(
            "by",
            "The interval of the series: `day`, for a range of at most 400 days, or `hour`, for at most 31 days.",
            json!({ "type": "string", "enum": ["day", "hour"], "default": "day" }),
        ),
        "by_day": query(
            "by",
            "The interval of the series.",
            json!({ "type": "string", "enum": ["day"], "default": "day" }),
        ),
        "format": query(
            "format",
            "The image format.",
            json!({ "type": "string", "enum": ["svg", "png"], "default": "svg" }),
        ),
        "size": query(
            "size",
            "The width and height of the image in pixels. An SVG can be scaled; this is its default size.",
            json!({ "type": "integer", "minimum": 128, "maximum": 2048, "default": 512 }),
        ),
        "margin": query(
            "margin",
            "The minimum width of the white margin, in modules. Scanners expect 4 (ISO/IEC 18004); use less only if the \
             code is placed on a white background.",
            json!({ "type": "integer", "minimum": 0, "maximum": 16, "default": 4 }),
        ),
        "idempotency_key": header(
            "Idempotency-Key",
            "A key of your choice for this request, such as a UUID. Within 24 hours, another request with the same key and \
             exactly the same body returns the first link instead of creating a second one.",
            json!({ "type": "string", "pattern": "^[!-~]{1,255}$" }),
        ),
        "if_none_match": header(
            "If-None-Match",
            "The `ETag` of the client's copy. The response is 304 if that copy is current.",
            json!({ "type": "string" }),
        ),
        "if_match": header(
            "If-Match",
            "The `ETag` that you received with the link, several entity tags separated by commas, or `*` for any version. If \
             none of them is the link's current one, the request is rejected with 412.",
            json!({ "type": "string", "pattern": IF_MATCH }),
        ),
    })
}

/// Returns a query parameter.
fn query(name: &str, description: &str, schema: Value) -> Value {
    json!({ "name": name, "in": "query", "description": description, "schema": schema })
}

/// Returns the schema of a query parameter that may be empty. An empty parameter is treated as if it were missing.
fn or_empty(schema: Value) -> Value {
    json!({ "anyOf": [schema, { "const": "" }] })
}
