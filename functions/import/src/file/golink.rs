//! golink: the output of its `/.export`, which is one JSON object per line.

use super::Row;
use super::column::Column::{Long, Short};
use super::layout::Layout;
use super::values::Values;
use shared::model::Forward;

pub(super) const LAYOUT: Layout = Layout {
    header: "one JSON object for each line, with 'Short' and 'Long'",
    target: &[Long],
    slug: &[Short],
    short_url: &[],
    title: &[],
    off: &[],
    expires_at: &[],
    also: &[],
    recognizes: |names| names.contains(&Short),
    finish,
};

/// The destination is a template of Go's `text/template`. If it contains no action (`{{…}}`), golink appends the part
/// of the path after the short name, as if the template ended with the action `{{.Path}}`. A row with any other action
/// is refused. If the destination has a query, golink appends the path to the last parameter. Signpost
/// cannot do that, so such a link forwards only the query.
fn finish(_: &Values<'_>, row: &mut Row) {
    let (url, is_template) = match without_path_action(&row.url) {
        Some(url) => (url.to_owned(), true),
        None => (row.url.clone(), false),
    };
    let has_path_at_end = !url.contains(['?', '#']);
    if url.contains("{{") || (is_template && !(has_path_at_end && url.ends_with('/') && !url.ends_with("//")))
    {
        row.refuse(
            "unsupported_template",
            "the only template that can be imported is {{.Path}} after a slash at the end of the destination",
        );
        return;
    }
    row.url = url;
    let forward = if has_path_at_end { Forward::Path } else { Forward::Query };
    row.forward = Some(forward.as_str().to_owned());
}

/// If the destination ends with `{{.Path}}`, returns the part before it.
fn without_path_action(url: &str) -> Option<&str> {
    let (before, action) = url.strip_suffix("}}")?.rsplit_once("{{")?;
    (action.trim() == ".Path").then_some(before)
}
