use super::StoreError;
use super::clicks::{self, ClickStore, attribute};
use super::item::{Attributes, text};
use crate::aws;
use crate::model::{Counts, Day, LinkKey};
use aws_sdk_dynamodb::types::KeysAndAttributes;
use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

/// The most keys in one call.
/// <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html>
const MAX_BATCH_KEYS: usize = 100;
/// The most calls for one batch: a call returns the keys that it did not process.
const MAX_BATCH_CALLS: u32 = 5;
/// The longest wait before the second call. Before each further call it is this much longer.
const INITIAL_BACKOFF: Duration = Duration::from_millis(20);

/// The clicks of a link in all.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Total {
    /// People's clicks.
    pub clicks: u64,
    /// Bots' clicks.
    pub bots: u64,
}

impl Total {
    fn add(&mut self, item: &Attributes) -> Result<(), StoreError> {
        let counts = clicks::counts(item)?;
        self.clicks += counts.clicks;
        self.bots += counts.bots;
        Ok(())
    }
}

impl ClickStore {
    /// Returns the clicks of a link on each day from `from` to `to`, both included. Days without clicks are left out.
    ///
    /// Reads are eventually consistent, here and in the other two methods.
    ///
    /// # Errors
    /// A call failed, or an item is not a day's.
    pub async fn stats(
        &self,
        link: &LinkKey,
        from: Day,
        to: Day,
    ) -> Result<BTreeMap<Day, Counts>, StoreError> {
        let mut days: BTreeMap<Day, Counts> = BTreeMap::new();
        // A bucket is a day, a `#` and characters that sort before `~`.
        for item in self.between(link, &format!("{from}#"), &format!("{to}~")).await? {
            let bucket = item.get(attribute::BUCKET).and_then(|bucket| bucket.as_s().ok());
            let day = bucket.and_then(|bucket| clicks::day_of(bucket));
            let day = day.ok_or(StoreError::Corrupt(attribute::BUCKET))?;
            days.entry(day).or_default().merge(&clicks::counts(&item)?);
        }
        Ok(days)
    }

    /// Returns the clicks of a link in all.
    ///
    /// # Errors
    /// A call failed, or a counter is not a number.
    pub async fn total(&self, link: &LinkKey) -> Result<Total, StoreError> {
        let mut total = Total::default();
        for item in self.between(link, &clicks::total(0), &clicks::total(clicks::SHARDS)).await? {
            total.add(&item)?;
        }
        Ok(total)
    }

    async fn between(&self, link: &LinkKey, first: &str, last: &str) -> Result<Vec<Attributes>, StoreError> {
        let items = self
            .dynamodb
            .query()
            .table_name(&self.table)
            .key_condition_expression("#link = :link AND #bucket BETWEEN :first AND :last")
            .expression_attribute_names("#link", attribute::LINK)
            .expression_attribute_names("#bucket", attribute::BUCKET)
            .expression_attribute_values(":link", text(&clicks::partition(link)))
            .expression_attribute_values(":first", text(first))
            .expression_attribute_values(":last", text(last))
            .into_paginator()
            .items();
        Ok(items.send().collect::<Result<_, _>>().await?)
    }

    /// Returns people's clicks of each of these links in all, in the order of `links`.
    ///
    /// # Errors
    /// A call failed, or an item is not a total's.
    pub async fn totals(&self, links: &[LinkKey]) -> Result<Vec<u64>, StoreError> {
        let shards = || 0..clicks::SHARDS;
        let keys =
            links.iter().flat_map(|link| shards().map(|shard| clicks::key(link, &clicks::total(shard))));
        let keys: Vec<Attributes> = keys.collect();
        let mut totals: HashMap<String, Total> = HashMap::new();
        for keys in keys.chunks(MAX_BATCH_KEYS) {
            for item in self.batch(keys.to_vec()).await? {
                let link = item.get(attribute::LINK).and_then(|link| link.as_s().ok());
                let link = link.ok_or(StoreError::Corrupt(attribute::LINK))?;
                totals.entry(link.clone()).or_default().add(&item)?;
            }
        }
        let clicks = |link| totals.get(&clicks::partition(link)).map_or(0, |total| total.clicks);
        Ok(links.iter().map(clicks).collect())
    }

    async fn batch(&self, mut keys: Vec<Attributes>) -> Result<Vec<Attributes>, StoreError> {
        let mut items = Vec::new();
        for earlier_calls in 0..MAX_BATCH_CALLS {
            tokio::time::sleep(aws::jitter(INITIAL_BACKOFF * earlier_calls)).await;
            let requested = KeysAndAttributes::builder().set_keys(Some(keys)).build();
            let requested =
                requested.map_err(|_| StoreError::Refused("a batch could not be built".to_owned()))?;
            let batch = self.dynamodb.batch_get_item().request_items(&self.table, requested);
            let answer = batch.send().await?;
            items.extend(answer.responses.unwrap_or_default().into_values().flatten());
            let left = answer.unprocessed_keys.unwrap_or_default().into_values().next();
            keys = left.map(|left| left.keys).unwrap_or_default();
            if keys.is_empty() {
                return Ok(items);
            }
        }
        Err(StoreError::Unavailable("a batch that stayed unprocessed".to_owned()))
    }
}
