mod reversal;

use super::changes::{Cancelled, ChangeStore, Write};
use super::item::{Attributes, Item, attribute, text};
use super::record::{self, names};
use super::{Changed, StoreError};
use crate::model::{Birth, Change, Editor, LinkKey, OrgId, Record, RecordId, Slug, Timestamp};
use aws_sdk_dynamodb::error::BuildError;
use aws_sdk_dynamodb::types::{TransactWriteItem, Update};
use reversal::Reversal;
use std::collections::BTreeSet;

/// In an undo's transaction, the position of the write that marks the undone change's record.
const UNDONE: usize = 1;
/// In an undo's transaction, the position of the first write to the link's items.
const LINK: usize = 2;

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
    /// After [`UndoError::Store`], the undo may or may not have been made. After any other error, nothing was changed.
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
                // Another undo of the same change may be the cause, so the record is read again.
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
