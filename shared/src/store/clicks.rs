//! Counts of clicks in DynamoDB: table `clicks`, keyed by `(link, bucket)`.
//!
//! A link's total and each of its days are sharded over eight items. The log stream of the clicks determines the shard,
//! so that deliveries of one link's clicks seldom conflict. The shards are added up when they are read. Counters are
//! top-level numbers, changed with `ADD`.

use super::item::{Attributes, text};
use super::{LinkStore, StoreError};
use crate::aws;
use crate::model::{Country, Counts, Day, Device, LinkKey, OrgId, Referrer};
use crate::settings::{self, Settings};
use aws_config::SdkConfig;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use std::collections::BTreeMap;

/// The maximum number of countries that are counted in one delivery. There are 249 countries, but if the header with
/// the country is trusted without a CDN, visitors can send any two letters.
const MAX_COUNTRIES: usize = 200;

/// The number of items over which each total and each day is sharded.
pub const SHARDS: u8 = 8;

/// The names of attributes. For a counter with a key, such as a country, the name consists of a letter, a colon and the
/// key.
pub mod attribute {
    pub const BOTS: &str = "bots";
    pub const BUCKET: &str = "bucket";
    pub const CLICKS: &str = "clicks";
    pub const HOSTS: &str = "hosts";
    pub const ID: &str = "id";
    pub const LINK: &str = "link";
    pub const ORG_DAY: &str = "org_day";
    pub const OTHER: &str = "other";
    pub const TTL: &str = "ttl";
}

/// The store of click counts. Most calls read or write the counts of one link.
#[derive(Debug)]
pub struct ClickStore {
    pub(super) dynamodb: Client,
    pub(super) table: String,
    /// The retention of a day's counts, in days.
    pub(super) retention: i64,
}

impl ClickStore {
    /// Returns the store of click counts, which uses the table `CLICKS_TABLE`. Daily counts are kept for
    /// `CLICK_RETENTION_DAYS` (default 400); totals are kept permanently.
    ///
    /// # Errors
    /// A setting is missing or malformed. No connection is opened yet.
    pub fn connect(config: &SdkConfig, settings: &Settings) -> Result<Self, settings::Error> {
        Self::new(aws::dynamodb(config, settings)?, settings)
    }

    /// Returns a store of click counts that shares the client of `links`: building a second client would cost time at
    /// each start.
    ///
    /// # Errors
    /// A setting is missing or malformed.
    pub fn with_client_of(links: &LinkStore, settings: &Settings) -> Result<Self, settings::Error> {
        Self::new(links.dynamodb.clone(), settings)
    }

    /// Returns the oldest day whose counts are still kept on the day `today`.
    pub fn oldest_day(&self, today: Day) -> Day {
        today.plus(-self.retention)
    }

    fn new(dynamodb: Client, settings: &Settings) -> Result<Self, settings::Error> {
        let name = "CLICK_RETENTION_DAYS";
        let days = settings.optional(name).unwrap_or("400").parse().ok();
        let days = days.filter(|days| (1..=3650).contains(days));
        let retention =
            days.ok_or_else(|| settings::Error::malformed(name, "is not a number from 1 to 3650"))?;
        Ok(Self { dynamodb, table: settings.text("CLICKS_TABLE")?, retention })
    }
}

/// Returns the partition key of a link's clicks. If a slug is freed and taken again, the new link has a different
/// partition, and its counts start at 0.
pub fn partition(link: &LinkKey) -> String {
    format!("{}#{}", link.org_id, link.birth)
}

/// Returns the value of `bucket` for one shard of a link's total.
pub fn total(shard: u8) -> String {
    format!("total#{shard}")
}

/// Returns the value of `bucket` for one shard of a link's counts for a day.
pub fn day(day: Day, shard: u8) -> String {
    format!("{day}#{shard}")
}

/// The partition of an organization's clicks in one shard of a day, in the index `days`.
pub fn org_day(org: &OrgId, day: Day, shard: u8) -> String {
    format!("{org}#{day}#{shard}")
}

/// Returns the value of `bucket` for one shard of a day's referrers.
pub fn referrers(day: Day, shard: u8) -> String {
    format!("{day}#referrers#{shard}")
}

/// Returns the day that a bucket belongs to, or `None` for the bucket of a total.
pub fn day_of(bucket: &str) -> Option<Day> {
    Day::try_from(bucket.split('#').next()?.to_owned()).ok()
}

/// The key of an item.
pub fn key(link: &LinkKey, bucket: &str) -> Attributes {
    [(attribute::LINK, partition(link).as_str()), (attribute::BUCKET, bucket)]
        .map(|(name, value)| (name.to_owned(), text(value)))
        .into()
}

/// The counters of a total's item. The stored attribute `clicks` counts people's and bots' clicks together, as in every
/// earlier version. So older items need no migration, and during an update both versions can add to the same item.
pub fn total_counters(counts: &Counts) -> Vec<(String, u64)> {
    let counters = [(attribute::CLICKS, counts.clicks + counts.bots), (attribute::BOTS, counts.bots)];
    counters
        .into_iter()
        .filter(|(_, count)| *count > 0)
        .map(|(name, count)| (name.to_owned(), count))
        .collect()
}

