//! Rebrandly: the response of its API (a list of links), or a table whose columns have the API's names.

use super::column::Column::{Description, Destination, ShortUrl, Slashtag, Title};
use super::layout::Layout;

pub(super) const LAYOUT: Layout = Layout {
    header: "the API's JSON with 'slashtag' and 'destination'",
    target: &[Destination],
    slug: &[Slashtag],
    short_url: &[ShortUrl],
    title: &[Title, Description],
    off: &[],
    expires_at: &[],
    also: &[],
    recognizes: |names| names.contains(&Slashtag) || names.contains(&ShortUrl),
    finish: |_, _| (),
};
