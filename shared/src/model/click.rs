use super::{Birth, Invalid, OrgId, Slug, Timestamp, text};

/// A click: a visitor was redirected to a link's destination.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Click {
    /// The link.
    pub link: LinkKey,
    /// The link's slug. The slug is missing only in lines from an earlier version of Signpost.
    pub slug: Option<Slug>,
    /// The time of the click.
    pub at: Timestamp,
    /// The site that the visitor came from, if the browser reports it.
    pub referrer: Option<Referrer>,
    /// The kind of visitor.
    pub visitor: Visitor,
    /// The visitor's country, if a trusted CDN reports it.
    pub country: Option<Country>,
}

/// The identity of a link. If a slug is freed and taken again, the new link has a different identity.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LinkKey {
    /// The organization that the link belongs to.
    pub org_id: OrgId,
    /// The link's identity within the organization.
    pub birth: Birth,
}

/// Who follows a link, judging by the user agent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Visitor {
    /// A program, such as a crawler, a link preview or a script.
    Bot,
    /// A person with this class of device.
    Person(Device),
}

/// The class of a person's device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Device {
    /// A computer with a keyboard.
    Desktop,
    /// A telephone.
    Mobile,
    /// A computer without a keyboard.
    Tablet,
    /// A television, a console, or an unknown device.
    Other,
}

impl Device {
    /// All classes.
    pub const ALL: [Self; 4] = [Self::Desktop, Self::Mobile, Self::Tablet, Self::Other];

    /// Returns the word for this class in the API, in the log and in the table.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Desktop => "desktop",
            Self::Mobile => "mobile",
            Self::Tablet => "tablet",
            Self::Other => "other",
        }
    }

    /// Returns the class with this word, if there is one.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|device| device.as_str() == word)
    }
}

/// The host of the page that a visitor came from: 1 to 253 characters from `[a-z0-9._:[]-]`, in lower case.
///
/// `direct` and `other` are not referrers: lists of referrers use these words for clicks without a referrer and for all
/// remaining referrers.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Referrer(String);

text!(Referrer);

impl Referrer {
    /// In a list of referrers, the word for clicks without a referrer.
    pub const DIRECT: &str = "direct";
    /// In a list of referrers, the word for all referrers that are not listed separately.
    pub const OTHER: &str = "other";
}

impl TryFrom<String> for Referrer {
    type Error = Invalid;

    fn try_from(text: String) -> Result<Self, Invalid> {
        let allowed = |byte: u8| {
            byte.is_ascii_lowercase()
                || byte.is_ascii_digit()
                || matches!(byte, b'.' | b'_' | b':' | b'[' | b']' | b'-')
        };
        let reserved = [Self::DIRECT, Self::OTHER].contains(&text.as_str());
        if (1..=253).contains(&text.len()) && text.bytes().all(allowed) && !reserved {
            Ok(Self(text))
        } else {
            Err(Invalid::new("invalid_referrer", "a referrer is a host name of at most 253 characters"))
        }
    }
}

/// The two-letter code of a country (ISO 3166-1 alpha-2), in upper case. Any two letters are accepted, even if no
/// country has this code.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Country(String);

text!(Country);

impl TryFrom<String> for Country {
    type Error = Invalid;

    fn try_from(mut text: String) -> Result<Self, Invalid> {
        text.make_ascii_uppercase();
        if text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_uppercase()) {
            Ok(Self(text))
        } else {
            Err(Invalid::new("invalid_country", "a country is two letters"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_host_is_no_referrer() {
        let long = "a".repeat(254);
        for text in ["", "direct", "other", "News.example", "a b", "a\"b", "a/b", "a\nb", "é.example", &long]
        {
            assert!(text.parse::<Referrer>().is_err(), "{text:?}");
        }
        for text in ["news.example", "xn--bcher-kva.example", "wiki", "[::1]", "203.0.113.7", "com.app_1"] {
            assert_eq!(text.parse::<Referrer>().unwrap().as_str(), text);
        }
    }

    #[test]
    fn a_country_is_two_letters() {
        assert_eq!("de".parse::<Country>().unwrap().as_str(), "DE");
        for text in ["", "D", "DEU", "D1", "ÄÖ", "--", "é"] {
            assert!(text.parse::<Country>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn each_device_is_known_by_its_word() {
        for device in Device::ALL {
            assert_eq!(Device::from_word(device.as_str()), Some(device));
        }
        for word in ["Desktop", "bot", ""] {
            assert_eq!(Device::from_word(word), None);
        }
    }
}
