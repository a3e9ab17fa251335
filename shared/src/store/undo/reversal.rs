//! Decides what an undo does to the link, or why the undo is refused.

use super::UndoError;
use crate::model::{Editor, Link, OrgId, Record, Slug};
use crate::store::StoreError;
use crate::store::alias::LinkWrites;
use crate::store::changes::{ChangeStore, Write};
use crate::store::item::{self, Attributes, Item, attribute, number};
use crate::store::record::{self, Values, names};
use std::collections::BTreeSet;

/// The minimum time until DynamoDB may delete a restored link, in seconds: 30 days.
const MIN_TTL: i64 = 30 * 24 * 60 * 60;

/// What an undo does to a link.
pub(super) enum Reversal {
    /// The undo restores a deleted link.
    Restore { new: Attributes },
    /// The undo restores the values that an edit changed. `held` is `old` without the aliases that other links took.
    Edit { old: Attributes, held: Attributes, new: Attributes },
    /// The undo deletes the link.
    Delete { old: Attributes },
}

impl ChangeStore {
    /// Returns what the undo does to the link.
    pub(super) async fn reversal(
        &self,
        org: &OrgId,
        found: &Attributes,
        undone: &Record,
        by: &Editor,
        write: &Write<'_>,
        lost: &BTreeSet<Slug>,
    ) -> Result<Reversal, UndoError> {
        let before = record::values(found, names::BEFORE)?;
        let after = record::values(found, names::AFTER)?;
        let Some(after) = after else {
            let before = before.ok_or(StoreError::Corrupt(names::BEFORE))?;
            let mut link = permitted(Item(before).link()?, by)?;
            link.aliases.retain(|alias| !lost.contains(alias));
            if undone.is_expired_delete(write.at()) {
                return Err(UndoError::Expired);
            }
            return Ok(Reversal::Restore { new: next_version(before, link, write) });
        };
        let old = self.item_of(org, &undone.birth, &undone.slug).await?;
        let Some(old) = old else {
            // A user who could not edit the link gets the same response as before the link was deleted.
            let is_permitted = by.can_edit(&undone.creator_user_id);
            return Err(if is_permitted { UndoError::LinkMissing } else { UndoError::NotYours });
        };
        permitted(Item(&old).link()?, by)?;
        if undone.is_hand_over() && !by.manages_all_links {
            return Err(UndoError::NotAManager);
        }
        let Some(before) = before else { return Ok(Reversal::Delete { old }) };
        let mut names: BTreeSet<&str> = before.keys().chain(after.keys()).map(String::as_str).collect();
        if undone.is_hand_over() {
            names.extend(record::CREATOR);
        }
        let is_changed = |name: &&&str| {
            !record::CREATOR.contains(*name) && !record::same(old.get(**name), after.get(**name))
        };
        let changed: Vec<String> = names.iter().filter(is_changed).map(ToString::to_string).collect();
        if !changed.is_empty() {
            return Err(UndoError::ChangedSince(changed));
        }
        let mut reverted = old.clone();
        for name in names {
            match before.get(name) {
                Some(value) => reverted.insert(name.to_owned(), value.clone()),
                None => reverted.remove(name),
            };
        }
        let mut link = Item(&reverted).link()?;
        link.aliases.retain(|alias| !lost.contains(alias));
        // The undo would restore an alias that is the link's slug again: the alias was freed, and the link was renamed
        // back to it.
        if link.aliases.contains(&link.id) {
            return Err(UndoError::ChangedSince(vec![attribute::ID.to_owned()]));
        }
        let new = next_version(&old, link, write);
        let held = item::without_aliases(&old, lost)?;
        Ok(Reversal::Edit { old, held, new })
    }
}

impl Reversal {
    pub fn writes(&self, table: &str, lost: &BTreeSet<Slug>) -> Result<LinkWrites, StoreError> {
        match self {
            Self::Restore { new } => LinkWrites::new(table, None, Some(new), lost),
            Self::Edit { old, new, .. } => LinkWrites::new(table, Some(old), Some(new), lost),
            Self::Delete { old } => LinkWrites::new(table, Some(old), None, lost),
        }
    }

    pub fn values(&self) -> Values<'_> {
        match self {
            Self::Restore { new } => Values::Created { after: new },
            Self::Edit { held, new, .. } => Values::Edited { before: held, after: new },
            Self::Delete { old } => Values::Deleted { before: old },
        }
    }

    pub fn link(&self) -> Result<Link, StoreError> {
        let (Self::Restore { new: item } | Self::Edit { new: item, .. } | Self::Delete { old: item }) = self;
        Item(item).link()
    }
}

fn permitted(link: Link, by: &Editor) -> Result<Link, UndoError> {
    if by.can_edit(&link.creator_user_id) { Ok(link) } else { Err(UndoError::NotYours) }
}

/// Returns the item of the next version of the link in `old`, with the values of `link`. If the
/// item has a TTL, the TTL is at least 30 days from now. Otherwise DynamoDB could delete the link at once.
fn next_version(old: &Attributes, link: Link, write: &Write<'_>) -> Attributes {
    let next = Link {
        stored_birth: Some(link.birth()),
        updated_at: link.updated_at.max(write.at()),
        version: link.version + 1,
        ..link
    };
    let mut new = item::next(old, &next, write.id.write_id());
    if let Some(ttl) = new.get_mut(attribute::TTL) {
        let seconds = ttl.as_n().ok().and_then(|seconds| seconds.parse::<i64>().ok()).unwrap_or_default();
        *ttl = number(seconds.max(write.at().seconds() + MIN_TTL));
    }
    new
}
