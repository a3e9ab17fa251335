use super::{Invalid, Timestamp};
use serde::{Serialize, Serializer};
use std::fmt;
use std::ops::RangeInclusive;
use time::format_description::BorrowedFormatItem;
use time::macros::{date, format_description};
use time::{Date, OffsetDateTime};

/// A day in UTC, from 1970-01-01 to 9999-12-31. It displays as `2026-11-22` (RFC 3339, `full-date`), and these texts
/// sort in the same order as the days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(Date);

const FULL_DATE: &[BorrowedFormatItem<'_>] = format_description!("[year]-[month]-[day]");
const SECONDS_PER_DAY: i64 = 24 * 60 * 60;

impl Day {
    /// Returns the UTC day of a timestamp.
    pub fn from_timestamp(timestamp: Timestamp) -> Self {
        let time = OffsetDateTime::from_unix_timestamp(timestamp.seconds());
        Self(time.unwrap_or(OffsetDateTime::UNIX_EPOCH).date())
    }

    /// Returns the day that is `days` later, or earlier if `days` is negative. The result is never
    /// before 1970-01-01 or after 9999-12-31.
    pub fn plus(self, days: i64) -> Self {
        Self(self.0.saturating_add(time::Duration::days(days)).max(FIRST))
    }

    /// Returns every day of a range.
    pub fn all_of(range: &RangeInclusive<Self>) -> impl Iterator<Item = Self> {
        let first = *range.start();
        (0..=first.days_until(*range.end())).map(move |days| first.plus(days))
    }

    /// Returns the number of days from this day to `other`; negative if `other` is earlier.
    pub fn days_until(self, other: Self) -> i64 {
        (other.0 - self.0).whole_days()
    }

    /// Returns the start of the day, in seconds since 1970-01-01T00:00:00Z.
    pub fn first_second(self) -> i64 {
        Self(FIRST).days_until(self) * SECONDS_PER_DAY
    }
}

const FIRST: Date = date!(1970 - 01 - 01);

impl TryFrom<String> for Day {
    type Error = Invalid;

    fn try_from(text: String) -> Result<Self, Invalid> {
        let rule = || {
            Invalid::new("invalid_day", "a day is written like 2026-11-22, and lies between 1970 and 9999")
        };
        // The library also accepts years with a sign or with more digits.
        let day =
            Some(text).filter(|text| text.len() == 10).and_then(|text| Date::parse(&text, FULL_DATE).ok());
        day.filter(|day| day.year() >= 1970).map(Self).ok_or_else(rule)
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.format(FULL_DATE).map_err(|_| fmt::Error)?)
    }
}

impl Serialize for Day {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        Day::try_from(text.to_owned()).unwrap()
    }

    #[test]
    fn a_day_is_read_and_displays_as_it_is_written() {
        for text in ["1970-01-01", "2026-11-22", "2028-02-29", "9999-12-31"] {
            assert_eq!(day(text).to_string(), text);
        }
        for text in [
            "",
            "2026-11",
            "2026-11-31",
            "2026-1-1",
            "1969-12-31",
            "+12026-11-22",
            "2026-11-22T",
            "22/11/2026",
        ] {
            assert!(Day::try_from(text.to_owned()).is_err(), "{text}");
        }
    }

    #[test]
    fn a_moment_is_in_its_day_in_utc() {
        for (text, expected) in [
            ("2026-11-22T00:00:00Z", "2026-11-22"),
            ("2026-11-22T23:59:59.999Z", "2026-11-22"),
            ("2026-11-22T23:30:00-01:00", "2026-11-23"),
        ] {
            assert_eq!(Day::from_timestamp(Timestamp::from_rfc_3339(text).unwrap()), day(expected), "{text}");
        }
    }

    #[test]
    fn days_are_counted_over_months_and_leap_days() {
        assert_eq!(day("2028-02-28").plus(2), day("2028-03-01"));
        assert_eq!(day("2027-01-01").plus(-1), day("2026-12-31"));
        assert_eq!(day("2026-11-22").days_until(day("2027-11-22")), 365);
        assert_eq!(day("2026-11-22").first_second(), 1_795_305_600);
        assert_eq!(day("9999-12-31").plus(1), day("9999-12-31"));
        assert_eq!(day("1970-01-02").plus(-30), day("1970-01-01"));
    }
}
