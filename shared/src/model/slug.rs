use super::organization::is_uuid;
use super::{Invalid, text};

/// The maximum length of a slug.
const MAX_LENGTH: usize = 64;

/// The last segment of a short URL, and a link's id: `[a-z0-9][a-z0-9_-]{0,63}`, never `link`.
///
/// Upper case is converted to lower case, so that a short URL works however it is typed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slug(String);

text!(Slug);

impl TryFrom<String> for Slug {
    type Error = Invalid;

    fn try_from(text: String) -> Result<Self, Invalid> {
        let Some(text) = canonical(text) else {
            return Err(Invalid::new(
                "invalid_slug",
                "a slug must be 1 to 64 letters a to z, digits, '_' or '-', and must begin with a letter or digit",
            ));
        };
        if text == "link" {
            return Err(Invalid::new("reserved_slug", "the slug 'link' is reserved; choose another"));
        }
        Ok(Self(text))
    }
}

impl Slug {
    /// Returns whether this slug is the path of the deployment's own page `/docs`.
    pub fn is_page(&self) -> bool {
        self.0 == "docs"
    }

    /// Returns whether the slug has the form of a UUID, like the ids of many organizations. A new link cannot get
    /// such a slug.
    pub fn is_uuid(&self) -> bool {
        is_uuid(self.0.as_bytes())
    }

    /// Returns slugs that can be suggested if this slug is taken. Each suggestion ends in a counter: `wiki` leads to
    /// `wiki-2`, `wiki-3` and so on, and `wiki-2` leads to `wiki-3` and so on. The first twenty numbers are
    /// consecutive; some more follow with increasing gaps. A number with more than three digits, or with a leading
    /// zero, is not a counter but part of the name: `fair-2026` becomes `fair-2026-2`.
    ///
    /// If a suggested slug would be too long, the name before the counter is truncated.
    pub fn successors(&self) -> impl Iterator<Item = Self> {
        let (name, first) = match self.0.rsplit_once('-') {
            Some((name, digits)) if is_counter(digits) => (name, digits.parse().unwrap_or(1) + 1),
            _ => (self.0.as_str(), 2),
        };
        let gaps = (5..=12).map(|exponent| 1_u32 << exponent);
        (0..20).chain(gaps).map(move |gap| {
            let end = format!("-{}", first + gap);
            // A slug is ASCII, so each byte is a character.
            let name = name.get(..MAX_LENGTH - end.len()).unwrap_or(name);
            Self(format!("{}{end}", name.trim_end_matches(['-', '_'])))
        })
    }

    /// Derives a slug from a hash: ten characters that cannot be misread, which are always the same for the same hash.
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

/// The beginning of a slug, in lower case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SlugPrefix(String);

text!(SlugPrefix);

impl TryFrom<String> for SlugPrefix {
    type Error = Invalid;

    fn try_from(text: String) -> Result<Self, Invalid> {
        canonical(text).map(Self).ok_or_else(|| {
            Invalid::new(
                "invalid_prefix",
                "a prefix must be 1 to 64 letters a to z, digits, '_' or '-', and must begin with a letter or digit",
            )
        })
    }
}

/// Returns whether these digits look like a counter: a number from 1 to 999 without leading zeros.
fn is_counter(digits: &str) -> bool {
    (1..=3).contains(&digits.len())
        && !digits.starts_with('0')
        && digits.bytes().all(|digit| digit.is_ascii_digit())
}

fn canonical(mut text: String) -> Option<String> {
    text.make_ascii_lowercase();
    let letter_or_digit = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let begins_well = text.bytes().next().is_some_and(letter_or_digit);
    let allowed = |byte: u8| letter_or_digit(byte) || b"_-".contains(&byte);
    (begins_well && text.len() <= MAX_LENGTH && text.bytes().all(allowed)).then_some(text)
}

/// The characters that cannot be misread.
pub(super) const ALPHABET: &str = "23456789abcdefghjkmnpqrstuvwxyz";

/// Generates random slugs from the 31 characters that cannot be misread.
#[derive(Debug, Clone)]
pub struct SlugGenerator {
    alphabet: Vec<char>,
    length: usize,
}

impl SlugGenerator {
    /// Creates a generator of slugs of `length` characters, 6 to 32.
    ///
    /// # Errors
    /// `length` is less than 6 or more than 32.
    pub fn new(length: usize) -> Result<Self, Invalid> {
        if !(6..=32).contains(&length) {
            return Err(Invalid::new("invalid_slug_length", "a random slug must be 6 to 32 characters long"));
        }
        Ok(Self { alphabet: ALPHABET.chars().collect(), length })
    }

    /// Generates a slug.
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

    fn first_successor(slug: &str) -> String {
        slug.parse::<Slug>().unwrap().successors().next().unwrap().to_string()
    }

    #[test]
    fn a_successor_counts_on_and_a_year_or_a_date_is_no_counter() {
        for (slug, successor) in [
            ("wiki", "wiki-2"),
            ("wiki-1", "wiki-2"),
            ("wiki-2", "wiki-3"),
            ("wiki-9", "wiki-10"),
            ("wiki-999", "wiki-1000"),
            ("wiki-", "wiki-2"),
            ("wiki--2", "wiki-3"),
            ("wiki_2", "wiki_2-2"),
            ("wiki-02", "wiki-02-2"),
            ("wiki-0", "wiki-0-2"),
            ("wiki-v2", "wiki-v2-2"),
            ("fair-2026", "fair-2026-2"),
            ("fair-2026-2", "fair-2026-3"),
            ("7", "7-2"),
            ("7-7", "7-8"),
        ] {
            assert_eq!(first_successor(slug), successor, "{slug}");
        }
        let successors: Vec<String> =
            "a".parse::<Slug>().unwrap().successors().map(|slug| slug.to_string()).collect();
        assert_eq!(successors.len(), 28);
        assert_eq!(successors[18..23], ["a-20", "a-21", "a-34", "a-66", "a-130"]);
        assert_eq!(successors[27], "a-4098");
    }

    #[test]
    fn a_successor_of_the_longest_slug_is_shorter_at_the_end_of_its_name() {
        assert_eq!(first_successor(&"a".repeat(64)), format!("{}-2", "a".repeat(62)));
        assert_eq!(first_successor(&format!("{}-9", "a".repeat(62))), format!("{}-10", "a".repeat(61)));
        assert_eq!(
            first_successor(&format!("{}-_{}", "a".repeat(60), "b".repeat(2))),
            format!("{}-2", "a".repeat(60))
        );
    }

    #[test]
    fn the_length_of_drawn_slugs_is_6_to_32() {
        assert!([0, 5, 33, usize::MAX].iter().all(|length| SlugGenerator::new(*length).is_err()));
        assert!([6, 32].iter().all(|length| SlugGenerator::new(*length).is_ok()));
    }

    proptest! {
        #[test]
        fn all_successors_of_a_slug_are_slugs_and_differ_from_it_and_each_other(
            text in "[a-z0-9][a-z0-9_-]{0,55}([a-z0-9_-]{8}|-[0-9]{1,4})?",
        ) {
            prop_assume!(text != "link");
            let slug: Slug = text.parse().unwrap();
            let mut all: Vec<Slug> = slug.successors().chain([slug.clone()]).collect();
            for one in &all {
                prop_assert_eq!(one.as_str().parse::<Slug>(), Ok(one.clone()));
            }
            let count = all.len();
            all.sort();
            all.dedup();
            prop_assert_eq!(all.len(), count);
        }

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
