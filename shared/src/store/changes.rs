//! Changes links. Each change is one transaction: it changes the link and adds a record to the table `history`, or does
//! neither.
//!
//! An edit and a delete read the link first: the record needs the previous values, and a transaction that succeeds does
//! not return them. The transaction's condition is that the link still has the version that was read.

use super::item::{Attributes, attribute, number};
use super::part;
use super::record::{self, Values};
use super::{LinkStore, StoreError};
use crate::aws;
use crate::model::{Actor, Change, RecordId, Timestamp};
use crate::settings::{self, Settings};
use aws_sdk_dynamodb::error::BuildError;
use aws_sdk_dynamodb::operation::get_item::builders::GetItemFluentBuilder;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{CancellationReason, TransactWriteItem};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// How long a change is retried if it conflicts with other changes.
const CHANGE_TIMEOUT: Duration = Duration::from_millis(3500);
/// The longest wait before the second attempt. This limit doubles before each further attempt.
const INITIAL_BACKOFF: Duration = Duration::from_millis(30);
/// The longest wait before any attempt.
const MAX_BACKOFF: Duration = Duration::from_millis(500);
/// A day in seconds.
const DAY: i64 = 24 * 60 * 60;
/// The position of the record in a transaction's list of writes.
pub(super) const RECORD: usize = 0;

/// Changes links, and keeps the history of the changes. Each call is for one organization.
#[derive(Debug)]
pub struct ChangeStore {
    pub(super) links: Arc<LinkStore>,
    pub(super) table: String,
    /// The retention of a record, in days.
    retention: i64,
}

/// A change that is being made. All its attempts have the same id, and at most one attempt is applied. The random part of
/// the id is also the link's `write_id` and the client request token of the first attempt.
#[derive(Debug)]
pub(super) struct Write<'a> {
    pub id: RecordId,
    pub by: &'a Actor,
    /// The record that the change undoes.
    pub undoes: Option<&'a RecordId>,
    started: Instant,
    attempts: usize,
    waits: u32,
}

impl<'a> Write<'a> {
    pub fn new(by: &'a Actor, now: Timestamp) -> Self {
        Self { id: RecordId::random(now), by, undoes: None, started: Instant::now(), attempts: 0, waits: 0 }
    }

    pub fn undoing(undone: &'a RecordId, by: &'a Actor, now: Timestamp) -> Self {
        Self { undoes: Some(undone), ..Self::new(by, now) }
    }

    /// Returns the time of the change.
    pub fn at(&self) -> Timestamp {
        self.id.at()
    }

    /// Waits before the next attempt, after other changes interfered with the previous one.
    ///
    /// # Errors
    /// The time for attempts is over.
    pub async fn back_off(&mut self) -> Result<(), StoreError> {
        if self.started.elapsed() >= CHANGE_TIMEOUT {
            return Err(StoreError::Unavailable(
                "a transaction that was cancelled in each attempt".to_owned(),
            ));
        }
        let doublings = self.waits.min(8);
        self.waits += 1;
        tokio::time::sleep(aws::jitter(MAX_BACKOFF.min(INITIAL_BACKOFF * 2_u32.pow(doublings)))).await;
        Ok(())
    }

    /// Returns whether an attempt was sent.
    pub fn is_repeated(&self) -> bool {
        self.attempts > 0
    }

    /// Returns the client request token of the next attempt. The SDK's own retries use the same token. An attempt
    /// with other parameters needs another token, because DynamoDB remembers each token's parameters.
    fn next_token(&mut self) -> String {
        self.attempts += 1;
        match self.attempts {
            1 => self.id.write_id().to_owned(),
            attempt => format!("{}-{attempt}", self.id.write_id()),
        }
    }
}

/// The reason why an attempt did not apply a transaction.
pub(super) enum Cancelled {
    /// An earlier attempt was applied. This variant contains that attempt's record.
    Applied(Attributes),
    /// The conditions of some parts of the transaction are not met.
    Failed(FailedParts),
    /// Another transaction interfered, or DynamoDB throttles.
    Transient,
    Store(StoreError),
}

