use super::{Invalid, text};
use icu_properties::props::{
    BidiClass, DefaultIgnorableCodePoint, GeneralCategory, GeneralCategoryGroup, NoncharacterCodePoint,
};
use icu_properties::{CodePointMapData, CodePointSetData};

/// What a team calls a link among themselves: 1 to 200 characters, none of them a control character.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Title(String);

text!(Title);

impl TryFrom<String> for Title {
    type Error = Invalid;

    fn try_from(text: String) -> Result<Self, Invalid> {
        if text.is_empty() || text.chars().count() > 200 {
            return Err(invalid("a title must be 1 to 200 characters"));
        }
        if text.chars().any(char::is_control) {
            return Err(invalid("a title must not contain control characters"));
        }
        Ok(Self(text))
    }
}

impl Title {
    /// Reads a title that a caller sends.
    ///
    /// Invisible characters that a script or an emoji needs, such as joiners, soft hyphens and variation selectors, stay
    /// where they are within text that can be seen.
    ///
    /// # Errors
    /// It is not a title; nothing of it can be seen; or it has characters that would turn around, break or hide the text
    /// that a page shows beside it. A title that was stored with one of these faults stays what it is.
    pub fn asked_for(text: String) -> Result<Self, Invalid> {
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
}

fn invalid(rule: &'static str) -> Invalid {
    Invalid::new("invalid_title", rule)
}

/// Separators of lines, embeddings, overrides and isolates (UAX #9), the deprecated format characters, and the marks of
/// interlinear annotations. No script needs them to be written in one line.
pub(super) fn breaks_or_turns(character: char) -> bool {
    matches!(character, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{206f}' | '\u{fff9}'..='\u{fffb}')
}

/// Bidi_Control of UAX #9 but for [`breaks_or_turns`].
pub(super) fn is_direction_mark(character: char) -> bool {
    matches!(character, '\u{200e}' | '\u{200f}' | '\u{61c}')
}

/// Letters, numbers, punctuation and symbols that are not blank. A combining mark alone, white space, and what only a
/// private agreement gives a meaning do not count. An unassigned character does: the next version of Unicode may have it.
pub(super) fn is_visible(character: char) -> bool {
    // Their category is that of letters and symbols, and their glyph is empty: the pattern of Braille without dots, a
    // place for an object, a musical note without a head, blanks among hieroglyphs.
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
