//! The domain model. A value of one of these types is always valid, because it is created by parsing. Only the HTTP
//! layer handles raw strings.

mod birth;
mod click;
mod counts;
mod day;
mod display_name;
mod filter;
mod forward;
mod handle;
mod idempotency_key;
mod link;
mod organization;
mod record;
mod search;
mod short_path;
mod slug;
mod tag;
mod target_url;
mod timestamp;
mod title;
mod user;

pub use birth::Birth;
pub use click::{Click, Country, Device, LinkKey, Referrer, Visitor};
pub use counts::Counts;
#[cfg(test)]
pub(crate) use counts::tests as counts_tests;
pub use day::Day;
pub use display_name::DisplayName;
pub use filter::{Filter, State};
pub use forward::{Forward, Suffix};
pub use handle::Handle;
pub use idempotency_key::IdempotencyKey;
pub use link::{
    Access, Closed, Destination, Link, LinkEdit, MAX_ALIASES, NewLink, Page, Position, Precondition, Version,
    VersionOf,
};
pub use organization::OrgId;
pub use record::{Actor, Change, Editor, LinkFields, Record, RecordFilter, RecordId, RecordPage};
pub use search::Search;
pub use short_path::{Namespace, ShortPath};
pub use slug::{Slug, SlugGenerator, SlugPrefix};
pub use tag::Tag;
pub(crate) use target_url::has_possible_host;
pub use target_url::{OwnHost, TargetRules, TargetUrl};
pub use timestamp::Timestamp;
pub use title::Title;
pub use user::UserId;

use std::fmt;

/// The error for a value that breaks a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invalid {
    /// A stable code for programs, such as `too_long`.
    pub code: &'static str,
    /// A readable phrase that states the rule. It never contains the value.
    pub message: String,
}

impl Invalid {
    /// Creates the error for a broken rule.
    pub fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }

    /// Creates the error for an expiry that has passed.
    pub fn not_in_the_future() -> Self {
        Invalid::new("not_in_the_future", "an expiry must be in the future")
    }
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Invalid {}

/// Implements the usual conversions for a type that wraps a `String`.
macro_rules! text {
    ($name:ident) => {
        impl $name {
            /// Returns the text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::model::Invalid;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::try_from(text.to_owned())
            }
        }
    };
}
use text;
