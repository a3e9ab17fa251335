//! A link as a DynamoDB item. Attribute names are those of the table; the API uses its own names.

pub mod attribute;
mod parsing;

pub use parsing::Item;

use super::StoreError;
use crate::model::{Forward, Link, OrgId, Position, Slug, Tag, TargetUrl, Timestamp};
use aws_sdk_dynamodb::types::AttributeValue;
use sha2::{Digest, Sha256};
use std::collections::{BTreeSet, HashMap};

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Access, Birth};

    #[test]
    fn a_value_that_an_edit_clears_is_removed_from_the_item_and_unknown_attributes_stay() {
        // No field is left out, so that the compiler requires a value for each new field.
        let full = Link {
            org_id: "acme".parse().unwrap(),
            id: "launch".parse().unwrap(),
            stored_birth: Some(Birth::random()),
            url: TargetUrl::parse("https://example.com/").unwrap(),
            title: Some("Spring".parse().unwrap()),
            tags: ["print".parse().unwrap()].into(),
            access: Access::Members,
            forward: Forward::Query,
            enabled: true,
            expires_at: Some(Timestamp::LAST.whole_second()),
            creator_user_id: "maya".parse().unwrap(),
            creator_name: Some("Maya".parse().unwrap()),
            is_handed_over: true,
            created_at: Timestamp::EPOCH,
            updated_at: Timestamp::EPOCH,
            version: 1,
            aliases: ["launched".parse().unwrap()].into(),
        };
        let cleared = Link {
            title: None,
            tags: [].into(),
            forward: Forward::None,
            expires_at: None,
            creator_name: None,
            is_handed_over: false,
            aliases: [].into(),
            ..full.clone()
        };
        let mut old = of(&full, "first");
        assert_eq!(next(&old, &cleared, "second"), of(&cleared, "second"));
        old.insert("later".to_owned(), text("value"));
        let mut expected = of(&cleared, "second");
        expected.insert("later".to_owned(), text("value"));
        assert_eq!(next(&old, &cleared, "second"), expected);
    }
}
