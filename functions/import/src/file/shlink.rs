//! Shlink: the CSV export of its web client (older versions of this export lack the short code), and the CSV that
//! Shlink's importer reads.

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
    recognizes: |names| names.contains(&ShortCode) || names.contains(&ShortUrl),
    finish: |_, _| (),
};
