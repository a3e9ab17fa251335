//! A link as a DynamoDB item. Attribute names are those of the table; the API uses its own names.

use super::StoreError;
use crate::model::{
    Access, Birth, Destination, Forward, Handle, Link, OrgId, Position, Slug, Tag, TargetUrl, Timestamp,
};
use aws_sdk_dynamodb::types::AttributeValue;
use sha2::{Digest, Sha256};
use std::collections::{BTreeSet, HashMap};
use std::str::FromStr;

/// The attributes' names.
pub mod attribute {
    pub const ACCESS: &str = "access";
    /// The link's current slug, in the item of an alias.
    pub const ALIAS_OF: &str = "alias_of";
    pub const ALIASES: &str = "aliases";
    pub const BIRTH: &str = "birth";
    pub const CREATED_AT: &str = "created_at";
    pub const CREATOR_NAME: &str = "creator_name";
    pub const CREATOR_USER_ID: &str = "creator_user_id";
    pub const ENABLED: &str = "enabled";
    pub const EXPIRES_AT: &str = "expires_at";
    pub const FORWARD: &str = "forward";
    /// True if the link was handed over to its creator, whose name is not known yet. Their first edit stores the name.
    /// Without this mark, an edit could restore a name that an operator has removed.
    pub const HANDED_OVER: &str = "handed_over";
    pub const HANDLES: &str = "handles";
    pub const ID: &str = "id";
    pub const NEWEST: &str = "newest";
    pub const ORGANIZATION: &str = "organization";
    pub const ORG_ID: &str = "org_id";
    /// The hash of the body of a create request. The hash is in the item of the request's idempotency key, or in the
    /// link itself if the link was made before idempotency keys had their own items.
    pub const REQUEST_HASH: &str = "request_hash";
    /// The hash of an idempotency key. Only the item of a link that was made before idempotency keys had their own
    /// items contains this attribute.
    pub const REQUEST_KEY: &str = "request_key";
    pub const SLUG: &str = "slug";
    pub const TAGS: &str = "tags";
    pub const TARGET: &str = "target";
    pub const TITLE: &str = "title";
    pub const TTL: &str = "ttl";
    pub const UPDATED_AT: &str = "updated_at";
    pub const URL: &str = "url";
    pub const VERSION: &str = "version";
    pub const WRITE_ID: &str = "write_id";
}

pub type Attributes = HashMap<String, AttributeValue>;

/// A string attribute.
pub fn text(value: &str) -> AttributeValue {
    AttributeValue::S(value.to_owned())
}

pub fn number(value: impl ToString) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

/// The key of a link.
pub fn key(org: &OrgId, slug: &Slug) -> Attributes {
    attributes([(attribute::ORG_ID, text(org.as_str())), (attribute::ID, text(slug.as_str()))])
}

/// The key of a link in the index `newest`, whether or not the link still exists.
pub fn index_key(org: &OrgId, position: &Position) -> Attributes {
    let mut key = key(org, &position.id);
    key.insert(attribute::NEWEST.to_owned(), text(&newest(position.created_at, &position.id)));
    key
}

/// The sort key of a link in the index `newest`. Times have a fixed width, so that the strings sort like the times. The
/// id breaks ties.
fn newest(created_at: Timestamp, id: &Slug) -> String {
    format!("{:015}#{id}", created_at.millis())
}

/// The organization and the first 128 bits of the URL's SHA-256: the partition key of the index `target`. No organization
/// id contains `#`. The key has a hash, because a key has at most 2,048 bytes and the URL alone can be that long. After a
/// query, the URLs of the links are compared too.
pub fn target(org: &OrgId, url: &TargetUrl) -> AttributeValue {
    let hash = Sha256::digest(url.as_str());
    let hex: String = hash.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    text(&format!("{org}#{hex}"))
}

/// Returns the attribute that puts a link into the index `target`, if the item is a link without this attribute.
///
/// This function is for tools that fill the index. Any write of a link adds the attribute.
pub fn missing_target(item: &Attributes) -> Option<(&'static str, AttributeValue)> {
    let link = Item(item).link().ok()?;
    let target = target(&link.org_id, &link.url);
    (item.get(attribute::TARGET) != Some(&target)).then_some((attribute::TARGET, target))
}

/// Returns the item of a link. `write_id` is the id of the write that stores the item.
pub fn of(link: &Link, write_id: &str) -> Attributes {
    let mut item = attributes([
        (attribute::ORG_ID, text(link.org_id.as_str())),
        (attribute::ID, text(link.id.as_str())),
        (attribute::URL, text(link.url.as_str())),
        (attribute::TARGET, target(&link.org_id, &link.url)),
        (attribute::ACCESS, text(link.access.as_str())),
        (attribute::ENABLED, AttributeValue::Bool(link.enabled)),
        (attribute::CREATOR_USER_ID, text(link.creator_user_id.as_str())),
        (attribute::CREATED_AT, number(link.created_at.millis())),
        (attribute::UPDATED_AT, number(link.updated_at.millis())),
        (attribute::VERSION, number(link.version)),
        (attribute::WRITE_ID, text(write_id)),
        (attribute::NEWEST, text(&newest(link.created_at, &link.id))),
    ]);
    let mut add = |name: &str, value| item.insert(name.to_owned(), value);
    if let Some(birth) = &link.stored_birth {
        add(attribute::BIRTH, text(birth.as_str()));
    }
    if let Some(name) = &link.creator_name {
        add(attribute::CREATOR_NAME, text(name.as_str()));
    }
    if link.is_handed_over {
        add(attribute::HANDED_OVER, AttributeValue::Bool(true));
    }
    if let Some(title) = &link.title {
        add(attribute::TITLE, text(title.as_str()));
    }
    if let Some(expires_at) = link.expires_at {
        add(attribute::EXPIRES_AT, number(expires_at.seconds()));
        add(attribute::TTL, ttl(expires_at));
    }
    if link.forward != Forward::None {
        add(attribute::FORWARD, text(link.forward.as_str()));
    }
    if !link.tags.is_empty() {
        add(attribute::TAGS, tags(&link.tags));
    }
    if let Some(aliases) = aliases(&link.aliases) {
        add(attribute::ALIASES, aliases);
    }
    item
}

