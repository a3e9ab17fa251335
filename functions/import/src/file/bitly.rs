//! Bitly: the response of its API (`{"links": […]}`), or a CSV file from its website. These CSV files
//! have one of several headers.

use super::Row;
use super::column::Column::{
    Archived, Bitlink, CustomBitlink, CustomBitlinks, CustomLink, DestinationUrl, Id, Link, LongUrl, Title,
};
use super::layout::Layout;
use super::short_url;
use super::values::Values;

pub(super) const LAYOUT: Layout = Layout {
    header: "a CSV file with the columns 'Link', 'Custom Link', 'Destination URL', 'Title', 'Tags', or the API's JSON with 'links' and 'long_url'",
    target: &[LongUrl, DestinationUrl],
    slug: &[],
    short_url: &[CustomLink, CustomBitlink, Bitlink, Link, Id],
    title: &[Title],
    off: &[Archived],
    expires_at: &[],
    also: &[CustomBitlinks],
    recognizes: |names| {
        [Link, CustomLink, Bitlink, CustomBitlink, CustomBitlinks].iter().any(|name| names.contains(name))
    },
    finish: use_last_custom_link,
};

/// A link can have several custom back-halves. The link's last back-half is the slug.
fn use_last_custom_link(values: &Values<'_>, row: &mut Row) {
    let custom = [CustomBitlinks, CustomLink, CustomBitlink].into_iter();
    let last = custom.filter_map(|column| values.list(column).pop()).find_map(|link| short_url::slug(&link));
    if last.is_some() {
        row.slug = last;
    }
}
