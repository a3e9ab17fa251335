//! A plain table or JSON with our own field names: a spreadsheet or our export. Other sources' column
//! names for the destination and the slug are recognized too, because people rename columns.

use super::column::Column::{
    Alias, Destination, DestinationUrl, Id, Key, Keyword, LongUrl, OriginalUrl, ShortCode, ShortLink,
    ShortUrl, Slashtag, Slug, Target, Title, Url,
};
use super::layout::Layout;

pub(super) const LAYOUT: Layout = Layout {
    header: "a column 'url'",
    target: &[Url, LongUrl, DestinationUrl, Destination, Target, OriginalUrl],
    slug: &[Slug, ShortCode, Keyword, Alias, Slashtag, Key, Id],
    short_url: &[ShortUrl, ShortLink],
    title: &[Title],
    off: &[],
    expires_at: &[],
    also: &[],
    recognizes: |names| LAYOUT.target.iter().any(|column| names.contains(column)),
    finish: |_, _| (),
};
