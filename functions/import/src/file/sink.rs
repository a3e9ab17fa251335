//! Sink: the JSON of its export (`{"version": …, "links": […]}`). Its times are in seconds.

use super::Row;
use super::column::Column::{
    Comment, Description, Expiration, ExportedAt, ListComplete, RedirectWithQuery, Slug, Title, Url,
};
use super::layout::Layout;
use super::values::Values;
use shared::model::Forward;

pub(super) const LAYOUT: Layout = Layout {
    header: "the JSON of its export with 'links', 'slug' and 'url'",
    target: &[Url],
    slug: &[Slug],
    short_url: &[],
    title: &[Title, Comment, Description],
    off: &[],
    expires_at: &[Expiration],
    also: &[RedirectWithQuery],
    recognizes: |names| {
        let also = [ExportedAt, ListComplete, Expiration];
        names.contains(&Slug) && also.iter().any(|name| names.contains(name))
    },
    finish,
};

fn finish(values: &Values<'_>, row: &mut Row) {
    if values.flag(RedirectWithQuery) == Some(Ok(true)) {
        row.forward = Some(Forward::Query.as_str().to_owned());
    }
}
