use super::{Click, Country, Device, Referrer, Visitor};
use std::collections::BTreeMap;
use time::OffsetDateTime;

/// The clicks on a link on one day: the number of clicks by people, the number of clicks by bots, and people's
/// clicks by kind.
///
/// Each click by a person is counted under its hour, its device and, if they are known, its country and its referrer.
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
    /// Clicks from people, by class of device.
    pub devices: BTreeMap<Device, u64>,
    /// Clicks from people, by country, if the country is known.
    pub countries: BTreeMap<Country, u64>,
    /// Clicks from people, by the site that they came from.
    pub referrers: BTreeMap<Referrer, u64>,
    /// Clicks from people who came from sites that have no counter of their own.
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

    /// If `hours` contains more clicks than people made, moves the excess to `bot_hours`. Each hour loses clicks in
    /// proportion to its count.
    ///
    /// An earlier version of Signpost counted the hours of people and bots together. For a day that was counted in this
    /// way, this method corrects the sums, and the hours become estimates.
    pub fn split_hours(&mut self) {
        let total: u128 = self.hours.values().copied().map(u128::from).sum();
        let excess = total.saturating_sub(self.clicks.into());
        if excess == 0 {
            return;
        }
        let (mut seen, mut moved) = (0, 0);
        for (hour, count) in &mut self.hours {
            seen += u128::from(*count);
            let due = excess * seen / total;
            // An hour never loses more clicks than it has, because `excess` is at most `total`.
            let share = u64::try_from(due - moved).unwrap_or(*count);
            moved = due;
            *count -= share;
            let bots = self.bot_hours.entry(*hour).or_default();
            *bots = bots.saturating_add(share);
        }
        self.hours.retain(|_, count| *count > 0);
        self.bot_hours.retain(|_, count| *count > 0);
    }

    /// Adds all counts of `other`.
    pub fn merge(&mut self, other: &Self) {
        self.clicks = self.clicks.saturating_add(other.clicks);
        self.bots = self.bots.saturating_add(other.bots);
        self.other_referrers = self.other_referrers.saturating_add(other.other_referrers);
        merge(&mut self.hours, &other.hours);
        merge(&mut self.bot_hours, &other.bot_hours);
        merge(&mut self.devices, &other.devices);
        merge(&mut self.countries, &other.countries);
        merge(&mut self.referrers, &other.referrers);
    }

    /// People's clicks without a referrer.
    ///
    /// An earlier version of Signpost counted the referrers of bots too, so a day can have more clicks with a referrer
    /// than clicks by people. The result is then 0. Call this once for each link and day, and add up the results: if
    /// days were added up first, bots' referrers on one day would hide people's clicks on another day.
    pub fn direct(&self) -> u64 {
        self.referrers
            .values()
            .fold(self.clicks, |left, count| left.saturating_sub(*count))
            .saturating_sub(self.other_referrers)
    }
}

fn merge<K: Ord + Clone>(into: &mut BTreeMap<K, u64>, from: &BTreeMap<K, u64>) {
    for (key, count) in from {
        let sum = into.entry(key.clone()).or_default();
        *sum = sum.saturating_add(*count);
    }
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use crate::model::{LinkKey, Timestamp};
    use proptest::collection::vec;
    use proptest::prelude::*;
    use proptest::sample::select;

    const VISITORS: [Visitor; 5] = [
        Visitor::Bot,
        Visitor::Person(Device::Desktop),
        Visitor::Person(Device::Mobile),
        Visitor::Person(Device::Tablet),
        Visitor::Person(Device::Other),
    ];

    /// Generates clicks on one link on the days from 2028-02-27 to 2028-03-02, by people and bots. Some clicks
    /// have a referrer or a country.
    pub fn clicks() -> impl Strategy<Value = Vec<Click>> {
        let begin = 1_835_222_400_000_i64; // 2028-02-27T00:00:00Z
        let at = (0..5 * 24 * 60 * 60 * 1000_i64).prop_map(move |millis| begin + millis);
        let referrer = proptest::option::of(select(vec!["a.example", "b.example", "c.example"]));
        let country = proptest::option::of(select(vec!["DE", "FR"]));
        let click = (at, select(VISITORS.to_vec()), referrer, country).prop_map(
            |(at, visitor, referrer, country)| Click {
                link: LinkKey { org_id: "acme".parse().unwrap(), birth: "V1StGXR8_Z5jdHi6".parse().unwrap() },
                slug: None,
                at: Timestamp::try_from(at).unwrap(),
                referrer: referrer.map(|host| host.parse().unwrap()),
                visitor,
                country: country.map(|country| country.parse().unwrap()),
            },
        );
        vec(click, 0..200)
    }

    /// Counts clicks.
    pub fn counted<'a>(clicks: impl IntoIterator<Item = &'a Click>) -> Counts {
        let mut counts = Counts::default();
        clicks.into_iter().for_each(|click| counts.add(click));
        counts
    }

    fn sum<K>(counts: &BTreeMap<K, u64>) -> u64 {
        counts.values().sum()
    }

    proptest! {
        #[test]
        fn each_click_of_a_person_counts_once_under_each_heading_and_one_of_a_bot_under_its_hour_alone(clicks in clicks()) {
            let counts = counted(&clicks);
            let bots = clicks.iter().filter(|click| click.visitor == Visitor::Bot).count() as u64;
            let people: Vec<&Click> =
                clicks.iter().filter(|click| click.visitor != Visitor::Bot).collect();
            prop_assert_eq!((counts.clicks, counts.bots), (people.len() as u64, bots));
            prop_assert_eq!((sum(&counts.hours), sum(&counts.bot_hours)), (counts.clicks, counts.bots));
            prop_assert_eq!(sum(&counts.devices), counts.clicks);
            prop_assert_eq!(sum(&counts.referrers) + counts.direct(), counts.clicks);
            let direct = people.iter().filter(|click| click.referrer.is_none()).count() as u64;
            prop_assert_eq!(counts.direct(), direct);
            let located = people.iter().filter(|click| click.country.is_some()).count() as u64;
            prop_assert_eq!(sum(&counts.countries), located);
        }

        #[test]
        fn hours_of_people_and_bots_together_are_split_into_the_right_sums_and_lose_nothing(clicks in clicks()) {
            let counts = counted(&clicks);
            let mut together = Counts { bot_hours: BTreeMap::new(), ..counts.clone() };
            merge(&mut together.hours, &counts.bot_hours);
            let all = together.hours.clone();
            together.split_hours();
            prop_assert_eq!((sum(&together.hours), sum(&together.bot_hours)), (counts.clicks, counts.bots));
            let mut again = together.hours.clone();
            merge(&mut again, &together.bot_hours);
            prop_assert_eq!(again, all);
            // Hours that are already split stay as they are.
            let mut apart = counts.clone();
            apart.split_hours();
            prop_assert_eq!(apart, counts);
        }

        #[test]
        fn counts_of_two_parts_are_those_of_the_whole(clicks in clicks(), middle in any::<proptest::sample::Index>()) {
            let (one, other) = clicks.split_at(middle.index(clicks.len() + 1));
            let mut merged = counted(one);
            merged.merge(&counted(other));
            prop_assert_eq!(merged, counted(&clicks));
        }
    }
}
