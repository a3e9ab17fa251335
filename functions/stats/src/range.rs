use shared::error::ApiError;
use shared::http::Request;
use shared::model::{Day, Invalid, Timestamp};

/// How many days are shown where nothing is asked for, today included.
const DEFAULT_DAYS: i64 = 30;

/// Which days are shown, and how.
pub struct Range {
    /// The first day.
    pub from: Day,
    /// The last day, not before the first.
    pub to: Day,
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
    /// How many days a series may have.
    fn most_days(self) -> i64 {
        match self {
            Self::Day => 400,
            Self::Hour => 31,
        }
    }
}

impl Range {
    /// The range that the query asks for: `from`, `to` and `by`. Without `to` it ends today, without `from` it has thirty
    /// days.
    ///
    /// # Errors
    /// A parameter is unknown or against a rule, or the range ends before it begins or is too long.
    pub fn wanted(request: &Request, now: Timestamp) -> Result<Self, ApiError> {
        let mut query = request.query();
        let by = query.take("by", by).unwrap_or(By::Day);
        let to = query.take("to", Day::try_from).unwrap_or(Day::of(now));
        let from = query.take("from", |text| {
            let from = Day::try_from(text)?;
            let days = from.days_until(to) + 1;
            let most = by.most_days();
            match days {
                ..=0 => Err(Invalid::new("out_of_range", "the range ends before it begins")),
                days if days > most => {
                    Err(Invalid::new("out_of_range", format!("this range has at most {most} days")))
                }
                _ => Ok(from),
            }
        });
        query.finish()?;
        Ok(Self { from: from.unwrap_or(to.plus(1 - DEFAULT_DAYS)), to, by })
    }
}

fn by(text: String) -> Result<By, Invalid> {
    match text.as_str() {
        "day" => Ok(By::Day),
        "hour" => Ok(By::Hour),
        _ => Err(Invalid::new("unknown_word", "the series is by 'day' or by 'hour'")),
    }
}