/// Returns the aliases as a string set, or `None` if there are no aliases, because DynamoDB has no empty sets.
pub fn aliases(aliases: &BTreeSet<Slug>) -> Option<AttributeValue> {
    (!aliases.is_empty()).then(|| AttributeValue::Ss(aliases.iter().map(Slug::to_string).collect()))
}

/// Returns a link's item after removing the aliases in `lost` from it.
pub fn without_aliases(item: &Attributes, lost: &BTreeSet<Slug>) -> Result<Attributes, StoreError> {
    let mut kept = Item(item).link()?.aliases;
    kept.retain(|alias| !lost.contains(alias));
    let mut item = item.clone();
    match aliases(&kept) {
        Some(aliases) => item.insert(attribute::ALIASES.to_owned(), aliases),
        None => item.remove(attribute::ALIASES),
    };
    Ok(item)
}

/// Returns a string set. DynamoDB has no empty sets: if there are no tags, the attribute is left out.
pub fn tags(tags: &BTreeSet<Tag>) -> AttributeValue {
    AttributeValue::Ss(tags.iter().map(Tag::to_string).collect())
}

/// Returns the TTL of an item: 30 days after the link's expiry, so that an expiry that was set by mistake can still be
/// changed.
pub fn ttl(expires_at: Timestamp) -> AttributeValue {
    const THIRTY_DAYS: i64 = 30 * 24 * 60 * 60;
    number(expires_at.seconds() + THIRTY_DAYS)
}

/// Returns the item of a link's next version. `old` is the item of the previous version, and `write_id` is the id of
/// the write that creates the next version.
///
/// Attributes that do not belong to a link are kept. The TTL is kept if the expiry has not changed.
pub fn next(old: &Attributes, link: &Link, write_id: &str) -> Attributes {
    let optional = [
        attribute::ALIASES,
        attribute::CREATOR_NAME,
        attribute::EXPIRES_AT,
        attribute::FORWARD,
        attribute::HANDED_OVER,
        attribute::TAGS,
        attribute::TITLE,
        attribute::TTL,
    ];
    let mut item = of(link, write_id);
    for (name, value) in old.iter().filter(|(name, _)| !optional.contains(&name.as_str())) {
        item.entry(name.clone()).or_insert_with(|| value.clone());
    }
    if item.get(attribute::EXPIRES_AT) == old.get(attribute::EXPIRES_AT)
        && let Some(ttl) = old.get(attribute::TTL)
    {
        item.insert(attribute::TTL.to_owned(), ttl.clone());
    }
    item
}

fn attributes<const N: usize>(pairs: [(&str, AttributeValue); N]) -> Attributes {
    pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

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
    pub(super) fn forward(&self) -> Result<Forward, StoreError> {
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

    pub(super) fn optional<T>(
        &self,
        name: &str,
        read: impl FnOnce() -> Result<T, StoreError>,
    ) -> Result<Option<T>, StoreError> {
        self.0.contains_key(name).then(read).transpose()
    }

    pub(super) fn text(&self, name: &'static str) -> Result<&str, StoreError> {
        let value = self.0.get(name).and_then(|value| value.as_s().ok());
        value.map(String::as_str).ok_or(StoreError::Corrupt(name))
    }

    pub(super) fn parsed<T: TryFrom<String>>(&self, name: &'static str) -> Result<T, StoreError> {
        T::try_from(self.text(name)?.to_owned()).map_err(|_| StoreError::Corrupt(name))
    }

    pub(super) fn number<T: FromStr>(&self, name: &'static str) -> Result<T, StoreError> {
        let digits = self.0.get(name).and_then(|value| value.as_n().ok());
        digits.and_then(|digits| digits.parse().ok()).ok_or(StoreError::Corrupt(name))
    }

    /// Returns the time in an attribute that counts time in units of `unit` milliseconds.
    pub(super) fn time(&self, name: &'static str, unit: i64) -> Result<Timestamp, StoreError> {
        let millis = self.number::<i64>(name)?.checked_mul(unit);
        millis.and_then(|millis| Timestamp::try_from(millis).ok()).ok_or(StoreError::Corrupt(name))
    }

    pub(super) fn url(&self) -> Result<TargetUrl, StoreError> {
        let url = TargetUrl::from_canonical(self.text(attribute::URL)?.to_owned());
        url.map_err(|_| StoreError::Corrupt(attribute::URL))
    }

    pub(super) fn flag(&self, name: &'static str) -> Result<bool, StoreError> {
        let flag = self.0.get(name).and_then(|value| value.as_bool().ok());
        flag.copied().ok_or(StoreError::Corrupt(name))
    }

    pub(super) fn set<T: FromStr + Ord>(&self, name: &'static str) -> Result<BTreeSet<T>, StoreError> {
        let texts = self.0.get(name).and_then(|value| value.as_ss().ok()).ok_or(StoreError::Corrupt(name))?;
        texts.iter().map(|text| text.parse().map_err(|_| StoreError::Corrupt(name))).collect()
    }
}
