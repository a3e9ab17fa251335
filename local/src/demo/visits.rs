//! When a demo link gets clicks, and from whom: more often during working hours than at night, less often at weekends.

use super::link::{Audience, DemoLink, Trend};
use super::visitors::Visitor;
use fastrand::Rng;
use shared::model::Timestamp;
use std::collections::BTreeMap;
use time::{OffsetDateTime, Weekday};

/// An hour in milliseconds.
const HOUR: i64 = 60 * 60 * 1000;
/// A day in milliseconds.
const DAY: i64 = 24 * HOUR;

/// The percentage of a day's clicks in each hour (UTC).
const AT_WORK: [u32; 24] = [0, 0, 0, 0, 0, 1, 3, 7, 11, 12, 10, 7, 6, 9, 9, 8, 6, 4, 3, 2, 1, 1, 0, 0];
const AT_ANY_TIME: [u32; 24] = [2, 2, 1, 1, 1, 2, 3, 4, 5, 6, 6, 5, 5, 6, 6, 6, 6, 6, 6, 6, 5, 4, 3, 3];

/// The visits to a link: for each visitor, the times of the visits.
pub type Visits = BTreeMap<Visitor, Vec<Timestamp>>;

/// Generates random visits to a link, none of them after `now`. The same seed gives the same visits.
pub fn draw(link: &DemoLink, now: Timestamp, seed: u64) -> Visits {
    let mut random = Rng::with_seed(seed);
    let (begin, end) = (link.created_at(now).millis(), link.redirected_until(now).millis());
    let mut visits = Visits::new();
    let mut weather = Weather { day: i64::MIN, factor: 1.0 };
    let mut hour = begin - begin.rem_euclid(HOUR);
    while hour < end {
        let (from, to) = (begin.max(hour), end.min(hour + HOUR));
        let expected = link.clicks
            * weather.factor_on(hour.div_euclid(DAY), &mut random)
            * of_hour(link.audience, hour)
            * of_age(link.trend, hour - begin)
            * share(to - from, HOUR);
        let bots = expected * of_bots(link.audience);
        for (count, is_bot) in [(poisson(expected, &mut random), false), (poisson(bots, &mut random), true)] {
            for _ in 0..count {
                let Ok(at) = Timestamp::try_from(random.i64(from..to)) else { continue };
                let visitor = if is_bot {
                    Visitor::bot(&mut random)
                } else {
                    Visitor::person(link.audience, &mut random)
                };
                visits.entry(visitor).or_default().push(at);
            }
        }
        hour += HOUR;
    }
    visits
}

/// A random factor for each day, so that no two days are alike.
struct Weather {
    day: i64,
    factor: f64,
}

impl Weather {
    fn factor_on(&mut self, day: i64, random: &mut Rng) -> f64 {
        if day != self.day {
            *self = Self { day, factor: 0.7 + 0.6 * random.f64() };
        }
        self.factor
    }
}

/// Returns the fraction of a normal weekday's clicks that fall in this hour.
fn of_hour(audience: Audience, hour: i64) -> f64 {
    let Ok(moment) = OffsetDateTime::from_unix_timestamp(hour / 1000) else { return 0.0 };
    let is_weekend = matches!(moment.weekday(), Weekday::Saturday | Weekday::Sunday);
    let (hours, weekend) = match audience {
        Audience::Team => (&AT_WORK, 0.06),
        Audience::Public => (&AT_ANY_TIME, 0.5),
    };
    let percent = hours.get(usize::from(moment.hour())).copied().unwrap_or_default();
    f64::from(percent) / 100.0 * if is_weekend { weekend } else { 1.0 }
}

/// Returns the number of clicks at this age of the link, relative to a normal day.
fn of_age(trend: Trend, age: i64) -> f64 {
    let days = share(age, DAY).max(0.0);
    match trend {
        Trend::Steady => 1.0,
        Trend::Growing => 0.4 + days / 80.0,
        Trend::Launch => 0.35 + 2.6 * (-days / 3.5).exp(),
    }
}

/// Returns the number of bots' clicks per click by a person.
fn of_bots(audience: Audience) -> f64 {
    match audience {
        Audience::Team => 0.04,
        Audience::Public => 0.14,
    }
}

fn share(part: i64, whole: i64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "a few months in milliseconds are exact in both types")]
    let (part, whole) = (part as f64, whole as f64);
    part / whole
}

/// Returns a random number from the Poisson distribution with the mean `expected`, with Knuth's method.
fn poisson(expected: f64, random: &mut Rng) -> u32 {
    let limit = (-expected).exp();
    let mut product = random.f64();
    let mut count = 0;
    while product > limit {
        product *= random.f64();
        count += 1;
    }
    count
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests fail by panicking")]
mod tests {
    use super::*;

    /// A Wednesday, 2026-11-25T12:00:00Z.
    fn now() -> Timestamp {
        Timestamp::try_from(1_795_608_000_000).unwrap()
    }

    fn times(visits: &Visits) -> Vec<Timestamp> {
        visits.values().flatten().copied().collect()
    }

    #[test]
    fn a_seed_gives_the_same_visits_and_another_seed_others() {
        let link = DemoLink::all().unwrap().swap_remove(0);
        assert_eq!(draw(&link, now(), 1), draw(&link, now(), 1));
        assert_ne!(draw(&link, now(), 1), draw(&link, now(), 2));
    }

    #[test]
    fn a_link_is_followed_while_it_redirects_and_at_no_other_time() {
        for link in DemoLink::all().unwrap() {
            let times = times(&draw(&link, now(), 1));
            let redirects = link.created_at(now())..link.redirected_until(now());
            assert!(redirects.start < redirects.end, "{link:?}");
            assert!(times.iter().all(|at| redirects.contains(at)), "{link:?}");
            assert_eq!(times.is_empty(), link.clicks == 0.0, "{link:?}");
        }
    }

    #[test]
    fn a_team_follows_its_links_on_weekdays_at_work() {
        let link = DemoLink::all().unwrap().swap_remove(0);
        assert_eq!(link.audience, Audience::Team);
        let times = times(&draw(&link, now(), 1));
        let moments: Vec<OffsetDateTime> =
            times.iter().map(|at| OffsetDateTime::from_unix_timestamp(at.seconds()).unwrap()).collect();
        let weekend = moments
            .iter()
            .filter(|moment| matches!(moment.weekday(), Weekday::Saturday | Weekday::Sunday))
            .count();
        let night = moments.iter().filter(|moment| moment.hour() < 5).count();
        assert!(moments.len() > 500 && weekend < moments.len() / 10 && night == 0, "{moments:?}");
    }

    #[test]
    fn drawn_numbers_have_the_mean_that_is_expected() {
        let mut random = Rng::with_seed(1);
        for expected in [0.0, 0.2, 3.0, 40.0] {
            let sum: u32 = (0..2_000).map(|_| poisson(expected, &mut random)).sum();
            let mean = f64::from(sum) / 2_000.0;
            assert!((mean - expected).abs() <= expected * 0.15, "{mean} for {expected}");
        }
    }
}
