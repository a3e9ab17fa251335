//! Idempotency keys: one item each, written in the transaction that makes the link.

use super::{Attributes, CreateError, Created, RequestMark};
use crate::aws;
use crate::model::{Birth, Link, OrgId, Timestamp};
use crate::store::item::{self, Item, attribute, number, text};
use crate::store::{LinkStore, StoreError, is_written_by};
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{
    CancellationReason, Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem,
};
use std::time::Duration;
use tokio::time::Instant;

/// The prefix of the sort key of a key's item. No slug starts with `@`.
const KEY_PREFIX: &str = "@key#";
/// How long a key is reserved, in seconds.
const KEY_TTL: i64 = 24 * 60 * 60;
/// How long a create that conflicts with another one of the same key is retried.
const CREATE_TIMEOUT: Duration = Duration::from_secs(2);
/// The longest wait before a retry.
const MAX_BACKOFF: Duration = Duration::from_millis(70);

/// The reason why a transaction was not made.
enum Refusal {
    /// The key is taken. Holds its item.
    Key(Attributes),
    /// The slug is taken. Holds the item of its link.
    Slug(Option<Attributes>),
    /// Another transaction came in between, or DynamoDB throttles.
    Transient,
    Store(StoreError),
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl LinkStore {
    /// Returns the link that an earlier attempt of this request made, in its current state.
    ///
    /// # Errors
    /// A call failed, or an item is malformed.
    pub async fn replay(
        &self,
        org: &OrgId,
        mark: &RequestMark,
        now: Timestamp,
    ) -> Result<Option<Link>, StoreError> {
        let answer = self.get_item(key(org, mark)).consistent_read(true).send().await?;
        let Some(found) = answer.item() else { return Ok(None) };
        if !Item(found).is_alive(now)? || !is_of(found, mark) {
            return Ok(None);
        }
        self.keyed_link(org, found).await
    }

    /// Makes a link together with the item of its idempotency key, unless its slug is another link's.
    pub(super) async fn put_with_key(
        &self,
        link: Link,
        mark: &RequestMark,
        write_id: &str,
    ) -> Result<Option<Created>, CreateError> {
        let started = Instant::now();
        let mut stale = None;
        while started.elapsed() < CREATE_TIMEOUT {
            match self.try_put_with_key(&link, mark, write_id, stale.as_ref()).await {
                Ok(()) => return Ok(Some(Created::New(link))),
                Err(Refusal::Key(own)) if is_written_by(Some(&own), write_id) => {
                    return Ok(Some(Created::New(link)));
                }
                Err(Refusal::Key(taken)) => match self.keyed_link(&link.org_id, &taken).await? {
                    Some(before) if is_of(&taken, mark) => return Ok(Some(Created::Before(before))),
                    Some(_) => return Err(CreateError::KeyReused),
                    // The link was deleted, which frees the key.
                    None => stale = Some(Item(&taken).keyed_link()?.1),
                },
                Err(Refusal::Slug(taken)) if is_written_by(taken.as_ref(), write_id) => {
                    return Ok(Some(Created::New(link)));
                }
                Err(Refusal::Slug(taken)) => {
                    return Ok(made_before(taken.as_ref(), mark)?.map(Created::Before));
                }
                Err(Refusal::Transient) => tokio::time::sleep(aws::jitter(MAX_BACKOFF)).await,
                Err(Refusal::Store(error)) => return Err(error.into()),
            }
        }
        Err(StoreError::Unavailable("a transaction that kept being cancelled".to_owned()).into())
    }

    /// Reads the link that a key's item refers to, unless it was deleted.
    async fn keyed_link(&self, org: &OrgId, key: &Attributes) -> Result<Option<Link>, StoreError> {
        let (slug, birth) = Item(key).keyed_link()?;
        let link = self.read(org, &slug).await?;
        Ok(link.filter(|link| link.birth() == birth))
    }

    /// Executes the transaction. A key is free if its link was the one of the birth `stale`.
    async fn try_put_with_key(
        &self,
        link: &Link,
        mark: &RequestMark,
        write_id: &str,
        stale: Option<&Birth>,
    ) -> Result<(), Refusal> {
        let refused = |_| StoreError::Refused("a transaction could not be built".to_owned());
        let now = link.created_at.seconds();
        let mut condition = "attribute_not_exists(#id) OR #ttl <= :now".to_owned();
        let mut put_key = Put::builder()
            .table_name(&self.table)
            .set_item(Some(key(&link.org_id, mark)))
            .item(attribute::SLUG, text(link.id.as_str()))
            .item(attribute::BIRTH, text(link.birth().as_str()))
            .item(attribute::REQUEST_HASH, text(&mark.hash))
            .item(attribute::WRITE_ID, text(write_id))
            .item(attribute::TTL, number(now + KEY_TTL))
            .expression_attribute_names("#id", attribute::ID)
            .expression_attribute_names("#ttl", attribute::TTL)
            .expression_attribute_values(":now", number(now));
        if let Some(stale) = stale {
            condition.push_str(" OR #birth = :stale");
            put_key = put_key
                .expression_attribute_names("#birth", attribute::BIRTH)
                .expression_attribute_values(":stale", text(stale.as_str()));
        }
        let put_key = put_key
            .condition_expression(condition)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        let put_link = Put::builder()
            .table_name(&self.table)
            .set_item(Some(item::of(link, write_id)))
            .condition_expression("attribute_not_exists(#id)")
            .expression_attribute_names("#id", attribute::ID)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        let part = |put| TransactWriteItem::builder().put(put).build();
        let transaction = self
            .dynamodb
            .transact_write_items()
            .transact_items(part(put_key.build().map_err(refused)?))
            .transact_items(part(put_link.build().map_err(refused)?));
        let Err(error) = transaction.send().await else { return Ok(()) };
        Err(match error.as_service_error() {
            Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) => {
                refusal(cancelled.cancellation_reasons())
            }
            Some(TransactWriteItemsError::TransactionInProgressException(_)) => Refusal::Transient,
            _ => StoreError::from(error).into(),
        })
    }
}

