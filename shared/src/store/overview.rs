use super::clicks::{self, ClickStore, attribute};
use super::days::{self, DAYS};
use super::stats::Total;
use super::{StoreError, item::text};
use crate::model::{Birth, Counts, Day, LinkKey, OrgId, Slug};
use futures_util::stream::{self, StreamExt};
use std::collections::{BTreeMap, HashMap};
use std::ops::RangeInclusive;
use std::time::Duration;
use tokio::time::Instant;

/// The maximum number of links in an overview.
const MAX_LINKS: usize = 100;
/// The maximum number of concurrent queries. More queries would only wait for the processor, which parses the
/// responses.
const MAX_CONCURRENT_QUERIES: usize = 8;

/// How much of the index an overview reads. When one of these limits is reached, the overview finishes the current day
/// and stops.
#[derive(Debug, Clone, Copy)]
pub struct ReadLimit {
    /// The number of items.
    pub items: usize,
    /// The time since the first query.
    pub time: Duration,
}

/// The clicks on all links of an organization, including deleted links, in a range of days.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Overview {
    /// The days that were counted, if any.
    pub range: Option<RangeInclusive<Day>>,
    /// Whether there were too many clicks to read. If so, `range` begins later than requested.
    pub is_cut: bool,
    /// The clicks of each day. Days without clicks are left out.
    pub days: BTreeMap<Day, Total>,
    /// The hundred links with the most clicks by people, in descending order. Ties are broken by the number of bots'
    /// clicks, and then by the link's `birth`.
    pub links: Vec<(Birth, Total)>,
}

/// The details of the clicks on some links: for example, referrers, devices and countries.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Details {
    /// All clicks on these links, added up.
    pub counts: Counts,
    /// People's clicks without a referrer.
    pub direct: u64,
    /// The slugs that the links had when they were clicked. Unknown slugs are left out. No key leads from a birth to a
    /// link, so a link is read by its slug and shown only if its birth matches.
    pub slugs: HashMap<Birth, Slug>,
}

impl ClickStore {
    /// Returns the clicks on all links of an organization on the days from `from` to `to`, both included.
    ///
    /// It reads the index `days`, the newest day first. Once `limit` is reached, it finishes the current day and stops, so
    /// each counted day is complete. Reads are eventually consistent.
    ///
    /// # Errors
    /// A call failed, or an item does not belong to a day.
    pub async fn overview(
        &self,
        org: &OrgId,
        from: Day,
        to: Day,
        limit: ReadLimit,
    ) -> Result<Overview, StoreError> {
        let started = Instant::now();
        let mut overview = Overview { range: Some(from..=to), ..Overview::default() };
        let mut links: HashMap<Birth, Total> = HashMap::new();
        let mut items = 0;
        let newest_first = (0..=from.days_until(to)).map(|days| to.plus(-days));
        let shards = newest_first.flat_map(|day| (0..clicks::SHARDS).map(move |shard| (day, shard)));
        let read = async |(day, shard)| (day, shard, self.shard(org, day, shard).await);
        // Shards are read in order, so that a day is complete when its last shard has been read.
        let mut shards = stream::iter(shards).map(read).buffered(MAX_CONCURRENT_QUERIES);
        while let Some((day, shard, found)) = shards.next().await {
            let found = found?;
            items += found.len();
            for (birth, total) in found {
                overview.days.entry(day).or_default().merge(total);
                links.entry(birth).or_default().merge(total);
            }
            let is_reached = items >= limit.items || started.elapsed() >= limit.time;
            if is_reached && shard + 1 == clicks::SHARDS && day > from {
                overview.range = Some(day..=to);
                overview.is_cut = true;
                break;
            }
        }
        overview.links = most_clicked(links.into_iter().collect());
        Ok(overview)
    }

    /// Reads a shard of a day in the index.
    async fn shard(&self, org: &OrgId, day: Day, shard: u8) -> Result<Vec<(Birth, Total)>, StoreError> {
        let query = self
            .dynamodb
            .query()
            .table_name(&self.table)
            .index_name(DAYS)
            .key_condition_expression("#org_day = :org_day")
            // Only these attributes are requested, because keys make up two thirds of an item.
            .projection_expression("#link, #clicks, #bots")
            .expression_attribute_names("#org_day", attribute::ORG_DAY)
            .expression_attribute_names("#link", attribute::LINK)
            .expression_attribute_names("#clicks", attribute::CLICKS)
            .expression_attribute_names("#bots", attribute::BOTS)
            .expression_attribute_values(":org_day", text(&clicks::org_day(org, day, shard)));
        let mut pages = query.into_paginator().send();
        let mut found = Vec::new();
        while let Some(page) = pages.try_next().await? {
            for item in page.items() {
                found.push((days::birth(org, item)?, Total::from_item(item)?));
            }
        }
        Ok(found)
    }

    /// Returns the details of the clicks on these links on these days. Reads are eventually consistent.
    ///
    /// # Errors
    /// A call failed, or a counter is not a number.
    pub async fn details(
        &self,
        org: &OrgId,
        births: Vec<Birth>,
        days: &RangeInclusive<Day>,
    ) -> Result<Details, StoreError> {
        let read = async |birth| {
            let link = LinkKey { org_id: org.clone(), birth };
            (self.of_link(&link, days).await, link.birth)
        };
        let mut links = stream::iter(births).map(read).buffer_unordered(MAX_CONCURRENT_QUERIES);
        let mut details = Details::default();
        while let Some((of_link, birth)) = links.next().await {
            let (counts, slug) = of_link?;
            for counts in counts.values() {
                details.counts.merge(counts);
                details.direct = details.direct.saturating_add(counts.direct());
            }
            details.slugs.extend(slug.map(|slug| (birth, slug)));
        }
        Ok(details)
    }

    /// Reads the clicks on one link on these days. Also returns the link's slug, if an item or the link's birth
    /// contains the slug.
    async fn of_link(
        &self,
        link: &LinkKey,
        days: &RangeInclusive<Day>,
    ) -> Result<(BTreeMap<Day, Counts>, Option<Slug>), StoreError> {
        let items = self.days(link, *days.start(), *days.end()).await?;
        let of_birth = || link.birth.source().map(|(slug, _)| slug);
        let slug = items.iter().rev().find_map(days::slug).or_else(of_birth);
        Ok((clicks::by_day(&items)?, slug))
    }
}

/// The links with the most clicks by people, in the order of [`Overview::links`].
fn most_clicked(mut links: Vec<(Birth, Total)>) -> Vec<(Birth, Total)> {
    let order = |(one, of_one): &(Birth, Total), (other, of_other): &(Birth, Total)| {
        let most_first = (of_other.clicks, of_other.bots).cmp(&(of_one.clicks, of_one.bots));
        most_first.then_with(|| one.cmp(other))
    };
    if links.len() > MAX_LINKS {
        links.select_nth_unstable_by(MAX_LINKS, order);
        links.truncate(MAX_LINKS);
    }
    links.sort_by(order);
    links
}
