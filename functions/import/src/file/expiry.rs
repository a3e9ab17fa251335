//! The forms in which files write a time.

use shared::model::Timestamp;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;
use time::{Date, OffsetDateTime, PrimitiveDateTime};

type Format = &'static [BorrowedFormatItem<'static>];

const WITH_OFFSET: Format = format_description!(
    "[year]-[month]-[day]T[hour]:[minute]:[second][optional [.[subsecond]]][offset_hour sign:mandatory][optional [:]][offset_minute]"
);
const WITHOUT_OFFSET: [Format; 2] = [
    format_description!(
        "[year]-[month]-[day]T[hour padding:none]:[minute][optional [:[second]]][optional [.[subsecond]]]"
    ),
    format_description!(
        "[day padding:none].[month padding:none].[year]T[hour padding:none]:[minute][optional [:[second]]]"
    ),
];
const DATES: [Format; 2] = [
    format_description!("[year]-[month]-[day]"),
    format_description!("[day padding:none].[month padding:none].[year]"),
];

/// Parses a time in one of these forms:
///
/// * RFC 3339, also with a space instead of the `T`, with an offset such as `+0000`, or in UTC without an offset;
/// * `31.12.2026 23:59`, as spreadsheets write it;
/// * a date, which means its first second in UTC;
/// * seconds since 1970 with nine to eleven digits, or milliseconds with more digits.
///
/// Dates with slashes are rejected, because their order of day and month depends on the country.
pub(super) fn parse(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    // No source writes a longer time. The limit keeps the attempts cheap.
    if text.len() > 40 {
        return None;
    }
    if let Some(time) = from_number(text) {
        return Some(time);
    }
    let text = text.replacen([' ', 't'], "T", 1).replace(' ', "");
    if let Ok(time) = Timestamp::from_rfc_3339(&text) {
        return Some(time);
    }
    if let Ok(time) = OffsetDateTime::parse(&text, WITH_OFFSET) {
        return timestamp(time);
    }
    let utc = text.strip_suffix("UTC").or_else(|| text.strip_suffix(['Z', 'z'])).unwrap_or(&text);
    let date_time = WITHOUT_OFFSET.iter().find_map(|format| PrimitiveDateTime::parse(utc, format).ok());
    let date = || DATES.iter().find_map(|format| Date::parse(&text, format).ok());
    let time = date_time.or_else(|| date().map(|date| date.midnight()))?;
    timestamp(time.assume_utc())
}

/// Parses digits, with an optional fraction, as seconds or milliseconds since 1970.
fn from_number(text: &str) -> Option<Timestamp> {
    let (digits, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let all_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !all_digits(digits) || !all_digits(fraction) {
        return None;
    }
    let number: i64 = digits.parse().ok()?;
    let millis = match digits.len() {
        // A day, a year, or a spreadsheet's serial number for a date.
        ..9 => return None,
        9..12 => number * 1000,
        _ => number,
    };
    Timestamp::try_from(millis).ok()
}

fn timestamp(time: OffsetDateTime) -> Option<Timestamp> {
    let millis = i64::try_from(time.unix_timestamp_nanos().div_euclid(1_000_000)).ok()?;
    Timestamp::try_from(millis).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_read_in_the_forms_that_exports_and_spreadsheets_write() {
        for (text, utc) in [
            ("2027-01-31T23:59:59Z", "2027-01-31T23:59:59.000Z"),
            ("2027-01-31T23:59:59.5+01:00", "2027-01-31T22:59:59.500Z"),
            ("2027-01-31T23:59:59+0000", "2027-01-31T23:59:59.000Z"),
            ("2027-01-31 23:59:59 +0100", "2027-01-31T22:59:59.000Z"),
            ("2027-01-31 23:59:59", "2027-01-31T23:59:59.000Z"),
            ("2027-01-31 23:59:59 UTC", "2027-01-31T23:59:59.000Z"),
            ("2027-01-31T23:59:59.123456", "2027-01-31T23:59:59.123Z"),
            ("2027-01-31 9:05", "2027-01-31T09:05:00.000Z"),
            ("31.1.2027 9:05", "2027-01-31T09:05:00.000Z"),
            ("31.01.2027", "2027-01-31T00:00:00.000Z"),
            (" 2027-01-31 ", "2027-01-31T00:00:00.000Z"),
            ("1801439999", "2027-01-31T23:59:59.000Z"),
            ("1801439999.0", "2027-01-31T23:59:59.000Z"),
            ("1801439999123", "2027-01-31T23:59:59.123Z"),
        ] {
            assert_eq!(parse(text).map(|time| time.to_string()).as_deref(), Some(utc), "{text}");
        }
    }

    #[test]
    fn what_could_be_another_time_in_another_country_is_no_time() {
        for text in [
            "01/02/2027",
            "2027",
            "20270131",
            "46053",
            "31.12",
            "soon",
            "2027-02-30",
            "2027-01-31T25:00",
            "-1",
            "1.8e9",
            "",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
        assert_eq!(parse(&"1".repeat(1_000_000)), None);
        assert_eq!(parse("99999999999999999999"), None);
    }
}
