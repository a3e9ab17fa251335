//! The index `days` of the table `clicks`. It finds the daily counts of links by organization, day and shard. It
//! contains only the items of days, with their `clicks` and `bots`.
//!
//! The organization has no counter of its own, because all batches would write that one item, and because the counter
//! could not distinguish links. The index has one partition for each shard of a day, so that neither writers nor
//! readers contend for one key. An overview reads all index items of its days. So these items contain only the two
//! counts, and have a fifth of the size of a day's item in the table.

use super::StoreError;
use super::clicks::{self, attribute};
use super::item::{Attributes, Item, text};
use crate::model::{Birth, Day, LinkKey, OrgId, Slug};
use aws_sdk_dynamodb::types::AttributeValue;

/// The name of the index.
pub(super) const DAYS: &str = "days";

/// Returns the birth of the link whose clicks are counted in this item of the index.
pub(super) fn birth(org: &OrgId, item: &Attributes) -> Result<Birth, StoreError> {
    let link = item.get(attribute::LINK).and_then(|link| link.as_s().ok());
    let birth = link.and_then(|link| link.strip_prefix(org.as_str())?.strip_prefix('#')?.parse().ok());
    birth.ok_or(StoreError::Corrupt(attribute::LINK))
}

/// Returns the slug in a day's item, if it has one.
pub(super) fn slug(item: &Attributes) -> Option<Slug> {
    item.get(attribute::ID)?.as_s().ok()?.parse().ok()
}

/// Returns the attributes that are missing in a day's item if an earlier version wrote it: the key of the index `days`,
/// and the slug of the link. For other items, it returns no attributes.
///
/// `slug_of` returns the slug of a link, if the link exists. This function is for tools that fill the index.
pub fn missing_day_keys(
    item: &Attributes,
    slug_of: impl FnOnce(&LinkKey) -> Option<Slug>,
) -> Vec<(&'static str, AttributeValue)> {
    let Some((link, day, shard)) = day_of(item) else { return Vec::new() };
    let org_day = text(&clicks::org_day(&link.org_id, day, shard));
    let slug = link.birth.source().map(|(slug, _)| slug).or_else(|| slug_of(&link));
    let id = slug.map(|slug| (attribute::ID, text(slug.as_str())));
    let needed = [(attribute::ORG_DAY, org_day)].into_iter().chain(id);
    needed.filter(|(name, _)| !item.contains_key(*name)).collect()
}

/// Returns the link, day and shard of an item's clicks, if the item contains a day's counts.
fn day_of(item: &Attributes) -> Option<(LinkKey, Day, u8)> {
    let (org, birth) = item.get(attribute::LINK)?.as_s().ok()?.split_once('#')?;
    let (day, shard) = item.get(attribute::BUCKET)?.as_s().ok()?.split_once('#')?;
    let link = LinkKey { org_id: org.parse().ok()?, birth: birth.parse().ok()? };
    Some((link, Day::try_from(day.to_owned()).ok()?, shard.parse().ok()?))
}

/// Returns the identity and the slug of the link in an item of the table `links`, if the item is a link. This function
/// is for tools that fill the index.
pub fn link_of(item: &Attributes) -> Option<(LinkKey, Slug)> {
    let link = Item(item).link().ok()?;
    Some((link.key(), link.id))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(link: &str, bucket: &str, more: &[(&str, &str)]) -> Attributes {
        let all =
            [(attribute::LINK, link), (attribute::BUCKET, bucket)].into_iter().chain(more.iter().copied());
        all.map(|(name, value)| (name.to_owned(), text(value))).collect()
    }

    fn missing(item: &Attributes) -> Vec<(&'static str, String)> {
        let slug_of =
            |link: &LinkKey| (link.birth.as_str() == "V1StGXR8_Z5jdHi6").then(|| "launch".parse().unwrap());
        let missing = missing_day_keys(item, slug_of).into_iter();
        missing.map(|(name, value)| (name, value.as_s().unwrap().clone())).collect()
    }

    #[test]
    fn an_unindexed_day_lacks_its_key_and_the_slug_from_its_birth_or_link() {
        let both = |id: &str| {
            vec![(attribute::ORG_DAY, "acme#2026-11-22#7".to_owned()), (attribute::ID, id.to_owned())]
        };
        assert_eq!(missing(&item("acme#V1StGXR8_Z5jdHi6", "2026-11-22#7", &[])), both("launch"));
        assert_eq!(missing(&item("acme#wiki#1795339800000", "2026-11-22#7", &[])), both("wiki"));
        // The link of this item was deleted.
        assert_eq!(missing(&item("acme#0000000000000000", "2026-11-22#7", &[])), both("")[..1]);
        let whole = [(attribute::ORG_DAY, "acme#2026-11-22#7"), (attribute::ID, "launch")];
        assert_eq!(missing(&item("acme#V1StGXR8_Z5jdHi6", "2026-11-22#7", &whole)), []);
        assert_eq!(missing(&item("acme#V1StGXR8_Z5jdHi6", "2026-11-22#7", &whole[..1])), both("launch")[1..]);
    }

    #[test]
    fn only_days_lack_attributes_of_the_index() {
        for (link, bucket) in [
            ("acme#V1StGXR8_Z5jdHi6", "total#7"),
            ("acme#V1StGXR8_Z5jdHi6", "2026-11-22#referrers#7"),
            ("@batch#0123", "@batch"),
            ("acme", "2026-11-22#7"),
            ("acme#launch", "2026-11-22#7"),
        ] {
            assert_eq!(missing(&item(link, bucket, &[])), [], "{link} {bucket}");
        }
    }

    #[test]
    fn an_item_of_another_organization_is_corrupt() {
        let org: OrgId = "acme".parse().unwrap();
        let found =
            |link: &str| birth(&org, &item(link, "2026-11-22#7", &[])).ok().map(|birth| birth.to_string());
        assert_eq!(found("acme#V1StGXR8_Z5jdHi6").as_deref(), Some("V1StGXR8_Z5jdHi6"));
        assert_eq!(found("acme#wiki#1795339800000").as_deref(), Some("wiki#1795339800000"));
        for link in ["acme2#V1StGXR8_Z5jdHi6", "globex#V1StGXR8_Z5jdHi6", "acme#", "acme", ""] {
            assert_eq!(found(link), None, "{link}");
        }
    }
}
