use super::super::item::{attribute, number, text};
use crate::model::{Access, Filter, State, Timestamp};
use aws_sdk_dynamodb::types::AttributeValue;

/// Seven days, in seconds. A link that expires within this time is listed as expiring.
const EXPIRING_SECONDS: i64 = 7 * 24 * 60 * 60;

/// The filter expression of a query, and the meaning of its placeholders.
#[derive(Default)]
pub(super) struct Conditions {
    all: Vec<&'static str>,
    pub names: Vec<(&'static str, &'static str)>,
    pub values: Vec<(&'static str, AttributeValue)>,
}

impl Conditions {
    /// Returns those conditions of a filter that DynamoDB can check.
    pub fn new(filter: &Filter, now: Timestamp) -> Self {
        let mut conditions = Self::default();
        if let Some(creator) = &filter.creator {
            conditions.all.push("#creator = :creator");
            conditions.names.push(("#creator", attribute::CREATOR_USER_ID));
            conditions.values.push((":creator", text(creator.as_str())));
        }
        if let Some(tag) = &filter.tag {
            conditions.all.push("contains(#tags, :tag)");
            conditions.names.push(("#tags", attribute::TAGS));
            conditions.values.push((":tag", text(tag.as_str())));
        }
        if let Some(prefix) = &filter.prefix {
            conditions.all.push("begins_with(#id, :prefix)");
            conditions.names.push(("#id", attribute::ID));
            conditions.values.push((":prefix", text(prefix.as_str())));
        }
        match filter.state {
            None => {}
            Some(State::On) => {
                conditions.enabled(true);
                conditions.expiry("(attribute_not_exists(#expires_at) OR #expires_at > :now)", now);
            }
            Some(State::Off) => conditions.enabled(false),
            Some(State::Expired) => {
                conditions.enabled(true);
                conditions.expiry("#expires_at <= :now", now);
            }
            Some(State::Expiring) => {
                conditions.enabled(true);
                conditions.expiry("#expires_at > :now AND #expires_at <= :soon", now);
                conditions.values.push((":soon", number(now.seconds() + EXPIRING_SECONDS)));
            }
            Some(State::Members) => {
                conditions.all.push("#access = :access");
                conditions.names.push(("#access", attribute::ACCESS));
                conditions.values.push((":access", text(Access::Members.as_str())));
            }
        }
        conditions
    }

    fn enabled(&mut self, enabled: bool) {
        self.all.push("#enabled = :enabled");
        self.names.push(("#enabled", attribute::ENABLED));
        self.values.push((":enabled", AttributeValue::Bool(enabled)));
    }

    /// Adds a condition on the expiry, by the same rule as
    /// [`Destination::must_be_open`](crate::model::Destination::must_be_open). A link stops redirecting exactly at its
    /// expiry, which has no fraction of a second.
    fn expiry(&mut self, condition: &'static str, now: Timestamp) {
        self.all.push(condition);
        self.names.push(("#expires_at", attribute::EXPIRES_AT));
        self.values.push((":now", number(now.seconds())));
    }

    /// Returns the filter expression, if there are any conditions.
    pub fn expression(&self) -> Option<String> {
        (!self.all.is_empty()).then(|| self.all.join(" AND "))
    }
}
