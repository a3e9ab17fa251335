use super::{Item, LinkStore, StoreError, attribute, is_written_by, text};
use crate::aws;
use crate::model::{Handle, OrgId, Timestamp};
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{AttributeValue, Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem};
use std::collections::HashMap;
use std::time::Duration;
use tokio::time::Instant;

/// The maximum number of handles that an organization can have.
const MAX_HANDLES: usize = 5;
/// How long a claim is retried if it conflicts with another claim of the same organization.
const CLAIM_TIMEOUT: Duration = Duration::from_secs(2);
/// The longest wait before a retry.
const MAX_BACKOFF: Duration = Duration::from_millis(70);
/// The timeout for reading the handle for a short URL. A short URL also works without a handle.
const NEWEST_HANDLE_TIMEOUT: Duration = Duration::from_millis(300);
/// The sort key of an organization's handles. No slug starts with `@`.
const HANDLES: &str = "@handles";
/// The sort key of a handle's item, which is the only item in its partition.
const OWNER: &str = "@";

/// The reason why a handle was not claimed.
#[derive(Debug)]
pub enum HandleError {
    /// Another organization has the handle.
    Taken,
    /// The organization has the maximum number of handles.
    Limit,
    /// A call failed.
    Store(StoreError),
}

impl From<StoreError> for HandleError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl LinkStore {
    /// Returns the organization's handles, the newest first.
    ///
    /// # Errors
    /// The call failed, or the item is not a list of handles.
    pub async fn handles(&self, org: &OrgId) -> Result<Vec<Handle>, StoreError> {
        let answer = self.get_item(list_key(org)).consistent_read(true).send().await?;
        answer.item().map_or(Ok(Vec::new()), |found| Item(found).handles())
    }

    /// Makes `handle` the organization's newest handle, and returns all handles of the organization, newest first. The
    /// handle's owner and the list of handles are written in one transaction. A handle belongs to one organization
    /// permanently.
    ///
    /// # Errors
    /// Nothing was written, unless the error is [`HandleError::Store`]. After a `Store` error, it is unknown whether
    /// the handle was claimed.
    pub async fn claim_handle(
        &self,
        org: &OrgId,
        handle: &Handle,
        now: Timestamp,
    ) -> Result<Vec<Handle>, HandleError> {
        let started = Instant::now();
        loop {
            let held = self.handles(org).await?;
            if held.first() == Some(handle) {
                // In some processes, such as the local stack, other functions take the handle from this cache.
                self.handles.put(org.clone(), Some(handle.clone()), now);
                return Ok(held);
            }
            let mut handles = held.clone();
            handles.retain(|other| other != handle);
            handles.insert(0, handle.clone());
            if handles.len() > MAX_HANDLES {
                // A taken handle is reported before the limit, because it could not be claimed even below the limit.
                return Err(match self.owner(handle).await? {
                    Some(_) => HandleError::Taken,
                    None => HandleError::Limit,
                });
            }
            match self.try_claim(org, handle, &held, &handles).await {
                Ok(()) => {
                    self.handles.put(org.clone(), Some(handle.clone()), now);
                    return Ok(handles);
                }
                Err(ClaimError::Taken) => return Err(HandleError::Taken),
                Err(ClaimError::Conflict) if started.elapsed() < CLAIM_TIMEOUT => {}
                Err(ClaimError::Conflict) => {
                    return Err(StoreError::Unavailable(
                        "a transaction that was cancelled in each attempt".to_owned(),
                    )
                    .into());
                }
                Err(ClaimError::Store(error)) => return Err(error.into()),
            }
            tokio::time::sleep(aws::jitter(MAX_BACKOFF)).await;
        }
    }

