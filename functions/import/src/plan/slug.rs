use icu_normalizer::DecomposingNormalizerBorrowed;
use shared::model::{Invalid, Slug};

/// The maximum length of a slug.
const MAX_LENGTH: usize = 64;

/// A slug for the link of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proposal {
    /// The slug as the file has it.
    Same(Slug),
    /// The slug in lower case.
    Folded(Slug),
    /// A similar slug, because the text in the file is not a slug.
    Changed(Slug),
    /// No slug: no slug is similar to the text in the file, or the similar slug is not allowed.
    None,
}

/// Proposes a slug for text that was a slug in another link shortener. `prefix` is put in front of the text, and
/// `choose` parses the result.
pub fn propose(text: &str, prefix: &str, choose: impl Fn(String) -> Result<Slug, Invalid>) -> Proposal {
    if let Ok(slug) = choose(format!("{prefix}{text}")) {
        let is_folded = text.bytes().any(|byte| byte.is_ascii_uppercase());
        return if is_folded { Proposal::Folded(slug) } else { Proposal::Same(slug) };
    }
    let Some(similar) = plain(text) else { return Proposal::None };
    let mut similar = format!("{prefix}{similar}");
    // The text is ASCII, so no character is cut in half.
    similar.truncate(MAX_LENGTH);
    choose(similar.trim_end_matches(['-', '_']).to_owned()).map_or(Proposal::None, Proposal::Changed)
}

/// Converts the text to `[a-z0-9_-]`: letters become lower case and lose their accents, and a run of other characters
/// becomes `-`. Removes `-` and `_` at both ends. Returns `None` if a letter or digit has no form in
/// `[a-z0-9]`, or if nothing is left.
pub fn plain(text: &str) -> Option<String> {
    let mut plain = String::new();
    for character in DecomposingNormalizerBorrowed::new_nfkd().normalize(text).chars() {
        match character {
            'a'..='z' | '0'..='9' | '_' => plain.push(character),
            'A'..='Z' => plain.push(character.to_ascii_lowercase()),
            // Combining marks, which the decomposition has separated from their letters.
            '\u{300}'..='\u{36f}' => {}
            _ => match latin(character) {
                Some(letters) => plain.push_str(letters),
                None if character.is_alphanumeric() => return None,
                None if plain.ends_with('-') => {}
                None => plain.push('-'),
            },
        }
    }
    let plain = plain.trim_matches(['-', '_']);
    (!plain.is_empty()).then(|| plain.to_owned())
}

/// Returns the usual spelling of a Latin letter that has no decomposition.
fn latin(character: char) -> Option<&'static str> {
    Some(match character {
        'ß' | 'ẞ' => "ss",
        'æ' | 'Æ' => "ae",
        'œ' | 'Œ' => "oe",
        'ø' | 'Ø' => "o",
        'đ' | 'Đ' | 'ð' | 'Ð' => "d",
        'ł' | 'Ł' => "l",
        'þ' | 'Þ' => "th",
        'ħ' | 'Ħ' => "h",
        'ı' => "i",
        'ŋ' | 'Ŋ' => "n",
        'ŧ' | 'Ŧ' => "t",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn proposal(text: &str, prefix: &str) -> Proposal {
        propose(text, prefix, Slug::try_from)
    }

    fn slug(text: &str) -> Slug {
        text.parse().unwrap()
    }

    #[test]
    fn a_slug_stays_as_it_is_and_upper_case_folds() {
        assert_eq!(proposal("spring-sale_2", ""), Proposal::Same(slug("spring-sale_2")));
        assert_eq!(proposal("Spring-Sale", ""), Proposal::Folded(slug("spring-sale")));
        assert_eq!(proposal("Wiki", "old-"), Proposal::Folded(slug("old-wiki")));
        assert_eq!(proposal("_wiki", "old"), Proposal::Same(slug("old_wiki")));
    }

    #[test]
    fn what_is_no_slug_becomes_a_similar_one() {
        let long = "a".repeat(80);
        for (text, similar) in [
            ("a.b", "a-b"),
            ("v1.0", "v1-0"),
            ("store/donut", "store-donut"),
            ("Größe", "grosse"),
            ("Été à Łódź", "ete-a-lodz"),
            ("ﬁne²", "fine2"),
            ("-_wiki-_", "wiki"),
            ("🎉party🎉time", "party-time"),
            (long.as_str(), &long[..64]),
        ] {
            assert_eq!(proposal(text, ""), Proposal::Changed(slug(similar)), "{text}");
        }
        assert_eq!(proposal("a.b", "old-"), Proposal::Changed(slug("old-a-b")));
    }

    #[test]
    fn letters_of_another_script_mere_punctuation_and_reserved_words_have_no_similar_slug() {
        for text in ["구글", "привет", "tower-東京", "٣", "🎉", "...", "--", "link", "Link."] {
            assert_eq!(proposal(text, ""), Proposal::None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn whatever_a_slug_was_its_proposal_is_a_slug_that_is_proposed_as_it_is(text in any::<String>(), prefix in "([a-z0-9][a-z0-9_-]{0,31})?") {
            if let Proposal::Same(slug) | Proposal::Folded(slug) | Proposal::Changed(slug) = proposal(&text, &prefix) {
                prop_assert!(slug.as_str().starts_with(prefix.trim_end_matches(['-', '_'])));
                prop_assert_eq!(proposal(slug.as_str(), ""), Proposal::Same(slug));
            }
        }
    }
}
