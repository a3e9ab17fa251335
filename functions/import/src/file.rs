//! Reads the file of another shortener, or a plain table, as rows of links. Nothing in this module depends on
//! the store or on HTTP.
//!
//! [`read`] determines the encoding and format. `table` reads CSV and `document` reads JSON. Both read the
//! `Values` of each row by `Column`. Each source has a module with its `Layout`, which turns these values into a `Row`.

mod bitly;
mod cell;
mod column;
mod document;
mod dub;
mod expiry;
mod golink;
mod kutt;
mod layout;
mod plain;
mod rebrandly;
mod row;
mod shlink;
mod short_io;
mod short_url;
mod sink;
mod source;
mod table;
mod text;
mod tiny_url;
mod unreadable;
mod values;
mod yourls;

pub use row::{Expiry, Row};
pub use source::Source;
pub use unreadable::Unreadable;

/// The maximum number of rows of a file. With more rows, a file of 4,000,000 bytes has fewer than 20 bytes for each
/// row, too few for a link.
pub const MAX_ROWS: usize = 200_000;

/// A file that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// What the file was recognized as, or the requested source.
    pub source: Source,
    /// The rows in the order of the file: at least one, and at most [`MAX_ROWS`]. Their numbers increase.
    pub rows: Vec<Row>,
    /// The names of a table's columns that are not read, at most twenty. They are safe to show. Empty for JSON.
    pub ignored: Vec<String>,
}

/// Reads a file. Without a `source`, the columns of a table or the members of a JSON object determine the source.
///
/// The encoding is UTF-8 or UTF-16, with or without a byte order mark, or else Windows-1252. Text that begins with `{` or
/// `[` is JSON, or one JSON object for each line. Everything else is a table whose cells are separated by `,`, `;` or
/// tabs.
///
/// Rows are left out only if all their cells are blank. A row that cannot be a link of the source is returned with
/// [`Row::refused`]. Time and memory are linear in the length of `bytes`.
///
/// # Errors
/// The bytes are not text, the file has no rows, or nothing in it says which column is the destination.
pub fn read(bytes: &[u8], source: Option<Source>) -> Result<File, Unreadable> {
    let text = text::decode(bytes)?;
    let content = text.trim_start();
    if content.is_empty() {
        return Err(Unreadable::Empty);
    }
    match content.as_bytes() {
        [b'{' | b'[', ..] => document::read(&text, source),
        [b'<', ..] => Err(Unreadable::Markup),
        _ => table::read(&text, source),
    }
}

#[cfg(test)]
mod tests;
