use shared::error::ApiError;
use shared::http::Request;
use shared::model::{Day, Invalid};
use std::ops::RangeInclusive;

/// The number of days in a range without `from`, the last one included.
const DEFAULT_DAYS: i64 = 30;

/// The requested days, and the points of the series.
pub struct Range {
    /// The first day.
    from: Day,
    /// The last day, not before the first.
    to: Day,
    /// What a point of the series stands for.
    pub by: By,
}

/// What a point of the series stands for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// A day.
    Day,
    /// An hour.
    Hour,
}

impl By {
    /// The most days in a range.
    fn max_days(self) -> i64 {
        match self {
            Self::Day => 400,
            Self::Hour => 31,
        }
    }
}

impl Range {
    /// Reads the range from the query: `from`, `to` and `by`.
    ///
    /// Without `from` it has thirty days. Without `to` it ends today, or on the day nearest to today on which a range from
    /// `from` can end.
    ///
    /// # Errors
    /// A parameter is unknown or breaks a rule, or the range ends before it begins or is too long.
    pub fn requested(request: &Request, today: Day) -> Result<Self, ApiError> {
        let mut query = request.query();
        let by = query.take_or_default("by", by).unwrap_or(By::Day);
        let max = by.max_days();
        let to = query.take_or_default("to", Day::try_from);
        let from = query.take_or_default("from", |text| {
            let from = Day::try_from(text)?;
            match to.map_or(1, |to| from.days_until(to) + 1) {
                ..=0 => Err(Invalid::new("out_of_range", "the range ends before it begins")),
                days if days > max => {
                    Err(Invalid::new("out_of_range", format!("this range has at most {max} days")))
                }
                _ => Ok(from),
            }
        });
        query.finish()?;
        let to = to.unwrap_or_else(|| from.map_or(today, |from| today.clamp(from, from.plus(max - 1))));
        Ok(Self { from: from.unwrap_or(to.plus(1 - DEFAULT_DAYS)), to, by })
    }

    /// Returns the days of the range from `oldest` to `today`, if it has any.
    pub fn within(&self, oldest: Day, today: Day) -> Option<RangeInclusive<Day>> {
        let (from, to) = (self.from.max(oldest), self.to.min(today));
        (from <= to).then_some(from..=to)
    }
}

fn by(text: String) -> Result<By, Invalid> {
    match text.as_str() {
        "day" => Ok(By::Day),
        "hour" => Ok(By::Hour),
        _ => Err(Invalid::new("unknown_word", "the series is by 'day' or by 'hour'")),
    }
}
