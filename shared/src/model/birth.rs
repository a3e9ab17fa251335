use super::{Invalid, Slug, Timestamp, text};

/// The number of characters of a random birth. They hold 96 random bits, so a birth is unique within an organization.
const LENGTH: usize = 16;

/// The permanent identity of a link within its organization. If a slug is reused, the new link has a different birth.
///
/// A birth consists of 16 random characters from `[A-Za-z0-9_-]`. A slug and a creation time would not be enough,
/// because two links with one slug can be created in one millisecond. If the link was created before births were
/// stored, its birth is `{id}#{created_at in milliseconds}`, because the partition key of its clicks already contains
/// this text.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Birth(String);

text!(Birth);

impl Birth {
    /// Generates a random birth.
    pub fn random() -> Self {
        Self(nanoid::nanoid!(LENGTH))
    }

    /// Derives the birth of a link that was created before births were stored.
    pub fn derived(id: &Slug, created_at: Timestamp) -> Self {
        Self(format!("{id}#{}", created_at.millis()))
    }

    /// Returns the slug and the creation time of a derived birth, or `None` for a random one.
    pub fn source(&self) -> Option<(Slug, Timestamp)> {
        let (id, millis) = self.0.split_once('#')?;
        let created_at = Timestamp::try_from(millis.parse::<i64>().ok()?).ok()?;
        Some((id.parse().ok()?, created_at))
    }
}

impl TryFrom<String> for Birth {
    type Error = Invalid;

    fn try_from(text: String) -> Result<Self, Invalid> {
        let visible = |byte: u8| byte.is_ascii_alphanumeric() || b"_-".contains(&byte);
        let random = text.len() == LENGTH && text.bytes().all(visible);
        let birth = Self(text);
        let derived = birth.source().is_some_and(|(id, created_at)| Self::derived(&id, created_at) == birth);
        if random || derived {
            Ok(birth)
        } else {
            Err(Invalid::new("invalid_birth", "a birth must be 16 letters, digits, '_' or '-'"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_birth_is_random_or_derived_and_nothing_else() {
        assert!(Birth::try_from(Birth::random().to_string()).is_ok());
        assert_ne!(Birth::random(), Birth::random());
        let derived: Birth = "launch#1795339800000".parse().unwrap();
        let (id, created_at) = derived.source().unwrap();
        assert_eq!(Birth::derived(&id, created_at), derived);
        assert_eq!(Birth::random().source(), None);
        for text in [
            "",
            "1795339800000",
            "launch",
            "fifteen-letters",
            "seventeen-letters",
            "sixteen \"letters",
            "launch#",
            "launch#01795339800000",
            "launch#+1795339800000",
            "launch#-1",
            "LAUNCH#1795339800000",
            "link#1795339800000",
            "launch#1795339800000#1",
            "launch#999999999999999",
        ] {
            assert!(Birth::try_from(text.to_owned()).is_err(), "{text}");
        }
    }
}
