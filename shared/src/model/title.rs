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
