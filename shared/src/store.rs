//! Links in DynamoDB: table `links`, keyed by `(org_id, id)`, with the index `newest`; and how often they were followed,
//! in table `clicks`.
//!
//! A file for each function's share, and in it a method of its name. Each takes the organization it works in: there is no
//! way to ask for a link without saying whose.

mod clicks;
mod create;
mod delete;
mod dynamodb;
mod fault;
mod handle;
mod item;
mod list;
mod prime;
mod read;
mod redirect;
mod stats;
mod tally;
mod update;

pub use clicks::ClickStore;
pub use create::{CreateError, Created, RequestMark};
pub use fault::StoreError;
pub use handle::HandleError;
pub use stats::Total;
pub use tally::Share;

use crate::aws;
use crate::memory::Memory;
use crate::model::{Destination, Handle, OrgId, Precondition, Slug, UserId};
use crate::settings::{self, Settings};
use aws_sdk_dynamodb::config::SharedHttpClient;
use aws_sdk_dynamodb::operation::get_item::GetItemInput;
use aws_sdk_dynamodb::operation::get_item::builders::GetItemInputBuilder;
use aws_sdk_dynamodb::types::AttributeValue;
use dynamodb::DynamoDb;
use item::{Attributes, Item, attribute, number, text};

/// The index of an organization's links by the time they were made.
const NEWEST: &str = "newest";
/// For how long a handle is remembered.
const FIVE_MINUTES: i64 = 5 * 60 * 1000;

/// The links of all organizations, reached one organization at a time.
#[derive(Debug)]
pub struct LinkStore {
    dynamodb: DynamoDb,
    table: String,
    /// Where links lead.
    destinations: Memory<(OrgId, Slug), Destination>,
    /// Whose a handle is.
    organizations: Memory<Handle, OrgId>,
    /// What an organization's newest handle is, if it has one.
    handles: Memory<OrgId, Option<Handle>>,
}

/// Whose links somebody may change.
#[derive(Debug, Clone, Copy)]
pub enum Whose<'a> {
    /// Those that this user made.
    Own(&'a UserId),
    /// All of the organization's.
    Anyones,
}

/// Why a link was not changed.
#[derive(Debug)]
pub enum ChangeError {
    /// There is no such link in this organization.
    NotFound,
    /// It is another user's, and only one's own were asked to change.
    NotYours,
    /// It is none of the versions that it was asked to be.
    PreconditionFailed,
    /// The store did not do as asked.
    Store(StoreError),
}

impl From<StoreError> for ChangeError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl LinkStore {
    /// The links in the table that `LINKS_TABLE` names, where and as whom the SDK's own variables say
    /// (`AWS_REGION`, `AWS_ACCESS_KEY_ID` and its fellows, `AWS_ENDPOINT_URL_DYNAMODB`).
    ///
    /// Where a link leads is remembered for `LINK_CACHE_SECONDS` (0, where left out: not at all).
    ///
    /// # Errors
    /// A setting is missing or malformed. Nothing is connected yet.
    pub fn connect(settings: &Settings) -> Result<Self, settings::Error> {
        Self::connect_through(aws::http_client(settings)?, settings)
    }

    /// The same through other connections, retries and time limits as ever: faults are injected there.
    ///
    /// # Errors
    /// A setting is missing or malformed.
    pub fn connect_through(http: SharedHttpClient, settings: &Settings) -> Result<Self, settings::Error> {
        Ok(Self {
            dynamodb: DynamoDb::connect(settings, http)?,
            table: settings.text("LINKS_TABLE")?,
            destinations: Memory::new(settings.link_cache_seconds()? * 1000),
            organizations: Memory::new(FIVE_MINUTES),
            handles: Memory::new(FIVE_MINUTES),
        })
    }

    /// A read of the item with this key.
    fn get(&self, key: Attributes) -> GetItemInputBuilder {
        GetItemInput::builder().table_name(&self.table).set_key(Some(key))
    }
}

/// A condition under which a link may be changed, and what its placeholders stand for.
struct Condition {
    expression: String,
    names: Vec<(&'static str, &'static str)>,
    values: Vec<(String, AttributeValue)>,
}

impl Condition {
    /// The link is there, is one of `whose`, and is what `precondition` says.
    ///
    /// It is looked at by the store in the same step as the change: nothing can happen in between.
    fn of(whose: Whose<'_>, precondition: &Precondition) -> Self {
        let mut condition = Self {
            expression: "attribute_exists(#id)".to_owned(),
            names: vec![("#id", attribute::ID)],
            values: Vec::new(),
        };
        if let Whose::Own(user) = whose {
            condition.and("#creator = :user");
            condition.names.push(("#creator", attribute::CREATOR_USER_ID));
            condition.values.push((":user".to_owned(), text(user.as_str())));
        }
        if let Precondition::OneOf(versions) = precondition {
            // No link has the version 0: without any version to be, nothing holds.
            let mut alternatives = vec!["#version = :never".to_owned()];
            condition.values.push((":never".to_owned(), number(0)));
            condition.names.push(("#version", attribute::VERSION));
            // DynamoDB refuses a name that no part of the condition uses.
            condition.names.extend((!versions.is_empty()).then_some(("#made", attribute::CREATED_AT)));
            for (index, version) in versions.iter().enumerate() {
                alternatives.push(format!("(#made = :made{index} AND #version = :version{index})"));
                condition.values.push((format!(":made{index}"), number(version.created_at.millis())));
                condition.values.push((format!(":version{index}"), number(version.number)));
            }
            condition.and(&format!("({})", alternatives.join(" OR ")));
        }
        condition
    }

    fn and(&mut self, more: &str) {
        self.expression = format!("{} AND {more}", self.expression);
    }
}

/// Why a condition did not hold, told from the item it did not hold for.
fn refusal(item: Option<&Attributes>, whose: Whose<'_>) -> ChangeError {
    let Some(item) = item else { return ChangeError::NotFound };
    match whose {
        Whose::Own(user) if item.get(attribute::CREATOR_USER_ID) != Some(&text(user.as_str())) => {
            ChangeError::NotYours
        }
        _ => ChangeError::PreconditionFailed,
    }
}

/// Whether the item was written by the write of this id.
fn is_written_by(item: Option<&Attributes>, write_id: &str) -> bool {
    item.and_then(|item| item.get(attribute::WRITE_ID)) == Some(&text(write_id))
}
