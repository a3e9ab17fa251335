use super::title::{breaks_or_turns, is_direction_mark, is_visible, truncated};
use super::{Invalid, text};

/// The maximum length of a name.
const MAX_CHARS: usize = 100;

/// The display name of a person or an organization: 1 to 100 characters, none of them a control character.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DisplayName(String);

text!(DisplayName);

impl TryFrom<String> for DisplayName {
    type Error = Invalid;

    fn try_from(text: String) -> Result<Self, Invalid> {
        if (1..=MAX_CHARS).contains(&text.chars().count()) && !text.chars().any(char::is_control) {
            Ok(Self(text))
        } else {
            Err(Invalid::new(
                "invalid_name",
                "a name must be 1 to 100 characters, none of them a control character",
            ))
        }
    }
}

impl DisplayName {
    /// Creates a name from a claim in the sign-in provider's token. The name is cleaned rather than rejected, because
    /// users cannot correct it here. Characters that cannot be shown are removed, and a name that is too long is
    /// truncated and ends with `…`. Returns `None` if no visible character is left.
    ///
    /// White space becomes single spaces. Control characters, line separators and all characters that affect the
    /// direction of text are removed.
    pub fn from_claim(claim: &str) -> Option<Self> {
        let hides = |&character: &char| {
            character.is_control() || breaks_or_turns(character) || is_direction_mark(character)
        };
        let blank = |character: char| if character.is_whitespace() { ' ' } else { character };
        let shown: String = claim.chars().map(blank).filter(|character| !hides(character)).collect();
        let name = shown.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
        name.chars().any(is_visible).then(|| Self(truncated(&name, MAX_CHARS).0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn name(claim: &str) -> Option<String> {
        DisplayName::from_claim(claim).map(|name| name.to_string())
    }

    #[test]
    fn a_name_is_shown_as_it_is_but_for_white_space_and_what_hides_or_turns_text() {
        for (claim, shown) in [
            ("Maya Rao", "Maya Rao"),
            ("  Maya \t\r\n Rao\u{2028}", "Maya Rao"),
            ("Ma\u{0}ya\u{7f} R\u{85}ao", "Maya R ao"),
            ("\u{202e}oaR ayaM\u{2069}", "oaR ayaM"),
            ("דוד\u{200f} בן\u{200e}", "דוד בן"),
            ("O'Neil <b>&amp;</b>", "O'Neil <b>&amp;</b>"),
            ("👩\u{200d}🚀", "👩\u{200d}🚀"),
        ] {
            assert_eq!(name(claim).as_deref(), Some(shown), "{claim:?}");
        }
    }

    #[test]
    fn a_claim_without_anything_to_see_is_no_name() {
        for claim in ["", " ", "\u{200b}", "\u{202e}\u{2800}", "\u{301}", "\n\0\n"] {
            assert_eq!(name(claim), None, "{claim:?}");
        }
    }

    #[test]
    fn a_name_of_more_than_a_hundred_characters_is_cut_and_says_so() {
        assert_eq!(name(&"é".repeat(100)), Some("é".repeat(100)));
        assert_eq!(name(&"é".repeat(101)), Some(format!("{}…", "é".repeat(99))));
        let words = format!("{} {}", "a".repeat(98), "b".repeat(50));
        assert_eq!(name(&words), Some(format!("{}…", "a".repeat(98))));
    }

    proptest! {
        #[test]
        fn any_claim_is_no_name_or_one_that_parses_to_itself_and_stays_the_same(claim in any::<String>()) {
            if let Some(name) = DisplayName::from_claim(&claim) {
                prop_assert_eq!(name.as_str().parse(), Ok(name.clone()));
                prop_assert_eq!(DisplayName::from_claim(name.as_str()), Some(name));
            }
        }
    }
}
