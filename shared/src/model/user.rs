use super::{Invalid, text};

/// A user's id, from the sign-in provider: 1 to 255 characters, none of them a control character.
///
/// 255 is the maximum length of `sub` in OpenID Connect Core 1.0 (section 2).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct UserId(String);

text!(UserId);

impl TryFrom<String> for UserId {
    type Error = Invalid;

    fn try_from(text: String) -> Result<Self, Invalid> {
        let length = text.chars().count();
        if (1..=255).contains(&length) && !text.chars().any(char::is_control) {
            Ok(Self(text))
        } else {
            Err(Invalid::new(
                "invalid_user",
                "a user id must be 1 to 255 characters, none of them a control character",
            ))
        }
    }
}
