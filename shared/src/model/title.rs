use super::{Invalid, text};

/// What a team calls a link among themselves: 1 to 200 characters, none of them a control character.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Title(String);

text!(Title);

impl TryFrom<String> for Title {
    type Error = Invalid;

    fn try_from(text: String) -> Result<Self, Invalid> {
        if text.is_empty() || text.chars().count() > 200 {
            return Err(Invalid::new("invalid_title", "a title is 1 to 200 characters"));
        }
        if text.chars().any(char::is_control) {
            return Err(Invalid::new("invalid_title", "a title has no control characters"));
        }
        Ok(Self(text))
    }
}

impl Title {
    /// Reads a title that somebody asks for.
    ///
    /// # Errors
    /// It is none, or has one of Unicode's separators of lines, embeddings, overrides or isolates (UAX #9), which would
    /// turn around or break the text that a page shows beside it. No script needs them to be written in one line. A
    /// title that was stored with one stays what it is.
    pub fn asked_for(text: String) -> Result<Self, Invalid> {
        let turns = |character| matches!(character, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        if text.chars().any(turns) {
            return Err(Invalid::new("invalid_title", "a title does not change the direction of text"));
        }
        Self::try_from(text)
    }
}
