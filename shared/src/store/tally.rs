mod referrers;

use super::StoreError;
use super::clicks::{self, ClickStore, attribute};
use super::item::{number, text};
use crate::aws;
use crate::model::{Counts, Day, LinkKey, Slug, Timestamp};
use aws_sdk_dynamodb::error::BuildError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::builders::UpdateBuilder;
use aws_sdk_dynamodb::types::{
    AttributeValue, Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem, Update,
};
use referrers::{KnownHosts, ReferrerUpdate};
use std::time::Duration;
use tokio::time::Instant;

/// The lifetime of a marker: 30 days, in seconds. This is longer than the 14 days for which the dead-letter queue keeps
/// a delivery.
const MARKER_TTL: i64 = 30 * DAY;
/// A day in seconds.
const DAY: i64 = 24 * 60 * 60;
/// The maximum wait before the second transaction. The maximum doubles for each further transaction.
const INITIAL_BACKOFF: Duration = Duration::from_millis(20);
/// The maximum wait before any transaction.
const MAX_BACKOFF: Duration = Duration::from_secs(1);
/// The position of the marker in a transaction's list of writes.
const MARKER: usize = 0;
/// The position of the referrers' update in a transaction's list of writes.
const REFERRERS: usize = 3;

/// The clicks on one link on one day, in one batch of log lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Share {
    /// The link.
    pub link: LinkKey,
    /// The link's slug, if a line of the delivery contains it.
    pub slug: Option<Slug>,
    /// The day.
    pub day: Day,
    /// The clicks.
    pub counts: Counts,
    /// The identity of this share: a hash of the delivery, the link and the day. The identity stays the same if the
    /// delivery arrives again.
    pub mark: String,
    /// Determines the shard that counts this share: the shard's number is this value modulo 8.
    pub shard: u8,
}

/// The reason why a transaction was not committed.
enum TallyError {
    /// This share has already been counted.
    AlreadyCounted,
    /// The shard contains these referrer hosts instead of the ones that the update assumed.
    OtherHosts(KnownHosts),
    /// Another write changed an item in the meantime, or DynamoDB throttled the transaction.
    Transient(StoreError),
    Store(StoreError),
}

impl From<StoreError> for TallyError {
    fn from(error: StoreError) -> Self {
        match error {
            error @ StoreError::Unavailable(_) => Self::Transient(error),
            error => Self::Store(error),
        }
    }
}

impl From<BuildError> for TallyError {
    fn from(_: BuildError) -> Self {
        Self::Store(StoreError::Refused("a transaction could not be built".to_owned()))
    }
}

impl ClickStore {
    /// Counts a share. The marker, total, day and referrers are written in one transaction, so that the whole share is
    /// counted exactly once.
    ///
    /// A transaction that conflicts with another one, or is throttled, is retried until `deadline`.
    ///
    /// # Errors
    /// A call failed. The clicks were counted either completely or not at all, and it is safe to count them again.
    pub async fn tally(&self, share: &Share, now: Timestamp, deadline: Instant) -> Result<(), StoreError> {
        let mut known = KnownHosts::assumed(&share.counts.referrers);
        let mut max_wait = INITIAL_BACKOFF;
        loop {
            match self.try_tally(share, &known, now).await {
                Ok(()) | Err(TallyError::AlreadyCounted) => return Ok(()),
                Err(TallyError::Store(error)) => return Err(error),
                Err(TallyError::OtherHosts(found)) => known = found,
                Err(TallyError::Transient(error)) => {
                    let wait = aws::jitter(max_wait);
                    if Instant::now() + wait >= deadline {
                        return Err(error);
                    }
                    tokio::time::sleep(wait).await;
                    max_wait = MAX_BACKOFF.min(max_wait * 2);
                }
            }
        }
    }

