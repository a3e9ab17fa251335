use super::Invalid;
use serde::{Serialize, Serializer};
use std::fmt;
use std::time::{SystemTime, UNIX_EPOCH};
use time::OffsetDateTime;
use time::format_description::BorrowedFormatItem;
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;

/// A time in UTC with millisecond precision, from 1970 to the end of the year 9999.
///
/// It displays as RFC 3339 with milliseconds: `2026-11-22T09:30:00.000Z`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

const RFC_3339: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");
const LAST: i64 = 253_402_300_799_999;

impl Timestamp {
    /// 1970-01-01T00:00:00Z.
    pub const EPOCH: Self = Self(0);
    /// The last millisecond of the year 9999.
    pub const LAST: Self = Self(LAST);

    /// Reads the wall clock. Outside tests and benchmarks, only the module `lambda` and the crate `local` call this;
    /// everything else gets `now` as a parameter.
    ///
    /// If the clock is set to a time before 1970, the result is the beginning of 1970.
    pub fn now() -> Self {
        let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let millis = i64::try_from(since_1970.as_millis()).unwrap_or(LAST);
        Self(millis.min(LAST))
    }

    /// Parses a time with any offset from UTC (RFC 3339), such as `2027-01-31T23:59:59+01:00`. Fractions of a millisecond
    /// are dropped.
    ///
    /// # Errors
    /// The text is not such a time, or the time is not between 1970 and 9999.
    pub fn from_rfc_3339(text: &str) -> Result<Self, Invalid> {
        let rule = || {
            Invalid::new("invalid_time", "a time must be in RFC 3339 format, such as 2027-01-31T23:59:59Z")
        };
        let moment = OffsetDateTime::parse(text, &Rfc3339).map_err(|_| rule())?;
        let millis = moment.unix_timestamp_nanos().div_euclid(1_000_000);
        i64::try_from(millis).map_err(|_| rule())?.try_into()
    }

    /// Returns the time rounded down to a second.
    pub fn whole_second(self) -> Self {
        Self(self.seconds() * 1000)
    }

    /// Returns the milliseconds since 1970-01-01T00:00:00Z.
    pub fn millis(self) -> i64 {
        self.0
    }

    /// Returns the seconds since 1970-01-01T00:00:00Z, rounded down.
    pub fn seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }
}

impl TryFrom<i64> for Timestamp {
    type Error = Invalid;

    fn try_from(millis: i64) -> Result<Self, Invalid> {
        if (0..=LAST).contains(&millis) {
            Ok(Self(millis))
        } else {
            Err(Invalid::new("invalid_time", "a time must be between the years 1970 and 9999"))
        }
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let moment = OffsetDateTime::from_unix_timestamp_nanos(i128::from(self.0) * 1_000_000);
        let text = moment.map_err(|_| fmt::Error)?.format(RFC_3339).map_err(|_| fmt::Error)?;
        f.write_str(&text)
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_displays_as_rfc_3339_in_utc_with_milliseconds() {
        assert_eq!(Timestamp(1_795_339_800_007).to_string(), "2026-11-22T09:30:00.007Z");
        assert_eq!(Timestamp(0).to_string(), "1970-01-01T00:00:00.000Z");
        assert_eq!(Timestamp(LAST).to_string(), "9999-12-31T23:59:59.999Z");
    }

    #[test]
    fn a_time_is_read_with_any_offset_and_displays_in_utc() {
        let read = |text| Timestamp::from_rfc_3339(text).map(|time| time.to_string());
        for (text, utc) in [
            ("2026-11-22T09:30:00Z", "2026-11-22T09:30:00.000Z"),
            ("2026-11-22t09:30:00.0079z", "2026-11-22T09:30:00.007Z"),
            ("2026-11-22T10:30:00+01:00", "2026-11-22T09:30:00.000Z"),
            ("2026-11-22T09:30:00-00:00", "2026-11-22T09:30:00.000Z"),
            ("1970-01-01T00:00:00Z", "1970-01-01T00:00:00.000Z"),
        ] {
            assert_eq!(read(text).as_deref(), Ok(utc), "{text}");
        }
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in [
            "",
            "now",
            "2026-11-22",
            "2026-11-22T09:30:00",
            "2026-11-22 09:30",
            "1795339800",
            "2026-02-30T00:00:00Z",
            "2026-11-22T24:00:00Z",
            "1969-12-31T23:59:59Z",
            "+12026-11-22T09:30:00Z",
            " 2026-11-22T09:30:00Z",
            "9999-12-31T23:59:59-01:00",
            "2026-11-22T09:30:00+24:00",
        ] {
            assert!(Timestamp::from_rfc_3339(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_whole_second_has_no_fraction() {
        assert_eq!(Timestamp(1_795_339_800_999).whole_second(), Timestamp(1_795_339_800_000));
    }

    #[test]
    fn a_time_outside_1970_to_9999_is_refused() {
        assert!(Timestamp::try_from(-1).is_err());
        assert!(Timestamp::try_from(LAST + 1).is_err());
    }
}
