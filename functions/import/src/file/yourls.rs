//! YOURLS: the CSV of the plugin Import Export, a CSV of its table, the response of its API, and the list of URLs of its
//! bulk import, which has no header.

use super::column::Column::{self, Clicks, Id, Ip, Keyword, ShortUrl, Source, Target, Timestamp, Title, Url};
use super::layout::Layout;

/// The columns of a file without a header.
pub(super) const BULK: [Column; 3] = [Url, Keyword, Title];

pub(super) const LAYOUT: Layout = Layout {
    header: "a CSV file with the columns 'keyword', 'url' and 'title', a CSV file with the columns 'source' and \
             'target', or the API's JSON with 'shorturl' and 'url'",
    target: &[Url, Target],
    slug: &[Keyword, Source],
    short_url: &[ShortUrl],
    title: &[Title],
    off: &[],
    expires_at: &[],
    also: &[],
    recognizes: |names| {
        let is_table = names.contains(&Keyword) && names.contains(&Url);
        let is_plugin = names.contains(&Source) && names.contains(&Target);
        // Our own JSON has `short_url` too, but also an id.
        let is_api = names.contains(&ShortUrl)
            && !names.contains(&Id)
            && [Timestamp, Ip, Clicks].iter().any(|name| names.contains(name));
        is_table || is_plugin || is_api
    },
    finish: |_, _| (),
};
