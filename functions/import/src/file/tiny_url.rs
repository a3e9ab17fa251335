//! TinyURL: the response of its API (`{"data": […]}`), or a table whose columns have the same names.

use super::column::Column::{self, Alias, Archived, Deleted, Description, Expires, ExpiresAt, Title, Url};
use super::layout::Layout;

pub(super) const LAYOUT: Layout = Layout {
    header: "a CSV file with the columns 'alias', 'url', 'tags' and 'expires', or the API's JSON with the same members",
    target: &[Url],
    slug: &[Alias],
    short_url: &[Column::TinyUrl],
    title: &[Title, Description],
    off: &[Archived, Deleted],
    expires_at: &[Expires, ExpiresAt],
    also: &[],
    recognizes: |names| names.contains(&Alias) || names.contains(&Column::TinyUrl),
    finish: |_, _| (),
};
