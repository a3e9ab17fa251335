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
    /// text next to it on a page. A stored title with one of these faults stays valid.
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
    /// that is too long is truncated and ends with `…`. Returns `None` if no visible character is left.
    ///
    /// White space becomes single spaces. Control characters, line separators and characters that change the direction
    /// of text are removed, direction marks only if the text has no right-to-left letters.
    pub fn cleaned(text: &str) -> Option<Self> {
        let keeps_marks = text.chars().any(is_right_to_left);
        cleaned(text, MAX_CHARS, |character| is_direction_mark(character) && !keeps_marks).map(Self)
    }
}

/// Returns the text with single spaces, without control characters, without characters that break lines or change the
/// direction of text, and without those that `hides` selects. Text of more than `max` characters is truncated and ends
/// with `…`. Returns `None` if no visible character is left.
pub(super) fn cleaned(text: &str, max: usize, hides: impl Fn(char) -> bool) -> Option<String> {
    let hides = |&character: &char| character.is_control() || breaks_or_turns(character) || hides(character);
    let blank = |character: char| if character.is_whitespace() { ' ' } else { character };
    let shown: String = text.chars().map(blank).filter(|character| !hides(character)).collect();
    let mut text = shown.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    if !text.chars().any(is_visible) {
        return None;
    }
    if let Some((end, _)) = text.char_indices().nth(max - 1)
        && text.chars().nth(max).is_some()
    {
        text.truncate(end);
        text.truncate(text.trim_end().len());
        text.push('…');
    }
    Some(text)
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
