use super::alias::LinkWrites;
use super::changes::{Cancelled, ChangeStore, RECORD, Write};
use super::item::{self, Item};
use super::record::Values;
use super::{ChangeError, Changed, covered, is_written_by};
use crate::model::{Change, Editor, Link, LinkEdit, MAX_ALIASES, OrgId, Precondition, Slug, Timestamp};
use std::collections::BTreeSet;

impl ChangeStore {
    /// Edits the link with this slug or alias, if the editor can edit it and `precondition` allows it, and returns the
    /// new version. Does not recreate a link that was deleted.
    ///
    /// An edit that changes nothing writes nothing, and returns the link as it is, without a record. `updated_at` never goes
    /// back: if the clock is behind the last edit's time, `updated_at` stays as it is. An edit never writes an expiry
    /// that has passed at `now`: it accepts such an expiry only if the link already has it.
    ///
    /// A link with a new slug keeps the old one as an alias. A link with a new creator lacks the creator's name until
    /// that user edits the link.
    ///
    /// One transaction writes the link, its aliases and the record, on the condition that the link is still the version
    /// that was read. If the condition fails, the edit starts over. If DynamoDB deleted an expired alias, and another
    /// link took the alias's slug, the edited link loses the alias. The record does not contain this loss. If the
    /// response to an attempt was lost, the next attempt finds the record and does not make the edit again.
    ///
    /// # Errors
    /// After [`ChangeError::Store`], the edit may or may not have been made. After any other error, nothing was
    /// changed.
    pub async fn update(
        &self,
        org: &OrgId,
        slug: &Slug,
        edit: &LinkEdit,
        by: &Editor,
        precondition: &Precondition,
        now: Timestamp,
    ) -> Result<Changed, ChangeError> {
        let mut write = Write::new(&by.actor, now);
        let mut lost = BTreeSet::new();
        loop {
            let found = self.links.read_item(org, slug).await?;
            if write.is_repeated() && is_written_by(found.as_ref(), write.id.write_id()) {
                // Permissions are not checked here, because the edit may have given the link to another creator.
                let link =
                    found.map(|found| Item(&found).link()).transpose()?.ok_or(ChangeError::NotFound)?;
                return Ok(Changed { link, record: Some(write.id) });
            }
            let old = covered(found.as_ref(), by)?;
            let held = item::without_aliases(old, &lost)?;
            let link = Item(&held).link()?;
            let is_handed_over = edit.creator_user_id.as_ref().is_some_and(|to| *to != link.creator_user_id);
            if is_handed_over && !by.manages_all_links {
                return Err(ChangeError::NotAManager);
            }
            if !precondition.allows(&link) {
                return Err(ChangeError::PreconditionFailed);
            }
            if edit.passed_expiry(now).is_some_and(|expiry| link.expires_at != Some(expiry)) {
                return Err(ChangeError::ExpiryPassed);
            }
            if !edit.changes(&link) {
                return Ok(Changed { link, record: None });
            }
            let edited = next_version(&link, edit, by, now);
            if edited.aliases.len() > MAX_ALIASES {
                return Err(ChangeError::AliasLimit);
            }
            let new = item::next(old, &edited, write.id.write_id());
            let writes = LinkWrites::new(&self.links.table, Some(old), Some(&new), &lost)?;
            let values = Values::Edited { before: &held, after: &new };
            match self.transact(&mut write, change(&link, &edited), values, writes.parts()).await {
                Ok(()) => return Ok(Changed { link: edited, record: Some(write.id) }),
                Err(Cancelled::Applied(_)) => {
                    // An earlier attempt was applied. Other users may have changed the link since then.
                    let current = self.links.read(org, slug).await?;
                    let current = current.filter(|current| current.birth() == edited.birth());
                    return Ok(Changed { link: current.unwrap_or(edited), record: Some(write.id) });
                }
                Err(Cancelled::Failed(failed)) => {
                    if let Some(slug) = writes.taken(&failed, RECORD + 1).next() {
                        return Err(ChangeError::SlugTaken(slug.clone()));
                    }
                    // Another change was made in between, or other links have taken some aliases.
                    lost.extend(writes.lost(&failed, RECORD + 1).cloned());
                    write.back_off().await?;
                }
                Err(Cancelled::Transient) => write.back_off().await?,
                Err(Cancelled::Store(error)) => return Err(error.into()),
            }
        }
    }
}

/// Returns what an edit does to a link.
fn change(link: &Link, edited: &Link) -> Change {
    if edited.id != link.id {
        Change::Rename
    } else if edited.creator_user_id != link.creator_user_id {
        Change::HandOver
    } else {
        Change::Update
    }
}

/// Returns the link after the edit.
fn next_version(link: &Link, edit: &LinkEdit, by: &Editor, now: Timestamp) -> Link {
    let edit = edit.clone();
    let id = edit.id.unwrap_or_else(|| link.id.clone());
    let mut aliases = link.aliases.clone();
    if id != link.id {
        aliases.remove(&id);
        aliases.insert(link.id.clone());
    }
    let creator_user_id = edit.creator_user_id.unwrap_or_else(|| link.creator_user_id.clone());
    let kept_name = link.creator_name.clone().filter(|_| creator_user_id == link.creator_user_id);
    let is_handed_over = link.is_handed_over || creator_user_id != link.creator_user_id;
    let is_own = is_handed_over && creator_user_id == by.actor.user_id;
    let creator_name = kept_name.or_else(|| by.actor.name.clone().filter(|_| is_own));
    Link {
        id,
        stored_birth: Some(link.birth()),
        url: edit.url.unwrap_or_else(|| link.url.clone()),
        title: edit.title.unwrap_or_else(|| link.title.clone()),
        tags: edit.tags.unwrap_or_else(|| link.tags.clone()),
        access: edit.access.unwrap_or(link.access),
        forward: edit.forward.unwrap_or(link.forward),
        enabled: edit.enabled.unwrap_or(link.enabled),
        expires_at: edit.expires_at.unwrap_or(link.expires_at),
        is_handed_over: is_handed_over && creator_name.is_none(),
        creator_name,
        creator_user_id,
        updated_at: link.updated_at.max(now),
        version: link.version + 1,
        aliases,
        ..link.clone()
    }
}
