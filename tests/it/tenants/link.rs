//! A link in the model, and what changes do to it.

use super::people::{user_id, user_name};
use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::Value;
use shared::model::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

/// The values that the model knows, keyed by the names of the table's attributes. A value that a link lacks is left
/// out.
pub type Values = BTreeMap<String, Value>;

/// The names of all values that the model knows.
pub const NAMES: [&str; 8] =
    ["aliases", "created_at", "creator_name", "creator_user_id", "expires_at", "handed_over", "id", "url"];

/// How long after its expiry a link is deleted, in seconds.
const TTL_AFTER_EXPIRY: i64 = 30 * 24 * 60 * 60;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    pub slug: String,
    pub aliases: BTreeSet<String>,
    pub url: String,
    pub creator: String,
    pub creator_name: Option<String>,
    /// Whether the link was handed over to its creator, whose name becomes known with their next edit.
    pub is_handed_over: bool,
    /// In seconds.
    pub expires_at: Option<i64>,
    pub version: u64,
    pub created_at: i64,
    /// The birth under which the link's clicks are counted.
    pub birth: String,
    /// Whether the link's item contains the birth. A link that was created before births were stored gets its birth
    /// with its first edit.
    pub has_birth: bool,
}

/// The values that an edit sends.
#[derive(Debug, Clone, Default)]
pub struct Edit {
    pub slug: Option<String>,
    pub url: Option<String>,
    pub creator: Option<String>,
    pub expires_at: Option<Option<i64>>,
}

impl Link {
    pub fn etag(&self, version: u64) -> String {
        if self.has_birth { etag(&self.birth, version) } else { etag(self.created_at, version) }
    }

    /// Returns whether the link has this slug or this alias.
    pub fn has(&self, slug: &str) -> bool {
        self.slug == slug || self.aliases.contains(slug)
    }

    pub fn slugs(&self) -> impl Iterator<Item = &String> {
        std::iter::once(&self.slug).chain(&self.aliases)
    }

    /// Returns the earliest time at which DynamoDB may delete the link and its aliases, in seconds.
    pub fn ttl(&self) -> Option<i64> {
        self.expires_at.map(|expires_at| expires_at + TTL_AFTER_EXPIRY)
    }

    /// Returns the next version, after a user's edit. An edit that changes nothing makes no new version.
    pub fn edited(&self, edit: &Edit, user: usize) -> Self {
        let mut next = self.clone();
        if let Some(slug) = &edit.slug
            && *slug != self.slug
        {
            next.aliases.remove(slug);
            next.aliases.insert(std::mem::replace(&mut next.slug, slug.clone()));
        }
        if let Some(url) = &edit.url {
            next.url.clone_from(url);
        }
        if let Some(expires_at) = edit.expires_at {
            next.expires_at = expires_at;
        }
        if let Some(creator) = &edit.creator
            && *creator != self.creator
        {
            (next.creator, next.creator_name, next.is_handed_over) = (creator.clone(), None, true);
        }
        if next == *self {
            return next;
        }
        if next.is_handed_over && next.creator == user_id(user) {
            next.creator_name = user_name(user);
            next.is_handed_over = next.creator_name.is_none();
        }
        next.with_next_version()
    }

    pub fn without_alias(&self, alias: &str) -> Self {
        let mut next = self.clone();
        next.aliases.remove(alias);
        next.with_next_version()
    }

    /// Returns the next version of the link. The values with these names are taken from `values`.
    pub fn with_values<'a>(&self, names: impl Iterator<Item = &'a String>, values: &Values) -> Self {
        let mut all = self.values();
        for name in names {
            match values.get(name) {
                Some(value) => all.insert(name.clone(), value.clone()),
                None => all.remove(name),
            };
        }
        Self::from_values(&all, &self.birth, self.version).with_next_version()
    }

    pub fn with_next_version(mut self) -> Self {
        (self.version, self.has_birth) = (self.version + 1, true);
        self
    }

    pub fn values(&self) -> Values {
        let name = self.creator_name.clone().map(Value::from);
        let aliases = Value::from_iter(self.aliases.iter().cloned());
        let values = [
            ("aliases", Some(aliases).filter(|_| !self.aliases.is_empty())),
            ("created_at", Some(self.created_at.into())),
            ("creator_name", name),
            ("creator_user_id", Some(self.creator.clone().into())),
            ("expires_at", self.expires_at.map(Value::from)),
            ("handed_over", self.is_handed_over.then_some(true.into())),
            ("id", Some(self.slug.clone().into())),
            ("url", Some(self.url.clone().into())),
        ];
        values.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
    }

    /// Returns the link with these values and a stored birth.
    pub fn from_values(values: &Values, birth: &str, version: u64) -> Self {
        let text = |name: &str| values[name].as_str().unwrap().to_owned();
        let aliases = values.get("aliases").and_then(Value::as_array).into_iter().flatten();
        Self {
            slug: text("id"),
            aliases: aliases.map(|alias| alias.as_str().unwrap().to_owned()).collect(),
            url: text("url"),
            creator: text("creator_user_id"),
            creator_name: values.contains_key("creator_name").then(|| text("creator_name")),
            is_handed_over: values.contains_key("handed_over"),
            expires_at: values.get("expires_at").and_then(Value::as_i64),
            version,
            created_at: values["created_at"].as_i64().unwrap(),
            birth: birth.to_owned(),
            has_birth: true,
        }
    }

    /// Returns whether a response shows this link.
    pub fn is_shown_by(&self, body: &Value) -> bool {
        let expires_at = body["expires_at"].as_str().map(|time| Timestamp::from_rfc_3339(time).unwrap());
        body["id"] == self.slug
            && body["aliases"] == Value::from_iter(self.aliases.iter().cloned())
            && body["url"] == self.url
            && body["creator_user_id"] == self.creator
            && body["creator_name"] == Value::from(self.creator_name.clone())
            && expires_at.map(|time| time.seconds()) == self.expires_at
            && body["version"] == self.version
            && body["birth"] == self.birth
    }
}

pub fn etag(link: impl std::fmt::Display, version: u64) -> String {
    format!("\"{link}-{version}\"")
}

/// Returns an attribute's value. The elements of a set are sorted.
pub fn value(attribute: &AttributeValue) -> Value {
    match attribute {
        AttributeValue::S(text) => text.clone().into(),
        AttributeValue::N(number) => number.parse::<i64>().unwrap().into(),
        AttributeValue::Bool(flag) => (*flag).into(),
        AttributeValue::Ss(texts) => {
            Value::from_iter(texts.iter().collect::<BTreeSet<_>>().into_iter().cloned())
        }
        other => panic!("no link has an attribute like {other:?}"),
    }
}
