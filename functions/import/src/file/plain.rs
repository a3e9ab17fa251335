//! A plain table or JSON with our own field names: a spreadsheet or our export.

use super::Row;
use super::column::Column::{self, Access, Enabled, ExpiresAt, Id, ShortUrl, Slug, Title, Url};
use super::layout::Layout;
use super::record::Record;

pub(super) const LAYOUT: Layout = Layout {
    header: "a column 'url'",
    target: &[Url],
    slug: &[Slug, Id],
    short_url: &[ShortUrl],
    title: &[Title],
    off: &[],
    expires_at: &[ExpiresAt],
    recognizes: |names| names.contains(&Url),
    finish,
};

fn finish(record: &Record<'_>, row: &mut Row) {
    let word = |column| record.text(&[column]).map(|text| text.trim().to_lowercase());
    row.access = word(Access);
    row.forward = word(Column::Forward);
    match record.flag(Enabled) {
        Some(Ok(enabled)) => row.enabled = enabled,
        Some(Err(_)) => row.refuse("wrong_type", "the value of 'enabled' must be true or false"),
        None => (),
    }
}
