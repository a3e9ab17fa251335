//! Short.io: the response of its API (`{"links": […]}`), or a table whose columns have the same names.

use super::Row;
use super::column::Column::{Archived, ExpiresAt, OriginalUrl, Path, ShortUrl, Title};
use super::layout::{Layout, refuse_root};
use super::values::Values;

pub(super) const LAYOUT: Layout = Layout {
    header: "the API's JSON with 'links', 'originalURL' and 'path'",
    target: &[OriginalUrl],
    slug: &[Path],
    short_url: &[ShortUrl],
    title: &[Title],
    off: &[Archived],
    expires_at: &[ExpiresAt],
    also: &[],
    recognizes: |names| names.contains(&OriginalUrl),
    finish,
};

/// The root link of a domain is a link with an empty path.
fn finish(values: &Values<'_>, row: &mut Row) {
    if row.slug.is_none() && values.has(ShortUrl) {
        refuse_root(row);
    }
}
