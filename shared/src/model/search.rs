use super::{Invalid, Link};
use icu_normalizer::ComposingNormalizerBorrowed;
use percent_encoding::percent_decode_str;
use std::borrow::Cow;

/// Words to search for, separated by white space: 1 to 100 characters, with no control characters except white space.
///
/// A link matches if each word occurs in its slug, title, destination or one of its tags. Differences in case and
/// between Unicode compatibility variants are ignored. A word can occur in a destination's stored form, or in the form
/// that browsers show: without percent-encoding, and with the host name in its own script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Search {
    /// The folded words, with one space between them.
    words: String,
}

const MAX_CHARS: usize = 100;

impl TryFrom<String> for Search {
    type Error = Invalid;

    fn try_from(text: String) -> Result<Self, Invalid> {
        let invalid = |rule: &'static str| Invalid::new("invalid_search", rule);
        if text.chars().any(|character| character.is_control() && !matches!(character, '\t'..='\r')) {
            return Err(invalid("a search must not contain control characters"));
        }
        let words: Vec<String> = text.split_whitespace().map(fold).collect();
        if words.is_empty() || text.chars().count() > MAX_CHARS {
            return Err(invalid("a search must be 1 to 100 characters, and not only white space"));
        }
        Ok(Self { words: words.join(" ") })
    }
}

impl Search {
    /// Returns the normalized words. Two searches for the same words return the same text.
    pub fn as_str(&self) -> &str {
        &self.words
    }

    /// Returns whether the link contains all the words.
    pub(crate) fn matches(&self, link: &Link) -> bool {
        let mut text = String::from(link.id.as_str());
        let mut add = |part: &str| {
            // A word has no white space, so it cannot match across two parts.
            text.push('\n');
            text.push_str(part);
        };
        link.title.iter().for_each(|title| add(&fold(title.as_str())));
        link.tags.iter().for_each(|tag| add(tag.as_str()));
        add(&fold(link.url.as_str()));
        if let Some(readable) = readable(link.url.as_str()) {
            add(&fold(&readable));
        }
        self.words.split(' ').all(|word| text.contains(word))
    }
}

/// Folds case. The text is converted to upper case first, so that `ß` equals `SS` and `ς` equals `σ`. Compatible
/// characters, such as composed and decomposed umlauts, become equal (NFKC of UAX #15).
fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let normal = ComposingNormalizerBorrowed::new_nfkc().normalize(text);
    normal.chars().flat_map(char::to_uppercase).flat_map(char::to_lowercase).collect()
}

