use super::{Birth, DisplayName, Forward, LinkKey, OrgId, Slug, Tag, TargetUrl, Timestamp, Title, UserId};
use serde::{Serialize, Serializer};
use std::collections::BTreeSet;

/// A short link of one organization.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// The organization that owns the link.
    pub org_id: OrgId,
    /// The id within the organization, and the last segment of the short URL.
    pub id: Slug,
    /// The permanent identity, which distinguishes the link from an earlier one with the same slug. `None` if the link
    /// was created before births were stored, and has not been edited since. In that case, [`Link::birth`] derives the
    /// identity.
    pub stored_birth: Option<Birth>,
    /// Where the link leads.
    pub url: TargetUrl,
    /// The title.
    pub title: Option<Title>,
    /// The tags.
    pub tags: BTreeSet<Tag>,
    /// Who can follow the link.
    pub access: Access,
    /// The parts of a visitor's URL that the link forwards to its destination.
    pub forward: Forward,
    /// Whether the link is switched on.
    pub enabled: bool,
    /// The time at which the link stops redirecting, in whole seconds.
    pub expires_at: Option<Timestamp>,
    /// The user who created the link, or the user to whom the link was handed over.
    pub creator_user_id: UserId,
    /// The creator's name when the link was created. `None` if the provider gave no name, if the link was created before
    /// names were stored, or if the name was removed.
    ///
    /// The name is stored, because the provider cannot return the names of many users at once. It is part of no
    /// condition, entity tag or idempotency key, so removing it changes nothing else.
    pub creator_name: Option<DisplayName>,
    /// True if the link was handed over to its present creator, who has not edited it yet. The creator's name becomes
    /// known with their first edit.
    pub is_handed_over: bool,
    /// The time at which the link was created.
    pub created_at: Timestamp,
    /// The time of the last edit; `created_at` before any edit.
    pub updated_at: Timestamp,
    /// 1 for a new link, incremented by each edit.
    pub version: u64,
    /// The link's earlier slugs, which still lead to the link. At most [`MAX_ALIASES`].
    pub aliases: BTreeSet<Slug>,
}

/// The maximum number of a link's aliases.
pub const MAX_ALIASES: usize = 5;

/// Who can follow a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Anyone with the short URL.
    Public,
    /// Only members of the organization.
    Members,
}

impl Access {
    /// Returns the name of this access in the API and in the table.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Members => "members",
        }
    }

    /// Returns the access with this name, if any.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Public, Self::Members].into_iter().find(|access| access.as_str() == word)
    }
}

impl Serialize for Access {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// A link to be created.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewLink {
    /// The destination.
    pub url: TargetUrl,
    /// The creator.
    pub creator_user_id: UserId,
    /// The creator's name, if the provider gives one.
    pub creator_name: Option<DisplayName>,
    /// The creation time.
    pub created_at: Timestamp,
    /// The title.
    pub title: Option<Title>,
    /// The tags.
    pub tags: BTreeSet<Tag>,
    /// Who can follow the link.
    pub access: Access,
    /// The parts of a visitor's URL that the link forwards to its destination.
    pub forward: Forward,
    /// Whether the link is switched on.
    pub enabled: bool,
    /// The time at which the link stops redirecting, in whole seconds.
    pub expires_at: Option<Timestamp>,
}

/// The new values of an edit. `None` leaves a value unchanged.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LinkEdit {
    /// The new slug. The link keeps the current slug as an alias.
    pub id: Option<Slug>,
    /// The new destination.
    pub url: Option<TargetUrl>,
    /// The new title; `Some(None)` removes the title.
    pub title: Option<Option<Title>>,
    /// The new tags, which replace the existing ones.
    pub tags: Option<BTreeSet<Tag>>,
    /// Who can follow the link.
    pub access: Option<Access>,
    /// The part of a visitor's URL that the link forwards.
    pub forward: Option<Forward>,
    /// Whether the link is switched on.
    pub enabled: Option<bool>,
    /// The new expiry, in whole seconds; `Some(None)` removes the expiry.
    pub expires_at: Option<Option<Timestamp>>,
    /// The user to whom the link is handed over.
    pub creator_user_id: Option<UserId>,
}

/// A version of a link, as a client has read it. If the slug is reused, the new link's versions are different.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// The link.
    pub link: VersionOf,
    /// The link's version number.
    pub number: u64,
}

