use super::{Link, Search, SlugPrefix, Tag, TargetUrl, UserId};

/// Selects an organization's links. A link must match all conditions that are set.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// The link was created by this user.
    pub creator: Option<UserId>,
    /// The link has this tag.
    pub tag: Option<Tag>,
    /// The link's slug begins with this text.
    pub prefix: Option<SlugPrefix>,
    /// The link has exactly this destination.
    pub url: Option<TargetUrl>,
    /// The link is in this state.
    pub state: Option<State>,
    /// The link contains these words.
    pub search: Option<Search>,
}

/// The states to filter a list by. At any time, a link is in exactly one of the states on, off and expired.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// The link redirects.
    On,
    /// The link is switched off, whether or not its expiry has passed.
    Off,
    /// The link redirects, and expires within seven days.
    Expiring,
    /// The link has expired, and is not switched off.
    Expired,
    /// The link is only for members of the organization, whether or not it redirects.
    Members,
}

impl State {
    /// All states.
    pub const ALL: [Self; 5] = [Self::On, Self::Off, Self::Expiring, Self::Expired, Self::Members];

    /// Returns the state's name in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::On => "on",
            Self::Off => "off",
            Self::Expiring => "expiring",
            Self::Expired => "expired",
            Self::Members => "members",
        }
    }

    /// Returns the state with this name, if any.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }
}

impl Filter {
    /// Returns whether a link matches the conditions that DynamoDB does not check. DynamoDB does not check the text
    /// search, because DynamoDB cannot ignore case. It does not check the exact destination, because the index's key
    /// contains only a hash of the destination.
    pub(crate) fn matches_text(&self, link: &Link) -> bool {
        self.url.as_ref().is_none_or(|url| *url == link.url)
            && self.search.as_ref().is_none_or(|search| search.matches(link))
    }
}
