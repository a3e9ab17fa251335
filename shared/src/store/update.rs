use super::changes::{self, Cancelled, ChangeStore, Write};
use super::item::{self, Item};
use super::record::Values;
use super::{ChangeError, Changed, StoreError, covered, is_written_by};
use crate::model::{Change, Editor, Link, LinkEdit, OrgId, Precondition, Slug, Timestamp};

impl ChangeStore {
    /// Edits a link that the editor can edit and `precondition` allows, and returns the new version. It does not bring back a
    /// link that was deleted.
    ///
    /// An edit that changes nothing writes nothing, and returns the link as it is, without a record. `updated_at` never goes
    /// back: if the clock is behind that of the last edit, it stays as it is. An edit never writes an expiry that has passed
    /// at `now`. It accepts one only if the link already has it.
    ///
    /// Link and record are written in one transaction, on the condition that the link is still the version that was read;
    /// otherwise the edit starts over. An attempt whose response was lost is recognized by its record, and not repeated.
    ///
    /// # Errors
    /// Nothing was changed, except after [`ChangeError::Store`]: then the edit may or may not have been made.
    pub async fn update(
        &self,
        org: &OrgId,
        slug: &Slug,
        edit: &LinkEdit,
        by: &Editor,
        precondition: &Precondition,
        now: Timestamp,
    ) -> Result<Changed, ChangeError> {
        let refused = |_| StoreError::Refused("an edit could not be built".to_owned());
        let mut write = Write::new(&by.actor, now);
        loop {
            let answer = self.links.get_item(item::key(org, slug)).consistent_read(true).send().await;
            let answer = answer.map_err(StoreError::from)?;
            if write.is_repeated() && is_written_by(answer.item(), write.id.write_id()) {
                let link = Item(covered(answer.item(), by)?).link()?;
                return Ok(Changed { link, record: Some(write.id) });
            }
            let old = covered(answer.item(), by)?;
            let link = Item(old).link()?;
            if !precondition.allows(&link) {
                return Err(ChangeError::PreconditionFailed);
            }
            if edit.passed_expiry(now).is_some_and(|expiry| link.expires_at != Some(expiry)) {
                return Err(ChangeError::ExpiryPassed);
            }
            if !edit.changes(&link) {
                return Ok(Changed { link, record: None });
            }
            let edited = next_version(&link, edit, now);
            let new = item::next(old, &edited, write.id.write_id());
            let parts = vec![changes::update(&self.links.table, old, &new).map_err(refused)?];
            let values = Values::Edited { before: old, after: &new };
            match self.transact(&mut write, Change::Update, values, parts).await {
                Ok(()) => return Ok(Changed { link: edited, record: Some(write.id) }),
                Err(Cancelled::Applied(_)) => {
                    // Others may have changed the link since that attempt.
                    let current = self.links.read(org, slug).await?;
                    let current = current.filter(|current| current.birth() == edited.birth());
                    return Ok(Changed { link: current.unwrap_or(edited), record: Some(write.id) });
                }
                // Another change came in between.
                Err(Cancelled::Failed(_) | Cancelled::Transient) => write.back_off().await?,
                Err(Cancelled::Store(error)) => return Err(error.into()),
            }
        }
    }
}

/// Returns the link after the edit.
fn next_version(link: &Link, edit: &LinkEdit, now: Timestamp) -> Link {
    let edit = edit.clone();
    Link {
        stored_birth: Some(link.birth()),
        url: edit.url.unwrap_or_else(|| link.url.clone()),
        title: edit.title.unwrap_or_else(|| link.title.clone()),
        tags: edit.tags.unwrap_or_else(|| link.tags.clone()),
        access: edit.access.unwrap_or(link.access),
        enabled: edit.enabled.unwrap_or(link.enabled),
        expires_at: edit.expires_at.unwrap_or(link.expires_at),
        updated_at: link.updated_at.max(now),
        version: link.version + 1,
        ..link.clone()
    }
}