/// Returns a URL as browsers show it, without percent-encoding and Punycode. Returns `None` if nothing in the URL is
/// encoded in these ways.
fn readable(url: &str) -> Option<String> {
    let (scheme, rest) = url.split_once("://")?;
    let (host, rest) = rest.split_at(rest.find([':', '/', '?', '#']).unwrap_or(rest.len()));
    if !host.contains("xn--") && !rest.contains('%') {
        return None;
    }
    let host = if host.contains("xn--") { Cow::Owned(idna::domain_to_unicode(host).0) } else { host.into() };
    Some(format!("{scheme}://{host}{}", percent_decode_str(rest).decode_utf8_lossy()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Access, Forward, TargetUrl, Timestamp};
    use proptest::prelude::*;

    fn link(slug: &str, title: Option<&str>, url: &str, tags: &[&str]) -> Link {
        Link {
            org_id: "acme".parse().unwrap(),
            id: slug.parse().unwrap(),
            stored_birth: None,
            url: TargetUrl::parse(url).unwrap(),
            title: title.map(|title| title.parse().unwrap()),
            tags: tags.iter().map(|tag| tag.parse().unwrap()).collect(),
            access: Access::Public,
            forward: Forward::None,
            enabled: true,
            expires_at: None,
            creator_user_id: "maya".parse().unwrap(),
            creator_name: None,
            is_handed_over: false,
            created_at: Timestamp::EPOCH,
            updated_at: Timestamp::EPOCH,
            version: 1,
            aliases: [].into(),
        }
    }

    fn finds(search: &str, link: &Link) -> bool {
        Search::try_from(search.to_owned()).unwrap().matches(link)
    }

    #[test]
    fn each_word_is_found_in_slug_title_target_or_a_tag() {
        let link = link("launch", Some("Spring Campaign"), "https://example.com/Wiki?page=7", &["q3_goals"]);
        for search in [
            "launch",
            "unc",
            "LAUNCH",
            "spring",
            "campaign spring",
            "example.com/wiki",
            "HTTPS://EXAMPLE.COM/WIKI?PAGE=7",
            "goals",
            "launch ring wiki goals",
            " \t launch\u{3000}spring\n",
        ] {
            assert!(finds(search, &link), "{search}");
        }
        for search in ["launched", "spring autumn", "launchspring", "ch\u{a0}spring2", "members", "null"] {
            assert!(!finds(search, &link), "{search}");
        }
    }

    #[test]
    fn case_is_folded_in_every_script_and_compatible_forms_are_one() {
        for (title, searches) in [
            ("Straße", vec!["STRASSE", "straße", "Strasse"]),
            ("ΟΔΟΣ ΑΘΗΝΑΣ", vec!["οδος", "αθηνασ", "ΑΘΗΝΑΣ"]),
            ("ПРИВЕТ", vec!["привет", "Прив"]),
            ("Mu\u{308}nchen", vec!["münchen", "MÜNCHEN", "MU\u{308}NCHEN"]),
            ("Übersicht", vec!["u\u{308}bersicht"]),
            ("\u{ff21}\u{ff22}\u{ff23} \u{fb01}le", vec!["abc", "FILE"]),
            ("会議室", vec!["会議"]),
        ] {
            let link = link("launch", Some(title), "https://example.com/", &[]);
            for search in searches {
                assert!(finds(search, &link), "{title} {search}");
            }
        }
    }

    #[test]
    fn a_target_is_found_as_it_is_stored_and_as_a_browser_shows_it() {
        let host = link("launch", None, "https://münchen.de:8443/a", &[]);
        assert_eq!(host.url.as_str(), "https://xn--mnchen-3ya.de:8443/a");
        let path = link("launch", None, "https://example.com/München?stadt=K%C3%B6ln#%C3%9Cbersicht", &[]);
        assert!(path.url.as_str().contains("M%C3%BCnchen"));
        for search in ["münchen", "MÜNCHEN", "mu\u{308}nchen"] {
            assert!(finds(search, &host) && finds(search, &path), "{search}");
        }
        assert!(finds("xn--mnchen-3ya.de:8443", &host) && finds("münchen.de:8443/a", &host));
        assert!(finds("m%C3%BCnchen", &path) && finds("köln", &path) && finds("übersicht", &path));
        // This URL contains neither valid UTF-8 nor valid Punycode.
        let broken = link("launch", None, "https://example.com/100%/%FF%zz", &[]);
        assert!(finds("100%", &broken) && finds("%ff", &broken));
    }

    #[test]
    fn what_is_no_search_is_refused() {
        for text in ["", " ", "\u{3000}\t\n", "a\0b", "\u{7f}", "\u{85}", &"ü".repeat(101)] {
            assert!(Search::try_from(text.to_owned()).is_err(), "{text:?}");
        }
        assert!(Search::try_from("ü".repeat(100)).is_ok());
        let same = ["a  B", " A\tb ", "a b"].map(|text| Search::try_from(text.to_owned()).unwrap());
        assert!(same.iter().all(|search| search.as_str() == "a b"));
    }

    proptest! {
        #[test]
        fn a_link_is_found_by_every_part_of_its_title(title in "\\PC{1,40}", from in 0usize..40, length in 1usize..40) {
            let part: String = title.chars().skip(from).take(length).collect();
            prop_assume!(!part.trim().is_empty());
            // A part of a grapheme cluster may be composed differently from the whole cluster.
            prop_assume!(fold(&title).contains(&fold(part.split_whitespace().next().unwrap())));
            if let Ok(search) = Search::try_from(part.clone()) {
                let words = part.split_whitespace().all(|word| fold(&title).contains(&fold(word)));
                prop_assert_eq!(search.matches(&link("launch", Some(&title), "https://example.com/", &[])), words);
            }
        }

        #[test]
        fn any_text_is_refused_or_searched_for(text in any::<String>(), path in "\\PC*") {
            if let (Ok(search), Ok(url)) = (Search::try_from(text), TargetUrl::parse(&format!("https://example.com/{path}"))) {
                let _ = search.matches(&link("launch", None, url.as_str(), &[]));
            }
        }
    }
}
