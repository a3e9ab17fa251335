use super::{Invalid, text};

/// A tag of a link: 1 to 32 characters from `[a-z0-9_-]`. Upper case is converted to lower case.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tag(String);

text!(Tag);

impl TryFrom<String> for Tag {
    type Error = Invalid;

    fn try_from(text: String) -> Result<Self, Invalid> {
        let text = text.to_ascii_lowercase();
        let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_-".contains(&byte);
        if (1..=32).contains(&text.len()) && text.bytes().all(allowed) {
            Ok(Self(text))
        } else {
            Err(Invalid::new("invalid_tag", "a tag must be 1 to 32 letters a to z, digits, '_' or '-'"))
        }
    }
}
