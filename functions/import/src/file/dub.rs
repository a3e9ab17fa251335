//! Dub: the CSV export of its dashboard (with the default columns, or with all columns), or the response of its API.

use super::Row;
use super::column::Column::{Archived, DestinationUrl, DisabledAt, ExpiresAt, Key, ShortLink, Title, Url};
use super::layout::{Layout, refuse_root};
use super::values::Values;

pub(super) const LAYOUT: Layout = Layout {
    header: "a CSV file with the columns 'Short link', 'Destination URL', 'Tags', 'Archived'",
    target: &[DestinationUrl, Url],
    slug: &[Key],
    short_url: &[ShortLink],
    title: &[Title],
    off: &[Archived],
    expires_at: &[ExpiresAt],
    also: &[DisabledAt],
    recognizes: |names| {
        names.contains(&ShortLink) && (names.contains(&DestinationUrl) || names.contains(&Key))
    },
    finish,
};

/// In the API, `_root` is the name of a domain's root link; in CSV, the short link of a root link has no path.
fn finish(values: &Values<'_>, row: &mut Row) {
    let is_root = match &row.slug {
        Some(slug) => slug == "_root",
        None => values.has(ShortLink),
    };
    if is_root {
        refuse_root(row);
    }
    if values.has(DisabledAt) {
        row.enabled = false;
    }
}
