use crate::model::{Counts, Day, Device, Referrer, Timestamp};
use crate::store::Total;
use serde::Serialize;
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::ops::RangeInclusive;

/// The maximum number of referrers that are listed by name. Clicks from all others are added up as `other`.
const MAX_REFERRERS: usize = 200;

/// The clicks on a link, in JSON form.
#[derive(Debug, Serialize)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(
        rename = "Clicks",
        description = "The clicks on a link. People's and bots' clicks are counted separately."
    )
)]
pub struct ClicksBody {
    /// People's clicks since the link was created.
    total: u64,
    /// Bots' clicks since the link was created. Bots are crawlers, link previews and scripts.
    bots: u64,
    /// The first day in this response, in UTC: the requested day or the oldest day whose counts are still kept,
    /// whichever is later. Null if no counts are kept for any of the requested days.
    from: Option<Day>,
    /// The last day in this response, in UTC: the requested day or today, whichever is earlier. Null if no counts are
    /// kept for any of the requested days.
    to: Option<Day>,
    /// The clicks of each day or hour from `from` to `to`, including days or hours without clicks. Empty if no counts
    /// are kept for any of the requested days.
    series: Vec<Point>,
    /// The sites that people came from, sorted by their clicks in the range, most first. Each site is a host name;
    /// `direct` counts clicks without a known site, and `other` counts all remaining sites.
    referrers: Vec<Count>,
    /// The classes of people's devices, sorted by clicks in the range, most first: `desktop`, `mobile`, `tablet` or
    /// `other`.
    devices: Vec<Count>,
    /// The countries of people (ISO 3166-1 alpha-2), sorted by clicks in the range, most first. Unknown countries are
    /// left out.
    countries: Vec<Count>,
    /// People's clicks in the range by the hour of the day in UTC: all 24 hours, from `00` to `23`.
    hours: Vec<Count>,
}

/// The clicks of a day or an hour.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub(super) struct Point {
    /// The day, such as `2026-11-22`, or the beginning of the hour, such as `2026-11-22T21:00:00.000Z`; in UTC.
    pub at: String,
    /// People's clicks.
    pub clicks: u64,
    /// Bots' clicks.
    pub bots: u64,
}

/// People's clicks that have one value in common, such as the same country.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub(super) struct Count {
    /// The common value, such as a host name, a class of device or a country.
    name: String,
    /// People's clicks.
    clicks: u64,
}

impl ClicksBody {
    /// Returns the body for a link's total and its counts on the days of `range`, with a series by hour or by day.
    /// Without a range, the body contains no days.
    ///
    /// `days` contains no day outside the range. A day that is missing from `days` had no clicks.
    pub fn new(
        total: Total,
        days: &BTreeMap<Day, Counts>,
        range: Option<&RangeInclusive<Day>>,
        by_hour: bool,
    ) -> Self {
        let mut sum = Counts::default();
        days.values().for_each(|counts| sum.merge(counts));
        let none = Counts::default();
        let points = |day: Day| {
            let counts = days.get(&day).unwrap_or(&none);
            if by_hour { hours(day, counts) } else { vec![whole(day, counts)] }
        };
        let hours = (0..24).map(|hour| Count {
            name: format!("{hour:02}"),
            clicks: sum.hours.get(&hour).copied().unwrap_or_default(),
        });
        Self {
            total: total.clicks,
            bots: total.bots,
            from: range.map(|range| *range.start()),
            to: range.map(|range| *range.end()),
            series: range.into_iter().flat_map(Day::all_of).flat_map(points).collect(),
            hours: hours.collect(),
            devices: devices(&sum),
            countries: countries(&sum),
            referrers: referrers(&sum, days.values().map(Counts::direct).sum()),
        }
    }
}

fn whole(day: Day, counts: &Counts) -> Point {
    Point { at: day.to_string(), clicks: counts.clicks, bots: counts.bots }
}

fn hours(day: Day, counts: &Counts) -> Vec<Point> {
    let at = |hours: &BTreeMap<u8, u64>, hour| hours.get(&hour).copied().unwrap_or_default();
    let point = |hour: u8| {
        let begin = Timestamp::try_from((day.first_second() + i64::from(hour) * 3600) * 1000).ok()?;
        Some(Point {
            at: begin.to_string(),
            clicks: at(&counts.hours, hour),
            bots: at(&counts.bot_hours, hour),
        })
    };
    (0..24).filter_map(point).collect()
}

pub(super) fn devices(sum: &Counts) -> Vec<Count> {
    sorted(sum.devices.iter().map(|(device, clicks)| (Device::as_str(*device).to_owned(), *clicks)))
}

pub(super) fn countries(sum: &Counts) -> Vec<Count> {
    sorted(sum.countries.iter().map(|(country, clicks)| (country.to_string(), *clicks)))
}

/// Returns the sites that people came from, with `direct` for clicks that came from no site.
pub(super) fn referrers(sum: &Counts, direct: u64) -> Vec<Count> {
    let hosts = sum.referrers.iter().map(|(host, clicks)| (host.to_string(), *clicks));
    let mut hosts = sorted(hosts);
    let beyond = hosts.split_off(hosts.len().min(MAX_REFERRERS));
    let other = sum.other_referrers + beyond.iter().map(|count| count.clicks).sum::<u64>();
    let named = hosts.into_iter().map(|count| (count.name, count.clicks));
    sorted(named.chain([(Referrer::DIRECT.to_owned(), direct), (Referrer::OTHER.to_owned(), other)]))
}

