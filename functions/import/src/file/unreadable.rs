use super::{MAX_ROWS, Source};
use std::fmt;

/// Why a file cannot be read. It displays as a sentence for the person who sent the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unreadable {
    /// The file has no bytes, or only white space.
    Empty,
    /// The file has a header and no row.
    OnlyHeader,
    /// The JSON has a list without elements.
    NoRows,
    /// The file has more than [`MAX_ROWS`] rows.
    TooManyRows,
    /// The file is a ZIP archive, as spreadsheets are.
    Archive,
    /// The file is compressed with gzip.
    Compressed,
    /// The file is HTML or XML.
    Markup,
    /// The file contains bytes that cannot occur in a text.
    Binary,
    /// The file is UTF-8 or UTF-16 with a broken character in this line.
    BrokenCharacter {
        /// The line, from 1.
        line: u64,
    },
    /// The JSON is broken.
    Json {
        /// The line, from 1.
        line: usize,
        /// The position in the line, in bytes, from 1.
        column: usize,
        /// Whether the file ends too early.
        ends: bool,
    },
    /// A cell has an opening quotation mark but no closing one, or a cell of the header has text after its closing
    /// quotation mark.
    Quotes {
        /// The line in which the row begins, from 1.
        line: u64,
    },
    /// The first line begins with a URL, so it is not a header, but it has too many cells for a table without a header.
    NoHeader {
        /// The number of cells.
        cells: usize,
    },
    /// The names of the columns or members belong to no source, or a source's column or member for the destination is
    /// missing.
    Unrecognized {
        /// Some of the names in the file, quoted.
        found: String,
        /// The source that the names belong to, if its column or member for the destination is missing. `None` if the
        /// names belong to no source.
        like: Option<Source>,
    },
    /// The file does not come from the requested source.
    NotFrom {
        /// The requested source.
        source: Source,
        /// Some of the names in the file, quoted.
        found: String,
    },
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("The file is empty."),
            Self::OnlyHeader => f.write_str("The file has a header and no rows."),
            Self::NoRows => f.write_str("The JSON has no links."),
            Self::TooManyRows => write!(f, "The file has more than {MAX_ROWS} rows; split it."),
            Self::Archive => f.write_str(
                "The file is a spreadsheet or a ZIP archive instead of text; save the spreadsheet as CSV, or unpack the archive.",
            ),
            Self::Compressed => f.write_str("The file is compressed with gzip; unpack it."),
            Self::Markup => f.write_str("The file is a web page or XML; expected CSV or JSON."),
            Self::Binary => f.write_str("The file is not text; expected CSV or JSON."),
            Self::BrokenCharacter { line } => write!(
                f,
                "Line {line} has a character that is not in the encoding of the rest of the file, or the file was cut \
                 within a character; save it as UTF-8.",
            ),
            Self::Json { line, column, ends: false } => {
                write!(f, "The file is not valid JSON: unexpected text at line {line}, column {column}.")
            }
            Self::Json { line, column, ends: true } => {
                write!(f, "The JSON ends too early, at line {line}, column {column}; is the file complete?")
            }
            Self::Quotes { line } => write!(
                f,
                "In the row that begins at line {line}, a cell begins with a quotation mark that is not closed at the \
                 end of the cell.",
            ),
            Self::NoHeader { cells } => write!(
                f,
                "The first line begins with a URL and has {cells} cells, so it is not a header. Without a header, \
                 a line has the cells URL, slug and title; put quotation marks around a cell that contains a comma.",
            ),
            Self::Unrecognized { found, like: None } => {
                write!(f, "{found}; expected 'url', or an export of ")?;
                let names = Source::ALL.into_iter().filter(|source| *source != Source::Plain);
                let names: Vec<_> = names.map(Source::name).collect();
                match names.split_last() {
                    Some((last, others)) => write!(f, "{} or {last}.", others.join(", ")),
                    None => Ok(()),
                }
            }
            Self::Unrecognized { found, like: Some(source) } => write!(
                f,
                "{found}; expected 'url', or an export of {}: {}.",
                source.name(),
                source.layout().header
            ),
            Self::NotFrom { source: Source::Plain, found } => write!(f, "{found}; expected 'url'."),
            Self::NotFrom { source, found } => {
                write!(f, "{found}; expected an export of {}: {}.", source.name(), source.layout().header)
            }
        }
    }
}

impl std::error::Error for Unreadable {}
