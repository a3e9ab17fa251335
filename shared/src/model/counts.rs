use super::{Click, Country, Device, Referrer, Visitor};
use std::collections::BTreeMap;
use time::OffsetDateTime;

/// The clicks of a link on one day: how many by people, how many by bots, and the kinds of the people's.
///
/// Each click of a person counts once under each heading, except that the country may be unknown.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts {
    /// People's clicks.
    pub clicks: u64,
    /// Bots' clicks.
    pub bots: u64,
    /// People's clicks by the hour in UTC, 0 to 23.
    pub hours: BTreeMap<u8, u64>,
    /// Bots' clicks by the hour in UTC, 0 to 23.
    pub bot_hours: BTreeMap<u8, u64>,
    /// People's clicks by the class of the device.
    pub devices: BTreeMap<Device, u64>,
    /// People's clicks by country, if it is known.
    pub countries: BTreeMap<Country, u64>,
    /// People's clicks by the site that they came from.
    pub referrers: BTreeMap<Referrer, u64>,
    /// People's clicks from sites that have no count of their own.
    pub other_referrers: u64,
}

impl Counts {
    /// Counts one more click.
    pub fn add(&mut self, click: &Click) {
        let hour = OffsetDateTime::from_unix_timestamp(click.at.seconds()).map_or(0, OffsetDateTime::hour);
        let device = match click.visitor {
            Visitor::Person(device) => device,
            Visitor::Bot => {
                self.bots += 1;
                *self.bot_hours.entry(hour).or_default() += 1;
                return;
            }
        };
        self.clicks += 1;
        *self.hours.entry(hour).or_default() += 1;
        *self.devices.entry(device).or_default() += 1;
        if let Some(country) = &click.country {
            *self.countries.entry(country.clone()).or_default() += 1;
        }
        if let Some(referrer) = &click.referrer {
            *self.referrers.entry(referrer.clone()).or_default() += 1;
        }
    }

    /// Adds all counts of `other`.
    pub fn merge(&mut self, other: &Self) {
        self.clicks += other.clicks;
        self.bots += other.bots;
        self.other_referrers += other.other_referrers;
        merge(&mut self.hours, &other.hours);
        merge(&mut self.bot_hours, &other.bot_hours);
        merge(&mut self.devices, &other.devices);
        merge(&mut self.countries, &other.countries);
        merge(&mut self.referrers, &other.referrers);
    }

    /// People's clicks without a referrer.
    ///
    /// It is 0 if more clicks are referred than there are people's: an earlier version of Signpost counted the referrers of
    /// bots too.
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
