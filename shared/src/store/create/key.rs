//! Idempotency keys: each key is an item, written in the transaction that makes the link. Therefore two concurrent
//! requests with the same key make only one link, whatever slugs they choose. The item contains the link's birth: if
//! that link was deleted, the key is free.

use super::{CreateError, RequestMark};
use crate::model::{Birth, Link, OrgId, Timestamp};
use crate::store::StoreError;
use crate::store::changes::ChangeStore;
use crate::store::item::{Attributes, Item, attribute, number, text};
use aws_sdk_dynamodb::error::BuildError;
use aws_sdk_dynamodb::types::{Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem};

/// The prefix of the sort key in an idempotency key's item. No slug starts with `@`.
pub const KEY_PREFIX: &str = "@key#";
/// How long a key is reserved, in seconds.
pub const KEY_TTL: i64 = 24 * 60 * 60;
/// The idempotency key of a link that is being made.
#[derive(Debug, Clone, Copy)]
pub struct Key<'a> {
    /// The request.
    pub mark: &'a RequestMark,
    /// How long the key is reserved, in seconds. `None` means that it is reserved until its link is deleted.
    pub ttl: Option<i64>,
    /// The birth of a link. A key that belongs to this link counts as free.
    pub stale: Option<&'a Birth>,
}

/// The request that an idempotency key belongs to.
pub(super) enum KeyOf {
    /// An earlier attempt of this request. Contains the current state of the link that the attempt made.
    SameRequest(Box<Link>),
    /// A different request, whose link still exists.
    OtherRequest,
    /// A request whose link was deleted; the delete frees the key. Contains the link's birth.
    DeletedLink(Birth),
}

impl ChangeStore {
    /// Returns the current state of the link that an earlier attempt of this request made.
    ///
    /// # Errors
    /// A call failed, or an item is malformed.
    pub async fn replay(
        &self,
        org: &OrgId,
        mark: &RequestMark,
        now: Timestamp,
    ) -> Result<Option<Link>, StoreError> {
        let answer = self.links.get_item(key(org, mark)).consistent_read(true).send().await?;
        let Some(found) = answer.item() else { return Ok(None) };
        if !Item(found).is_alive(now)? || !is_of(found, mark) {
            return Ok(None);
        }
        self.keyed_link(org, found).await
    }

    /// Reads the link that a key's item refers to, unless the link was deleted. The link's current slug may differ from
    /// the slug with which the link was created.
    async fn keyed_link(&self, org: &OrgId, key: &Attributes) -> Result<Option<Link>, StoreError> {
        let (slug, birth) = Item(key).keyed_link()?;
        let found = self.item_of(org, &birth, &slug).await?;
        found.map(|found| Item(&found).link()).transpose()
    }

    /// Returns the request that the key's item belongs to.
    pub(super) async fn link_of_key(
        &self,
        org: &OrgId,
        key: &Attributes,
        mark: &RequestMark,
    ) -> Result<KeyOf, StoreError> {
        Ok(match self.keyed_link(org, key).await? {
            Some(before) if is_of(key, mark) => KeyOf::SameRequest(Box::new(before)),
            Some(_) => KeyOf::OtherRequest,
            None => KeyOf::DeletedLink(Item(key).keyed_link()?.1),
        })
    }

    /// Returns the write that stores a link's idempotency key.
    pub(super) fn put_key(
        &self,
        link: &Link,
        Key { mark, ttl, stale }: Key<'_>,
    ) -> Result<TransactWriteItem, BuildError> {
        let now = link.created_at.seconds();
        let mut condition = "attribute_not_exists(#id) OR #ttl <= :now".to_owned();
        let mut put = Put::builder()
            .table_name(&self.links.table)
            .set_item(Some(key(&link.org_id, mark)))
            .item(attribute::SLUG, text(link.id.as_str()))
            .item(attribute::BIRTH, text(link.birth().as_str()))
            .item(attribute::REQUEST_HASH, text(&mark.hash))
            .expression_attribute_names("#id", attribute::ID)
            .expression_attribute_names("#ttl", attribute::TTL)
            .expression_attribute_values(":now", number(now));
        if let Some(ttl) = ttl {
            put = put.item(attribute::TTL, number(now + ttl));
        }
        if let Some(stale) = stale {
            condition.push_str(" OR #birth = :stale");
            put = put
                .expression_attribute_names("#birth", attribute::BIRTH)
                .expression_attribute_values(":stale", text(stale.as_str()));
        }
        let put = put
            .condition_expression(condition)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .build()?;
        Ok(TransactWriteItem::builder().put(put).build())
    }
}

pub fn key(org: &OrgId, mark: &RequestMark) -> Attributes {
    let pairs = [(attribute::ORG_ID, org.as_str()), (attribute::ID, &format!("{KEY_PREFIX}{}", mark.key))];
    pairs.map(|(name, value)| (name.to_owned(), text(value))).into()
}

/// Returns whether the item belongs to a request with the same body.
fn is_of(item: &Attributes, mark: &RequestMark) -> bool {
    item.get(attribute::REQUEST_HASH) == Some(&text(&mark.hash))
}

/// Returns the link that has the slug, if this request made the link before idempotency keys were stored as items. At
/// that time, the key was stored in the link's own item.
pub(super) fn made_before(
    taken: Option<&Attributes>,
    mark: &RequestMark,
) -> Result<Option<Link>, CreateError> {
    match taken.filter(|taken| taken.get(attribute::REQUEST_KEY) == Some(&text(&mark.key))) {
        Some(own) if is_of(own, mark) => Ok(Some(Item(own).link()?)),
        Some(_) => Err(CreateError::KeyReused),
        None => Ok(None),
    }
}
