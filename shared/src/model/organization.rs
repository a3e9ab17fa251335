use super::{Invalid, text};

/// An organization's id, as the sign-in provider gives it: `[A-Za-z0-9][A-Za-z0-9._:-]{0,127}`.
///
/// `@` cannot begin one, which keeps the table's other keys (`@prime`, handles) apart from tenants.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OrgId(String);

text!(OrgId);

impl TryFrom<String> for OrgId {
    type Error = Invalid;

    fn try_from(text: String) -> Result<Self, Invalid> {
        let (first, rest) = text.as_bytes().split_first().ok_or_else(rule)?;
        let inner = |byte: &u8| byte.is_ascii_alphanumeric() || b"._:-".contains(byte);
        if text.len() <= 128 && first.is_ascii_alphanumeric() && rest.iter().all(inner) {
            Ok(Self(text))
        } else {
            Err(rule())
        }
    }
}

fn rule() -> Invalid {
    Invalid::new(
        "invalid_organization",
        "an organization id is 1 to 128 letters, digits, '.', '_', ':' or '-', and begins with a letter or digit",
    )
}
