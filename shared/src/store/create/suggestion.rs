use crate::model::{OrgId, Slug};
use crate::store::item::{self, Attributes, attribute};
use crate::store::{LinkStore, StoreError};
use aws_sdk_dynamodb::types::KeysAndAttributes;
use std::collections::HashSet;
use std::time::Duration;
use tokio::time::timeout;

/// The timeout for finding a slug to suggest. If no slug is found in time, the response contains no suggestion.
const SUGGESTION_TIMEOUT: Duration = Duration::from_secs(1);

impl LinkStore {
    /// Returns the first free slug among the successors of `taken` ([`Slug::successors`]), if any is free.
    ///
    /// All of these slugs are looked up in one eventually consistent read, so another link may have taken the returned
    /// slug meanwhile. A query is not used, because a query for all slugs that begin like `taken` could read any number
    /// of items.
    ///
    /// # Errors
    /// The call failed, or took longer than a second.
    pub async fn free_slug(&self, org: &OrgId, taken: &Slug) -> Result<Option<Slug>, StoreError> {
        let late = |_| StoreError::Unavailable("the query for free slugs timed out".to_owned());
        timeout(SUGGESTION_TIMEOUT, self.first_free(org, taken.successors().collect())).await.map_err(late)?
    }

    async fn first_free(&self, org: &OrgId, slugs: Vec<Slug>) -> Result<Option<Slug>, StoreError> {
        let keys = slugs.iter().map(|slug| item::key(org, slug)).collect();
        let requested = KeysAndAttributes::builder()
            .set_keys(Some(keys))
            .projection_expression("#id")
            .expression_attribute_names("#id", attribute::ID)
            .build()
            .map_err(|_| StoreError::Refused("a batch could not be built".to_owned()))?;
        let answer = self.dynamodb.batch_get_item().request_items(&self.table, requested).send().await?;
        let found = answer.responses().into_iter().flat_map(|tables| tables.values()).flatten();
        // A key that was not looked up may belong to a link.
        let unprocessed = answer.unprocessed_keys().into_iter().flat_map(|tables| tables.values());
        let unprocessed = unprocessed.flat_map(|left| left.keys());
        let id = |item: &Attributes| item.get(attribute::ID)?.as_s().ok().cloned();
        let taken: HashSet<String> = found.chain(unprocessed).filter_map(id).collect();
        Ok(slugs.into_iter().find(|slug| !taken.contains(slug.as_str())))
    }
}
