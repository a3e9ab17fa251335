//! Shlink: the CSV export of its web client, and the CSV that its importer reads. Exports of older web clients lack the
//! short code.

use super::column::Column::{LongUrl, ShortCode, ShortUrl, Title};
use super::layout::Layout;

pub(super) const LAYOUT: Layout = Layout {
    header: "a CSV file with the columns 'shortCode', 'shortUrl', 'longUrl', 'title', 'tags'",
    target: &[LongUrl],
    slug: &[ShortCode],
    short_url: &[ShortUrl],
    title: &[Title],
    off: &[],
    expires_at: &[],
    also: &[],
    recognizes: |names| names.contains(&ShortCode) || names.contains(&ShortUrl),
    finish: |_, _| (),
};
