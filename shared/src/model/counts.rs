use super::{Click, Country, Device, Referrer};
use std::collections::BTreeMap;
use time::OffsetDateTime;

/// How many clicks a link had on one day, and of which kinds. Every click is counted once under each heading, but for
/// those without a country.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts {
    /// All of them, bots included.
    pub clicks: u64,
    /// Those of the clicks that were bots'.
    pub bots: u64,
    /// By the hour in UTC, 0 to 23.
    pub hours: BTreeMap<u8, u64>,
    /// By what the visitor came with.
    pub devices: BTreeMap<Device, u64>,
    /// By where the visitor was, as far as it is known.
    pub countries: BTreeMap<Country, u64>,
    /// By the site that the visitor came from.
    pub referrers: BTreeMap<Referrer, u64>,
    /// Those with a referrer that is not told apart any more.
    pub other_referrers: u64,
}

impl Counts {
    /// Counts one more click.
    pub fn add(&mut self, click: &Click) {
        let hour = OffsetDateTime::from_unix_timestamp(click.at.seconds()).map_or(0, OffsetDateTime::hour);
        self.clicks += 1;
        self.bots += u64::from(click.device == Device::Bot);
        *self.hours.entry(hour).or_default() += 1;
        *self.devices.entry(click.device).or_default() += 1;
        if let Some(country) = &click.country {
            *self.countries.entry(country.clone()).or_default() += 1;
        }
        if let Some(referrer) = &click.referrer {
            *self.referrers.entry(referrer.clone()).or_default() += 1;
        }
    }

    /// Counts what `other` has counted too.
    pub fn merge(&mut self, other: &Self) {
        self.clicks += other.clicks;
        self.bots += other.bots;
        self.other_referrers += other.other_referrers;
        merge(&mut self.hours, &other.hours);
        merge(&mut self.devices, &other.devices);
        merge(&mut self.countries, &other.countries);
        merge(&mut self.referrers, &other.referrers);
    }

    /// Those without a referrer.
    pub fn direct(&self) -> u64 {
        let referred = self.referrers.values().sum::<u64>() + self.other_referrers;
        self.clicks.saturating_sub(referred)
    }
}

fn merge<K: Ord + Clone>(into: &mut BTreeMap<K, u64>, from: &BTreeMap<K, u64>) {
    for (key, count) in from {
        *into.entry(key.clone()).or_default() += count;
    }
}
