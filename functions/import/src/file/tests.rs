//! Tests of whole files.

mod properties;
mod samples;
mod sources;
mod tables;

use super::*;

/// Reads a file that contains this text.
fn read_text(text: &str) -> File {
    read(text.as_bytes(), None).unwrap_or_else(|error| panic!("{error} {text}"))
}

/// Returns the error message for a file that contains this text.
fn sentence(text: &str) -> String {
    read(text.as_bytes(), None).unwrap_err().to_string()
}

/// Returns the only row of a text.
fn row(text: &str) -> Row {
    let rows = read_text(text).rows;
    let [row] = <[Row; 1]>::try_from(rows).unwrap();
    row
}

/// Returns the code with which the only row of a text is refused.
fn refused(text: &str) -> &'static str {
    row(text).refused.unwrap().code
}
