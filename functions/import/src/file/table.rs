//! Reads tables: CSV (RFC 4180), also with `;` or tabs between the cells.

mod quotes;

use super::cell::Cell;
use super::column::{Column, Names, quote, shown};
use super::text::LineCounter;
use super::values::Values;
use super::{File, MAX_ROWS, Row, Source, Unreadable, yourls};
use csv::{Reader, ReaderBuilder, StringRecord};
use quotes::{Quotes, quotes};
use shared::model::Invalid;

/// The maximum number of ignored columns whose names are returned.
const MAX_IGNORED: usize = 20;

/// Reads a table. Rows whose cells are all blank do not count.
pub(super) fn read(text: &str, source: Option<Source>) -> Result<File, Unreadable> {
    let (skipped, delimiter) = delimiter(text);
    let mut table = Table::new(text, skipped, delimiter);
    let (number, quotes) = table.next_row()?.ok_or(Unreadable::Empty)?;
    let header = Header::new(&table.cells, source)?;
    let mut file = File { source: header.source, rows: Vec::new(), ignored: header.ignored(&table.cells) };
    if header.is_first_row {
        file.rows.push(header.row(number, quotes, &table.cells));
    } else if quotes == Quotes::Broken {
        // Because of the quotation marks, a cell of the header could contain the first rows.
        return Err(Unreadable::Quotes { line: number });
    }
    while let Some((number, quotes)) = table.next_row()? {
        if file.rows.len() == MAX_ROWS {
            return Err(Unreadable::TooManyRows);
        }
        file.rows.push(header.row(number, quotes, &table.cells));
    }
    if file.rows.is_empty() { Err(Unreadable::OnlyHeader) } else { Ok(file) }
}

/// The position of each column's cell in a row.
struct Header {
    source: Source,
    columns: Vec<(Column, usize)>,
    width: usize,
    /// Whether the file has no header.
    is_first_row: bool,
}

impl Header {
    /// Recognizes the header. If the first cell is a URL, the file has no header, and its first line is a row.
    fn new(cells: &StringRecord, source: Option<Source>) -> Result<Self, Unreadable> {
        if cells.get(0).is_some_and(is_url) {
            return match source.unwrap_or(Source::Yourls) {
                source @ (Source::Yourls | Source::Plain) if width(cells) <= yourls::BULK.len() => {
                    let columns = yourls::BULK.into_iter().zip(0..).collect();
                    Ok(Self { source, columns, width: yourls::BULK.len(), is_first_row: true })
                }
                Source::Yourls | Source::Plain => Err(Unreadable::NoHeader { cells: width(cells) }),
                source => Err(Unreadable::NotFrom { source, found: "The file has no header".to_owned() }),
            };
        }
        let named =
            cells.iter().enumerate().filter_map(|(index, name)| Some((Column::from_name(name)?, index)));
        let columns: Vec<(Column, usize)> = named.collect();
        let names: Names = columns.iter().map(|(column, _)| *column).collect();
        let found = || quote("The header has", "column", cells.iter());
        let source = match source {
            Some(source) if source.can_have(&names) && source.has_target(&names) => source,
            Some(source) => return Err(Unreadable::NotFrom { source, found: found() }),
            None => {
                Source::recognize(&names).map_err(|like| Unreadable::Unrecognized { found: found(), like })?
            }
        };
        Ok(Self { source, columns, width: cells.len(), is_first_row: false })
    }

    /// Returns the names of the columns that the source's layout does not read.
    fn ignored(&self, cells: &StringRecord) -> Vec<String> {
        if self.is_first_row {
            return Vec::new();
        }
        let is_read =
            |name: &str| Column::from_name(name).is_some_and(|column| self.source.layout().reads(column));
        let ignored = cells.iter().map(str::trim).filter(|name| !name.is_empty() && !is_read(name));
        ignored.take(MAX_IGNORED).map(shown).collect()
    }

    fn row(&self, number: u64, quotes: Quotes, cells: &StringRecord) -> Row {
        let mut values = Values::default();
        // Later columns have no cell in this row. Without this bound, a long header would be read for each short row.
        for (column, index) in self.columns.iter().take_while(|(_, index)| *index < cells.len()) {
            values.add(*column, cells.get(*index).and_then(Cell::from_table));
        }
        let mut row = self.source.layout().row(number, &values);
        let width = width(cells);
        // A reason given here replaces the layout's reason, because the cells may be in the wrong columns.
        if quotes == Quotes::Broken {
            row.refused = Some(broken(
                "a quotation mark opens a cell of this row and text follows the one that closes it; write a quotation \
                 mark within a cell as two",
            ));
        } else if width > self.width {
            row.refused = Some(broken(format!(
                "the row has {width} cells, and the header has {}; put quotation marks around a cell that contains the \
                 separator",
                self.width
            )));
        }
        row
    }
}