    async fn try_tally(&self, share: &Share, known: &KnownHosts, now: Timestamp) -> Result<(), TallyError> {
        let Share { link, slug, day, counts, mark, shard } = share;
        let shard = shard % clicks::SHARDS;
        let ttl = (attribute::TTL, number(day.plus(1).first_second() + self.retention * DAY));
        let mut of_day =
            vec![ttl.clone(), (attribute::ORG_DAY, text(&clicks::org_day(&link.org_id, *day, shard)))];
        of_day.extend(slug.as_ref().map(|slug| (attribute::ID, text(slug.as_str()))));

        let marker = Put::builder()
            .table_name(&self.table)
            .item(attribute::LINK, text(&format!("@batch#{mark}")))
            .item(attribute::BUCKET, text("@batch"))
            .item(attribute::TTL, number(now.seconds() + MARKER_TTL))
            .condition_expression("attribute_not_exists(#link)")
            .expression_attribute_names("#link", attribute::LINK);
        let total = clicks::total_counters(counts);
        let mut updates = vec![
            self.addition(link, &clicks::total(shard), &total, &[]),
            self.addition(link, &clicks::day(*day, shard), &clicks::day_counters(counts), &of_day),
        ];
        if !counts.referrers.is_empty() {
            let hosts = ReferrerUpdate::new(&counts.referrers, known);
            let bucket = clicks::referrers(*day, shard);
            let update = hosts.with_condition(self.addition(link, &bucket, &hosts.counters, &[ttl]));
            updates.push(
                update.return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld),
            );
        }

        let marker = TransactWriteItem::builder().put(marker.build()?).build();
        let mut transaction = self.dynamodb.transact_write_items().transact_items(marker);
        for update in updates {
            transaction =
                transaction.transact_items(TransactWriteItem::builder().update(update.build()?).build());
        }
        let Err(error) = transaction.send().await else { return Ok(()) };
        Err(error.as_service_error().and_then(refusal).unwrap_or_else(|| StoreError::from(error).into()))
    }

    /// Returns an update that adds to counters and sets other attributes. The placeholders for a counter contain the
    /// counter's index, and those for an attribute contain the attribute's name.
    ///
    /// If the update sets no TTL, it removes any TTL set by an earlier version of Signpost, so that the item is kept
    /// permanently. With a TTL, a total would shrink each time one of its shards expired.
    fn addition(
        &self,
        link: &LinkKey,
        bucket: &str,
        counters: &[(String, u64)],
        attributes: &[(&'static str, AttributeValue)],
    ) -> UpdateBuilder {
        let terms: Vec<String> = (0..counters.len()).map(|index| format!("#{index} :{index}")).collect();
        let set: Vec<String> = attributes.iter().map(|(name, _)| format!("#{name} = :{name}")).collect();
        let set = if set.is_empty() { "REMOVE #ttl".to_owned() } else { format!("SET {}", set.join(", ")) };
        let mut update = Update::builder()
            .table_name(&self.table)
            .set_key(Some(clicks::key(link, bucket)))
            .update_expression(format!("{set} ADD {}", terms.join(", ")))
            .expression_attribute_names("#ttl", attribute::TTL);
        for (name, value) in attributes {
            update = update.expression_attribute_names(format!("#{name}"), *name);
            update = update.expression_attribute_values(format!(":{name}"), value.clone());
        }
        for (index, (name, count)) in counters.iter().enumerate() {
            update = update.expression_attribute_names(format!("#{index}"), name);
            update = update.expression_attribute_values(format!(":{index}"), number(count));
        }
        update
    }
}

/// Returns why a transaction failed, if the response says so. If the share was already counted, this reason takes
/// precedence over all others.
fn refusal(error: &TransactWriteItemsError) -> Option<TallyError> {
    let transient =
        |code: &str| TallyError::Transient(StoreError::Unavailable(format!("a transaction met {code}")));
    let reasons = match error {
        TransactWriteItemsError::TransactionCanceledException(cancelled) => cancelled.cancellation_reasons(),
        TransactWriteItemsError::TransactionInProgressException(_) => return Some(transient("itself")),
        _ => return None,
    };
    let failed =
        |index: usize| reasons.get(index).filter(|reason| reason.code() == Some("ConditionalCheckFailed"));
    if failed(MARKER).is_some() {
        return Some(TallyError::AlreadyCounted);
    }
    if let Some(reason) = failed(REFERRERS) {
        return Some(TallyError::OtherHosts(KnownHosts::from_item(reason.item())));
    }
    let codes = ["ProvisionedThroughputExceeded", "ThrottlingError", "TransactionConflict"];
    reasons.iter().filter_map(|reason| reason.code()).find(|code| codes.contains(code)).map(transient)
}
