use super::{Invalid, text};

/// A key that a client sends with a request and with each retry of it: 1 to 255 visible ASCII characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotencyKey(String);

text!(IdempotencyKey);

impl TryFrom<String> for IdempotencyKey {
    type Error = Invalid;

    fn try_from(text: String) -> Result<Self, Invalid> {
        if (1..=255).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic()) {
            Ok(Self(text))
        } else {
            Err(Invalid::new(
                "invalid_idempotency_key",
                "an idempotency key must be 1 to 255 visible ASCII characters",
            ))
        }
    }
}
