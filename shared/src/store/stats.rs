use super::StoreError;
use super::clicks::{self, ClickStore, attribute};
use super::item::{Attributes, text};
use crate::aws;
use crate::model::{Counts, Day, LinkKey};
use aws_sdk_dynamodb::operation::batch_get_item::BatchGetItemInput;
use aws_sdk_dynamodb::operation::query::QueryInput;
use aws_sdk_dynamodb::types::KeysAndAttributes;
use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

/// How many keys one call may ask for.
/// <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html>
const MOST_KEYS: usize = 100;
/// How often what a call has left over is asked for again.
const MOST_TRIES: u32 = 5;
/// The longest wait before it is asked for a second time; before a third, twice as long, and so on.
const FIRST_WAIT: Duration = Duration::from_millis(20);

/// How often a link was followed in all.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Total {
    /// All clicks.
    pub clicks: u64,
    /// Those of them that were bots'.
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
    /// How often a link was followed on each day from `from` to `to`, both included. Days without clicks are left out.
    ///
    /// It follows the clicks within moments (eventual consistency), as the other two do.
    ///
    /// # Errors
    /// The store did not do as asked.
    pub async fn stats(
        &self,
        link: &LinkKey,
        from: Day,
        to: Day,
    ) -> Result<BTreeMap<Day, Counts>, StoreError> {
        let mut days: BTreeMap<Day, Counts> = BTreeMap::new();
        // Every bucket of a day begins with the day and a `#`, behind which comes nothing as late as a `~`.
        for item in self.between(link, &format!("{from}#"), &format!("{to}~")).await? {
            let bucket = item.get(attribute::BUCKET).and_then(|bucket| bucket.as_s().ok());
            let day = bucket.and_then(|bucket| clicks::day_of(bucket));
            let day = day.ok_or(StoreError::Corrupt(attribute::BUCKET))?;
            days.entry(day).or_default().merge(&clicks::counts(&item)?);
        }
        Ok(days)
    }

    /// How often a link was followed in all.
    ///
    /// # Errors
    /// The store did not do as asked.
    pub async fn total(&self, link: &LinkKey) -> Result<Total, StoreError> {
        let mut total = Total::default();
        for item in self.between(link, &clicks::total(0), &clicks::total(clicks::SHARDS)).await? {
            total.add(&item)?;
        }
        Ok(total)
    }

    async fn between(&self, link: &LinkKey, first: &str, last: &str) -> Result<Vec<Attributes>, StoreError> {
        let query = QueryInput::builder()
            .table_name(&self.table)
            .key_condition_expression("#link = :link AND #bucket BETWEEN :first AND :last")
            .expression_attribute_names("#link", attribute::LINK)
            .expression_attribute_names("#bucket", attribute::BUCKET)
            .expression_attribute_values(":link", text(&clicks::partition(link)))
            .expression_attribute_values(":first", text(first))
            .expression_attribute_values(":last", text(last));
        let mut items = Vec::new();
        let mut next = None;
        loop {
            let answer = self.dynamodb.send(query.clone().set_exclusive_start_key(next)).await?;
            items.extend(answer.items.unwrap_or_default());
            next = answer.last_evaluated_key;
            if next.is_none() {
                return Ok(items);
            }
        }
    }

    /// How often each of these links was followed in all, in their order.
    ///
    /// # Errors
    /// The store did not do as asked.
    pub async fn totals(&self, links: &[LinkKey]) -> Result<Vec<u64>, StoreError> {
        let shards = || 0..clicks::SHARDS;
        let keys =
            links.iter().flat_map(|link| shards().map(|shard| clicks::key(link, &clicks::total(shard))));
        let keys: Vec<Attributes> = keys.collect();
        let mut totals: HashMap<String, Total> = HashMap::new();
        for keys in keys.chunks(MOST_KEYS) {
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
        for attempt in 0..MOST_TRIES {
            tokio::time::sleep(aws::at_random(FIRST_WAIT * attempt)).await;
            let wanted = KeysAndAttributes::builder().set_keys(Some(keys)).build();
            let wanted = wanted.map_err(|_| StoreError::Refused("a batch could not be built".to_owned()))?;
            let batch = BatchGetItemInput::builder().request_items(&self.table, wanted);
            let answer = self.dynamodb.send(batch).await?;
            items.extend(answer.responses.unwrap_or_default().into_values().flatten());
            // A busy store answers what it can, and says what it could not.
            let left = answer.unprocessed_keys.unwrap_or_default().into_values().next();
            keys = left.map(|left| left.keys).unwrap_or_default();
            if keys.is_empty() {
                return Ok(items);
            }
        }
        Err(StoreError::Unavailable("a batch that stayed unfinished".to_owned()))
    }
}
