use super::{or_empty, query};
use crate::components::schemas::read;
use serde_json::{Map, Value, json};
use shared::model::Tag;
use shared::schema::FILE_FORMATS;

/// Returns the parameters of an import, keyed by the names that its operation uses.
pub fn parameters() -> Map<String, Value> {
    let parameters = [
        (
            "file_format",
            query(
                "format",
                "The link shortener that exported the file, or `plain`. By default, the file's content decides.",
                or_empty(json!({ "type": "string", "enum": FILE_FORMATS })),
            ),
        ),
        (
            "dry_run",
            query(
                "dry_run",
                "`true`: write nothing, and say what would happen.",
                json!({ "type": "boolean", "default": false }),
            ),
        ),
        (
            "from_row",
            query(
                "from",
                "The number of the row to begin with: the `next` of an earlier response. By default, the first row.",
                or_empty(json!({ "type": "integer", "minimum": 1 })),
            ),
        ),
        (
            "row_limit",
            query(
                "limit",
                "The maximum number of rows to import with this request.",
                or_empty(json!({ "type": "integer", "minimum": 1, "maximum": 1000, "default": 1000 })),
            ),
        ),
        (
            "import",
            query(
                "import",
                "The tag of the import: the `import` of the first response, or a tag of the same form that the client draws. By \
                 default, a new import begins.",
                or_empty(
                    json!({ "type": "string", "pattern": "^[Ii][Mm][Pp][Oo][Rr][Tt][Ee][Dd]-[0-9]{8}-[A-Za-z0-9]{6}$" }),
                ),
            ),
        ),
        (
            "on_conflict",
            query(
                "on_conflict",
                "What happens to a row whose slug is taken: `skip` reports it as `conflict`, with a free slug; `rename` gives its \
             link that slug.",
                or_empty(json!({ "type": "string", "enum": ["skip", "rename"], "default": "skip" })),
            ),
        ),
        (
            "disabled",
            query(
                "disabled",
                "What happens to a row that has expired: `skip` leaves it out; `keep` creates its link, switched off.",
                or_empty(json!({ "type": "string", "enum": ["skip", "keep"], "default": "skip" })),
            ),
        ),
        (
            "slug_prefix",
            query(
                "prefix",
                "Text of at most 32 characters to put in front of each slug.",
                or_empty(json!({ "type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$" })),
            ),
        ),
        (
            "extra_tag",
            query(
                "tag",
                "One more tag for each link. With it, a row keeps at most eight tags of its own; without it, nine.",
                or_empty(read::<Tag>()),
            ),
        ),
    ];
    parameters.map(|(name, parameter)| (name.to_owned(), parameter)).into_iter().collect()
}