/// The counters of a day's item.
pub fn day_counters(counts: &Counts) -> Vec<(String, u64)> {
    let totals = total_counters(counts);
    let hours = counts.hours.iter().map(|(hour, count)| (format!("h:{hour:02}"), *count));
    let bot_hours = counts.bot_hours.iter().map(|(hour, count)| (format!("b:{hour:02}"), *count));
    let devices = counts.devices.iter().map(|(device, count)| (format!("d:{}", device.as_str()), *count));
    let countries = counts.countries.iter().map(|(country, count)| (format!("c:{country}"), *count));
    totals
        .into_iter()
        .chain(hours)
        .chain(bot_hours)
        .chain(devices)
        .chain(countries.take(MAX_COUNTRIES))
        .collect()
}

/// The name of a referrer's counter.
pub fn host_counter(referrer: &Referrer) -> String {
    format!("r:{referrer}")
}

/// Reads an item that contains a total, a day's counts or a day's referrers. Unknown attributes, which a later version
/// may have added, are ignored. The device `bot`, which an earlier version counted, is ignored too.
pub fn counts(item: &Attributes) -> Result<Counts, StoreError> {
    let mut counts = Counts::default();
    let mut all = 0;
    for (name, value) in item {
        match (name.as_str(), name.split_once(':')) {
            (attribute::CLICKS, _) => all = number(value)?,
            (attribute::BOTS, _) => counts.bots = number(value)?,
            (attribute::OTHER, _) => counts.other_referrers = number(value)?,
            (_, Some((kind, key))) => count(&mut counts, kind, key, value)?,
            _ => {}
        }
    }
    counts.clicks = all.saturating_sub(counts.bots);
    counts.split_hours();
    Ok(counts)
}

/// Adds up the items of each day.
pub fn by_day(items: &[Attributes]) -> Result<BTreeMap<Day, Counts>, StoreError> {
    let mut days: BTreeMap<Day, Counts> = BTreeMap::new();
    for item in items {
        let bucket = item.get(attribute::BUCKET).and_then(|bucket| bucket.as_s().ok());
        let day = bucket.and_then(|bucket| day_of(bucket)).ok_or(StoreError::Corrupt(attribute::BUCKET))?;
        days.entry(day).or_default().merge(&counts(item)?);
    }
    Ok(days)
}

fn count(counts: &mut Counts, kind: &str, key: &str, value: &AttributeValue) -> Result<(), StoreError> {
    match kind {
        "h" | "b" => {
            let hours = if kind == "h" { &mut counts.hours } else { &mut counts.bot_hours };
            if let Some(hour) = key.parse().ok().filter(|hour| *hour < 24) {
                hours.insert(hour, number(value)?);
            }
        }
        "d" => {
            if let Some(device) = Device::from_word(key) {
                counts.devices.insert(device, number(value)?);
            }
        }
        "c" => {
            if let Ok(country) = key.parse::<Country>() {
                counts.countries.insert(country, number(value)?);
            }
        }
        "r" => {
            if let Ok(referrer) = key.parse::<Referrer>() {
                counts.referrers.insert(referrer, number(value)?);
            }
        }
        _ => {}
    }
    Ok(())
}

/// A counter's value.
pub fn number(value: &AttributeValue) -> Result<u64, StoreError> {
    let digits = value.as_n().ok().and_then(|digits| digits.parse().ok());
    digits.ok_or(StoreError::Corrupt("a counter"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Click;
    use crate::model::counts_tests::{clicks, counted};
    use crate::store::item;
    use proptest::prelude::*;

    /// Adds the counters of a delivery to an item, as `ADD` does.
    fn add(item: &mut BTreeMap<String, u64>, clicks: &[Click]) {
        let counts = counted(clicks);
        let hosts = counts.referrers.iter().map(|(host, count)| (host_counter(host), *count));
        for (name, count) in day_counters(&counts).into_iter().chain(hosts) {
            *item.entry(name).or_default() += count;
        }
    }

    fn read(item: &BTreeMap<String, u64>) -> Counts {
        let item = item.iter().map(|(name, count)| (name.clone(), item::number(count))).collect();
        counts(&item).unwrap()
    }

    proptest! {
        #[test]
        fn deliveries_that_are_added_to_an_item_are_read_as_the_counts_of_all_their_clicks(
            clicks in clicks(),
            size in 1..20_usize,
        ) {
            let mut item = BTreeMap::new();
            clicks.chunks(size).for_each(|clicks| add(&mut item, clicks));
            prop_assert_eq!(read(&item), counted(&clicks));
        }
    }

    #[test]
    fn the_stored_clicks_are_those_of_people_and_bots_together() {
        let counts = Counts { clicks: 5, bots: 2, ..Counts::default() };
        assert_eq!(total_counters(&counts), [("clicks".to_owned(), 7), ("bots".to_owned(), 2)]);
        // Counters of 0 are left out.
        let bots = Counts { bots: 2, ..Counts::default() };
        assert_eq!(total_counters(&bots), [("clicks".to_owned(), 2), ("bots".to_owned(), 2)]);
        let people = Counts { clicks: 5, ..Counts::default() };
        assert_eq!(total_counters(&people), [("clicks".to_owned(), 5)]);
    }

    #[test]
    fn attributes_that_are_not_counters_are_ignored_and_people_are_never_negative() {
        let item = [("clicks", 2), ("bots", 3), ("d:bot", 3), ("h:24", 1), ("b:-1", 1), ("x:1", 1)];
        let mut item: Attributes =
            item.into_iter().map(|(name, count)| (name.to_owned(), item::number(count))).collect();
        for (name, value) in [("org_day", "acme#2026-11-22#3"), ("id", "launch"), ("bucket", "2026-11-22#3")]
        {
            item.insert(name.to_owned(), text(value));
        }
        assert_eq!(counts(&item).unwrap(), Counts { bots: 3, ..Counts::default() });
    }
}
