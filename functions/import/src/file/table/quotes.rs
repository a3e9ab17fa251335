/// The state of the quotation marks in a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Quotes {
    /// As RFC 4180 defines them.
    Closed,
    /// A cell has text after its closing quotation mark. The CSV reader adds this text to the cell, and
    /// may take several lines for one row.
    Broken,
    /// The last cell is not closed.
    Open,
}

/// Checks the quotation marks of a row, because the CSV reader accepts misplaced ones.
pub(super) fn quotes(row: &str, delimiter: u8) -> Quotes {
    enum At {
        Start,
        Plain,
        Quoted,
        Closed,
    }
    let mut at = At::Start;
    let mut quotes = Quotes::Closed;
    for byte in row.bytes() {
        at = match (at, byte) {
            (At::Start | At::Closed, b'"') => At::Quoted,
            (At::Quoted, b'"') => At::Closed,
            (At::Quoted, _) => At::Quoted,
            (_, byte) if byte == delimiter => At::Start,
            (At::Closed, b' ' | b'\r' | b'\n') => At::Closed,
            (At::Closed, _) => {
                quotes = Quotes::Broken;
                At::Plain
            }
            (At::Start | At::Plain, _) => At::Plain,
        };
    }
    if matches!(at, At::Quoted) { Quotes::Open } else { quotes }
}