/// The link that a version belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VersionOf {
    /// The version identifies the link by its birth.
    Birth(Birth),
    /// The version identifies the link by its creation time, because the link's birth is derived.
    CreatedAt(Timestamp),
}

impl Version {
    /// Returns whether `link` is at this version.
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

/// The precondition of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Precondition {
    /// The link can be at any version.
    None,
    /// The link must be at one of these versions. With an empty list, the precondition is never satisfied.
    OneOf(Vec<Version>),
}

impl LinkEdit {
    /// Returns the expiry that the edit sets, if it has passed at `now`. Such an expiry is accepted only if
    /// the link already has it.
    pub fn passed_expiry(&self, now: Timestamp) -> Option<Timestamp> {
        self.expires_at.flatten().filter(|expires_at| *expires_at <= now)
    }

    /// Returns whether the edit would change `link`.
    pub fn changes(&self, link: &Link) -> bool {
        fn differs<T: PartialEq>(new: Option<&T>, current: &T) -> bool {
            new.is_some_and(|new| new != current)
        }
        differs(self.id.as_ref(), &link.id)
            || differs(self.url.as_ref(), &link.url)
            || differs(self.title.as_ref(), &link.title)
            || differs(self.tags.as_ref(), &link.tags)
            || differs(self.access.as_ref(), &link.access)
            || differs(self.forward.as_ref(), &link.forward)
            || differs(self.enabled.as_ref(), &link.enabled)
            || differs(self.expires_at.as_ref(), &link.expires_at)
            || differs(self.creator_user_id.as_ref(), &link.creator_user_id)
    }
}

impl Precondition {
    /// Returns whether `link` meets the precondition.
    pub fn allows(&self, link: &Link) -> bool {
        match self {
            Self::None => true,
            Self::OneOf(versions) => versions.iter().any(|version| version.is_of(link)),
        }
    }
}

impl Link {
    /// Returns the birth, stored or derived.
    pub fn birth(&self) -> Birth {
        self.stored_birth.clone().unwrap_or_else(|| Birth::derived(&self.id, self.created_at))
    }

    /// Returns the current version, as in the entity tag.
    pub fn current_version(&self) -> Version {
        let birth = self.stored_birth.clone().map(VersionOf::Birth);
        Version { link: birth.unwrap_or(VersionOf::CreatedAt(self.created_at)), number: self.version }
    }

    /// Returns the key of the link's clicks.
    pub fn key(&self) -> LinkKey {
        LinkKey { org_id: self.org_id.clone(), birth: self.birth() }
    }

    /// Returns the link's position in the organization's list.
    pub fn position(&self) -> Position {
        Position { created_at: self.created_at, id: self.id.clone() }
    }
}

/// The part of a link that a redirect needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Destination {
    /// The link's permanent identity.
    pub birth: Birth,
    /// The link's destination.
    pub url: TargetUrl,
    /// Who can follow the link.
    pub access: Access,
    /// The parts of a visitor's URL that the link forwards to its destination.
    pub forward: Forward,
    /// Whether the link is switched on.
    pub enabled: bool,
    /// The time at which the link stops redirecting.
    pub expires_at: Option<Timestamp>,
    /// The link's current slug, if the requested slug is an alias.
    pub alias_of: Option<Slug>,
}

/// Why a link does not redirect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Closed {
    /// It is switched off.
    Disabled,
    /// It has expired.
    Expired,
}

impl Destination {
    /// Checks that the link redirects at `now`. A link has expired when `now` is its expiry or later.
    ///
    /// # Errors
    /// The link is switched off or has expired. An expired link that is switched off is reported as switched off.
    pub fn must_be_open(&self, now: Timestamp) -> Result<(), Closed> {
        match self.expires_at {
            _ if !self.enabled => Err(Closed::Disabled),
            Some(expires_at) if now >= expires_at => Err(Closed::Expired),
            _ => Ok(()),
        }
    }
}

/// A page of an organization's links, newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The links.
    pub links: Vec<Link>,
    /// The position after which the next page starts; `None` on the last page.
    pub next: Option<Position>,
}

/// A position in an organization's list of links, newest first. A position stays valid when its link is deleted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Position {
    /// The time at which the link was created.
    pub created_at: Timestamp,
    /// The link's slug, which orders links that were created in the same millisecond.
    pub id: Slug,
}
