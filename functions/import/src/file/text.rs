//! Decodes the bytes of a file.

use super::Unreadable;
use encoding_rs::{Encoding, UTF_16BE, UTF_16LE, WINDOWS_1252};
use std::borrow::Cow;

/// Decodes a file, and leaves out its byte order mark.
///
/// Without a mark, UTF-16 is recognized by its first two characters, which are ASCII in every file that we know. A file
/// that is not valid UTF-8 is read as Windows-1252, which spreadsheets on Windows write. It counts as broken UTF-8
/// instead if at least half of its characters beyond ASCII are valid UTF-8.
///
/// # Errors
/// The bytes are not text, or are UTF-8 or UTF-16 with broken characters.
pub(super) fn decode(bytes: &[u8]) -> Result<Cow<'_, str>, Unreadable> {
    let text = match bytes {
        [b'P', b'K', 3, 4, ..] => return Err(Unreadable::Archive),
        [0x1f, 0x8b, ..] => return Err(Unreadable::Compressed),
        [0xff, 0xfe, rest @ ..] => utf_16(UTF_16LE, rest)?,
        [0xfe, 0xff, rest @ ..] => utf_16(UTF_16BE, rest)?,
        [a, 0, b, 0, ..] if *a != 0 && *b != 0 => utf_16(UTF_16LE, bytes)?,
        [0, a, 0, b, ..] if *a != 0 && *b != 0 => utf_16(UTF_16BE, bytes)?,
        [0xef, 0xbb, 0xbf, rest @ ..] => utf_8_or_windows(rest)?,
        _ => utf_8_or_windows(bytes)?,
    };
    if text.contains('\0') { Err(Unreadable::Binary) } else { Ok(text) }
}

fn utf_16(encoding: &'static Encoding, bytes: &[u8]) -> Result<Cow<'static, str>, Unreadable> {
    let (text, broken) = encoding.decode_without_bom_handling(bytes);
    if broken {
        let before = text.split(char::REPLACEMENT_CHARACTER).next().unwrap_or_default();
        return Err(Unreadable::BrokenCharacter { line: lines(before.as_bytes()) });
    }
    Ok(text.into_owned().into())
}

fn utf_8_or_windows(bytes: &[u8]) -> Result<Cow<'_, str>, Unreadable> {
    let Err(error) = std::str::from_utf8(bytes) else {
        return Ok(String::from_utf8_lossy(bytes));
    };
    let (mut encoded, mut broken) = (0, 0);
    for chunk in bytes.utf8_chunks() {
        encoded += chunk.valid().chars().filter(|character| !character.is_ascii()).count();
        broken += usize::from(!chunk.invalid().is_empty());
    }
    if encoded >= broken {
        let before = bytes.get(..error.valid_up_to()).unwrap_or_default();
        return Err(Unreadable::BrokenCharacter { line: lines(before) });
    }
    Ok(WINDOWS_1252.decode_without_bom_handling(bytes).0)
}

/// Returns the number of the line that follows these bytes.
fn lines(before: &[u8]) -> u64 {
    let mut lines = LineCounter::new();
    lines.count(before);
    lines.line
}

/// Counts lines, which end with CRLF, LF or CR.
#[derive(Debug)]
pub(super) struct LineCounter {
    /// The number of the line, from 1.
    pub(super) line: u64,
    after_cr: bool,
}

impl LineCounter {
    /// Creates a counter at the first line.
    pub(super) fn new() -> Self {
        Self { line: 1, after_cr: false }
    }

    /// Counts the line ends in the next bytes.
    pub(super) fn count(&mut self, bytes: &[u8]) {
        for byte in bytes {
            if *byte == b'\r' || (*byte == b'\n' && !self.after_cr) {
                self.line += 1;
            }
            self.after_cr = *byte == b'\r';
        }
    }
}
