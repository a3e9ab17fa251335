use shared::error::ApiError;
use shared::http::Request;
use shared::model::{Day, Invalid};
use std::ops::RangeInclusive;

/// The number of days in a range without `from`, including the last day.
const DEFAULT_DAYS: i64 = 30;

/// The requested days, and the interval of the series.
pub struct Range {
    /// The first day.
    from: Day,
    /// The last day, not before the first.
    to: Day,
    /// The interval that one point of the series covers.
    pub by: By,
}

/// The interval that one point of the series covers.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// A day.
    Day,
    /// An hour.
    Hour,
}

impl By {
    fn as_str(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Hour => "hour",
        }
    }
}

/// The intervals that a route supports for its series, each with the maximum number of days in a range. The default
/// interval comes first.
pub type Series = [(By, i64)];

impl Range {
    /// Parses the query parameters of a range: `from`, `to`, and `by`, which is one of `series`.
    ///
    /// Without `from`, the range has thirty days. Without `to`, the range ends today or, if that would make it too
    /// long, when it reaches the maximum length. If only `from` is given and is in the future, the range is that day.
    ///
    /// # Errors
    /// A parameter is unknown or breaks a rule, or the range ends before it begins or is too long.
    pub fn from_request(request: &Request, today: Day, series: &Series) -> Result<Self, ApiError> {
        let mut query = request.query();
        let by = query.take_or_default("by", |word| one_of(series, &word));
        let (by, max) = by.or(series.first().copied()).unwrap_or((By::Day, DEFAULT_DAYS));
        let to = query.take_or_default("to", Day::try_from);
        let from = query.take_or_default("from", |text| {
            let from = Day::try_from(text)?;
            match to.map_or(1, |to| from.days_until(to) + 1) {
                ..=0 => Err(Invalid::new("out_of_range", "the range ends before it begins")),
                days if days > max => {
                    Err(Invalid::new("out_of_range", format!("the range must have at most {max} days")))
                }
                _ => Ok(from),
            }
        });
        query.finish()?;
        let to = to.unwrap_or_else(|| from.map_or(today, |from| today.clamp(from, from.plus(max - 1))));
        Ok(Self { from: from.unwrap_or(to.plus(1 - DEFAULT_DAYS)), to, by })
    }

    /// Returns the part of the range between `oldest` and `today`, or `None` if no day is left.
    pub fn clamped(&self, oldest: Day, today: Day) -> Option<RangeInclusive<Day>> {
        let (from, to) = (self.from.max(oldest), self.to.min(today));
        (from <= to).then_some(from..=to)
    }
}

fn one_of(series: &Series, word: &str) -> Result<(By, i64), Invalid> {
    let found = series.iter().find(|(by, _)| by.as_str() == word);
    let words: Vec<String> = series.iter().map(|(by, _)| format!("by '{}'", by.as_str())).collect();
    let rule = || Invalid::new("unknown_word", format!("the series is {}", words.join(" or ")));
    found.copied().ok_or_else(rule)
}