fn broken(message: impl Into<String>) -> Invalid {
    Invalid::new("invalid_row", message)
}

/// The number of cells, not counting blank cells at the end.
fn width(cells: &StringRecord) -> usize {
    cells
        .iter()
        .enumerate()
        .filter(|(_, cell)| !cell.trim().is_empty())
        .last()
        .map_or(0, |(index, _)| index + 1)
}

fn is_url(cell: &str) -> bool {
    let begins_with =
        |scheme: &str| cell.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme));
    begins_with("https://") || begins_with("http://")
}

/// Reads the rows of a table one after the other.
struct Table<'t> {
    text: &'t str,
    reader: Reader<&'t [u8]>,
    /// The cells of the last row that was read.
    cells: StringRecord,
    delimiter: u8,
    lines: LineCounter,
    /// The position up to which lines were counted.
    counted: usize,
    /// The position in the file at which the reader's text begins.
    skipped: usize,
}

impl<'t> Table<'t> {
    fn new(text: &'t str, skipped: usize, delimiter: u8) -> Self {
        let mut builder = ReaderBuilder::new();
        let builder = builder.has_headers(false).flexible(true).delimiter(delimiter);
        let reader = builder.from_reader(text.get(skipped..).unwrap_or_default().as_bytes());
        let lines = LineCounter::new();
        Self { text, reader, cells: StringRecord::new(), delimiter, lines, counted: 0, skipped }
    }

    /// Reads the next non-blank row into `cells`, and returns the number of the row's first line.
    fn next_row(&mut self) -> Result<Option<(u64, Quotes)>, Unreadable> {
        loop {
            let start = self.position();
            // The text is UTF-8, and rows of different widths are allowed, so there is no other error.
            if !self.reader.read_record(&mut self.cells).map_err(|_| Unreadable::Binary)? {
                return Ok(None);
            }
            let raw = self.text.get(start..self.position()).unwrap_or_default();
            let row = raw.trim_start_matches(['\r', '\n']);
            let number = self.count_to(start + raw.len() - row.len());
            match quotes(row, self.delimiter) {
                Quotes::Open => return Err(Unreadable::Quotes { line: number }),
                _ if width(&self.cells) == 0 => (),
                quotes => return Ok(Some((number, quotes))),
            }
        }
    }

    fn position(&self) -> usize {
        self.skipped + usize::try_from(self.reader.position().byte()).unwrap_or(usize::MAX)
    }

    /// Returns the line at this byte.
    fn count_to(&mut self, byte: usize) -> u64 {
        self.lines.count(self.text.as_bytes().get(self.counted..byte).unwrap_or_default());
        self.counted = byte;
        self.lines.line
    }
}

/// Returns the position at which the first row begins, and the delimiter of the cells. A first line such as `sep=;`,
/// which spreadsheets write, states the delimiter. Otherwise, it is `,`, `;` or a tab, whichever occurs most often
/// outside quotation marks in the first line. If the file begins with a URL, [`delimiter_of_urls`] returns the
/// delimiter.
fn delimiter(text: &str) -> (usize, u8) {
    let start = text.len() - text.trim_start().len();
    let first = first_line(text, start);
    if let [b's' | b'S', b'e' | b'E', b'p' | b'P', b'=', delimiter @ (b',' | b';' | b'\t' | b'|')] =
        first.as_bytes()
    {
        return (start + first.len(), *delimiter);
    }
    if is_url(first) {
        return (start, delimiter_of_urls(text, first));
    }
    let mut counts = [(b',', 0_usize), (b';', 0), (b'\t', 0)];
    let mut quoted = false;
    for byte in first.bytes() {
        quoted ^= byte == b'"';
        for (_, count) in counts.iter_mut().filter(|(delimiter, _)| !quoted && *delimiter == byte) {
            *count += 1;
        }
    }
    let most = counts.into_iter().rev().max_by_key(|(_, count)| *count);
    (start, most.map_or(b',', |(delimiter, _)| delimiter))
}

/// Returns the character that separates the cells of a file without a header. A URL can contain `,` and `;`, so `;`
/// counts only if it occurs equally often in several lines.
fn delimiter_of_urls(text: &str, first: &str) -> u8 {
    if first.contains('\t') {
        return b'\t';
    }
    let count = |line: &str| line.bytes().filter(|byte| *byte == b';').count();
    let lines = text.lines().filter(|line| !line.trim().is_empty()).map(count);
    let cells = count(first);
    let alike = (1..yourls::BULK.len()).contains(&cells) && lines.take(1_000).all(|count| count == cells);
    if alike && !first.contains(',') && text.trim().contains(['\n', '\r']) { b';' } else { b',' }
}

fn first_line(text: &str, start: usize) -> &str {
    let rest = text.get(start..).unwrap_or_default();
    rest.split(['\r', '\n']).next().unwrap_or_default()
}
