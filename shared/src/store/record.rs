//! A record of the history as a DynamoDB item.

use super::StoreError;
use super::changes::Write;
use super::clicks;
use super::item::{Attributes, Item, attribute, number, text};
use crate::model::{Actor, Change, LinkFields, LinkKey, OrgId, Record, RecordId};
use aws_sdk_dynamodb::types::AttributeValue;
use std::collections::BTreeSet;

/// The names of attributes that a record has and a link does not have.
pub mod names {
    pub const AFTER: &str = "after";
    pub const BEFORE: &str = "before";
    pub const CHANGE: &str = "change";
    pub const IMPERSONATOR: &str = "impersonator";
    pub const ORG_LINK: &str = "org_link";
    pub const UNDOES: &str = "undoes";
    pub const UNDONE_BY: &str = "undone_by";
    pub const USER_ID: &str = "user_id";
    pub const USER_NAME: &str = "user_name";
}

/// The link attributes that people can change. Of these attributes, an edit's record contains only those that the edit
/// changed.
const DECIDED: [&str; 10] = [
    attribute::ACCESS,
    attribute::ALIASES,
    attribute::CREATOR_USER_ID,
    attribute::ENABLED,
    attribute::EXPIRES_AT,
    attribute::FORWARD,
    attribute::ID,
    attribute::TAGS,
    attribute::TITLE,
    attribute::URL,
];

/// What is known about a creator. A user does not set these attributes, but an edit can change them as a side effect.
/// The record of an edit contains them only if the edit changed the creator. An undo does not compare them, because an
/// operator can remove the name.
pub const CREATOR: [&str; 2] = [attribute::CREATOR_NAME, attribute::HANDED_OVER];

/// The link's item before the change, after it, or both.
#[derive(Clone, Copy)]
pub enum Values<'a> {
    Created { after: &'a Attributes },
    Edited { before: &'a Attributes, after: &'a Attributes },
    Deleted { before: &'a Attributes },
}

/// Returns the key of a record. All records of an organization are in one partition, which takes about 160 changes a
/// second; people make far fewer.
pub fn key(org: &OrgId, id: &RecordId) -> Attributes {
    let pairs = [(attribute::ORG_ID, org.as_str()), (attribute::ID, id.as_str())];
    pairs.map(|(name, value)| (name.to_owned(), text(value))).into()
}

/// Returns the partition key of this link's records in the index `link`.
pub fn org_link(link: &LinkKey) -> AttributeValue {
    text(&clicks::partition(link))
}

/// Returns the item that stores a change's record, without a TTL.
///
/// # Errors
/// The changed item is not a link.
pub fn of(write: &Write<'_>, change: Change, values: Values<'_>) -> Result<Attributes, StoreError> {
    let (Values::Created { after: current }
    | Values::Edited { after: current, .. }
    | Values::Deleted { before: current }) = values;
    let link = Item(current).link()?;
    let mut record = key(&link.org_id, &write.id);
    let mut add = |name: &str, value| record.insert(name.to_owned(), value);
    add(names::CHANGE, text(change.as_str()));
    add(names::USER_ID, text(write.by.user_id.as_str()));
    if let Some(name) = &write.by.name {
        add(names::USER_NAME, text(name.as_str()));
    }
    if let Some(impersonator) = &write.by.impersonator {
        add(names::IMPERSONATOR, text(impersonator.as_str()));
    }
    add(names::ORG_LINK, org_link(&link.key()));
    add(attribute::SLUG, text(link.id.as_str()));
    add(attribute::BIRTH, text(link.birth().as_str()));
    add(attribute::CREATOR_USER_ID, text(link.creator_user_id.as_str()));
    add(attribute::VERSION, number(link.version));
    if let Some(undone) = write.undoes {
        add(names::UNDOES, text(undone.as_str()));
    }
    match values {
        Values::Created { after } => {
            add(names::AFTER, AttributeValue::M(after.clone()));
        }
        Values::Edited { before, after } => {
            let (before, after) = changed(before, after);
            add(names::BEFORE, AttributeValue::M(before));
            add(names::AFTER, AttributeValue::M(after));
        }
        Values::Deleted { before } => {
            add(names::BEFORE, AttributeValue::M(before.clone()));
        }
    }
    Ok(record)
}

/// Returns the changed values: first as they were before the change, then as they are after it. Only values that people
/// control are included. A value that the link lacks before the change is missing from the first result, and a value
/// that it lacks afterwards is missing from the second.
fn changed(before: &Attributes, after: &Attributes) -> (Attributes, Attributes) {
    let mut names: Vec<&str> =
        DECIDED.into_iter().filter(|name| !same(before.get(*name), after.get(*name))).collect();
    if names.contains(&attribute::CREATOR_USER_ID) {
        names.extend(CREATOR);
    }
    let of = |item: &Attributes| {
        names.iter().filter_map(|name| Some(((*name).to_owned(), item.get(*name)?.clone()))).collect()
    };
    (of(before), of(after))
}

/// Returns the name and the new value of each attribute that differs.
pub fn differences<'a>(
    old: &'a Attributes,
    new: &'a Attributes,
) -> Vec<(&'a str, Option<&'a AttributeValue>)> {
    let names: BTreeSet<&str> = old.keys().chain(new.keys()).map(String::as_str).collect();
    let different = names.into_iter().filter(|name| !same(old.get(*name), new.get(*name)));
    different.map(|name| (name, new.get(name))).collect()
}

