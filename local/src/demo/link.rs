//! The demo's links, from `links.json`: one per line, oldest first.

use crate::users::User;
use serde::Deserialize;
use serde_json::{Value, json};
use shared::model::Timestamp;

const LINKS: &str = include_str!("links.json");
/// A day in milliseconds.
const DAY: f64 = 24.0 * 60.0 * 60.0 * 1000.0;

/// A link of the demo. Times are in days, counted from the moment at which the demo starts.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DemoLink {
    /// The creator's name on the command line.
    by: String,
    /// How long ago the link was created.
    days_ago: f64,
    /// The slug. If there is no slug here, Signpost generates one.
    id: Option<String>,
    url: String,
    title: Option<String>,
    #[serde(default)]
    tags: Vec<String>,
    access: Option<String>,
    /// The number of days until the link expires; negative if it has expired.
    expires_in: Option<f64>,
    /// How long ago the link was switched off.
    switched_off_days_ago: Option<f64>,
    /// The people who follow the link.
    pub audience: Audience,
    /// How the link's clicks change over time.
    #[serde(default)]
    pub trend: Trend,
    /// The number of clicks by people on a normal weekday.
    pub clicks: f64,
}

/// The people who follow a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Audience {
    /// Colleagues at work.
    Team,
    /// Anyone at any hour, including bots.
    Public,
}

/// How the clicks of a link change over time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trend {
    /// Every week is like the previous one.
    #[default]
    Steady,
    /// Each week has more clicks than the previous one.
    Growing,
    /// Many clicks at first, then fewer.
    Launch,
}

impl DemoLink {
    /// Returns all links, oldest first.
    ///
    /// # Errors
    /// `links.json` is malformed. Returns the reason as a sentence.
    pub fn all() -> Result<Vec<Self>, String> {
        serde_json::from_str(LINKS).map_err(|error| format!("the demo's links cannot be read: {error}"))
    }

    /// Returns the link's creator.
    ///
    /// # Errors
    /// `links.json` contains a user who does not exist. Returns the reason as a sentence.
    pub fn creator(&self) -> Result<&'static User, String> {
        User::named(&self.by).ok_or_else(|| format!("the demo's links name an unknown user, '{}'", self.by))
    }

    /// Returns when the link was created, if the demo starts at `now`.
    pub fn created_at(&self, now: Timestamp) -> Timestamp {
        after(now, -self.days_ago)
    }

    /// Returns when the link was switched off, or `None` if it is still on.
    pub fn switched_off_at(&self, now: Timestamp) -> Option<Timestamp> {
        self.switched_off_days_ago.map(|days| after(now, -days))
    }

    /// Returns the time at which the link stopped redirecting, or `now` if it still redirects.
    pub fn redirected_until(&self, now: Timestamp) -> Timestamp {
        let expired_at = self.expires_at(now).filter(|expires_at| *expires_at < now);
        [self.switched_off_at(now), expired_at].into_iter().flatten().min().unwrap_or(now)
    }

    /// Returns whether only members can follow the link.
    pub fn is_members_only(&self) -> bool {
        self.access.as_deref() == Some("members")
    }

    /// Returns the body of the request that creates the link.
    pub fn body(&self, now: Timestamp) -> Value {
        let mut body = json!({ "url": self.url, "title": self.title, "tags": self.tags });
        let mut add = |name: &str, value: Option<String>| {
            if let Some(value) = value {
                body[name] = value.into();
            }
        };
        add("id", self.id.clone());
        add("access", self.access.clone());
        add("expires_at", self.expires_at(now).map(|at| at.to_string()));
        body
    }

    fn expires_at(&self, now: Timestamp) -> Option<Timestamp> {
        self.expires_in.map(|days| after(now, days).whole_second())
    }
}

/// Returns `now` plus a number of days, which can be negative.
fn after(now: Timestamp, days: f64) -> Timestamp {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a few months in milliseconds are exact in both types"
    )]
    let millis = now.millis() + (days * DAY) as i64;
    Timestamp::try_from(millis).unwrap_or(now)
}
