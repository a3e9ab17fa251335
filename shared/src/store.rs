//! Links in DynamoDB: table `links`, keyed by `(org_id, id)`, with the index `newest`.
//!
//! One method a route, named after it, and each takes the organization it works in: there is no way to ask for a
//! link without saying whose.

mod client;
mod fault;
mod item;
mod prime;

pub use fault::StoreError;

use crate::model::{Access, Destination, Link, NewLink, OrgId, Page, Position, Slug, UserId};
use crate::settings::{self, Settings};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::SharedHttpClient;
use aws_sdk_dynamodb::operation::delete_item::DeleteItemError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::{ReturnValue, ReturnValuesOnConditionCheckFailure};
use item::{Item, attribute, text};

/// The index of an organization's links by the time they were made.
const NEWEST: &str = "newest";
/// How often a slug is drawn before a create gives up: with 31^8 slugs, never.
const DRAWS: usize = 32;

/// The links of all organizations, reached one organization at a time.
#[derive(Debug, Clone)]
pub struct LinkStore {
    client: Client,
    table: String,
}

/// Whose links somebody may change.
#[derive(Debug, Clone, Copy)]
pub enum Whose<'a> {
    /// Those that this user made.
    Own(&'a UserId),
    /// All of the organization's.
    Anyones,
}

/// Why a link was not deleted.
#[derive(Debug)]
pub enum DeleteError {
    /// There is no such link in this organization.
    NotFound,
    /// It is another user's, and only one's own were asked to go.
    NotYours,
    /// The store did not do as asked.
    Store(StoreError),
}

impl LinkStore {
    /// The links in the table that `LINKS_TABLE` names, where and as whom the SDK's own variables say
    /// (`AWS_REGION`, `AWS_ACCESS_KEY_ID` and its fellows, `AWS_ENDPOINT_URL_DYNAMODB`).
    ///
    /// # Errors
    /// A setting is missing or malformed. Nothing is connected yet.
    pub fn connect(settings: &Settings) -> Result<Self, settings::Error> {
        Self::connect_through(client::http_client(settings)?, settings)
    }

    /// The same through other connections, retries and time limits as ever: faults are injected there.
    ///
    /// # Errors
    /// A setting is missing or malformed.
    pub fn connect_through(http: SharedHttpClient, settings: &Settings) -> Result<Self, settings::Error> {
        Ok(Self { client: client::build(settings, http)?, table: settings.text("LINKS_TABLE")? })
    }

    /// Makes a link under a slug that `draw` gives, drawing again while the slug is taken.
    ///
    /// The write bears a random id of its own, the same in each of the client's retries: where a first try was
    /// applied but its answer lost, the second finds the item it wrote itself and knows that it succeeded.
    ///
    /// # Errors
    /// The store did not do as asked; the link may or may not have been made.
    pub async fn create(
        &self,
        org: &OrgId,
        new: &NewLink,
        mut draw: impl FnMut() -> Slug,
    ) -> Result<Link, StoreError> {
        let write_id = nanoid::nanoid!();
        for _ in 0..DRAWS {
            let link = first_version(org, draw(), new);
            let answer = self
                .client
                .put_item()
                .table_name(&self.table)
                .set_item(Some(item::of(&link, &write_id)))
                .condition_expression("attribute_not_exists(#id)")
                .expression_attribute_names("#id", attribute::ID)
                .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
                .send()
                .await;
            let Err(error) = answer else { return Ok(link) };
            match error.as_service_error() {
                Some(PutItemError::ConditionalCheckFailedException(taken)) => {
                    let writer = taken.item().and_then(|occupant| occupant.get(attribute::WRITE_ID));
                    if writer == Some(&text(&write_id)) {
                        return Ok(link);
                    }
                }
                _ => return Err(error.into()),
            }
        }
        Err(StoreError::NoFreeSlug)
    }

