use super::Invalid;
use std::fmt;
use std::time::{SystemTime, UNIX_EPOCH};
use time::OffsetDateTime;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;

/// A moment in UTC, to the millisecond, from 1970 to the end of the year 9999.
///
/// It displays as RFC 3339 with milliseconds: `2026-11-22T09:30:00.000Z`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

const RFC_3339: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");
const LAST: i64 = 253_402_300_799_999;

impl Timestamp {
    /// Reads the wall clock. Functions get `now` handed to them: only `main` and `local` call this.
    ///
    /// A clock set before 1970 reads as 1970.
    pub fn now() -> Self {
        let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let millis = i64::try_from(since_1970.as_millis()).unwrap_or(LAST);
        Self(millis.min(LAST))
    }

    /// Milliseconds since 1970-01-01T00:00:00Z.
    pub fn millis(self) -> i64 {
        self.0
    }

    /// Whole seconds since 1970-01-01T00:00:00Z; the fraction is cut.
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
            Err(Invalid::new("invalid_time", "a time lies between the years 1970 and 9999"))
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
    fn a_time_outside_1970_to_9999_is_refused() {
        assert!(Timestamp::try_from(-1).is_err());
        assert!(Timestamp::try_from(LAST + 1).is_err());
    }
}
