use super::changes::{self, Cancelled, ChangeStore, Write};
use super::item::{self, Attributes, Item};
use super::record::{self, Values, names};
use super::{ChangeError, Changed, StoreError, covered};
use crate::model::{Change, Editor, OrgId, Precondition, Slug, Timestamp};

impl ChangeStore {
    /// Deletes a link that the editor can edit and `precondition` allows, and returns it as it was.
    ///
    /// Link and record are written in one transaction, on the condition that the link is still the version that was read;
    /// otherwise the delete starts over. An attempt whose response was lost is recognized by its record.
    ///
    /// # Errors
    /// Nothing was deleted, except after [`ChangeError::Store`]: then the link may or may not have been deleted. An item that
    /// is not a valid link is deleted without a record, and still returns an error.
    pub async fn delete(
        &self,
        org: &OrgId,
        slug: &Slug,
        by: &Editor,
        precondition: &Precondition,
        now: Timestamp,
    ) -> Result<Changed, ChangeError> {
        let refused = |_| StoreError::Refused("a delete could not be built".to_owned());
        let mut write = Write::new(&by.actor, now);
        let mut tried: Option<Attributes> = None;
        loop {
            let answer = self.links.get_item(item::key(org, slug)).consistent_read(true).send().await;
            let found = answer.map_err(StoreError::from)?.item;
            // An earlier attempt may have deleted the link. If so, another one finds its record.
            let is_gone = found.is_none();
            let found = found.or_else(|| tried.take());
            let old = covered(found.as_ref(), by)?;
            let parts = vec![changes::delete(&self.links.table, old).map_err(refused)?];
            let link = Item(old).link();
            let outcome = match &link {
                Ok(link) if !precondition.allows(link) => return Err(ChangeError::PreconditionFailed),
                Ok(_) => {
                    self.transact(&mut write, Change::Delete, Values::Deleted { before: old }, parts).await
                }
                Err(_) => self.execute(&mut write, parts).await,
            };
            match outcome {
                Ok(()) => return Ok(Changed { link: link?, record: Some(write.id) }),
                Err(Cancelled::Applied(record)) => return deleted_by(&record, &write),
                Err(Cancelled::Failed(_)) if is_gone => return Err(ChangeError::NotFound),
                // Another change came in between.
                Err(Cancelled::Failed(_) | Cancelled::Transient) => write.back_off().await?,
                Err(Cancelled::Store(error)) => return Err(error.into()),
            }
            tried = found;
        }
    }
}

/// Returns the deleted link in the record of this delete.
fn deleted_by(record: &Attributes, write: &Write<'_>) -> Result<Changed, ChangeError> {
    let before = record::values(record, names::BEFORE)?.ok_or(StoreError::Corrupt(names::BEFORE))?;
    Ok(Changed { link: Item(before).link()?, record: Some(write.id.clone()) })
}