/// Returns whether two values are equal. The elements of a set have no order.
pub fn same(one: Option<&AttributeValue>, other: Option<&AttributeValue>) -> bool {
    match (one, other) {
        (Some(AttributeValue::Ss(one)), Some(AttributeValue::Ss(other))) => {
            one.iter().collect::<BTreeSet<_>>() == other.iter().collect()
        }
        _ => one == other,
    }
}

/// Returns the record that an item contains.
///
/// # Errors
/// The item is not a record.
pub fn parse(found: &Attributes) -> Result<Record, StoreError> {
    let item = Item(found);
    let change = Change::from_word(item.text(names::CHANGE)?);
    let (before, after) = (values(found, names::BEFORE)?, values(found, names::AFTER)?);
    let is_edit = before.is_some() && after.is_some();
    // The names of the values that the edit adds or removes.
    let fields = |side: Option<&Attributes>, other: Option<&Attributes>| {
        let Some(side) = side else { return Ok(None) };
        let named = other.filter(|_| is_edit).into_iter().flat_map(Attributes::keys);
        let absent: BTreeSet<&str> = named.map(String::as_str).collect();
        Item(side).fields(&absent, !is_edit).map(Some)
    };
    Ok(Record {
        id: item.parsed(attribute::ID)?,
        change: change.ok_or(StoreError::Corrupt(names::CHANGE))?,
        actor: Actor {
            user_id: item.parsed(names::USER_ID)?,
            name: item.optional(names::USER_NAME, || item.parsed(names::USER_NAME))?,
            impersonator: item.optional(names::IMPERSONATOR, || item.parsed(names::IMPERSONATOR))?,
        },
        slug: item.parsed(attribute::SLUG)?,
        birth: item.parsed(attribute::BIRTH)?,
        creator_user_id: item.parsed(attribute::CREATOR_USER_ID)?,
        version: item.number(attribute::VERSION)?,
        before: fields(before, after)?,
        after: fields(after, before)?,
        undoes: item.optional(names::UNDOES, || item.parsed(names::UNDOES))?,
        undone_by: item.optional(names::UNDONE_BY, || item.parsed(names::UNDONE_BY))?,
    })
}

/// Returns the link's values before or after the change, or `None` if the record has none. `side` is the name of the
/// attribute with these values.
///
/// # Errors
/// The attribute is not a map.
pub fn values<'a>(record: &'a Attributes, side: &'static str) -> Result<Option<&'a Attributes>, StoreError> {
    record.get(side).map(|map| map.as_m().map_err(|_| StoreError::Corrupt(side))).transpose()
}

impl Item<'_> {
    /// Returns the values in the item. A value that is not in the item counts as unknown. But if its name is in
    /// `absent`, or if `is_whole` is true, the link does not have the value.
    fn fields(&self, absent: &BTreeSet<&str>, is_whole: bool) -> Result<LinkFields, StoreError> {
        use attribute::*;
        // `Some(None)` for a value that the link does not have.
        fn nullable<T>(found: Option<T>, shown: bool) -> Option<Option<T>> {
            if found.is_some() || shown { Some(found) } else { None }
        }
        let shown = |name: &str| is_whole || absent.contains(name);
        let tags = self.optional(TAGS, || self.set(TAGS))?;
        let destination = |name| self.optional(name, || self.text(name));
        let access = destination(ACCESS)?
            .map(|word| crate::model::Access::from_word(word).ok_or(StoreError::Corrupt(ACCESS)));
        let enabled = self.optional(ENABLED, || self.flag(ENABLED))?;
        let of_whole = |name| Some(name).filter(|_| is_whole);
        let birth = match of_whole(BIRTH) {
            Some(_) => Some(Item(self.0).link()?.birth()),
            None => None,
        };
        let time = |name| of_whole(name).map(|name| self.time(name, 1)).transpose();
        Ok(LinkFields {
            id: self.optional(ID, || self.parsed(ID))?,
            birth,
            url: self.optional(URL, || self.url())?,
            title: nullable(self.optional(TITLE, || self.parsed(TITLE))?, shown(TITLE)),
            tags: nullable(tags, shown(TAGS)).map(Option::unwrap_or_default),
            access: access.transpose()?,
            forward: nullable(self.optional(FORWARD, || self.forward())?, shown(FORWARD))
                .map(Option::unwrap_or_default),
            enabled,
            expires_at: nullable(
                self.optional(EXPIRES_AT, || self.time(EXPIRES_AT, 1000))?,
                shown(EXPIRES_AT),
            ),
            creator_user_id: self.optional(CREATOR_USER_ID, || self.parsed(CREATOR_USER_ID))?,
            creator_name: nullable(
                self.optional(CREATOR_NAME, || self.parsed(CREATOR_NAME))?,
                shown(CREATOR_NAME),
            ),
            created_at: time(CREATED_AT)?,
            updated_at: time(UPDATED_AT)?,
            version: of_whole(VERSION).map(|name| self.number(name)).transpose()?,
            aliases: nullable(self.optional(ALIASES, || self.set(ALIASES))?, shown(ALIASES))
                .map(Option::unwrap_or_default),
        })
    }
}
