pub(super) mod key;
mod suggestion;

use super::StoreError;
use super::changes::{Cancelled, ChangeStore, Write};
use super::item::{self, Item};
use super::part;
use super::record::{self, Values, names};
use crate::model::{Actor, Birth, Change, Link, NewLink, OrgId, RecordId, Slug};
use key::{KEY_TTL, Key, KeyOf};
use std::collections::BTreeSet;

/// The maximum number of slugs that a create tries. With 31^8 slugs to draw from, this is never reached.
const MAX_SLUGS_TRIED: usize = 32;

/// Hashes of a create's idempotency key and body. The store recognizes a retry of the request by these hashes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestMark {
    /// A hash of organization, user and idempotency key.
    pub key: String,
    /// A hash of the body.
    pub hash: String,
}

/// The link that a create returns.
#[derive(Debug)]
pub enum Created {
    /// This request created the link. Contains the link and the record's id.
    New(Link, RecordId),
    /// An earlier attempt of the same request created the link. Contains the link in its current state.
    Before(Link),
}

/// The reason why no link was made.
#[derive(Debug)]
pub enum CreateError {
    /// None of the given slugs is free.
    SlugTaken,
    /// An earlier request with the same idempotency key but a different body created a link.
    KeyReused,
    /// A call failed; the link may or may not have been made.
    Store(StoreError),
}

impl From<StoreError> for CreateError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// The index of the link's write in a create's transaction.
const LINK: usize = 1;
/// The index of the idempotency key's write in a create's transaction.
const KEY: usize = 2;

impl ChangeStore {
    /// Makes a link with the first free slug of `slugs`. The history shows `by` as the user who made the link.
    ///
    /// The link, its record and, with a `mark`, the idempotency key are written in one transaction. The record's id is
    /// random, and the same in each attempt. If an attempt was applied but its response was lost, the next attempt
    /// finds the record, and the create has succeeded. The idempotency key is reserved for 24 hours, or until the link
    /// is deleted.
    ///
    /// # Errors
    /// [`CreateError::SlugTaken`] if all of `slugs` are taken; [`StoreError::NoFreeSlug`] if the first 32 of them are
    /// taken and there are more.
    pub async fn create(
        &self,
        org: &OrgId,
        new: &NewLink,
        mark: Option<&RequestMark>,
        by: &Actor,
        slugs: impl IntoIterator<Item = Slug>,
    ) -> Result<Created, CreateError> {
        let key = mark.map(|mark| Key { mark, ttl: Some(KEY_TTL), stale: None });
        self.make(Change::Create, org, new, key, by, slugs).await
    }

    /// Makes a link with the first free slug of `slugs`. `change` is the kind of change in the history: a create or an
    /// import.
    pub(super) async fn make(
        &self,
        change: Change,
        org: &OrgId,
        new: &NewLink,
        key: Option<Key<'_>>,
        by: &Actor,
        slugs: impl IntoIterator<Item = Slug>,
    ) -> Result<Created, CreateError> {
        let mut write = Write::new(by, new.created_at);
        for (tried, slug) in slugs.into_iter().enumerate() {
            if tried >= MAX_SLUGS_TRIED {
                return Err(CreateError::Store(StoreError::NoFreeSlug));
            }
            let link = first_version(org, slug, new);
            if let Some(created) = self.put(change, link, key, &mut write).await? {
                return Ok(created);
            }
        }
        Err(CreateError::SlugTaken)
    }

    /// Creates a link, unless another link has its slug.
    async fn put(
        &self,
        change: Change,
        link: Link,
        key: Option<Key<'_>>,
        write: &mut Write<'_>,
    ) -> Result<Option<Created>, CreateError> {
        let refused = |_| StoreError::Refused("a transaction could not be built".to_owned());
        let new = item::of(&link, write.id.write_id());
        let mark = key.map(|key| key.mark);
        let mut stale = key.and_then(|key| key.stale.cloned());
        loop {
            let mut parts = vec![part::put_new(&self.links.table, new.clone()).map_err(refused)?];
            if let Some(key) = key {
                let key = Key { stale: stale.as_ref(), ..key };
                parts.push(self.put_key(&link, key).map_err(refused)?);
            }
            let values = Values::Created { after: &new };
            match self.transact(write, change, values, parts).await {
                Ok(()) => return Ok(Some(Created::New(link, write.id.clone()))),
                Err(Cancelled::Applied(record)) => {
                    let made = record::values(&record, names::AFTER)?.map(|made| Item(made).link());
                    return Ok(Some(Created::New(made.transpose()?.unwrap_or(link), write.id.clone())));
                }
                Err(Cancelled::Failed(failed)) if failed.contains(KEY) => {
                    // If the response lacks the key's item, the key's owner is unknown, and the write is repeated.
                    let Some((mark, key)) = mark.zip(failed.item(KEY)) else {
                        write.back_off().await?;
                        continue;
                    };
                    match self.link_of_key(&link.org_id, key, mark).await? {
                        KeyOf::SameRequest(before) => return Ok(Some(Created::Before(*before))),
                        KeyOf::OtherRequest => return Err(CreateError::KeyReused),
                        KeyOf::DeletedLink(birth) => {
                            if stale.replace(birth).is_some() {
                                write.back_off().await?;
                            }
                        }
                    }
                }
                Err(Cancelled::Failed(failed)) => {
                    let before = mark.map(|mark| key::made_before(failed.item(LINK), mark)).transpose()?;
                    return Ok(before.flatten().map(Created::Before));
                }
                Err(Cancelled::Transient) => write.back_off().await?,
                Err(Cancelled::Store(error)) => return Err(error.into()),
            }
        }
    }
}

fn first_version(org: &OrgId, id: Slug, new: &NewLink) -> Link {
    Link {
        org_id: org.clone(),
        id,
        stored_birth: Some(Birth::random()),
        url: new.url.clone(),
        title: new.title.clone(),
        tags: new.tags.clone(),
        access: new.access,
        forward: new.forward,
        enabled: new.enabled,
        expires_at: new.expires_at,
        creator_user_id: new.creator_user_id.clone(),
        creator_name: new.creator_name.clone(),
        is_handed_over: false,
        created_at: new.created_at,
        updated_at: new.created_at,
        version: 1,
        aliases: BTreeSet::new(),
    }
}