    async fn try_claim(
        &self,
        org: &OrgId,
        handle: &Handle,
        held: &[Handle],
        handles: &[Handle],
    ) -> Result<(), ClaimError> {
        let write_id = nanoid::nanoid!();
        let refused = |_| StoreError::Refused("a transaction could not be built".to_owned());
        let owner = Put::builder()
            .table_name(&self.table)
            .set_item(Some(owner_key(handle)))
            .item(attribute::ORGANIZATION, text(org.as_str()))
            .item(attribute::WRITE_ID, text(&write_id))
            .condition_expression("attribute_not_exists(#id) OR #organization = :organization")
            .expression_attribute_names("#id", attribute::ID)
            .expression_attribute_names("#organization", attribute::ORGANIZATION)
            .expression_attribute_values(":organization", text(org.as_str()))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .build()
            .map_err(refused)?;
        let mut list = Put::builder()
            .table_name(&self.table)
            .set_item(Some(list_key(org)))
            .item(attribute::HANDLES, texts(handles))
            .item(attribute::WRITE_ID, text(&write_id))
            .expression_attribute_names("#handles", attribute::HANDLES)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        list = if held.is_empty() {
            list.condition_expression("attribute_not_exists(#handles)")
        } else {
            list.condition_expression("#handles = :held").expression_attribute_values(":held", texts(held))
        };
        let list = list.build().map_err(refused)?;
        let transaction = self
            .dynamodb
            .transact_write_items()
            .transact_items(TransactWriteItem::builder().put(owner).build())
            .transact_items(TransactWriteItem::builder().put(list).build());
        let Err(error) = transaction.send().await else { return Ok(()) };
        match error.as_service_error() {
            Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) => {
                let reasons = cancelled.cancellation_reasons();
                if reasons.iter().any(|reason| is_written_by(reason.item(), &write_id)) {
                    return Ok(());
                }
                let code =
                    |index: usize| reasons.get(index).and_then(|reason| reason.code()).unwrap_or_default();
                let transient = [
                    "ConditionalCheckFailed",
                    "ProvisionedThroughputExceeded",
                    "ThrottlingError",
                    "TransactionConflict",
                ];
                match (code(0), code(1)) {
                    ("ConditionalCheckFailed", _) => Err(ClaimError::Taken),
                    (owner, list) if transient.contains(&owner) || transient.contains(&list) => {
                        Err(ClaimError::Conflict)
                    }
                    _ => Err(StoreError::Refused("a transaction was cancelled".to_owned()).into()),
                }
            }
            Some(TransactWriteItemsError::TransactionInProgressException(_)) => Err(ClaimError::Conflict),
            _ => Err(StoreError::from(error).into()),
        }
    }

    /// Returns the organization that has this handle, if any. The result comes from the cache if the handle was read in
    /// the last five minutes.
    ///
    /// # Errors
    /// The call failed, or the item does not contain an organization id.
    pub async fn organization_of(
        &self,
        handle: &Handle,
        now: Timestamp,
    ) -> Result<Option<OrgId>, StoreError> {
        if let Some(org) = self.organizations.get(handle, now) {
            return Ok(Some(org));
        }
        let org = self.owner(handle).await?;
        if let Some(org) = &org {
            self.organizations.put(handle.clone(), org.clone(), now);
        }
        Ok(org)
    }

    async fn owner(&self, handle: &Handle) -> Result<Option<OrgId>, StoreError> {
        let answer = self.get_item(owner_key(handle)).send().await?;
        answer.item().map(|found| Item(found).organization()).transpose()
    }

    /// Returns the handle for the organization's short URLs, if it has one. The handle may have been cached for up to
    /// five minutes.
    ///
    /// # Errors
    /// The call failed, or took longer than 300 ms. The caller has already done its own work, and should not wait
    /// longer for a handle.
    pub async fn newest_handle(&self, org: &OrgId, now: Timestamp) -> Result<Option<Handle>, StoreError> {
        if let Some(known) = self.handles.get(org, now) {
            return Ok(known);
        }
        let handles = tokio::time::timeout(NEWEST_HANDLE_TIMEOUT, self.handles(org)).await;
        let handles = handles.map_err(|_| StoreError::Unavailable("no handle in time".to_owned()))??;
        let newest = handles.into_iter().next();
        self.handles.put(org.clone(), newest.clone(), now);
        Ok(newest)
    }
}

/// The reason why a transaction was not committed.
enum ClaimError {
    /// Another organization has the handle.
    Taken,
    /// Another write changed an item in the meantime.
    Conflict,
    Store(StoreError),
}

impl From<StoreError> for ClaimError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

fn owner_key(handle: &Handle) -> HashMap<String, AttributeValue> {
    pair(&format!("@{handle}"), OWNER)
}

fn list_key(org: &OrgId) -> HashMap<String, AttributeValue> {
    pair(org.as_str(), HANDLES)
}

fn pair(partition: &str, sort: &str) -> HashMap<String, AttributeValue> {
    [(attribute::ORG_ID, partition), (attribute::ID, sort)]
        .map(|(name, value)| (name.to_owned(), text(value)))
        .into()
}

fn texts(handles: &[Handle]) -> AttributeValue {
    AttributeValue::L(handles.iter().map(|handle| text(handle.as_str())).collect())
}
