use super::Row;
use super::column::{Column, Names};
use super::short_url;
use super::values::Values;

/// How the values of a source become rows: the source's columns, and what is special about the source.
pub(super) struct Layout {
    /// The file format and its fields, as an error message describes them.
    pub(super) header: &'static str,
    /// The columns that can contain the destination, beginning with the usual one. A table needs at least one of them.
    pub(super) target: &'static [Column],
    /// The columns that can contain the slug.
    pub(super) slug: &'static [Column],
    /// The columns that can contain the short URL. If the slug columns contain no slug, the path of the short URL
    /// is the slug.
    pub(super) short_url: &'static [Column],
    /// The columns of the title.
    pub(super) title: &'static [Column],
    /// The flags that switch a link off.
    pub(super) off: &'static [Column],
    /// The columns of the expiry.
    pub(super) expires_at: &'static [Column],
    /// The columns that only `finish` reads.
    pub(super) also: &'static [Column],
    /// Returns whether a file has the columns by which this source is recognized.
    pub(super) recognizes: fn(&Names) -> bool,
    /// Completes or refuses a row.
    pub(super) finish: fn(&Values<'_>, &mut Row),
}

/// Our own columns, which are read from every source, because people can add them to another shortener's table.
const OUR_OWN: [Column; 5] =
    [Column::Tags, Column::Enabled, Column::ExpiresAt, Column::Access, Column::Forward];

/// The columns that can contain the expiry in a file of any source.
const EXPIRIES: [Column; 3] = [Column::ExpiresAt, Column::Expires, Column::Expiration];

impl Layout {
    /// Converts values to a row.
    pub(super) fn row(&self, number: u64, values: &Values<'_>) -> Row {
        let mut row = Row {
            slug: values.slug(self.slug).or_else(|| {
                self.short_url.iter().find_map(|column| short_url::slug(values.text(&[*column])?))
            }),
            url: values.text(self.target).unwrap_or_default().trim().to_owned(),
            title: values.text(self.title).map(str::to_owned),
            tags: values.list(Column::Tags),
            expires_at: values.time(self.expires_at).or_else(|| values.time(&EXPIRIES)),
            access: values.word(Column::Access),
            forward: values.word(Column::Forward),
            source: values.text(&[Column::SourceId]).map(str::to_owned),
            ..Row::new(number)
        };
        if has_password(values) {
            row.refuse(
                "password_protected",
                "the link is protected by a password, but Signpost has no passwords; the link would be open to anyone",
            );
        }
        if let Some(column) = self.columns().find(|column| values.is_odd(*column)) {
            row.refuse("invalid_row", format!("the value of '{}' must be text", column.as_str()));
        }
        if let Some(column) = values.contradiction() {
            row.refuse("invalid_row", format!("the row has two different values of '{}'", column.as_str()));
        }
        for column in self.off.iter().chain(&[Column::Archived, Column::Banned, Column::Enabled]) {
            let switches_off = *column != Column::Enabled;
            match values.flag(*column) {
                Some(Ok(flag)) => row.enabled &= flag != switches_off,
                Some(Err(_)) => row.refuse(
                    "wrong_type",
                    format!("the value of '{}' must be true or false", column.as_str()),
                ),
                None => (),
            }
        }
        (self.finish)(values, &mut row);
        row
    }

    /// Returns whether the column has an effect on a row.
    pub(super) fn reads(&self, column: Column) -> bool {
        use Column::{HasPassword, Password, PasswordProtected, SourceId};
        let is_special = matches!(column, HasPassword | Password | PasswordProtected | SourceId);
        is_special || self.also.contains(&column) || self.columns().any(|each| each == column)
    }

    /// The columns whose values must be texts.
    fn columns(&self) -> impl Iterator<Item = Column> {
        let columns = [self.target, self.slug, self.short_url, self.title, self.off, self.expires_at];
        columns
            .into_iter()
            .flatten()
            .copied()
            .chain(OUR_OWN)
            .chain(EXPIRIES)
            .chain([Column::Archived, Column::Banned])
    }
}

/// Returns whether a link is protected by a password. Any value of the password column except `false` counts as a
/// password, even `no`.
fn has_password(values: &Values<'_>) -> bool {
    let is_false = |text: &str| text.trim().eq_ignore_ascii_case("false");
    let has_own = values.has(Column::Password) && !values.text(&[Column::Password]).is_some_and(is_false);
    let flags = [Column::HasPassword, Column::PasswordProtected];
    has_own || flags.iter().any(|flag| values.has(*flag) && values.flag(*flag) != Some(Ok(false)))
}

/// Refuses the root link of a domain.
pub(super) fn refuse_root(row: &mut Row) {
    row.refuse("root_link", "this is the root link of a domain, which has no slug");
}
