use super::{
    Access, Birth, DisplayName, Forward, Invalid, Slug, Tag, TargetUrl, Timestamp, Title, UserId, text,
};
use serde::{Serialize, Serializer};
use std::collections::BTreeSet;

/// The number of digits of the time in a record's id.
const MILLIS_DIGITS: usize = 15;
/// The length of a write's random id.
const WRITE_ID_LENGTH: usize = 21;

/// The id of a record: its time in milliseconds as 15 digits, `-`, and the random id of the write.
///
/// Ids sort like the times of their records.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordId(String);

text!(RecordId);

impl RecordId {
    /// Generates the id of a change that is made at `now`.
    pub fn random(now: Timestamp) -> Self {
        Self(format!("{:0MILLIS_DIGITS$}-{}", now.millis(), nanoid::nanoid!(WRITE_ID_LENGTH)))
    }

    /// Returns the write's random id, which the link's item also contains.
    pub fn write_id(&self) -> &str {
        self.0.get(MILLIS_DIGITS + 1..).unwrap_or_default()
    }

    /// Returns when the change was made.
    pub fn at(&self) -> Timestamp {
        let millis = self.0.get(..MILLIS_DIGITS).and_then(|digits| digits.parse::<i64>().ok());
        millis.and_then(|millis| millis.try_into().ok()).unwrap_or(Timestamp::EPOCH)
    }
}

impl TryFrom<String> for RecordId {
    type Error = Invalid;

    fn try_from(text: String) -> Result<Self, Invalid> {
        let is_id = |text: &str| {
            let (millis, write_id) = text.split_at_checked(MILLIS_DIGITS)?;
            let write_id = write_id.strip_prefix('-')?;
            let is_time = millis.bytes().all(|byte| byte.is_ascii_digit())
                && Timestamp::try_from(millis.parse::<i64>().ok()?).is_ok();
            let visible = |byte: u8| byte.is_ascii_alphanumeric() || b"_-".contains(&byte);
            Some(is_time && write_id.len() == WRITE_ID_LENGTH && write_id.bytes().all(visible))
        };
        if is_id(&text) == Some(true) {
            Ok(Self(text))
        } else {
            Err(Invalid::new("invalid_record", "a record's id must be one from the history"))
        }
    }
}

/// What happened to a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// It was created.
    Create,
    /// It was edited.
    Update,
    /// It was deleted.
    Delete,
    /// An earlier change was undone.
    Undo,
    /// The link was renamed.
    Rename,
    /// The link was handed over to another user.
    HandOver,
    /// It was imported.
    Import,
}

impl Change {
    /// All changes.
    pub const ALL: [Self; 7] =
        [Self::Create, Self::Update, Self::Delete, Self::Undo, Self::Rename, Self::HandOver, Self::Import];

    /// Returns the change's name in the API and in the table.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Delete => "delete",
            Self::Undo => "undo",
            Self::Rename => "rename",
            Self::HandOver => "hand_over",
            Self::Import => "import",
        }
    }

    /// Returns the change with this name, if any.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|change| change.as_str() == word)
    }
}

impl Serialize for Change {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// The user who makes a change, as the history shows them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// The user.
    pub user_id: UserId,
    /// The user's name, if the provider gives one.
    pub name: Option<DisplayName>,
    /// The user who impersonates `user_id`, if any.
    pub impersonator: Option<UserId>,
}

/// A user who changes an organization's links, and the permissions that this user has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Editor {
    /// The user.
    pub actor: Actor,
    /// Whether the user can change links that other members created.
    pub edits_all_links: bool,
    /// Whether the user can also hand links over.
    pub manages_all_links: bool,
}

impl Editor {
    /// Returns whether the user can change a link that `creator` created.
    pub fn can_edit(&self, creator: &UserId) -> bool {
        self.edits_all_links || self.actor.user_id == *creator
    }
}

/// A record of the history: who changed what, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// The record's id, which contains the time.
    pub id: RecordId,
    /// What happened.
    pub change: Change,
    /// Who made the change.
    pub actor: Actor,
    /// The link's slug after the change; for a delete, the slug before it.
    pub slug: Slug,
    /// The link's permanent identity.
    pub birth: Birth,
    /// The link's creator when the change was made.
    pub creator_user_id: UserId,
    /// The link's version after the change; for a delete, the version that was deleted.
    pub version: u64,
    /// The values before the change: all of the link's values for a delete, the values that changed for an edit, and
    /// none for a create.
    pub before: Option<LinkFields>,
    /// The values after the change: for a create, all of the link's values; for an edit, the values that changed; for a
    /// delete, none.
    pub after: Option<LinkFields>,
    /// The record of the change that this change undid.
    pub undoes: Option<RecordId>,
    /// The record of the change that undid this change.
    pub undone_by: Option<RecordId>,
}

