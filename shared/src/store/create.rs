mod key;
mod suggestion;

use super::{LinkStore, StoreError, attribute, is_written_by, item};
use crate::model::{Birth, Link, NewLink, OrgId, Slug};
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::ReturnValuesOnConditionCheckFailure;
use item::Attributes;
use std::collections::BTreeSet;

/// The most slugs that a create tries. With 31^8 slugs to draw from, this is never reached.
const MAX_SLUGS_TRIED: usize = 32;

/// A create's idempotency key and body, by which a retry of the same request is recognized.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestMark {
    /// A hash of organization, user and idempotency key.
    pub key: String,
    /// A hash of the body.
    pub hash: String,
}

/// The link of a create.
#[derive(Debug)]
pub enum Created {
    /// This create made it.
    New(Link),
    /// An earlier attempt of the same request made it. Holds the link in its current state.
    Before(Link),
}

/// The reason why no link was made.
#[derive(Debug)]
pub enum CreateError {
    /// None of the given slugs is free.
    SlugTaken,
    /// A request with the same key and another hash made a link before.
    KeyReused,
    /// A call failed; the link may or may not have been made.
    Store(StoreError),
}

impl From<StoreError> for CreateError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl LinkStore {
    /// Makes a link under the first free one of `slugs`.
    ///
    /// The write carries a random id, the same in each of the SDK's attempts. If an attempt was applied and its response
    /// lost, the next one finds the item that it wrote itself, and the create has succeeded.
    ///
    /// With a `mark`, link and idempotency key are written in one transaction. The key is reserved for 24 hours, or until the
    /// link is deleted.
    ///
    /// # Errors
    /// [`CreateError::SlugTaken`] if none of `slugs` is free, [`StoreError::NoFreeSlug`] if none of the first 32 of them is.
    pub async fn create(
        &self,
        org: &OrgId,
        new: &NewLink,
        mark: Option<&RequestMark>,
        slugs: impl IntoIterator<Item = Slug>,
    ) -> Result<Created, CreateError> {
        let write_id = nanoid::nanoid!();
        for (tried, slug) in slugs.into_iter().enumerate() {
            if tried >= MAX_SLUGS_TRIED {
                return Err(CreateError::Store(StoreError::NoFreeSlug));
            }
            let link = first_version(org, slug, new);
            let created = match mark {
                Some(mark) => self.put_with_key(link, mark, &write_id).await?,
                None => self.put(link, &write_id).await?,
            };
            if let Some(created) = created {
                return Ok(created);
            }
        }
        Err(CreateError::SlugTaken)
    }

    /// Makes a link, unless another link has its slug.
    async fn put(&self, link: Link, write_id: &str) -> Result<Option<Created>, StoreError> {
        let put = self
            .dynamodb
            .put_item()
            .table_name(&self.table)
            .set_item(Some(item::of(&link, write_id)))
            .condition_expression("attribute_not_exists(#id)")
            .expression_attribute_names("#id", attribute::ID)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        let Err(error) = put.send().await else { return Ok(Some(Created::New(link))) };
        match error.as_service_error() {
            Some(PutItemError::ConditionalCheckFailedException(taken)) => {
                Ok(is_written_by(taken.item(), write_id).then_some(Created::New(link)))
            }
            _ => Err(error.into()),
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
        enabled: new.enabled,
        expires_at: new.expires_at,
        creator_user_id: new.creator_user_id.clone(),
        creator_name: new.creator_name.clone(),
        created_at: new.created_at,
        updated_at: new.created_at,
        version: 1,
        aliases: BTreeSet::new(),
    }
}
