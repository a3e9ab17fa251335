use super::{OrgId, Slug, Tag, TargetUrl, Timestamp, Title, UserId};
use std::collections::BTreeSet;

/// A short link of one organization.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// The organization it belongs to.
    pub org_id: OrgId,
    /// Its id within the organization, and the last segment of its short URL.
    pub id: Slug,
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

/// A link about to be made: what its creator decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewLink {
    /// Where it shall lead.
    pub url: TargetUrl,
    /// The user who makes it.
    pub creator_user_id: UserId,
    /// When it is made.
    pub created_at: Timestamp,
}

/// What a redirect needs to know of a link, and no more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Destination {
    /// Where the link leads.
    pub url: TargetUrl,
    /// Who may follow it.
    pub access: Access,
    /// Whether it redirects at all.
    pub enabled: bool,
    /// When it stops redirecting.
    pub expires_at: Option<Timestamp>,
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
    /// When the link was made.
    pub created_at: Timestamp,
    /// Its id, which orders links of the same millisecond.
    pub id: Slug,
}
