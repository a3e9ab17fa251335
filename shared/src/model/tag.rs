use super::slug::ALPHABET;
use super::{Day, Invalid, Timestamp, text};

/// The beginning of an import's tag.
const IMPORT: &str = "imported-";
/// The length of the random end of an import's tag.
const IMPORT_RANDOM: usize = 6;

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

impl Tag {
    /// Draws the tag of an import that begins at `now`, such as `imported-20261126-x4k2pq`.
    pub fn draw_for_import(now: Timestamp) -> Self {
        let day = Day::from_timestamp(now).to_string().replace('-', "");
        let alphabet: Vec<char> = ALPHABET.chars().collect();
        Self(format!("{IMPORT}{day}-{}", nanoid::format(nanoid::rngs::default, &alphabet, IMPORT_RANDOM)))
    }

    /// Returns whether this tag has the form of an import's tag.
    pub fn is_of_import(&self) -> bool {
        let rest = self.0.strip_prefix(IMPORT).and_then(|rest| rest.split_once('-'));
        rest.is_some_and(|(day, random)| {
            let is_day = day.len() == 8 && day.bytes().all(|byte| byte.is_ascii_digit());
            let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
            is_day && random.len() == IMPORT_RANDOM && random.bytes().all(is_plain)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tag_of_an_import_has_its_day_and_is_recognized() {
        let now = Timestamp::from_rfc_3339("2026-11-26T23:59:59Z").unwrap();
        let tags: std::collections::BTreeSet<Tag> = (0..100).map(|_| Tag::draw_for_import(now)).collect();
        assert_eq!(tags.len(), 100);
        for tag in tags {
            assert!(tag.is_of_import() && tag.as_str().starts_with("imported-20261126-"), "{tag}");
            assert_eq!(tag.as_str().parse(), Ok(tag));
        }
        for other in
            ["imported-20261126-x4k2p", "imported-2026112-x4k2pqr", "imported-20261126-x4k2p_", "imported"]
        {
            assert!(!other.parse::<Tag>().unwrap().is_of_import(), "{other}");
        }
    }
}
