use super::{Link, Search, SlugPrefix, Tag, TargetUrl, UserId};

/// Selects links of an organization. A link matches if it meets every condition that is set.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Made by this user.
    pub creator: Option<UserId>,
    /// Filed under this word.
    pub tag: Option<Tag>,
    /// With a slug that begins with this.
    pub prefix: Option<SlugPrefix>,
    /// Leads to exactly this URL.
    pub url: Option<TargetUrl>,
    /// In this state.
    pub state: Option<State>,
    /// Contains these words.
    pub search: Option<Search>,
}

/// The states that a list can be filtered by. At any time a link is exactly one of on, off and expired.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Redirects.
    On,
    /// Switched off, whether or not it would have expired.
    Off,
    /// Redirects, and expires within seven days.
    Expiring,
    /// Not switched off, and expired.
    Expired,
    /// For members of the organization only, whether or not it redirects.
    Members,
}

impl State {
    /// All states.
    pub const ALL: [Self; 5] = [Self::On, Self::Off, Self::Expiring, Self::Expired, Self::Members];

    /// The word for it on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::On => "on",
            Self::Off => "off",
            Self::Expiring => "expiring",
            Self::Expired => "expired",
            Self::Members => "members",
        }
    }

    /// The state that `word` stands for, if any.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }
}

impl Filter {
    /// Whether a link meets the conditions that DynamoDB cannot check: the words of a search, and the URL itself, of
    /// which the index has a hash only.
    pub(crate) fn matches_text(&self, link: &Link) -> bool {
        self.url.as_ref().is_none_or(|url| *url == link.url)
            && self.search.as_ref().is_none_or(|search| search.matches(link))
    }
}
