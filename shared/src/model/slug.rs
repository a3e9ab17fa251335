use super::{Invalid, text};

/// The last segment of a short URL, and a link's id: `[a-z0-9][a-z0-9_-]{0,63}`, never `link`.
///
/// There is one canonical form, lower case, so that a link typed by hand works: upper case folds to lower.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slug(String);

text!(Slug);

impl TryFrom<String> for Slug {
    type Error = Invalid;

    fn try_from(mut text: String) -> Result<Self, Invalid> {
        text.make_ascii_lowercase();
        let letter_or_digit = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        let begins_well = text.bytes().next().is_some_and(letter_or_digit);
        let allowed = |byte: u8| letter_or_digit(byte) || b"_-".contains(&byte);
        if !begins_well || text.len() > 64 || !text.bytes().all(allowed) {
            return Err(Invalid::new(
                "invalid_slug",
                "a slug is 1 to 64 letters, digits, '_' or '-', and begins with a letter or digit",
            ));
        }
        if text == "link" {
            return Err(Invalid::new("reserved_slug", "'link' is a reserved word"));
        }
        Ok(Self(text))
    }
}

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
        Ok(Self { alphabet: "23456789abcdefghjkmnpqrstuvwxyz".chars().collect(), length })
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