impl From<StoreError> for Cancelled {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<BuildError> for Cancelled {
    fn from(_: BuildError) -> Self {
        Self::Store(StoreError::Refused("a transaction could not be built".to_owned()))
    }
}

/// The parts of a transaction whose conditions do not hold. Part 0 is the record.
pub(super) struct FailedParts(Vec<CancellationReason>);

impl FailedParts {
    /// Returns whether the condition of this part does not hold.
    pub fn contains(&self, part: usize) -> bool {
        self.0.get(part).is_some_and(has_failed)
    }

    /// Returns the item that this part would have changed, if there is one.
    pub fn item(&self, part: usize) -> Option<&Attributes> {
        self.0.get(part).filter(|reason| has_failed(reason)).and_then(CancellationReason::item)
    }
}

fn has_failed(reason: &CancellationReason) -> bool {
    reason.code() == Some("ConditionalCheckFailed")
}

impl ChangeStore {
    /// Returns a store that changes the links of `links` and writes their history to the table that `HISTORY_TABLE`
    /// names. Records are kept for `HISTORY_RETENTION_DAYS` (default 400).
    ///
    /// # Errors
    /// A setting is missing or malformed.
    pub fn new(links: Arc<LinkStore>, settings: &Settings) -> Result<Self, settings::Error> {
        let name = "HISTORY_RETENTION_DAYS";
        let days = settings.optional(name).unwrap_or("400").parse().ok();
        let days = days.filter(|days| (30..=3650).contains(days));
        let retention =
            days.ok_or_else(|| settings::Error::malformed(name, "must be a number from 30 to 3650"))?;
        Ok(Self { links, table: settings.text("HISTORY_TABLE")?, retention })
    }

    /// A strongly consistent read of the record with this key.
    pub(super) fn get_record(&self, key: Attributes) -> GetItemFluentBuilder {
        self.links.dynamodb.get_item().table_name(&self.table).set_key(Some(key)).consistent_read(true)
    }

    /// Makes a change: writes its record and `parts` in one transaction.
    ///
    /// The transaction fails if the record exists. So a repeated attempt is never applied twice, even if DynamoDB has
    /// forgotten the token of the first attempt.
    pub(super) async fn transact(
        &self,
        write: &mut Write<'_>,
        change: Change,
        values: Values<'_>,
        parts: Vec<TransactWriteItem>,
    ) -> Result<(), Cancelled> {
        let mut record = record::of(write, change, values)?;
        let ttl = write.at().seconds() + self.retention * DAY;
        record.insert(attribute::TTL.to_owned(), number(ttl));
        let put = part::put_new(&self.table, record)?;
        self.execute(write, std::iter::once(put).chain(parts).collect()).await
    }

    /// Executes a transaction. If there is a record, it is the first part of the transaction.
    pub(super) async fn execute(
        &self,
        write: &mut Write<'_>,
        parts: Vec<TransactWriteItem>,
    ) -> Result<(), Cancelled> {
        let token = write.next_token();
        let dynamodb = &self.links.dynamodb;
        let transaction =
            dynamodb.transact_write_items().client_request_token(token).set_transact_items(Some(parts));
        let Err(error) = transaction.send().await else { return Ok(()) };
        let reasons = match error.as_service_error() {
            Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) => {
                cancelled.cancellation_reasons()
            }
            Some(TransactWriteItemsError::TransactionInProgressException(_)) => {
                return Err(Cancelled::Transient);
            }
            // The transaction was applied, but its response is unreadable. The next attempt finds the record.
            _ if error.raw_response().is_some_and(|response| response.status().is_success()) => {
                return Err(Cancelled::Transient);
            }
            _ => return Err(StoreError::from(error).into()),
        };
        const TRANSIENT: [&str; 3] =
            ["ProvisionedThroughputExceeded", "ThrottlingError", "TransactionConflict"];
        let codes = || reasons.iter().filter_map(CancellationReason::code);
        if let Some(reason) = reasons.get(RECORD).filter(|reason| has_failed(reason)) {
            // If the response lacks the item, the record is unknown; the next attempt's response contains the item.
            let record = reason.item().cloned();
            Err(record.map_or(Cancelled::Transient, Cancelled::Applied))
        } else if codes().any(|code| TRANSIENT.contains(&code)) {
            Err(Cancelled::Transient)
        } else if codes().any(|code| code == "ConditionalCheckFailed") {
            Err(Cancelled::Failed(FailedParts(reasons.to_vec())))
        } else {
            Err(StoreError::Refused("a transaction was cancelled".to_owned()).into())
        }
    }
}
