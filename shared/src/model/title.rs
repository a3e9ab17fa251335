use super::{Invalid, text};
use icu_properties::props::{
    BidiClass, DefaultIgnorableCodePoint, GeneralCategory, GeneralCategoryGroup, NoncharacterCodePoint,
};
use icu_properties::{CodePointMapData, CodePointSetData};

/// The maximum length of a title.
const MAX_CHARS: usize = 200;

/// The title of a link, for the team: 1 to 200 characters, none of them a control character.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Title(String);

text!(Title);

impl TryFrom<String> for Title {
    type Error = Invalid;

    fn try_from(text: String) -> Result<Self, Invalid> {
        if text.is_empty() || text.chars().count() > MAX_CHARS {
            return Err(invalid("a title must be 1 to 200 characters"));
        }
        if text.chars().any(char::is_control) {
            return Err(invalid("a title must not contain control characters"));
        }
        Ok(Self(text))
    }
}

impl Title {
    /// Parses a title from a request.
    ///
    /// Invisible characters that some scripts and emoji need, such as joiners, soft hyphens and variation selectors,
    /// are kept if the title also has visible characters.
    ///
    /// # Errors
    /// The text is not a title, has no visible character, or contains characters that would reverse, break or hide the
    /// text next to the title on a page. A stored title with one of these faults stays valid.
    pub fn from_request(text: String) -> Result<Self, Invalid> {
        let title = Self::try_from(text)?;
        let has = |is: fn(char) -> bool| title.0.chars().any(is);
        if has(breaks_or_turns) {
            return Err(invalid(
                "a title must not contain line breaks or characters that change the direction of text",
            ));
        }
        if !has(is_visible) {
            return Err(invalid("a title must contain at least one visible character"));
        }
        if has(is_direction_mark) && !has(is_right_to_left) {
            return Err(invalid(
                "a title can contain direction marks only if it contains right-to-left letters",
            ));
        }
        Ok(title)
    }

    /// Creates a title from text that another link shortener stored. What a title cannot contain is removed, and a title
    /// that is too long is truncated and ends with `…`. Returns the title, and whether it was truncated; `None` if no
    /// visible character is left.
    ///
    /// A line break or tab becomes a space. Other control characters and characters that change the direction of text are
    /// removed. Direction marks are kept only if the text has right-to-left letters.
    pub fn cleaned(text: &str) -> Option<(Self, bool)> {
        let keeps_marks = text.chars().any(is_right_to_left);
        let mut shown = String::new();
        for character in text.chars() {
            let hides = character.is_control() || breaks_or_turns(character);
            if hides && character.is_whitespace() {
                shown.push_str(if shown.ends_with(' ') { "" } else { " " });
            } else if !hides && (keeps_marks || !is_direction_mark(character)) {
                shown.push(character);
            }
        }
        if !shown.chars().any(is_visible) {
            return None;
        }
        let (title, is_truncated) = truncated(shown.trim(), MAX_CHARS);
        Some((Self(title), is_truncated))
    }
}

/// Returns text of at most `max` characters, and whether it was truncated. Truncated text ends with `…`.
pub(super) fn truncated(text: &str, max: usize) -> (String, bool) {
    match text.char_indices().nth(max - 1) {
        Some((end, _)) if text.chars().nth(max).is_some() => {
            (format!("{}…", text.get(..end).unwrap_or_default().trim_end()), true)
        }
        _ => (text.to_owned(), false),
    }
}

fn invalid(rule: &'static str) -> Invalid {
    Invalid::new("invalid_title", rule)
}

/// Line separators, embeddings, overrides and isolates (UAX #9), deprecated format characters, and marks of interlinear
/// annotations. No writing system needs these characters within a line.
pub(super) fn breaks_or_turns(character: char) -> bool {
    matches!(character, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{206f}' | '\u{fff9}'..='\u{fffb}')
}

/// The characters with the property Bidi_Control (UAX #9), except those of [`breaks_or_turns`].
pub(super) fn is_direction_mark(character: char) -> bool {
    matches!(character, '\u{200e}' | '\u{200f}' | '\u{61c}')
}

/// Returns whether a character is a letter, a number, punctuation or a symbol, and is not blank. Returns false for
/// combining marks, white space and private-use characters. Returns true for unassigned characters, because a later
/// version of Unicode may assign them.
pub(super) fn is_visible(character: char) -> bool {
    // These letters and symbols have an empty glyph: the Braille pattern without dots, the object replacement
    // character, a musical null notehead and blank hieroglyphs.
    let is_blank = matches!(character, '\u{2800}' | '\u{fffc}' | '\u{1d159}' | '\u{13441}' | '\u{13442}');
    let category = CodePointMapData::<GeneralCategory>::new().get(character);
    let shows = GeneralCategoryGroup::Letter
        .union(GeneralCategoryGroup::Number)
        .union(GeneralCategoryGroup::Punctuation)
        .union(GeneralCategoryGroup::Symbol)
        .union(GeneralCategoryGroup::Unassigned);
    shows.contains(category)
        && !is_blank
        && !CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(character)
        && !CodePointSetData::new::<NoncharacterCodePoint>().contains(character)
}

fn is_right_to_left(character: char) -> bool {
    let class = CodePointMapData::<BidiClass>::new().get(character);
    matches!(class, BidiClass::RightToLeft | BidiClass::ArabicLetter) && is_visible(character)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_a_title_cannot_have_is_removed_and_the_rest_stays_as_it_is() {
        for (text, title) in [
            ("two  spaces", Some("two  spaces")),
            (" Line one\r\nline two\t", Some("Line one line two")),
            ("Bell\u{7} and\tescape\u{1b}", Some("Bell and escape")),
            ("abc\u{202e}def\u{200e}", Some("abcdef")),
            ("שלום\u{200f}", Some("שלום\u{200f}")),
            ("\u{200b}\u{200b}", None),
            ("\n", None),
        ] {
            let cleaned = Title::cleaned(text).map(|(title, is_truncated)| (title.to_string(), is_truncated));
            assert_eq!(cleaned, title.map(|title| (title.to_owned(), false)), "{text:?}");
        }
    }

    #[test]
    fn only_a_title_of_more_than_two_hundred_characters_is_truncated() {
        let truncated = |text: &str| Title::cleaned(text).unwrap();
        let fits = "é".repeat(200);
        assert_eq!(truncated(&fits), (Title(fits.clone()), false));
        let (title, is_truncated) = truncated(&format!("{fits}é"));
        assert_eq!((title.0, is_truncated), ("é".repeat(199) + "…", true));
        assert_eq!(truncated(&"word ".repeat(50)).0.0, "word ".repeat(40).trim_end().to_owned() + "…");
    }

    proptest! {
        #[test]
        fn a_cleaned_title_is_one_that_a_request_can_send(text in any::<String>()) {
            if let Some((title, _)) = Title::cleaned(&text) {
                prop_assert_eq!(Title::from_request(title.to_string()), Ok(title));
            }
        }
    }
}