fn key(org: &OrgId, mark: &RequestMark) -> Attributes {
    let pairs = [(attribute::ORG_ID, org.as_str()), (attribute::ID, &format!("{KEY_PREFIX}{}", mark.key))];
    pairs.map(|(name, value)| (name.to_owned(), text(value))).into()
}

/// Returns whether the item belongs to a request with the same body.
fn is_of(item: &Attributes, mark: &RequestMark) -> bool {
    item.get(attribute::REQUEST_HASH) == Some(&text(&mark.hash))
}

/// Returns why a transaction was cancelled. The first reason is the key's, the second the link's.
fn refusal(reasons: &[CancellationReason]) -> Refusal {
    let code = |index: usize| reasons.get(index).and_then(CancellationReason::code).unwrap_or_default();
    let kept = |index: usize| reasons.get(index).and_then(CancellationReason::item).cloned();
    let transient = ["ProvisionedThroughputExceeded", "ThrottlingError", "TransactionConflict"];
    match (code(0), code(1)) {
        // A response without the item does not show whose key it is; the next attempt does.
        ("ConditionalCheckFailed", _) => kept(0).map_or(Refusal::Transient, Refusal::Key),
        (key, link) if transient.contains(&key) || transient.contains(&link) => Refusal::Transient,
        (_, "ConditionalCheckFailed") => Refusal::Slug(kept(1)),
        _ => StoreError::Refused("a transaction was cancelled".to_owned()).into(),
    }
}

/// Returns the link that has the slug, if this request made it before keys had items. Such a link contains the key itself.
fn made_before(taken: Option<&Attributes>, mark: &RequestMark) -> Result<Option<Link>, CreateError> {
    match taken.filter(|taken| taken.get(attribute::REQUEST_KEY) == Some(&text(&mark.key))) {
        Some(own) if is_of(own, mark) => Ok(Some(Item(own).link()?)),
        Some(_) => Err(CreateError::KeyReused),
        None => Ok(None),
    }
}
