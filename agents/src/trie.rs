//! Looks up words in the tables that the build script builds from the files in `data`.

use crate::says::{Meaning, Place, Says};

include!(concat!(env!("OUT_DIR"), "/tables.rs"));

/// A trie. For each possible first byte it contains the node to start from, or 0 if no word begins with that byte.
pub struct Trie(&'static [u16; 128]);

/// Entries that match only at the beginning of a word in the user agent.
pub const WORDS: Trie = Trie(&WORD_STARTS);
/// Entries that match anywhere in the user agent, even inside a word.
pub const PARTS: Trie = Trie(&PART_STARTS);
/// Entries that match anywhere in the name of a device's model.
pub const MODEL_PARTS: Trie = Trie(&MODEL_PART_STARTS);

impl Trie {
    /// Finds the longest known word that begins at `start` in a lower-case text, and returns its meaning and where it
    /// ends.
    pub fn longest(&self, text: &[u8], start: usize) -> Option<(Says, usize)> {
        let mut last = *text.get(start)?;
        let mut node = usize::from(*self.0.get(usize::from(last))?);
        if node == 0 {
            return None;
        }
        let (mut end, mut found) = (start + 1, None);
        loop {
            let (first, count, code) = *NODES.get(node)?;
            let next = text.get(end).copied();
            if let Some(says) = says(code)
                && (says.open || next.is_none_or(|next| is_apart(last, next)))
            {
                found = Some((says, end));
            }
            let Some((next, following)) = next.and_then(|next| Some((next, following(first, count, next)?)))
            else {
                return found;
            };
            (last, node, end) = (next, following, end + 1);
        }
    }
}

/// Returns the node to which a byte leads, out of the `count` nodes that start at `first`.
fn following(first: u16, count: u8, byte: u8) -> Option<usize> {
    let (first, count) = (usize::from(first), usize::from(count));
    Some(first + BYTES.get(first..first + count)?.iter().position(|known| *known == byte)?)
}

/// Decodes a code from the table. Returns `None` for 0, which means that no word ends here.
fn says(code: u8) -> Option<Says> {
    let code = usize::from(code.checked_sub(1)?);
    let (_, meaning) = *Meaning::ALL.get(code / 2 / Place::ALL.len())?;
    let (_, place) = *Place::ALL.get(code / 2 % Place::ALL.len())?;
    Some(Says { meaning, place, open: code % 2 == 1 })
}

/// Returns whether a word can end between these two bytes. A word cannot end before a letter, or between two digits. A
/// word can end between a letter and a digit, because a version can follow a name.
fn is_apart(last: u8, next: u8) -> bool {
    !(next.is_ascii_lowercase() || last.is_ascii_digit() && next.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn longest(text: &str) -> Option<(Meaning, &str)> {
        let (says, end) = WORDS.longest(text.as_bytes(), 0)?;
        Some((says.meaning, text.get(..end)?))
    }

    #[test]
    fn the_longest_word_counts_and_ends_where_no_letter_follows() {
        assert_eq!(longest("tablet; rv:68.0"), Some((Meaning::Tablet, "tablet")));
        assert_eq!(longest("tablet pc 2.0"), Some((Meaning::Nothing, "tablet pc")));
        assert_eq!(longest("android13"), Some((Meaning::Android, "android")));
        assert_eq!(longest("androids"), None);
        assert_eq!(longest("nokia6100"), Some((Meaning::Mobile, "nokia")));
        assert_eq!(longest("nexus 10"), Some((Meaning::Tablet, "nexus 10")));
        assert_eq!(longest("nexus 100"), None);
    }

    #[test]
    fn text_that_begins_no_word_has_no_meaning() {
        for text in ["", " ", "é", "\u{0}", "zzzz"] {
            assert_eq!(longest(text), None, "{text:?}");
        }
        assert!(WORDS.longest(b"android", 7).is_none());
    }

    #[test]
    fn every_code_of_the_table_can_be_read() {
        assert!(Meaning::ALL.iter().enumerate().all(|(place, (_, meaning))| *meaning as usize == place));
        assert!(Place::ALL.iter().enumerate().all(|(place, (_, known))| *known as usize == place));
        assert!(NODES.iter().all(|(_, _, code)| *code == 0 || says(*code).is_some()));
    }
}
