use super::{Item, LinkStore, StoreError, attribute, is_written_by, text};
use crate::aws;
use crate::model::{Handle, OrgId, Timestamp};
use aws_sdk_dynamodb::operation::transact_write_items::{TransactWriteItemsError, TransactWriteItemsInput};
use aws_sdk_dynamodb::types::{AttributeValue, Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem};
use std::collections::HashMap;
use std::time::Duration;
use tokio::time::Instant;

/// How many handles an organization may hold.
const MOST: usize = 5;
/// For how long a claim is tried anew when another one of the same organization comes in between.
const PATIENCE: Duration = Duration::from_secs(2);
/// The longest wait before it is.
const LONGEST_PAUSE: Duration = Duration::from_millis(70);
/// For how long a short URL waits for its handle, which it can do without.
const BRIEFLY: Duration = Duration::from_millis(300);
/// The sort key of an organization's handles, which starts no slug.
const HANDLES: &str = "@handles";
/// The sort key of a handle's item, the only one in its partition.
const OWNER: &str = "@";

/// Why a handle was not claimed.
#[derive(Debug)]
pub enum HandleError {
    /// Another organization has it.
    Taken,
    /// The organization holds as many as it may.
    Limit,
    /// The store did not do as asked.
    Store(StoreError),
}

impl From<StoreError> for HandleError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl LinkStore {
    /// The organization's handles, the newest first.
    ///
    /// # Errors
    /// The store did not do as asked.
    pub async fn handles(&self, org: &OrgId) -> Result<Vec<Handle>, StoreError> {
        let answer = self.dynamodb.send(self.get(list_key(org)).consistent_read(true)).await?;
        answer.item().map_or(Ok(Vec::new()), |found| Item(found).handles())
    }

    /// Makes the handle the organization's newest, and returns all of them, the newest first. The handle and the list
    /// of them are written in one transaction: each handle has one organization, for good.
    ///
    /// # Errors
    /// Nothing was written, save where the store did not do as asked: then the handle may or may not have been claimed.
    pub async fn handle(
        &self,
        org: &OrgId,
        handle: &Handle,
        now: Timestamp,
    ) -> Result<Vec<Handle>, HandleError> {
        let begun = Instant::now();
        loop {
            let held = self.handles(org).await?;
            if held.first() == Some(handle) {
                // For an instance that shows links too, as the local stack's do.
                self.handles.put(org.clone(), Some(handle.clone()), now);
                return Ok(held);
            }
            let mut handles = held.clone();
            handles.retain(|other| other != handle);
            handles.insert(0, handle.clone());
            if handles.len() > MOST {
                // One that is taken could not be had with room for it either, and that is told first.
                return Err(match self.owner(handle).await? {
                    Some(_) => HandleError::Taken,
                    None => HandleError::Limit,
                });
            }
            match self.claim(org, handle, &held, &handles).await {
                Ok(()) => {
                    self.handles.put(org.clone(), Some(handle.clone()), now);
                    return Ok(handles);
                }
                Err(Conflict::Taken) => return Err(HandleError::Taken),
                Err(Conflict::Passing) if begun.elapsed() < PATIENCE => {}
                Err(Conflict::Passing) => {
                    return Err(StoreError::Unavailable(
                        "a transaction that kept being cancelled".to_owned(),
                    )
                    .into());
                }
                Err(Conflict::Store(error)) => return Err(error.into()),
            }
            // At random, so that those who met do not meet again.
            tokio::time::sleep(aws::at_random(LONGEST_PAUSE)).await;
        }
    }

    async fn claim(
        &self,
        org: &OrgId,
        handle: &Handle,
        held: &[Handle],
        handles: &[Handle],
    ) -> Result<(), Conflict> {
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
        let transaction = TransactWriteItemsInput::builder()
            .client_request_token(&write_id)
            .transact_items(TransactWriteItem::builder().put(owner).build())
            .transact_items(TransactWriteItem::builder().put(list).build());
        let Err(error) = self.dynamodb.send(transaction).await else { return Ok(()) };
        match error.as_service_error() {
            Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) => {
                let reasons = cancelled.cancellation_reasons();
                if reasons.iter().any(|reason| is_written_by(reason.item(), &write_id)) {
                    return Ok(());
                }
                let code =
                    |index: usize| reasons.get(index).and_then(|reason| reason.code()).unwrap_or_default();
                let passing = [
                    "ConditionalCheckFailed",
                    "ProvisionedThroughputExceeded",
                    "ThrottlingError",
                    "TransactionConflict",
                ];
                match (code(0), code(1)) {
                    ("ConditionalCheckFailed", _) => Err(Conflict::Taken),
                    (owner, list) if passing.contains(&owner) || passing.contains(&list) => {
                        Err(Conflict::Passing)
                    }
                    _ => Err(StoreError::Refused("a transaction was cancelled".to_owned()).into()),
                }
            }
            Some(TransactWriteItemsError::TransactionInProgressException(_)) => Err(Conflict::Passing),
            _ => Err(StoreError::from(error).into()),
        }
    }

    /// The organization that has this handle, if any: from memory where it was read in the last five minutes.
    ///
    /// # Errors
    /// The store did not do as asked.
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
        let answer = self.dynamodb.send(self.get(owner_key(handle))).await?;
        answer.item().map(|found| Item(found).organization()).transpose()
    }

    /// The handle that stands in the organization's short URLs, if it has one; as of some time in the last five
    /// minutes.
    ///
    /// # Errors
    /// The store did not do as asked, or not at once: what the caller wanted has been done by now, and is not to wait.
    pub async fn newest_handle(&self, org: &OrgId, now: Timestamp) -> Result<Option<Handle>, StoreError> {
        if let Some(known) = self.handles.get(org, now) {
            return Ok(known);
        }
        let handles = tokio::time::timeout(BRIEFLY, self.handles(org)).await;
        let handles = handles.map_err(|_| StoreError::Unavailable("no handle in time".to_owned()))??;
        let newest = handles.into_iter().next();
        self.handles.put(org.clone(), newest.clone(), now);
        Ok(newest)
    }
}

/// Why a transaction was not made.
enum Conflict {
    /// The handle is another organization's.
    Taken,
    /// Another write came in between.
    Passing,
    Store(StoreError),
}

impl From<StoreError> for Conflict {
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
