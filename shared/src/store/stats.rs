use super::clicks::{self, ClickStore, attribute};
use super::item::{Attributes, text};
use super::{StoreError, batch};
use crate::model::{Counts, Day, LinkKey};
use std::collections::{BTreeMap, HashMap};

/// A number of clicks: on one link in total, on one link on some days, or on several links.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Total {
    /// People's clicks.
    pub clicks: u64,
    /// Bots' clicks.
    pub bots: u64,
}

impl Total {
    /// Adds the clicks of `other`.
    pub fn merge(&mut self, other: Self) {
        self.clicks += other.clicks;
        self.bots += other.bots;
    }

    /// Parses the click counts in an item that belongs to a total or a day.
    pub(super) fn from_item(item: &Attributes) -> Result<Self, StoreError> {
        let counts = clicks::counts(item)?;
        Ok(Self { clicks: counts.clicks, bots: counts.bots })
    }
}

impl ClickStore {
    /// Returns the clicks on a link on each day from `from` to `to`, both included. Days without clicks are left out.
    ///
    /// Reads are eventually consistent, as in `total` and `totals`.
    ///
    /// # Errors
    /// A call failed, or an item does not belong to a day.
    pub async fn stats(
        &self,
        link: &LinkKey,
        from: Day,
        to: Day,
    ) -> Result<BTreeMap<Day, Counts>, StoreError> {
        clicks::by_day(&self.days(link, from, to).await?)
    }

    /// Returns the number of all clicks on a link.
    ///
    /// # Errors
    /// A call failed, or a counter is not a number.
    pub async fn total(&self, link: &LinkKey) -> Result<Total, StoreError> {
        let mut total = Total::default();
        for item in self.between(link, &clicks::total(0), &clicks::total(clicks::SHARDS)).await? {
            total.merge(Total::from_item(&item)?);
        }
        Ok(total)
    }

    /// Reads the items that contain daily counts, and the items that contain these days' referrers.
    pub(super) async fn days(
        &self,
        link: &LinkKey,
        from: Day,
        to: Day,
    ) -> Result<Vec<Attributes>, StoreError> {
        // The `bucket` of a day consists of the day, a `#` and characters that sort before `~`.
        self.between(link, &format!("{from}#"), &format!("{to}~")).await
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

    /// Returns the number of all clicks on each of these links, in the order of `links`.
    ///
    /// # Errors
    /// A call failed, or an item does not belong to a total.
    pub async fn totals(&self, links: &[LinkKey]) -> Result<Vec<Total>, StoreError> {
        let shards = || 0..clicks::SHARDS;
        let keys =
            links.iter().flat_map(|link| shards().map(|shard| clicks::key(link, &clicks::total(shard))));
        let keys: Vec<Attributes> = keys.collect();
        let mut totals: HashMap<String, Total> = HashMap::new();
        for item in batch::get(&self.dynamodb, &self.table, &keys, batch::Consistency::Eventual).await? {
            let link = item.get(attribute::LINK).and_then(|link| link.as_s().ok());
            let link = link.ok_or(StoreError::Corrupt(attribute::LINK))?;
            totals.entry(link.clone()).or_default().merge(Total::from_item(&item)?);
        }
        let total = |link| totals.get(&clicks::partition(link)).copied().unwrap_or_default();
        Ok(links.iter().map(total).collect())
    }
}
