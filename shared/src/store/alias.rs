//! Aliases: the earlier slugs of a renamed link. Each alias has its own item, which contains the current slug and
//! the birth of the link.
//!
//! So one read of a slug shows whether it is an alias, and a create with this slug is refused. An alias leads only to the
//! link with its birth, never to one that took the slug later. The item has no attribute that is a key of an index, so
//! lists do not show it.

mod writes;

pub(super) use writes::LinkWrites;

use super::{Item, LinkStore, StoreError, attribute, item};
use crate::model::{Birth, Destination, OrgId, Slug};
use item::Attributes;

/// The maximum number of reads to find the link that a slug leads to. Each rename that happens between the reads costs
/// one more read.
const MAX_READS: usize = 4;

impl LinkStore {
    /// Reads the item of the link that has this slug or alias, with strongly consistent reads. If the slug is an alias,
    /// one more read is needed. Each rename that happens between the reads requires another one.
    pub(super) async fn read_item(&self, org: &OrgId, slug: &Slug) -> Result<Option<Attributes>, StoreError> {
        let mut alias: Option<(Slug, Birth)> = None;
        for _ in 0..MAX_READS {
            let slug = alias.as_ref().map_or(slug, |(current, _)| current);
            let answer = self.get_item(item::key(org, slug)).consistent_read(true).send().await?;
            let next = match answer.item {
                Some(found) => match Item(&found).alias()? {
                    None if is_of(&found, alias.as_ref()) => return Ok(Some(found)),
                    Some((current, birth)) if alias.is_none_or(|(_, expected)| expected == birth) => {
                        Some((current, birth))
                    }
                    _ => None,
                },
                None if alias.is_none() => return Ok(None),
                None => None,
            };
            alias = next;
        }
        // The link has expired, and DynamoDB deleted it before its alias.
        Ok(None)
    }

    /// Returns the destination of the link to which an alias leads. The read is strongly consistent, because the link
    /// may have been renamed a moment ago. If the link was renamed after `alias` was read, one more read is needed.
    pub(super) async fn destination_of_alias(
        &self,
        org: &OrgId,
        alias: &Attributes,
    ) -> Result<Option<Destination>, StoreError> {
        let mut alias = Item(alias).alias()?;
        for _ in 1..MAX_READS {
            let Some((current, birth)) = alias else { break };
            let answer = self.get_destination(org, &current).consistent_read(true).send().await?;
            let Some(found) = answer.item() else { break };
            alias = Item(found).alias()?.filter(|(_, of_next)| *of_next == birth);
            if !found.contains_key(attribute::ALIAS_OF) {
                let destination = Item(found).destination(&current)?;
                let is_same = destination.birth == birth;
                return Ok(is_same.then_some(Destination { alias_of: Some(current), ..destination }));
            }
        }
        Ok(None)
    }
}

/// Returns whether the item belongs to the link to which the alias leads. Without an alias, the result is true.
fn is_of(found: &Attributes, alias: Option<&(Slug, Birth)>) -> bool {
    let birth = found.get(attribute::BIRTH).and_then(|birth| birth.as_s().ok());
    alias.is_none_or(|(_, expected)| birth.is_some_and(|birth| birth == expected.as_str()))
}