    /// Reads at most `limit` links, newest first, from behind `after` on.
    ///
    /// It reads the index, which follows the table within moments (eventual consistency).
    ///
    /// # Errors
    /// The store did not do as asked, or holds an item that is no link.
    pub async fn list(
        &self,
        org: &OrgId,
        limit: usize,
        after: Option<&Position>,
    ) -> Result<Page, StoreError> {
        let mut start = after.map(|position| item::index_key(org, position));
        let mut links = Vec::new();
        // One more than asked for, so that a last page knows that it is the last.
        while links.len() <= limit {
            let missing = limit + 1 - links.len();
            let answer = self
                .client
                .query()
                .table_name(&self.table)
                .index_name(NEWEST)
                .key_condition_expression("#org_id = :org_id")
                .expression_attribute_names("#org_id", attribute::ORG_ID)
                .expression_attribute_values(":org_id", text(org.as_str()))
                .scan_index_forward(false)
                .limit(i32::try_from(missing).unwrap_or(i32::MAX))
                .set_exclusive_start_key(start)
                .send()
                .await?;
            for found in answer.items() {
                links.push(Item(found).link()?);
            }
            start = answer.last_evaluated_key;
            if start.is_none() {
                break;
            }
        }
        let more = links.len() > limit;
        links.truncate(limit);
        let next = links.last().filter(|_| more);
        let next = next.map(|link| Position { created_at: link.created_at, id: link.id.clone() });
        Ok(Page { links, next })
    }

    /// Reads where a link leads, by one eventually consistent read of what a redirect needs.
    ///
    /// # Errors
    /// The store did not do as asked, or holds an item that is no link.
    pub async fn redirect(&self, org: &OrgId, slug: &Slug) -> Result<Option<Destination>, StoreError> {
        let get = self.client.get_item().table_name(&self.table).set_key(Some(item::key(org, slug)));
        let answer = get
            .projection_expression("#url, #access, #enabled, #expires_at")
            .expression_attribute_names("#url", attribute::URL)
            .expression_attribute_names("#access", attribute::ACCESS)
            .expression_attribute_names("#enabled", attribute::ENABLED)
            .expression_attribute_names("#expires_at", attribute::EXPIRES_AT)
            .send()
            .await?;
        answer.item().map(|found| Item(found).destination()).transpose()
    }

    /// Deletes a link, if it is one of `whose`, and returns it as it was.
    ///
    /// Whose it is, is decided by the store in the same step as the deletion: nothing can happen in between.
    ///
    /// # Errors
    /// [`DeleteError::NotFound`] also where a first try deleted the link and its answer was lost. An item that is no
    /// link is gone all the same.
    pub async fn delete(&self, org: &OrgId, slug: &Slug, whose: Whose<'_>) -> Result<Link, DeleteError> {
        let delete = self
            .client
            .delete_item()
            .table_name(&self.table)
            .set_key(Some(item::key(org, slug)))
            .return_values(ReturnValue::AllOld)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .expression_attribute_names("#id", attribute::ID);
        let delete = match whose {
            Whose::Anyones => delete.condition_expression("attribute_exists(#id)"),
            Whose::Own(user) => delete
                .condition_expression("attribute_exists(#id) AND #creator = :user")
                .expression_attribute_names("#creator", attribute::CREATOR_USER_ID)
                .expression_attribute_values(":user", text(user.as_str())),
        };
        match delete.send().await {
            Ok(answer) => {
                let deleted = answer
                    .attributes()
                    .ok_or_else(|| StoreError::Unavailable("an answer without the item".to_owned()));
                deleted.and_then(|old| Item(old).link()).map_err(DeleteError::Store)
            }
            Err(error) => Err(match error.as_service_error() {
                Some(DeleteItemError::ConditionalCheckFailedException(kept)) if kept.item().is_some() => {
                    DeleteError::NotYours
                }
                Some(DeleteItemError::ConditionalCheckFailedException(_)) => DeleteError::NotFound,
                _ => DeleteError::Store(error.into()),
            }),
        }
    }
}

fn first_version(org: &OrgId, id: Slug, new: &NewLink) -> Link {
    Link {
        org_id: org.clone(),
        id,
        url: new.url.clone(),
        title: None,
        tags: Default::default(),
        access: Access::Public,
        enabled: true,
        expires_at: None,
        creator_user_id: new.creator_user_id.clone(),
        created_at: new.created_at,
        updated_at: new.created_at,
        version: 1,
    }
}
