//! Links, the history of their changes, and the counts of their clicks, in DynamoDB. Links are in the table `links`,
//! keyed by `(org_id, id)`, with the indexes `newest` and `target`. Records of changes are in the table `history`, with
//! the index `link`. Counts are in the table `clicks`, with the index `days`.
//!
//! Each Lambda function has its own file in this module, with a method of the same name. Every method takes the
//! organization as a parameter, so that a link cannot be reached without its organization.

mod alias;
mod batch;
mod changes;
mod clicks;
mod create;
mod days;
mod delete;
mod fault;
mod handles;
mod history;
mod import;
mod item;
mod list;
mod overview;
mod part;
mod prime;
mod read;
mod record;
mod redirect;
mod stats;
mod tally;
mod undo;
mod update;

pub use changes::ChangeStore;
pub use clicks::ClickStore;
pub use create::{CreateError, Created, RequestMark};
pub use days::{link_of, missing_day_keys};
pub use fault::StoreError;
pub use handles::HandleError;
pub use import::{Imported, Occupant};
pub use item::missing_target;
pub use overview::{Details, Overview, ReadLimit};
pub use stats::Total;
pub use tally::Share;
pub use undo::UndoError;

use crate::aws;
use crate::model::{Destination, Editor, Handle, Link, OrgId, RecordId, Slug};
use crate::settings::{self, Settings};
use crate::ttl_cache::TtlCache;
use aws_config::SdkConfig;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::get_item::builders::GetItemFluentBuilder;
use item::{Attributes, Item, attribute, text};

/// The index of an organization's links by creation time.
const NEWEST: &str = "newest";
/// The index of an organization's links by target URL, and then by creation time.
const TARGET: &str = "target";
/// The index that finds the history records of a link.
const LINK: &str = "link";
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

/// A link after a request to change it. A deleted link is returned as it was before the delete.
#[derive(Debug)]
pub struct Changed {
    /// The link.
    pub link: Link,
    /// The record of the change; `None` if there was nothing to change.
    pub record: Option<RecordId>,
}

/// The reason why a link was not changed.
#[derive(Debug)]
pub enum ChangeError {
    /// The organization has no such link.
    NotFound,
    /// Another user created the link, and the editor cannot edit other users' links.
    NotYours,
    /// The edit hands the link over, but the editor does not manage all links.
    NotAManager,
    /// The link does not have one of the required versions.
    PreconditionFailed,
    /// The edit sets an expiry that has passed, and the link has a different expiry.
    ExpiryPassed,
    /// The link cannot get this slug, because it is the slug or an alias of another link.
    SlugTaken(Slug),
    /// The link has the maximum number of aliases.
    AliasLimit,
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

/// Returns the item, if there is one and the editor can edit its link.
fn covered<'a>(item: Option<&'a Attributes>, by: &Editor) -> Result<&'a Attributes, ChangeError> {
    let item = item.ok_or(ChangeError::NotFound)?;
    let is_own = item.get(attribute::CREATOR_USER_ID) == Some(&text(by.actor.user_id.as_str()));
    if by.edits_all_links || is_own { Ok(item) } else { Err(ChangeError::NotYours) }
}

/// Returns whether the item was written by the write with this id.
fn is_written_by(item: Option<&Attributes>, write_id: &str) -> bool {
    item.and_then(|item| item.get(attribute::WRITE_ID)) == Some(&text(write_id))
}
