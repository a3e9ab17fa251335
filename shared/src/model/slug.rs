use super::{Invalid, text};

/// The last segment of a short URL, and a link's id: `[a-z0-9][a-z0-9_-]{0,63}`, never `link`.
///
/// There is one canonical form, lower case, so that a link typed by hand works: upper case folds to lower.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slug(String);

text!(Slug);

impl TryFrom<String> for Slug {
    type Error = Invalid;

    fn try_from(text: String) -> Result<Self, Invalid> {
        let Some(text) = canonical(text) else {
            return Err(Invalid::new(
                "invalid_slug",
                "a slug is 1 to 64 letters a to z, digits, '_' or '-', and begins with a letter or digit",
            ));
        };
        if text == "link" {
            return Err(Invalid::new("reserved_slug", "'link' is a reserved word"));
        }
        Ok(Self(text))
    }
}

impl Slug {
    /// Whether one of the deployment's own pages is at the root under this name: `/docs`.
    pub fn is_page(&self) -> bool {
        self.0 == "docs"
    }

    /// The slug that a hash stands for: ten of the characters that cannot be misread, always the same ten.
    pub fn derived(hash: [u8; 32]) -> Self {
        let mut rest = hash.iter().take(16).fold(0, |number: u128, byte| number << 8 | u128::from(*byte));
        let characters = (0..10).map(|_| {
            let index = rest % ALPHABET.len() as u128;
            rest /= ALPHABET.len() as u128;
            ALPHABET.chars().nth(usize::try_from(index).unwrap_or_default()).unwrap_or_default()
        });
        Self(characters.collect())
    }
}

/// The beginning of a slug, of which there is one canonical form too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SlugPrefix(String);

text!(SlugPrefix);

impl TryFrom<String> for SlugPrefix {
    type Error = Invalid;

    fn try_from(text: String) -> Result<Self, Invalid> {
        canonical(text).map(Self).ok_or_else(|| {
            Invalid::new(
                "invalid_prefix",
                "a prefix is 1 to 64 letters a to z, digits, '_' or '-', and begins with a letter or digit",
            )
        })
    }
}

fn canonical(mut text: String) -> Option<String> {
    text.make_ascii_lowercase();
    let letter_or_digit = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let begins_well = text.bytes().next().is_some_and(letter_or_digit);
    let allowed = |byte: u8| letter_or_digit(byte) || b"_-".contains(&byte);
    (begins_well && text.len() <= 64 && text.bytes().all(allowed)).then_some(text)
}

/// The characters that cannot be misread.
const ALPHABET: &str = "23456789abcdefghjkmnpqrstuvwxyz";

/// Draws slugs at random from the 31 characters that cannot be misread.
#[derive(Debug, Clone)]
pub struct SlugGenerator {
    alphabet: Vec<char>,
    length: usize,
}

impl SlugGenerator {
    /// Draws slugs of `length` characters, 6 to 32.
    ///
    /// # Errors
    /// `length` is outside that range.
    pub fn new(length: usize) -> Result<Self, Invalid> {
        if !(6..=32).contains(&length) {
            return Err(Invalid::new("invalid_slug_length", "a drawn slug is 6 to 32 characters long"));
        }
        Ok(Self { alphabet: ALPHABET.chars().collect(), length })
    }

    /// Draws a slug.
    pub fn draw(&self) -> Slug {
        Slug(nanoid::format(nanoid::rngs::default, &self.alphabet, self.length))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn upper_case_folds_to_the_one_canonical_form() {
        assert_eq!("LaUnCh_2-x".parse::<Slug>().unwrap().as_str(), "launch_2-x");
    }

    #[test]
    fn what_is_no_slug_is_refused() {
        let long = "a".repeat(65);
        for text in [
            "", "-a", "_a", "@a", "a/b", "a b", "a%20", "é", "\u{17f}", "\u{212a}", "a\0", ".", "..", "link",
            "LINK", &long,
        ] {
            assert!(text.parse::<Slug>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn drawn_slugs_are_slugs_of_the_wanted_length_and_differ() {
        let slugs = SlugGenerator::new(8).unwrap();
        let mut drawn: Vec<Slug> = (0..1_000).map(|_| slugs.draw()).collect();
        assert!(
            drawn.iter().all(|slug| slug.as_str().len() == 8 && slug.as_str().parse() == Ok(slug.clone()))
        );
        drawn.sort();
        drawn.dedup();
        assert_eq!(drawn.len(), 1_000);
    }

    #[test]
    fn a_hash_stands_for_one_slug_of_ten_characters_and_another_for_another() {
        let derived: Vec<Slug> = (0..=255).map(|byte| Slug::derived([byte; 32])).collect();
        for slug in &derived {
            assert_eq!((slug.as_str().len(), slug.as_str().parse().as_ref()), (10, Ok(slug)));
        }
        assert_eq!(derived.iter().collect::<std::collections::HashSet<_>>().len(), 256);
        assert_eq!(Slug::derived([7; 32]), Slug::derived([7; 32]));
    }

    #[test]
    fn the_length_of_drawn_slugs_is_6_to_32() {
        assert!([0, 5, 33, usize::MAX].iter().all(|length| SlugGenerator::new(*length).is_err()));
        assert!([6, 32].iter().all(|length| SlugGenerator::new(*length).is_ok()));
    }

    proptest! {
        #[test]
        fn any_text_is_refused_or_becomes_a_slug_that_parses_to_itself(text in any::<String>()) {
            if let Ok(slug) = text.parse::<Slug>() {
                prop_assert_eq!(slug.as_str().parse::<Slug>(), Ok(slug.clone()));
            }
        }

        #[test]
        fn every_text_of_the_pattern_but_link_is_a_slug(text in "[a-zA-Z0-9][a-zA-Z0-9_-]{0,63}") {
            prop_assume!(!text.eq_ignore_ascii_case("link"));
            let slug: Slug = text.parse().unwrap();
            prop_assert_eq!(slug.as_str(), text.to_ascii_lowercase());
        }
    }
}
