use super::alias::LinkWrites;
use super::changes::{Cancelled, ChangeStore, Write};
use super::item::{self, Attributes, Item, attribute, number, text};
use super::record::{self, Values, names};
use super::{Changed, StoreError};
use crate::model::{Birth, Change, Editor, Link, LinkKey, OrgId, Record, RecordId, Slug, Timestamp};
use aws_sdk_dynamodb::error::BuildError;
use aws_sdk_dynamodb::types::{TransactWriteItem, Update};
use std::collections::BTreeSet;

/// In an undo's transaction, the position of the write that marks the undone change's record.
const UNDONE: usize = 1;
/// In an undo's transaction, the position of the first write to the link's items.
const LINK: usize = 2;
/// The minimum time until DynamoDB may delete a restored link, in seconds: 30 days.
const MIN_TTL: i64 = 30 * 24 * 60 * 60;

/// The reason why a change was not undone.
#[derive(Debug)]
pub enum UndoError {
    /// The organization has no such record.
    NotFound,
    /// Another user created the link, and the editor may edit only their own links.
    NotYours,
    /// The undo would hand the link over, but the editor does not manage all links.
    NotAManager,
    /// The change has already been undone.
    AlreadyUndone,
    /// The link was deleted 30 days ago or earlier.
    Expired,
    /// The link has been deleted since the change.
    LinkMissing,
    /// These values were changed again after the change to undo.
    ChangedSince(Vec<String>),
    /// The slug that the link had, or one of its aliases, belongs to another link.
    SlugTaken(Slug),
    /// A call failed.
    Store(StoreError),
}

impl From<StoreError> for UndoError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<BuildError> for UndoError {
    fn from(_: BuildError) -> Self {
        Self::Store(StoreError::Refused("an undo could not be built".to_owned()))
    }
}

/// What an undo does to a link.
enum Reversal {
    /// The undo restores a deleted link.
    Restore { new: Attributes },
    /// The undo restores the values that an edit changed. `held` is `old` without the aliases that other links took.
    Edit { old: Attributes, held: Attributes, new: Attributes },
    /// The undo deletes the link.
    Delete { old: Attributes },
}

impl ChangeStore {
    /// Undoes the change that a record describes, and returns the link. If the undo deleted the link, returns the link
    /// as it was before.
    ///
    /// Undoing a delete restores the link. A restored link keeps its birth, under which its clicks are stored, so its
    /// clicks are kept. Its aliases are restored too if their slugs are free. An edit is undone if all values that it
    /// set are still the same. Undoing a create deletes the link. One transaction writes the link, a record of
    /// the undo, and a mark on the record of the undone change.
    ///
    /// # Errors
    /// Nothing was changed, except after [`UndoError::Store`]: then the undo may or may not have been made.
    pub async fn undo(
        &self,
        org: &OrgId,
        id: &RecordId,
        by: &Editor,
        now: Timestamp,
    ) -> Result<Changed, UndoError> {
        let mut write = Write::undoing(id, &by.actor, now);
        let mut lost = BTreeSet::new();
        let mut is_rechecked = false;
        loop {
            let answer = self.get_record(record::key(org, id)).send().await.map_err(StoreError::from)?;
            let found = answer.item().ok_or(UndoError::NotFound)?;
            let undone = record::parse(found)?;
            let is_own = undone.undone_by.as_ref() == Some(&write.id);
            if undone.undone_by.is_some() && !is_own {
                return Err(UndoError::AlreadyUndone);
            }
            if is_own {
                return self.undone(org, &undone, &write).await;
            }
            let reversal = match self.reversal(org, found, &undone, by, &write, &lost).await {
                // Another undo of the same change may be the cause, so read the record again.
                Err(UndoError::LinkMissing | UndoError::ChangedSince(_)) if !is_rechecked => {
                    is_rechecked = true;
                    continue;
                }
                reversal => reversal?,
            };
            let mut parts = vec![self.mark_undone(org, id, &write)?];
            let writes = reversal.writes(&self.links.table, &lost)?;
            parts.extend(writes.parts());
            match self.transact(&mut write, Change::Undo, reversal.values(), parts).await {
                Ok(()) => return Ok(Changed { link: reversal.link()?, record: Some(write.id) }),
                Err(Cancelled::Applied(_)) => return self.undone(org, &undone, &write).await,
                Err(Cancelled::Failed(failed)) if !failed.contains(UNDONE) => {
                    // A link that was changed in between is read again. If other links have taken
                    // some aliases of a deleted link, the link is restored without these aliases.
                    let is_restored = matches!(reversal, Reversal::Restore { .. });
                    for taken in writes.taken(&failed, LINK) {
                        if !is_restored || *taken == undone.slug {
                            return Err(UndoError::SlugTaken(taken.clone()));
                        }
                        lost.insert(taken.clone());
                    }
                    lost.extend(writes.lost(&failed, LINK).cloned());
                    write.back_off().await?;
                }
                Err(Cancelled::Failed(_) | Cancelled::Transient) => write.back_off().await?,
                Err(Cancelled::Store(error)) => return Err(error.into()),
            }
        }
    }

