//! Links and the counts of their clicks, in DynamoDB. Links are in the table `links`, keyed by `(org_id, id)`, with the
//! indexes `newest` and `target`. Counts are in the table `clicks`, with the index `days`.
//!
//! Each Lambda function has its own file in this module, with a method of the same name. Every method takes the
//! organization as a parameter, so that a link cannot be reached without its organization.

mod batch;
mod clicks;
mod create;
mod days;
mod delete;
mod fault;
mod handles;
mod item;
mod list;
mod overview;
mod prime;
mod read;
mod redirect;
mod stats;
mod tally;
mod update;

pub use clicks::ClickStore;
pub use create::{CreateError, Created, RequestMark};
pub use days::{link_of, missing_day_keys};
pub use fault::StoreError;
pub use handles::HandleError;
pub use item::missing_target;
pub use overview::{Details, Overview, ReadLimit};
pub use stats::Total;
pub use tally::Share;

use crate::aws;
use crate::model::{Destination, Handle, OrgId, Precondition, Slug, UserId, VersionOf};
use crate::settings::{self, Settings};
use crate::ttl_cache::TtlCache;
use aws_config::SdkConfig;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::get_item::builders::GetItemFluentBuilder;
use aws_sdk_dynamodb::types::AttributeValue;
use item::{Attributes, Item, attribute, number, text};

/// The index of an organization's links by creation time.
const NEWEST: &str = "newest";
/// The index of an organization's links by target URL, and then by creation time.
const TARGET: &str = "target";
/// The TTL of a cached handle in milliseconds: five minutes.
const HANDLE_TTL: i64 = 5 * 60 * 1000;

/// The store of all organizations' links. Each call reaches the links of only one organization.
#[derive(Debug)]
pub struct LinkStore {
    dynamodb: Client,
    table: String,
    /// The destinations of links.
    destinations: TtlCache<(OrgId, Slug), Destination>,
    /// The owners of handles.
    organizations: TtlCache<Handle, OrgId>,
    /// The newest handle of each organization, if it has one.
    handles: TtlCache<OrgId, Option<Handle>>,
}

/// The links that a caller can change.
#[derive(Debug, Clone, Copy)]
pub enum Scope<'a> {
    /// The links that this user created.
    Own(&'a UserId),
    /// All links of the organization.
    All,
}

/// The reason why a link was not changed.
#[derive(Debug)]
pub enum ChangeError {
    /// The organization has no such link.
    NotFound,
    /// Another user made the link, and the scope is [`Scope::Own`].
    NotYours,
    /// The link does not have one of the required versions.
    PreconditionFailed,
    /// The edit sets an expiry that has passed, and the link has a different expiry.
    ExpiryPassed,
    /// A call failed.
    Store(StoreError),
}

impl From<StoreError> for ChangeError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl LinkStore {
    /// Returns the store of links, which uses the table `LINKS_TABLE`.
    ///
    /// Destinations are cached for `LINK_CACHE_SECONDS` (default 0, no caching). `AWS_ENDPOINT_URL_DYNAMODB` or
    /// `AWS_ENDPOINT_URL` overrides the region's endpoint.
    ///
    /// # Errors
    /// A setting is missing or malformed. No connection is opened yet.
    pub fn connect(config: &SdkConfig, settings: &Settings) -> Result<Self, settings::Error> {
        Ok(Self {
            dynamodb: aws::dynamodb(config, settings)?,
            table: settings.text("LINKS_TABLE")?,
            destinations: TtlCache::new(settings.link_cache_seconds()? * 1000),
            organizations: TtlCache::new(HANDLE_TTL),
            handles: TtlCache::new(HANDLE_TTL),
        })
    }

    /// Returns a request that reads the item with this key.
    fn get_item(&self, key: Attributes) -> GetItemFluentBuilder {
        self.dynamodb.get_item().table_name(&self.table).set_key(Some(key))
    }
}

/// The condition expression of a change, and the meaning of its placeholders.
struct Condition {
    expression: String,
    names: Vec<(&'static str, &'static str)>,
    values: Vec<(String, AttributeValue)>,
}

impl Condition {
    /// Returns the condition that the link exists, `scope` covers it and `precondition` allows the change.
    ///
    /// DynamoDB checks the condition and changes the item in a single step, so that no other write can happen in
    /// between.
    fn of(scope: Scope<'_>, precondition: &Precondition) -> Self {
        let mut condition = Self {
            expression: "attribute_exists(#id)".to_owned(),
            names: vec![("#id", attribute::ID)],
            values: Vec::new(),
        };
        if let Scope::Own(user) = scope {
            condition.and("#creator = :user");
            condition.names.push(("#creator", attribute::CREATOR_USER_ID));
            condition.values.push((":user".to_owned(), text(user.as_str())));
        }
        if let Precondition::OneOf(versions) = precondition {
            // No link has version 0, so the condition is never true if the precondition contains no version.
            let mut alternatives = vec!["#version = :never".to_owned()];
            condition.values.push((":never".to_owned(), number(0)));
            condition.names.push(("#version", attribute::VERSION));
            for (index, version) in versions.iter().enumerate() {
                let same = condition.is_link(index, &version.link);
                alternatives.push(format!("({same} AND #version = :version{index})"));
                condition.values.push((format!(":version{index}"), number(version.number)));
            }
            condition.and(&format!("({})", alternatives.join(" OR ")));
        }
        condition
    }

    /// Returns the condition that the item is this link at this version, by the same rule as [`Precondition::allows`].
    fn is_link(&mut self, index: usize, link: &VersionOf) -> String {
        self.names.push(("#birth", attribute::BIRTH));
        let derived = match link {
            VersionOf::Birth(birth) => {
                self.values.push((format!(":birth{index}"), text(birth.as_str())));
                birth.source()
            }
            VersionOf::CreatedAt(_) => None,
        };
        let made = match (link, &derived) {
            (VersionOf::CreatedAt(made), _) | (_, Some((_, made))) => *made,
            // DynamoDB rejects a name that the expression does not use.
            _ => return format!("#birth = :birth{index}"),
        };
        self.names.push(("#made", attribute::CREATED_AT));
        self.values.push((format!(":made{index}"), number(made.millis())));
        match derived {
            Some((id, _)) => {
                self.values.push((format!(":id{index}"), text(id.as_str())));
                format!(
                    "(#birth = :birth{index} OR (attribute_not_exists(#birth) AND #id = :id{index} AND #made = :made{index}))"
                )
            }
            // No random birth contains `#`.
            None => {
                self.values.push((":derived".to_owned(), text("#")));
                format!(
                    "#made = :made{index} AND (attribute_not_exists(#birth) OR contains(#birth, :derived))"
                )
            }
        }
    }

    fn and(&mut self, more: &str) {
        self.expression = format!("{} AND {more}", self.expression);
    }
}

/// Returns the item, if there is one and `scope` covers it.
fn covered<'a>(item: Option<&'a Attributes>, scope: Scope<'_>) -> Result<&'a Attributes, ChangeError> {
    let item = item.ok_or(ChangeError::NotFound)?;
    match scope {
        Scope::Own(user) if item.get(attribute::CREATOR_USER_ID) != Some(&text(user.as_str())) => {
            Err(ChangeError::NotYours)
        }
        _ => Ok(item),
    }
}

/// Returns whether the item was written by the write with this id.
fn is_written_by(item: Option<&Attributes>, write_id: &str) -> bool {
    item.and_then(|item| item.get(attribute::WRITE_ID)) == Some(&text(write_id))
}
