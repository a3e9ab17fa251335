use crate::model::{Counts, Day, Device, Referrer, Timestamp};
use crate::store::Total;
use serde::Serialize;
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// How many referrers are told apart; what is beyond them is `other`.
const MOST_REFERRERS: usize = 200;

/// How often a link was followed, on the wire.
#[derive(Debug, Serialize)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(rename = "Clicks", description = "How often a link was followed.")
)]
pub struct ClicksBody {
    /// How often in all since the link was made, bots included.
    total: u64,
    /// How many of them were bots: crawlers, link previews, scripts.
    bots: u64,
    /// The range day by day or hour by hour, without gaps.
    series: Vec<Point>,
    /// Which sites the visitors of the range came from, the most frequent first; `direct` where none is known, `other`
    /// for all that are not told apart.
    referrers: Vec<Count>,
    /// What the visitors of the range came with, the most frequent first: `desktop`, `mobile`, `tablet`, `bot`, `other`.
    devices: Vec<Count>,
    /// Where the visitors of the range were (ISO 3166-1 alpha-2), the most frequent first, as far as it is known.
    countries: Vec<Count>,
    /// At which hours of the day in UTC they came, `00` to `23`, all of them.
    hours: Vec<Count>,
}

/// The clicks of a day or an hour.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct Point {
    /// The day, such as `2026-11-22`, or the beginning of the hour, such as `2026-11-22T21:00:00.000Z`; in UTC.
    at: String,
    /// How many there were.
    clicks: u64,
}

/// The clicks of one kind.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct Count {
    /// The kind.
    name: String,
    /// How many there were.
    clicks: u64,
}

impl ClicksBody {
    /// The clicks of a link in all, and those of its `days` from `from` to `to`, both included; the series by hour or by
    /// day.
    pub fn new(total: Total, days: &BTreeMap<Day, Counts>, from: Day, to: Day, by_hour: bool) -> Self {
        let mut sum = Counts::default();
        days.values().for_each(|counts| sum.merge(counts));
        let range = (0..=from.days_until(to)).map(|days| from.plus(days));
        let series = range
            .flat_map(|day| if by_hour { hours_of(day, days.get(&day)) } else { vec![whole(day, days)] });
        let hours = (0..24).map(|hour| Count {
            name: format!("{hour:02}"),
            clicks: sum.hours.get(&hour).copied().unwrap_or_default(),
        });
        Self {
            total: total.clicks,
            bots: total.bots,
            series: series.collect(),
            hours: hours.collect(),
            devices: sorted(
                sum.devices.iter().map(|(device, clicks)| (Device::as_str(*device).to_owned(), *clicks)),
            ),
            countries: sorted(sum.countries.iter().map(|(country, clicks)| (country.to_string(), *clicks))),
            referrers: referrers(&sum),
        }
    }
}

fn whole(day: Day, days: &BTreeMap<Day, Counts>) -> Point {
    Point { at: day.to_string(), clicks: days.get(&day).map_or(0, |counts| counts.clicks) }
}

fn hours_of(day: Day, counts: Option<&Counts>) -> Vec<Point> {
    let clicks = |hour| counts.and_then(|counts| counts.hours.get(&hour)).copied().unwrap_or_default();
    let point = |hour: u8| {
        let at = Timestamp::try_from((day.first_second() + i64::from(hour) * 3600) * 1000).ok()?;
        Some(Point { at: at.to_string(), clicks: clicks(hour) })
    };
    (0..24).filter_map(point).collect()
}

fn referrers(sum: &Counts) -> Vec<Count> {
    let hosts = sum.referrers.iter().map(|(host, clicks)| (host.to_string(), *clicks));
    let mut hosts = sorted(hosts);
    let beyond = hosts.split_off(hosts.len().min(MOST_REFERRERS));
    let other = sum.other_referrers + beyond.iter().map(|count| count.clicks).sum::<u64>();
    let named = hosts.into_iter().map(|count| (count.name, count.clicks));
    sorted(named.chain([(Referrer::DIRECT.to_owned(), sum.direct()), (Referrer::OTHER.to_owned(), other)]))
}

/// The most frequent first; those alike by their names.
fn sorted(counts: impl Iterator<Item = (String, u64)>) -> Vec<Count> {
    let mut counts: Vec<Count> =
        counts.filter(|(_, clicks)| *clicks > 0).map(|(name, clicks)| Count { name, clicks }).collect();
    counts.sort_by(|one, other| (Reverse(one.clicks), &one.name).cmp(&(Reverse(other.clicks), &other.name)));
    counts
}