    /// Returns what the undo does to the link.
    async fn reversal(
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
        // The link was renamed back to an alias that was free meanwhile.
        if link.aliases.contains(&link.id) {
            return Err(UndoError::ChangedSince(vec![attribute::ID.to_owned()]));
        }
        let new = next_version(&old, link, write);
        let held = item::without_aliases(&old, lost)?;
        Ok(Reversal::Edit { old, held, new })
    }

    /// Reads the item of the link with this `birth`, unless the link was deleted. The link has, or once had, this slug.
    pub(super) async fn item_of(
        &self,
        org: &OrgId,
        birth: &Birth,
        slug: &Slug,
    ) -> Result<Option<Attributes>, StoreError> {
        let with_birth = |item: &Attributes| Item(item).link().is_ok_and(|link| link.birth() == *birth);
        let read = async |slug: &Slug| {
            Ok::<_, StoreError>(self.links.read_item(org, slug).await?.filter(with_birth))
        };
        if let Some(found) = read(slug).await? {
            return Ok(Some(found));
        }
        let link = LinkKey { org_id: org.clone(), birth: birth.clone() };
        match self.newest_record(&link).await? {
            Some(newest) if newest.slug != *slug => read(&newest.slug).await,
            _ => Ok(None),
        }
    }

    /// Returns the result of an undo that an earlier attempt made.
    async fn undone(&self, org: &OrgId, undone: &Record, write: &Write<'_>) -> Result<Changed, UndoError> {
        let own = self.get_record(record::key(org, &write.id)).send().await.map_err(StoreError::from)?;
        let own = own.item().ok_or(StoreError::Corrupt(names::UNDONE_BY))?;
        let current = self.item_of(org, &undone.birth, &record::parse(own)?.slug).await?;
        // If there is no current link, the undo itself or a later change deleted the link.
        let deleted = record::values(own, names::BEFORE)?;
        let item = current.as_ref().or(deleted).ok_or(UndoError::LinkMissing)?;
        Ok(Changed { link: Item(item).link()?, record: Some(write.id.clone()) })
    }

    /// The update that marks a record as undone. It fails if the record is already undone.
    fn mark_undone(
        &self,
        org: &OrgId,
        id: &RecordId,
        write: &Write<'_>,
    ) -> Result<TransactWriteItem, BuildError> {
        let update = Update::builder()
            .table_name(&self.table)
            .set_key(Some(record::key(org, id)))
            .condition_expression("attribute_exists(#id) AND attribute_not_exists(#undone_by)")
            .update_expression("SET #undone_by = :undone_by")
            .expression_attribute_names("#id", attribute::ID)
            .expression_attribute_names("#undone_by", names::UNDONE_BY)
            .expression_attribute_values(":undone_by", text(write.id.as_str()))
            .build()?;
        Ok(TransactWriteItem::builder().update(update).build())
    }
}

impl Reversal {
    fn writes(&self, table: &str, lost: &BTreeSet<Slug>) -> Result<LinkWrites, StoreError> {
        match self {
            Self::Restore { new } => LinkWrites::new(table, None, Some(new), lost),
            Self::Edit { old, new, .. } => LinkWrites::new(table, Some(old), Some(new), lost),
            Self::Delete { old } => LinkWrites::new(table, Some(old), None, lost),
        }
    }

    fn values(&self) -> Values<'_> {
        match self {
            Self::Restore { new } => Values::Created { after: new },
            Self::Edit { held, new, .. } => Values::Edited { before: held, after: new },
            Self::Delete { old } => Values::Deleted { before: old },
        }
    }

    fn link(&self) -> Result<Link, StoreError> {
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
