use csv::{Terminator, WriterBuilder};
use shared::error::ApiError;
use shared::http::{LinkBody, ShortBase};
use shared::model::{Link, Slug, Tag};
use shared::store::Total;

/// The columns of a CSV file. The last two are only in a file with clicks.
const COLUMNS: [&str; 16] = [
    "id",
    "url",
    "title",
    "tags",
    "access",
    "forward",
    "enabled",
    "expires_at",
    "short_url",
    "aliases",
    "creator_user_id",
    "creator_name",
    "created_at",
    "updated_at",
    "clicks",
    "bots",
];
/// The number of columns without clicks.
const WITHOUT_CLICKS: usize = COLUMNS.len() - 2;
/// Separates the tags or aliases in a cell. No tag and no slug contains it.
const SEPARATOR: &str = "|";

/// A listed link.
pub struct Row<'a> {
    pub link: &'a Link,
    pub short_base: &'a ShortBase,
    /// The link's clicks, if they were requested.
    pub total: Option<Total>,
}

impl<'a> Row<'a> {
    /// Returns the link's JSON form.
    pub fn body(&self) -> LinkBody<'a> {
        let body = LinkBody::new(self.link, self.short_base);
        match self.total {
            Some(total) => body.with_clicks(total),
            None => body,
        }
    }

    /// Returns the link as a line of NDJSON.
    ///
    /// # Errors
    /// The link cannot be serialized, which is an internal error.
    pub fn ndjson(&self) -> Result<String, ApiError> {
        serde_json::to_string(&self.body()).map(|line| line + "\n").map_err(|_| unwritable())
    }

    /// Returns the link as a line of a CSV file.
    ///
    /// # Errors
    /// The line cannot be written, which is an internal error.
    pub fn csv(&self) -> Result<String, ApiError> {
        let link = self.link;
        let text = |text: Option<String>| text.unwrap_or_default();
        let mut cells = vec![
            link.id.to_string(),
            link.url.as_str().to_owned(),
            text(link.title.as_ref().map(ToString::to_string)),
            link.tags.iter().map(Tag::as_str).collect::<Vec<_>>().join(SEPARATOR),
            link.access.as_str().to_owned(),
            link.forward.as_str().to_owned(),
            link.enabled.to_string(),
            text(link.expires_at.map(|time| time.to_string())),
            self.short_base.url_of(&link.id),
            link.aliases.iter().map(Slug::as_str).collect::<Vec<_>>().join(SEPARATOR),
            link.creator_user_id.to_string(),
            text(link.creator_name.as_ref().map(ToString::to_string)),
            link.created_at.to_string(),
            link.updated_at.to_string(),
        ];
        if let Some(total) = self.total {
            cells.extend([total.clicks.to_string(), total.bots.to_string()]);
        }
        line(cells.iter().map(|cell| guarded(cell)))
    }
}

/// Returns the header of a CSV file.
///
/// # Errors
/// The line cannot be written, which is an internal error.
pub fn csv_header(with_clicks: bool) -> Result<String, ApiError> {
    let columns = if with_clicks { COLUMNS.len() } else { WITHOUT_CLICKS };
    line(COLUMNS.into_iter().take(columns).map(str::to_owned))
}

/// Returns a cell that no spreadsheet takes for a formula (<https://owasp.org/www-community/attacks/CSV_Injection>).
///
/// A cell that begins with `=`, `+`, `-`, `@`, a tab or a carriage return gets a `'` in front. A cell that begins with
/// `'` followed by one of these gets another `'`, so that a reader who removes one `'` gets the text back.
fn guarded(cell: &str) -> String {
    let is_formula = cell.trim_start_matches('\'').starts_with(['=', '+', '-', '@', '\t', '\r']);
    if is_formula { format!("'{cell}") } else { cell.to_owned() }
}

/// Returns a line of a CSV file, with the line ending and the quotation marks of RFC 4180.
fn line(mut cells: impl Iterator<Item = String>) -> Result<String, ApiError> {
    let mut writer = WriterBuilder::new().terminator(Terminator::CRLF).from_writer(Vec::new());
    cells.try_for_each(|cell| writer.write_field(cell)).map_err(|_| unwritable())?;
    writer.write_record(None::<&[u8]>).map_err(|_| unwritable())?;
    let line = writer.into_inner().map_err(|_| unwritable())?;
    String::from_utf8(line).map_err(|_| unwritable())
}

fn unwritable() -> ApiError {
    ApiError::Internal("a link could not be written".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use csv::ReaderBuilder;
    use proptest::prelude::*;

    /// What people and attackers put into cells.
    fn cell() -> impl Strategy<Value = String> {
        prop_oneof![any::<String>(), "[-'=+@\t\r\n\",;|a]{0,6}"]
    }

    proptest! {
        #[test]
        fn a_line_is_read_as_its_cells_and_no_cell_begins_a_formula(
            cells in proptest::collection::vec(cell(), 2..6)
        ) {
            let line = line(cells.iter().map(|cell| guarded(cell))).unwrap();
            let mut reader = ReaderBuilder::new().has_headers(false).from_reader(line.as_bytes());
            let records: Vec<_> = reader.records().collect::<Result<_, _>>().unwrap();
            prop_assert_eq!(records.len(), 1);
            prop_assert!(line.ends_with("\r\n"));
            for (found, cell) in records[0].iter().zip(&cells) {
                prop_assert!(!found.starts_with(['=', '+', '-', '@', '\t', '\r']), "{:?}", found);
                let shielded = found.trim_start_matches('\'').starts_with(['=', '+', '-', '@', '\t', '\r']);
                prop_assert_eq!(found.strip_prefix('\'').filter(|_| shielded).unwrap_or(found), cell);
            }
            prop_assert_eq!(records[0].len(), cells.len());
        }
    }

    #[test]
    fn only_the_beginning_of_a_formula_is_guarded() {
        for (cell, expected) in [
            ("=1+1", "'=1+1"),
            ("-a|b", "'-a|b"),
            ("'=1", "''=1"),
            ("''@a", "'''@a"),
            ("\tx", "'\tx"),
            ("'quoted'", "'quoted'"),
            ("1+1", "1+1"),
            (" =1", " =1"),
            ("'", "'"),
            ("", ""),
        ] {
            assert_eq!(guarded(cell), expected, "{cell:?}");
        }
    }
}
