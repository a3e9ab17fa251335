//! The writes to a link's items: the link's own item, under its slug, and one item for each alias. Edits, renames, deletes
//! and undos get their writes here, so that all of them follow the same rules.

use crate::model::{Birth, Link, Slug};
use crate::store::StoreError;
use crate::store::changes::FailedParts;
use crate::store::item::{self, Attributes, Item, attribute, text};
use crate::store::part;
use aws_sdk_dynamodb::error::BuildError;
use aws_sdk_dynamodb::types::{Delete, Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem};
use std::collections::BTreeSet;

/// The parts of a transaction that change the items of a link.
pub(in crate::store) struct LinkWrites {
    parts: Vec<TransactWriteItem>,
    /// Each slug that must be free, and the index in `parts` of the write that takes the slug.
    claims: Vec<(usize, Slug)>,
    /// Each alias of the old link whose item is written or deleted, and the index in `parts` of that write.
    aliases: Vec<(usize, Slug)>,
    /// The birth of the old link.
    birth: Option<Birth>,
}

/// What a slug belongs to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Holder {
    Link,
    Alias,
}

/// A link, and its item.
struct Version<'a> {
    link: Link,
    item: &'a Attributes,
}

impl<'a> Version<'a> {
    fn from_item(item: &'a Attributes) -> Result<Self, StoreError> {
        Ok(Self { link: Item(item).link()?, item })
    }

    fn holder(&self, slug: &Slug) -> Option<Holder> {
        if self.link.id == *slug {
            Some(Holder::Link)
        } else {
            self.link.aliases.contains(slug).then_some(Holder::Alias)
        }
    }

    /// The item of an alias. The alias expires with the link.
    fn alias(&self, slug: &Slug) -> Attributes {
        let mut alias = item::key(&self.link.org_id, slug);
        alias.insert(attribute::ALIAS_OF.to_owned(), text(self.link.id.as_str()));
        alias.insert(attribute::BIRTH.to_owned(), text(self.link.birth().as_str()));
        if let Some(ttl) = self.item.get(attribute::TTL) {
            alias.insert(attribute::TTL.to_owned(), ttl.clone());
        }
        alias
    }
}

impl LinkWrites {
    /// Returns the writes that turn the link `old` into the link `new`, including the writes to the items of both
    /// links' aliases. `old` is `None` for a new link, and `new` is `None` for a deleted one. An item that stays the
    /// same is not written. The items of aliases in `lost` belong to other links.
    ///
    /// The writes have three conditions: the link still has the version of `old`, each alias of `old` still leads to
    /// the link, and each new slug is free.
    pub fn new(
        table: &str,
        old: Option<&Attributes>,
        new: Option<&Attributes>,
        lost: &BTreeSet<Slug>,
    ) -> Result<Self, StoreError> {
        let (mut old, new) =
            (old.map(Version::from_item).transpose()?, new.map(Version::from_item).transpose()?);
        if let Some(old) = &mut old {
            old.link.aliases.retain(|alias| !lost.contains(alias));
        }
        let birth = old.as_ref().map(|old| old.link.birth());
        let mut writes = Self { parts: Vec::new(), claims: Vec::new(), aliases: Vec::new(), birth };
        let slugs = old
            .iter()
            .chain(&new)
            .flat_map(|version| std::iter::once(&version.link.id).chain(&version.link.aliases).cloned());
        for slug in slugs.collect::<BTreeSet<_>>() {
            writes
                .add(table, slug, old.as_ref(), new.as_ref())
                .map_err(|_| StoreError::Refused("a transaction could not be built".to_owned()))?;
        }
        Ok(writes)
    }

