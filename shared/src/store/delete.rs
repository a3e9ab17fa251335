use super::alias::LinkWrites;
use super::changes::{Cancelled, ChangeStore, RECORD, Write};
use super::item::{self, Attributes, Item, attribute, text};
use super::part;
use super::record::{self, Values, names};
use super::{ChangeError, Changed, StoreError, covered};
use crate::model::{Change, Editor, Link, OrgId, Precondition, Slug, Timestamp};
use std::collections::BTreeSet;

impl ChangeStore {
    /// Deletes the link that has this slug, together with its aliases, and returns the deleted link. The editor must be
    /// permitted to edit the link, and the link must meet `precondition`. If the slug is an alias, only the alias is
    /// deleted, and the changed link is returned.
    ///
    /// All the link's items are deleted and the record is written in one transaction. If the link no longer has the
    /// version that was read, the delete starts over. If DynamoDB deleted an alias that had expired, and another link
    /// took its slug, the other link is kept. If the response to an attempt was lost, the next attempt finds the record
    /// and returns the same result.
    ///
    /// # Errors
    /// After [`ChangeError::Store`], the link may or may not have been deleted. After any other error, nothing was
    /// deleted. An item that is not a valid link is deleted without a record, and also leads to [`ChangeError::Store`].
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
        let mut lost = BTreeSet::new();
        loop {
            let found = self.links.read_item(org, slug).await?;
            if found.as_ref().is_some_and(|found| found.get(attribute::ID) != Some(&text(slug.as_str()))) {
                return self.free_alias(org, slug, by, precondition, write, found).await;
            }
            // An earlier attempt may have deleted the link. If so, the next attempt finds the record of that delete.
            let is_gone = found.is_none();
            let found = found.or_else(|| tried.take());
            let old = covered(found.as_ref(), by)?;
            let link = Item(old).link();
            let outcome = match &link {
                Ok(link) if !precondition.allows(link) => return Err(ChangeError::PreconditionFailed),
                Ok(_) => {
                    let writes = LinkWrites::new(&self.links.table, Some(old), None, &lost)?;
                    let values = Values::Deleted { before: old };
                    let outcome = self.transact(&mut write, Change::Delete, values, writes.parts()).await;
                    if let Err(Cancelled::Failed(failed)) = &outcome {
                        lost.extend(writes.lost(failed, RECORD + 1).cloned());
                    }
                    outcome
                }
                Err(_) => {
                    let parts = vec![part::delete(&self.links.table, old).map_err(refused)?];
                    self.execute(&mut write, parts).await
                }
            };
            match outcome {
                Ok(()) => return Ok(Changed { link: link?, record: Some(write.id) }),
                Err(Cancelled::Applied(record)) => return deleted_by(&record, &write),
                Err(Cancelled::Failed(_)) if is_gone => return Err(ChangeError::NotFound),
                // Another change interfered, or other links have taken some aliases.
                Err(Cancelled::Failed(_) | Cancelled::Transient) => write.back_off().await?,
                Err(Cancelled::Store(error)) => return Err(error.into()),
            }
            tried = found;
        }
    }
}

impl ChangeStore {
    /// Deletes an alias of the link in the item `found`, and returns the changed link.
    async fn free_alias(
        &self,
        org: &OrgId,
        alias: &Slug,
        by: &Editor,
        precondition: &Precondition,
        mut write: Write<'_>,
        mut found: Option<Attributes>,
    ) -> Result<Changed, ChangeError> {
        let mut tried: Option<Attributes> = None;
        loop {
            // False if one of these happened since the alias's item was read: the alias was freed, the link was renamed
            // back to the slug, or another link took the slug.
            let is_listed = found
                .as_ref()
                .map(|found| Item(found).link())
                .transpose()?
                .is_some_and(|link| link.aliases.contains(alias));
            // An earlier attempt may have freed the alias. If so, the next attempt finds the record of that change.
            found = found.filter(|_| is_listed).or_else(|| tried.take());
            let old = covered(found.as_ref(), by)?;
            let link = Item(old).link()?;
            if !precondition.allows(&link) {
                return Err(ChangeError::PreconditionFailed);
            }
            let mut freed = Link {
                stored_birth: Some(link.birth()),
                updated_at: link.updated_at.max(write.at()),
                version: link.version + 1,
                ..link
            };
            freed.aliases.remove(alias);
            let new = item::next(old, &freed, write.id.write_id());
            let writes = LinkWrites::new(&self.links.table, Some(old), Some(&new), &BTreeSet::new())?;
            let values = Values::Edited { before: old, after: &new };
            match self.transact(&mut write, Change::Update, values, writes.parts()).await {
                Ok(()) | Err(Cancelled::Applied(_)) => {
                    return Ok(Changed { link: freed, record: Some(write.id) });
                }
                Err(Cancelled::Failed(_)) if !is_listed => return Err(ChangeError::NotFound),
                // Another change interfered.
                Err(Cancelled::Failed(_) | Cancelled::Transient) => write.back_off().await?,
                Err(Cancelled::Store(error)) => return Err(error.into()),
            }
            tried = found;
            found = self.links.read_item(org, alias).await?;
        }
    }
}

/// Returns the deleted link from the delete's record.
fn deleted_by(record: &Attributes, write: &Write<'_>) -> Result<Changed, ChangeError> {
    let before = record::values(record, names::BEFORE)?.ok_or(StoreError::Corrupt(names::BEFORE))?;
    Ok(Changed { link: Item(before).link()?, record: Some(write.id.clone()) })
}
