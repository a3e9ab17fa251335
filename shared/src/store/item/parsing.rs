//! Parsing of the attributes of items.

use super::{Attributes, attribute};
use crate::model::{
    Access, Birth, Destination, Forward, Handle, Link, OrgId, Position, Slug, TargetUrl, Timestamp,
};
use crate::store::StoreError;
use aws_sdk_dynamodb::types::AttributeValue;
use std::collections::BTreeSet;
use std::str::FromStr;

/// An item read from the table. Every attribute is parsed; an error contains the name of the malformed attribute.
pub struct Item<'a>(pub &'a Attributes);

impl Item<'_> {
    pub fn link(&self) -> Result<Link, StoreError> {
        let id = self.parsed(attribute::ID)?;
        let destination = self.destination(&id)?;
        Ok(Link {
            org_id: self.parsed(attribute::ORG_ID)?,
            id,
            stored_birth: self.stored_birth()?,
            url: destination.url,
            title: self.optional(attribute::TITLE, || self.parsed(attribute::TITLE))?,
            tags: self.optional(attribute::TAGS, || self.set(attribute::TAGS))?.unwrap_or_default(),
            access: destination.access,
            forward: destination.forward,
            enabled: destination.enabled,
            expires_at: destination.expires_at,
            creator_user_id: self.parsed(attribute::CREATOR_USER_ID)?,
            creator_name: self.optional(attribute::CREATOR_NAME, || self.parsed(attribute::CREATOR_NAME))?,
            // If the item has a creator's name, `handed_over` is ignored, no matter how the name was set.
            is_handed_over: self.0.contains_key(attribute::HANDED_OVER)
                && !self.0.contains_key(attribute::CREATOR_NAME),
            created_at: self.time(attribute::CREATED_AT, 1)?,
            updated_at: self.time(attribute::UPDATED_AT, 1)?,
            version: self.number(attribute::VERSION)?,
            aliases: self.optional(attribute::ALIASES, || self.set(attribute::ALIASES))?.unwrap_or_default(),
        })
    }

    /// Returns the destination of the link `id`. The item may be a projection, which contains only some of the link's
    /// attributes.
    pub fn destination(&self, id: &Slug) -> Result<Destination, StoreError> {
        let access = Access::from_word(self.text(attribute::ACCESS)?);
        let birth = match self.stored_birth()? {
            Some(birth) => birth,
            None => Birth::derived(id, self.time(attribute::CREATED_AT, 1)?),
        };
        Ok(Destination {
            birth,
            url: self.url()?,
            access: access.ok_or(StoreError::Corrupt(attribute::ACCESS))?,
            forward: self.optional(attribute::FORWARD, || self.forward())?.unwrap_or_default(),
            enabled: self.flag(attribute::ENABLED)?,
            expires_at: self.optional(attribute::EXPIRES_AT, || self.time(attribute::EXPIRES_AT, 1000))?,
            alias_of: None,
        })
    }

    /// Returns what the link forwards. A link without the attribute forwards nothing.
    pub(in crate::store) fn forward(&self) -> Result<Forward, StoreError> {
        Forward::from_word(self.text(attribute::FORWARD)?).ok_or(StoreError::Corrupt(attribute::FORWARD))
    }

    fn stored_birth(&self) -> Result<Option<Birth>, StoreError> {
        self.optional(attribute::BIRTH, || self.parsed(attribute::BIRTH))
    }

    /// Returns the link's position in the index.
    pub fn position(&self) -> Result<Position, StoreError> {
        let newest = self.text(attribute::NEWEST)?;
        let millis = newest.split('#').next().and_then(|millis| millis.parse::<i64>().ok());
        let created_at = millis.and_then(|millis| Timestamp::try_from(millis).ok());
        let created_at = created_at.ok_or(StoreError::Corrupt(attribute::NEWEST))?;
        Ok(Position { created_at, id: self.parsed(attribute::ID)? })
    }

    /// Returns the organization in a handle's item.
    pub fn organization(&self) -> Result<OrgId, StoreError> {
        self.parsed(attribute::ORGANIZATION)
    }

    /// Returns the handles in the item that lists an organization's handles.
    pub fn handles(&self) -> Result<Vec<Handle>, StoreError> {
        let corrupt = || StoreError::Corrupt(attribute::HANDLES);
        let handles =
            self.0.get(attribute::HANDLES).and_then(|value| value.as_l().ok()).ok_or_else(corrupt)?;
        let handle = |value: &AttributeValue| value.as_s().ok()?.parse().ok();
        handles.iter().map(|value| handle(value).ok_or_else(corrupt)).collect()
    }

    /// Returns the slug and the birth of the link that was created with this idempotency key.
    pub fn keyed_link(&self) -> Result<(Slug, Birth), StoreError> {
        Ok((self.parsed(attribute::SLUG)?, self.parsed(attribute::BIRTH)?))
    }

    /// If the item is an alias, returns the current slug and the birth of the alias's link.
    pub fn alias(&self) -> Result<Option<(Slug, Birth)>, StoreError> {
        let alias = || Ok((self.parsed(attribute::ALIAS_OF)?, self.parsed(attribute::BIRTH)?));
        self.optional(attribute::ALIAS_OF, alias)
    }

    /// Returns whether the item has not expired. DynamoDB deletes an expired item only some time later.
    pub fn is_alive(&self, now: Timestamp) -> Result<bool, StoreError> {
        Ok(self.number::<i64>(attribute::TTL)? > now.seconds())
    }

    pub(in crate::store) fn optional<T>(
        &self,
        name: &str,
        read: impl FnOnce() -> Result<T, StoreError>,
    ) -> Result<Option<T>, StoreError> {
        self.0.contains_key(name).then(read).transpose()
    }

    pub(in crate::store) fn text(&self, name: &'static str) -> Result<&str, StoreError> {
        let value = self.0.get(name).and_then(|value| value.as_s().ok());
        value.map(String::as_str).ok_or(StoreError::Corrupt(name))
    }

    pub(in crate::store) fn parsed<T: TryFrom<String>>(&self, name: &'static str) -> Result<T, StoreError> {
        T::try_from(self.text(name)?.to_owned()).map_err(|_| StoreError::Corrupt(name))
    }

    pub(in crate::store) fn number<T: FromStr>(&self, name: &'static str) -> Result<T, StoreError> {
        let digits = self.0.get(name).and_then(|value| value.as_n().ok());
        digits.and_then(|digits| digits.parse().ok()).ok_or(StoreError::Corrupt(name))
    }

    /// Returns the time in an attribute that counts time in units of `unit` milliseconds.
    pub(in crate::store) fn time(&self, name: &'static str, unit: i64) -> Result<Timestamp, StoreError> {
        let millis = self.number::<i64>(name)?.checked_mul(unit);
        millis.and_then(|millis| Timestamp::try_from(millis).ok()).ok_or(StoreError::Corrupt(name))
    }

    pub(in crate::store) fn url(&self) -> Result<TargetUrl, StoreError> {
        let url = TargetUrl::from_canonical(self.text(attribute::URL)?.to_owned());
        url.map_err(|_| StoreError::Corrupt(attribute::URL))
    }

    pub(in crate::store) fn flag(&self, name: &'static str) -> Result<bool, StoreError> {
        let flag = self.0.get(name).and_then(|value| value.as_bool().ok());
        flag.copied().ok_or(StoreError::Corrupt(name))
    }

    pub(in crate::store) fn set<T: FromStr + Ord>(
        &self,
        name: &'static str,
    ) -> Result<BTreeSet<T>, StoreError> {
        let texts = self.0.get(name).and_then(|value| value.as_ss().ok()).ok_or(StoreError::Corrupt(name))?;
        texts.iter().map(|text| text.parse().map_err(|_| StoreError::Corrupt(name))).collect()
    }
}