    fn add(
        &mut self,
        table: &str,
        slug: Slug,
        old: Option<&Version<'_>>,
        new: Option<&Version<'_>>,
    ) -> Result<(), BuildError> {
        let before = old.and_then(|old| Some((old, old.holder(&slug)?)));
        let after = new.and_then(|new| Some((new, new.holder(&slug)?)));
        let item = after.map(|(new, holder)| match holder {
            Holder::Link => new.item.clone(),
            Holder::Alias => new.alias(&slug),
        });
        let part = match (before, item) {
            (Some((old, Holder::Link)), Some(item)) if after.is_some_and(|(_, now)| now == Holder::Link) => {
                part::update(table, old.item, &item)?
            }
            (Some((old, Holder::Link)), Some(item)) => part::replace(table, old.item, item)?,
            (Some((old, Holder::Link)), None) => part::delete(table, old.item)?,
            (Some((old, Holder::Alias)), Some(item)) if item == old.alias(&slug) => return Ok(()),
            (Some((old, Holder::Alias)), item) => {
                let part = match item {
                    Some(item) => put_over_own_alias(table, &old.link, item)?,
                    None => delete_own_alias(table, &old.link, &slug)?,
                };
                self.aliases.push((self.parts.len(), slug));
                part
            }
            (None, Some(item)) => {
                self.claims.push((self.parts.len(), slug));
                part::put_new(table, item)?
            }
            (None, None) => return Ok(()),
        };
        self.parts.push(part);
        Ok(())
    }

    /// Returns the parts.
    pub fn parts(&self) -> Vec<TransactWriteItem> {
        self.parts.clone()
    }

    /// Returns the slugs for which the transaction was cancelled because another link has them. `first` is the index
    /// of the first of these writes in the transaction.
    pub fn taken(&self, failed: &FailedParts, first: usize) -> impl Iterator<Item = &Slug> {
        let taken = self.claims.iter().filter(move |(part, _)| failed.contains(first + part));
        taken.map(|(_, slug)| slug)
    }

    /// Returns the aliases of the old link for which the transaction was cancelled because their items belong to other
    /// links. This can happen if the items expired: DynamoDB deleted the alias's item before the link's item, and
    /// another link took the slug. `first` is the index of the first of these writes in the transaction.
    pub fn lost(&self, failed: &FailedParts, first: usize) -> impl Iterator<Item = &Slug> {
        let birth = self.birth.as_ref().map(|birth| text(birth.as_str()));
        let is_lost = move |part: usize| {
            failed.item(part).is_some_and(|item| item.get(attribute::BIRTH) != birth.as_ref())
        };
        let lost = self.aliases.iter().filter(move |(part, _)| is_lost(first + part));
        lost.map(|(_, slug)| slug)
    }
}

/// The condition that an item is an alias of this link, or that DynamoDB has deleted the item because it had expired.
const OWN_ALIAS: &str = "attribute_not_exists(#id) OR (#alias_of = :alias_of AND #birth = :birth)";

fn put_over_own_alias(table: &str, link: &Link, item: Attributes) -> Result<TransactWriteItem, BuildError> {
    let put = Put::builder()
        .table_name(table)
        .set_item(Some(item))
        .condition_expression(OWN_ALIAS)
        .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
        .expression_attribute_names("#id", attribute::ID)
        .expression_attribute_names("#alias_of", attribute::ALIAS_OF)
        .expression_attribute_names("#birth", attribute::BIRTH)
        .expression_attribute_values(":alias_of", text(link.id.as_str()))
        .expression_attribute_values(":birth", text(link.birth().as_str()));
    Ok(TransactWriteItem::builder().put(put.build()?).build())
}

fn delete_own_alias(table: &str, link: &Link, slug: &Slug) -> Result<TransactWriteItem, BuildError> {
    let delete = Delete::builder()
        .table_name(table)
        .set_key(Some(item::key(&link.org_id, slug)))
        .condition_expression(OWN_ALIAS)
        .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
        .expression_attribute_names("#id", attribute::ID)
        .expression_attribute_names("#alias_of", attribute::ALIAS_OF)
        .expression_attribute_names("#birth", attribute::BIRTH)
        .expression_attribute_values(":alias_of", text(link.id.as_str()))
        .expression_attribute_values(":birth", text(link.birth().as_str()));
    Ok(TransactWriteItem::builder().delete(delete.build()?).build())
}