/// Some or all values of a link.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LinkFields {
    /// The slug.
    pub id: Option<Slug>,
    /// The permanent identity.
    pub birth: Option<Birth>,
    /// The destination.
    pub url: Option<TargetUrl>,
    /// The title; `Some(None)` if the link has no title.
    pub title: Option<Option<Title>>,
    /// The tags.
    pub tags: Option<BTreeSet<Tag>>,
    /// Who can follow the link.
    pub access: Option<Access>,
    /// The part of a visitor's URL that the link forwards.
    pub forward: Option<Forward>,
    /// Whether the link is switched on.
    pub enabled: Option<bool>,
    /// The time at which the link stops redirecting; `Some(None)` if it never stops.
    pub expires_at: Option<Option<Timestamp>>,
    /// The creator.
    pub creator_user_id: Option<UserId>,
    /// The creator's name; `Some(None)` if it is unknown.
    pub creator_name: Option<Option<DisplayName>>,
    /// The time at which the link was created.
    pub created_at: Option<Timestamp>,
    /// The time of the last edit.
    pub updated_at: Option<Timestamp>,
    /// Its version.
    pub version: Option<u64>,
    /// The earlier slugs that lead to the link.
    pub aliases: Option<BTreeSet<Slug>>,
}

/// Which records of an organization's history to list. By default, all records are listed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RecordFilter {
    /// Selects the records of this link.
    pub birth: Option<Birth>,
    /// Selects the records of changes that this user made.
    pub user_id: Option<UserId>,
    /// Selects the records of changes of this kind. [`Change::HandOver`] also selects renames that handed the link over.
    pub change: Option<Change>,
}

/// A page of an organization's history, newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordPage {
    /// The records.
    pub records: Vec<Record>,
    /// The id after which the next page starts; `None` on the last page.
    pub next: Option<RecordId>,
}

/// The time in milliseconds during which a deleted link can be restored: 30 days.
const RESTORE_MILLIS: i64 = 30 * 24 * 60 * 60 * 1000;

impl Record {
    /// Returns true if this is the record of a deletion that took place at least 30 days before `now`.
    pub fn is_expired_delete(&self, now: Timestamp) -> bool {
        self.after.is_none() && now.millis() - self.id.at().millis() >= RESTORE_MILLIS
    }

    /// Returns whether the change gave the link another creator.
    pub fn is_hand_over(&self) -> bool {
        self.before.is_some() && self.after.as_ref().is_some_and(|after| after.creator_user_id.is_some())
    }

    /// Returns whether the editor may undo the change at `now`. Does not check whether there was a later change of
    /// the link. Uses the creator that the link had when the change was made, so that no link is read for a page of
    /// the history.
    pub fn can_be_undone_by(&self, editor: &Editor, now: Timestamp) -> bool {
        self.undone_by.is_none()
            && editor.can_edit(&self.creator_user_id)
            && (editor.manages_all_links || !self.is_hand_over())
            && !self.is_expired_delete(now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_id_has_its_time_and_its_write_and_sorts_by_time() {
        let times = [0, 999, 1_795_339_800_000, Timestamp::LAST.millis()];
        let ids = times.map(|millis| RecordId::random(millis.try_into().unwrap()));
        assert!(ids.is_sorted());
        for (id, millis) in ids.iter().zip(times) {
            assert_eq!(id.at().millis(), millis);
            assert_eq!(id.write_id().len(), WRITE_ID_LENGTH);
            assert_eq!(id.to_string().parse::<RecordId>().as_ref(), Ok(id));
        }
    }

    #[test]
    fn other_text_is_no_record_id() {
        let id = RecordId::random(Timestamp::EPOCH).to_string();
        let write_id = &id[16..];
        for text in [
            "",
            "-",
            write_id,
            &id[1..],
            &format!("{id}x"),
            &id[..id.len() - 1],
            &format!("00000000000000é-{write_id}"),
            &format!("+00000000000000-{write_id}"),
            &format!("999999999999999-{write_id}"),
            &format!("000000000000000_{write_id}"),
            &format!("000000000000000-{}#", &write_id[1..]),
        ] {
            assert!(text.parse::<RecordId>().is_err(), "{text}");
        }
    }

    #[test]
    fn each_change_has_its_own_word() {
        for change in Change::ALL {
            assert_eq!(Change::from_word(change.as_str()), Some(change));
        }
        assert_eq!(Change::from_word("Create"), None);
    }
}