/// Sorts by clicks, most first, and then by name. Kinds without clicks are left out.
fn sorted(counts: impl Iterator<Item = (String, u64)>) -> Vec<Count> {
    let mut counts: Vec<Count> =
        counts.filter(|(_, clicks)| *clicks > 0).map(|(name, clicks)| Count { name, clicks }).collect();
    counts.sort_by(|one, other| (Reverse(one.clicks), &one.name).cmp(&(Reverse(other.clicks), &other.name)));
    counts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Click;
    use crate::model::counts_tests::{clicks, counted};
    use proptest::prelude::*;
    use serde_json::{Value, json};

    fn day(text: &str) -> Day {
        Day::try_from(text.to_owned()).unwrap()
    }

    /// Counts the clicks in the same way as the store, and returns the response body, with a series by day or by hour.
    fn body(clicks: &[Click], range: &RangeInclusive<Day>, by_hour: bool) -> Value {
        let of_day = |day| counted(clicks.iter().filter(|click| Day::from_timestamp(click.at) == day));
        let days: BTreeMap<Day, Counts> = Day::all_of(range).map(|day| (day, of_day(day))).collect();
        let all = counted(clicks);
        let total = Total { clicks: all.clicks, bots: all.bots };
        json!(ClicksBody::new(total, &days, Some(range), by_hour))
    }

    fn sum(body: &Value, list: &str, name: &str) -> u64 {
        body[list].as_array().unwrap().iter().map(|one| one[name].as_u64().unwrap()).sum()
    }

    proptest! {
        #[test]
        fn the_sums_of_an_answer_are_consistent(clicks in clicks()) {
            let range = day("2028-02-28")..=day("2028-03-01");
            let inside: Vec<Click> =
                clicks.iter().filter(|click| range.contains(&Day::from_timestamp(click.at))).cloned().collect();
            let expected = counted(&inside);
            let (by_day, by_hour) = (body(&clicks, &range, false), body(&clicks, &range, true));
            for body in [&by_day, &by_hour] {
                prop_assert_eq!(body["total"].as_u64().unwrap() + body["bots"].as_u64().unwrap(), clicks.len() as u64);
                prop_assert_eq!(sum(body, "series", "clicks"), expected.clicks);
                prop_assert_eq!(sum(body, "series", "bots"), expected.bots);
                for list in ["hours", "devices", "referrers"] {
                    prop_assert_eq!(sum(body, list, "clicks"), expected.clicks, "{}", list);
                }
                prop_assert!(sum(body, "countries", "clicks") <= expected.clicks);
            }
            // The hours of each day add up to the clicks of that day. The count of an hour in `hours` is
            // the sum of that hour's clicks over all days.
            let hours = by_hour["series"].as_array().unwrap();
            prop_assert_eq!((by_day["series"].as_array().unwrap().len(), hours.len()), (3, 72));
            for (day, hours) in by_day["series"].as_array().unwrap().iter().zip(hours.chunks(24)) {
                for name in ["clicks", "bots"] {
                    let of_hours: u64 = hours.iter().map(|hour| hour[name].as_u64().unwrap()).sum();
                    prop_assert_eq!(day[name].as_u64().unwrap(), of_hours);
                }
                prop_assert!(hours.iter().all(|hour| hour["at"].as_str().unwrap().starts_with(day["at"].as_str().unwrap())));
            }
            for (index, hour) in by_day["hours"].as_array().unwrap().iter().enumerate() {
                let of_series: u64 =
                    hours.iter().skip(index).step_by(24).map(|hour| hour["clicks"].as_u64().unwrap()).sum();
                prop_assert_eq!(hour["clicks"].as_u64().unwrap(), of_series);
            }
        }
    }

    #[test]
    fn without_a_range_nothing_is_answered_but_the_totals() {
        let body = json!(ClicksBody::new(Total { clicks: 3, bots: 1 }, &BTreeMap::new(), None, true));
        assert_eq!((&body["total"], &body["bots"]), (&json!(3), &json!(1)));
        assert_eq!((&body["from"], &body["to"], &body["series"]), (&Value::Null, &Value::Null, &json!([])));
        assert_eq!(sum(&body, "hours", "clicks"), 0);
    }

    #[test]
    fn referrers_beyond_the_most_that_are_listed_count_as_other() {
        let host = |number: u64| format!("h{number:03}.example").parse().unwrap();
        let counts = Counts {
            clicks: 1_000_000,
            other_referrers: 7,
            referrers: (1..=250).map(|number| (host(number), number)).collect(),
            ..Counts::default()
        };
        let listed = json!(referrers(&counts, counts.direct()));
        assert_eq!(listed.as_array().unwrap().len(), MAX_REFERRERS + 2);
        assert_eq!(listed[0], json!({ "name": "direct", "clicks": 1_000_000 - 250 * 251 / 2 - 7 }));
        assert_eq!(listed[1], json!({ "name": "other", "clicks": 50 * 51 / 2 + 7 }));
        assert_eq!(listed[2], json!({ "name": "h250.example", "clicks": 250 }));
    }
}
