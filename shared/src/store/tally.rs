mod referrers;

use super::StoreError;
use super::clicks::{self, ClickStore, attribute};
use super::item::{number, text};
use crate::aws;
use crate::model::{Counts, Day, LinkKey, Timestamp};
use aws_sdk_dynamodb::error::BuildError;
use aws_sdk_dynamodb::operation::transact_write_items::{TransactWriteItemsError, TransactWriteItemsInput};
use aws_sdk_dynamodb::types::builders::UpdateBuilder;
use aws_sdk_dynamodb::types::{Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem, Update};
use referrers::{Addition, Known};
use std::time::Duration;
use tokio::time::Instant;

/// For how many seconds a delivery is known again: 30 days, longer than the dead-letter queue keeps it, which is 14.
const MARKER_LIFETIME: i64 = 30 * DAY;
/// A day in seconds.
const DAY: i64 = 24 * 60 * 60;
/// The longest wait before another attempt, and the first one.
const WAITS: [Duration; 2] = [Duration::from_secs(1), Duration::from_millis(20)];
/// What the marker and the referrers are in a transaction.
const MARKER: usize = 0;
const REFERRERS: usize = 3;

/// What one delivery has counted for a link on a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Share {
    /// The link.
    pub link: LinkKey,
    /// The day.
    pub day: Day,
    /// How often the link was followed then.
    pub counts: Counts,
    /// What tells this share from every other: a hash of the delivery, the link and the day. It is the same however often
    /// the delivery comes.
    pub mark: String,
    /// Which of the eight items of a total or a day it is counted in, 0 to 7; what is more begins again.
    pub shard: u8,
}

/// Why a transaction was not made.
enum Refusal {
    /// This share was counted before.
    Counted,
    /// The referrers are not as they were taken to be, but so.
    Referrers(Known),
    /// Another write came in between, or the store is busy.
    Passing(StoreError),
    Store(StoreError),
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        match error {
            passing @ StoreError::Unavailable(_) => Self::Passing(passing),
            error => Self::Store(error),
        }
    }
}

impl From<BuildError> for Refusal {
    fn from(_: BuildError) -> Self {
        Self::Store(StoreError::Refused("a transaction could not be built".to_owned()))
    }
}

impl ClickStore {
    /// Counts a share: marker, total, day and referrers in one transaction, so that it counts once and whole.
    ///
    /// A transaction that meets another one, or a busy store, is tried again until `deadline`.
    ///
    /// # Errors
    /// The store did not do as asked. Nothing was counted, or all of it: the same share can be counted again.
    pub async fn tally(&self, share: &Share, now: Timestamp, deadline: Instant) -> Result<(), StoreError> {
        let mut known = Known::at_first(&share.counts.referrers);
        let [longest, mut wait] = WAITS;
        loop {
            match self.try_tally(share, &known, now).await {
                Ok(()) | Err(Refusal::Counted) => return Ok(()),
                Err(Refusal::Store(error)) => return Err(error),
                Err(Refusal::Referrers(found)) => known = found,
                Err(Refusal::Passing(error)) => {
                    let pause = aws::at_random(wait);
                    if Instant::now() + pause >= deadline {
                        return Err(error);
                    }
                    tokio::time::sleep(pause).await;
                    wait = longest.min(wait * 2);
                }
            }
        }
    }

    async fn try_tally(&self, share: &Share, known: &Known, now: Timestamp) -> Result<(), Refusal> {
        let Share { link, day, counts, mark, shard } = share;
        let shard = shard % clicks::SHARDS;
        let kept_until = |second: i64| second + self.retention * DAY;
        let (of_total, of_day) = (kept_until(now.seconds()), kept_until(day.plus(1).first_second()));

        let marker = Put::builder()
            .table_name(&self.table)
            .item(attribute::LINK, text(&format!("@batch#{mark}")))
            .item(attribute::BUCKET, text("@batch"))
            .item(attribute::TTL, number(now.seconds() + MARKER_LIFETIME))
            .condition_expression("attribute_not_exists(#link)")
            .expression_attribute_names("#link", attribute::LINK);
        let total = clicks::total_counters(counts);
        let mut updates = vec![
            self.addition(link, &clicks::total(shard), &total, of_total),
            self.addition(link, &clicks::day(*day, shard), &clicks::day_counters(counts), of_day),
        ];
        if !counts.referrers.is_empty() {
            let addition = Addition::of(&counts.referrers, known);
            let bucket = clicks::referrers(*day, shard);
            let update = addition.under_condition(self.addition(link, &bucket, &addition.counters, of_day));
            updates.push(
                update.return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld),
            );
        }

        let mut transaction = TransactWriteItemsInput::builder().client_request_token(nanoid::nanoid!());
        transaction = transaction.transact_items(TransactWriteItem::builder().put(marker.build()?).build());
        for update in updates {
            transaction =
                transaction.transact_items(TransactWriteItem::builder().update(update.build()?).build());
        }
        let Err(error) = self.dynamodb.send(transaction).await else { return Ok(()) };
        Err(error.as_service_error().and_then(refusal).unwrap_or_else(|| StoreError::from(error).into()))
    }

    /// An update that moves counters, each under the name of its index.
    fn addition(&self, link: &LinkKey, bucket: &str, counters: &[(String, u64)], ttl: i64) -> UpdateBuilder {
        let terms: Vec<String> = (0..counters.len()).map(|index| format!("#{index} :{index}")).collect();
        let mut update = Update::builder()
            .table_name(&self.table)
            .set_key(Some(clicks::key(link, bucket)))
            .update_expression(format!("SET #ttl = :ttl ADD {}", terms.join(", ")))
            .expression_attribute_names("#ttl", attribute::TTL)
            .expression_attribute_values(":ttl", number(ttl));
        for (index, (name, count)) in counters.iter().enumerate() {
            update = update.expression_attribute_names(format!("#{index}"), name);
            update = update.expression_attribute_values(format!(":{index}"), number(count));
        }
        update
    }
}

/// What a refused transaction was refused for, if it says so. That a share was counted before goes before all else.
fn refusal(error: &TransactWriteItemsError) -> Option<Refusal> {
    let passing = |code: &str| Refusal::Passing(StoreError::Unavailable(format!("a transaction met {code}")));
    let reasons = match error {
        TransactWriteItemsError::TransactionCanceledException(cancelled) => cancelled.cancellation_reasons(),
        TransactWriteItemsError::TransactionInProgressException(_) => return Some(passing("itself")),
        _ => return None,
    };
    let failed =
        |index: usize| reasons.get(index).filter(|reason| reason.code() == Some("ConditionalCheckFailed"));
    if failed(MARKER).is_some() {
        return Some(Refusal::Counted);
    }
    if let Some(reason) = failed(REFERRERS) {
        return Some(Refusal::Referrers(Known::from_item(reason.item())));
    }
    let codes = ["ProvisionedThroughputExceeded", "ThrottlingError", "TransactionConflict"];
    reasons.iter().filter_map(|reason| reason.code()).find(|code| codes.contains(code)).map(passing)
}
