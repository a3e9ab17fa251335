//! Kutt: the response of its API (`{"data": […]}`).

use super::column::Column::{Address, Banned, Description, ExpireIn, Link, Target};
use super::layout::Layout;

pub(super) const LAYOUT: Layout = Layout {
    header: "the API's JSON with 'data', 'address' and 'target'",
    target: &[Target],
    slug: &[Address],
    short_url: &[Link],
    title: &[Description],
    off: &[Banned],
    expires_at: &[ExpireIn],
    also: &[],
    recognizes: |names| names.contains(&Address),
    finish: |_, _| (),
};
