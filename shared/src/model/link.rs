use super::{Birth, DisplayName, LinkKey, OrgId, Slug, Tag, TargetUrl, Timestamp, Title, UserId};
use serde::{Serialize, Serializer};
use std::collections::BTreeSet;

/// A short link of one organization.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// The organization it belongs to.
    pub org_id: OrgId,
    /// Its id within the organization, and the last segment of its short URL.
    pub id: Slug,
    /// Its identity, which tells it from an earlier link of its slug. `None` if it was made before births were stored, and
    /// was not edited since; [`Link::birth`] derives one then.
    pub stored_birth: Option<Birth>,
    /// Where it leads.
    pub url: TargetUrl,
    /// What the team calls it.
    pub title: Option<Title>,
    /// The words it is filed under.
    pub tags: BTreeSet<Tag>,
    /// Who may follow it.
    pub access: Access,
    /// Whether it redirects at all.
    pub enabled: bool,
    /// When it stops redirecting. Whole seconds.
    pub expires_at: Option<Timestamp>,
    /// The user who made it.
    pub creator_user_id: UserId,
    /// What the creator was called when they made it. `None` if the provider gave no name, for a link that was made before
    /// names were stored, and once the name was removed.
    pub creator_name: Option<DisplayName>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last edited; `created_at` before any edit.
    pub updated_at: Timestamp,
    /// 1 when made, one more with each edit.
    pub version: u64,
}

/// Who may follow a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Anyone who has the short URL.
    Public,
    /// Members of the organization.
    Members,
}

impl Access {
    /// The word for it, on the wire and in the table.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Members => "members",
        }
    }

    /// The access that `word` stands for, if any.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Public, Self::Members].into_iter().find(|access| access.as_str() == word)
    }
}

impl Serialize for Access {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// A link about to be made: what its creator decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewLink {
    /// Where it shall lead.
    pub url: TargetUrl,
    /// The user who makes it.
    pub creator_user_id: UserId,
    /// What they are called, if the provider gives a name.
    pub creator_name: Option<DisplayName>,
    /// When it is made.
    pub created_at: Timestamp,
    /// What the team shall call it.
    pub title: Option<Title>,
    /// The words it is to be filed under.
    pub tags: BTreeSet<Tag>,
    /// Who may follow it.
    pub access: Access,
    /// Whether it redirects from the start.
    pub enabled: bool,
    /// When it stops redirecting. Whole seconds.
    pub expires_at: Option<Timestamp>,
}

/// What an edit writes; what is `None` stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LinkEdit {
    /// Where the link shall lead from now on.
    pub url: Option<TargetUrl>,
    /// What the team shall call it; nothing any more by `Some(None)`.
    pub title: Option<Option<Title>>,
    /// The words it shall be filed under, in place of those before.
    pub tags: Option<BTreeSet<Tag>>,
    /// Who may follow it.
    pub access: Option<Access>,
    /// Whether it redirects at all.
    pub enabled: Option<bool>,
    /// When it stops redirecting, in whole seconds; never by `Some(None)`.
    pub expires_at: Option<Option<Timestamp>>,
}

/// A link as somebody knew it. A slug that was freed and taken again is another link, and its versions are others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// Which link it was.
    pub link: VersionOf,
    /// How often it had been written.
    pub number: u64,
}

/// What a version calls its link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VersionOf {
    /// Its birth.
    Birth(Birth),
    /// Its creation time, if its birth is derived from that.
    CreatedAt(Timestamp),
}

impl Version {
    /// Whether it is the version that `link` is at.
    fn is_of(&self, link: &Link) -> bool {
        let same = match &self.link {
            VersionOf::Birth(birth) => *birth == link.birth(),
            VersionOf::CreatedAt(created_at) => {
                *created_at == link.created_at && link.birth().source().is_some()
            }
        };
        same && self.number == link.version
    }
}

/// What a link must still be for a change of it to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Precondition {
    /// Whatever it is now.
    None,
    /// One of these versions; without any, nothing holds.
    OneOf(Vec<Version>),
}

impl LinkEdit {
    /// The expiry that it sets, if that time has passed at `now`: a link can only keep it.
    pub fn passed_expiry(&self, now: Timestamp) -> Option<Timestamp> {
        self.expires_at.flatten().filter(|expires_at| *expires_at <= now)
    }

    /// Whether it would make `link` another one.
    pub fn changes(&self, link: &Link) -> bool {
        fn differs<T: PartialEq>(wanted: Option<&T>, current: &T) -> bool {
            wanted.is_some_and(|wanted| wanted != current)
        }
        differs(self.url.as_ref(), &link.url)
            || differs(self.title.as_ref(), &link.title)
            || differs(self.tags.as_ref(), &link.tags)
            || differs(self.access.as_ref(), &link.access)
            || differs(self.enabled.as_ref(), &link.enabled)
            || differs(self.expires_at.as_ref(), &link.expires_at)
    }
}

impl Precondition {
    /// Whether `link` may be changed.
    pub fn allows(&self, link: &Link) -> bool {
        match self {
            Self::None => true,
            Self::OneOf(versions) => versions.iter().any(|version| version.is_of(link)),
        }
    }
}

impl Link {
    /// Its birth, stored or derived.
    pub fn birth(&self) -> Birth {
        self.stored_birth.clone().unwrap_or_else(|| Birth::derived(&self.id, self.created_at))
    }

    /// Its version, as an entity tag names it.
    pub fn current_version(&self) -> Version {
        let birth = self.stored_birth.clone().map(VersionOf::Birth);
        Version { link: birth.unwrap_or(VersionOf::CreatedAt(self.created_at)), number: self.version }
    }

    /// Which link it is, for its clicks.
    pub fn key(&self) -> LinkKey {
        LinkKey { org_id: self.org_id.clone(), birth: self.birth() }
    }

    /// Its place among the organization's links.
    pub fn position(&self) -> Position {
        Position { created_at: self.created_at, id: self.id.clone() }
    }
}

/// What a redirect needs to know of a link, and no more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Destination {
    /// The link's identity, which tells it from an earlier one of its slug.
    pub birth: Birth,
    /// The link's destination.
    pub url: TargetUrl,
    /// Who may follow it.
    pub access: Access,
    /// Whether it redirects at all.
    pub enabled: bool,
    /// When it stops redirecting.
    pub expires_at: Option<Timestamp>,
}

/// Why a link does not redirect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Closed {
    /// It is switched off.
    Disabled,
    /// Its time is over.
    Expired,
}

impl Destination {
    /// Holds that the link redirects at `now`. It has expired from the very moment of its expiry on.
    ///
    /// # Errors
    /// It does not; that it is switched off goes before that it has expired.
    pub fn must_be_open(&self, now: Timestamp) -> Result<(), Closed> {
        match self.expires_at {
            _ if !self.enabled => Err(Closed::Disabled),
            Some(expires_at) if now >= expires_at => Err(Closed::Expired),
            _ => Ok(()),
        }
    }
}

/// A stretch of an organization's links, newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The links.
    pub links: Vec<Link>,
    /// Where the next page goes on; `None` exactly when nothing is left.
    pub next: Option<Position>,
}

/// A link's place in the order of its organization's links, newest first. It stays a place when the link is gone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Position {
    /// When the link was created.
    pub created_at: Timestamp,
    /// Its id, which orders links of the same millisecond.
    pub id: Slug,
}
