use super::batch::{self, Consistency};
use super::changes::ChangeStore;
use super::create::key::{self, Key};
use super::item::{self, Attributes, Item, attribute};
use super::{CreateError, Created, LinkStore, RequestMark, StoreError, TARGET};
use crate::model::{Actor, Birth, Change, Link, NewLink, OrgId, Slug, TargetUrl};
use futures_util::{StreamExt, TryStreamExt, stream};
use std::collections::{BTreeSet, HashMap};

/// The maximum number of concurrent calls. Each of these calls reads one link that was found by an alias, or one that
/// no longer has its first slug.
const CONCURRENT_CALLS: usize = 8;

/// The link or alias that has a slug.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Occupant {
    /// This link has the slug, as its current slug or as an alias.
    Link(Box<Link>),
    /// The slug is an alias whose link no longer exists.
    Alias,
}

/// What an earlier request made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Imported {
    /// A link, in its current state.
    Link(Box<Link>),
    /// A link that has been deleted in the meantime. Contains its birth.
    Deleted(Birth),
}

impl ChangeStore {
    /// Makes a link that comes from another link shortener, with the first free slug of `slugs`.
    ///
    /// It differs from [`ChangeStore::create`] in two ways: the history calls the change an import, and the key of
    /// `mark` is reserved until the link is deleted. The key must not depend on the user. `deleted` is the birth of the
    /// deleted link that the key belongs to. A caller that does not know this birth passes `None`, which can cost one
    /// more attempt.
    ///
    /// # Errors
    /// The same errors as [`ChangeStore::create`].
    pub async fn import(
        &self,
        org: &OrgId,
        new: &NewLink,
        mark: &RequestMark,
        deleted: Option<&Birth>,
        by: &Actor,
        slugs: impl IntoIterator<Item = Slug>,
    ) -> Result<Created, CreateError> {
        let key = Key { mark, ttl: None, stale: deleted };
        self.make(Change::Import, org, new, Some(key), by, slugs).await
    }

    /// Returns what earlier requests with these marks made. Each entry has the key of its mark. Reads are strongly
    /// consistent.
    ///
    /// # Errors
    /// A call failed, or an item is malformed.
    pub async fn imported(
        &self,
        org: &OrgId,
        marks: &[&RequestMark],
    ) -> Result<HashMap<String, Imported>, StoreError> {
        // A batch read must not contain a key twice.
        let marks: HashMap<&str, &RequestMark> =
            marks.iter().map(|mark| (mark.key.as_str(), *mark)).collect();
        let keys = marks.into_values().map(|mark| key::key(org, mark)).collect();
        let found = self.links.items(keys).await?;
        let keyed = found.iter().map(|found| Item(found).keyed_link()).collect::<Result<Vec<_>, _>>()?;
        let slugs = keyed.iter().map(|(slug, _)| slug.clone()).collect();
        let occupants = self.links.occupants(org, &slugs).await?;
        let mut calls = Vec::new();
        for (found, (slug, birth)) in found.iter().zip(keyed) {
            let key = Item(found).parsed::<String>(attribute::ID)?;
            calls.push(self.imported_link(org, key, slug, birth, &occupants));
        }
        stream::iter(calls).buffer_unordered(CONCURRENT_CALLS).try_collect().await
    }

    /// Returns a key and the link that it belongs to.
    async fn imported_link(
        &self,
        org: &OrgId,
        key: String,
        slug: Slug,
        birth: Birth,
        occupants: &HashMap<Slug, Occupant>,
    ) -> Result<(String, Imported), StoreError> {
        let key = key.trim_start_matches(key::KEY_PREFIX).to_owned();
        if let Some(Occupant::Link(link)) = occupants.get(&slug)
            && link.birth() == birth
        {
            return Ok((key, Imported::Link(link.clone())));
        }
        // The link was deleted, or it was renamed and its first slug was freed.
        let imported = match self.item_of(org, &birth, &slug).await? {
            Some(item) => Imported::Link(Box::new(Item(&item).link()?)),
            None => Imported::Deleted(birth),
        };
        Ok((key, imported))
    }
}

impl LinkStore {
    /// Maps each of these slugs to the link or alias that has it. Free slugs are left out. Reads are strongly
    /// consistent.
    ///
    /// # Errors
    /// A call failed, or an item is malformed.
    pub async fn occupants(
        &self,
        org: &OrgId,
        slugs: &BTreeSet<Slug>,
    ) -> Result<HashMap<Slug, Occupant>, StoreError> {
        let keys = slugs.iter().map(|slug| item::key(org, slug)).collect();
        let (mut occupants, mut aliases) = (HashMap::new(), Vec::new());
        for found in self.items(keys).await? {
            let slug: Slug = Item(&found).parsed(attribute::ID)?;
            match Item(&found).alias()? {
                Some(_) => aliases.push(self.link_of_alias(org, slug)),
                None => drop(occupants.insert(slug, Occupant::Link(Box::new(Item(&found).link()?)))),
            }
        }
        let found: Vec<(Slug, Occupant)> =
            stream::iter(aliases).buffer_unordered(CONCURRENT_CALLS).try_collect().await?;
        occupants.extend(found);
        Ok(occupants)
    }

    async fn link_of_alias(&self, org: &OrgId, slug: Slug) -> Result<(Slug, Occupant), StoreError> {
        let link = self.read(org, &slug).await?;
        Ok((slug, link.map_or(Occupant::Alias, |link| Occupant::Link(Box::new(link)))))
    }

    /// Returns the slug of the newest link that leads to `url`, if there is one. The read is eventually consistent.
    ///
    /// # Errors
    /// The call failed, or the item is malformed.
    pub async fn leading_to(&self, org: &OrgId, url: &TargetUrl) -> Result<Option<Slug>, StoreError> {
        let query = self
            .dynamodb
            .query()
            .table_name(&self.table)
            .index_name(TARGET)
            .key_condition_expression("#target = :target")
            .projection_expression("#id")
            .expression_attribute_names("#target", attribute::TARGET)
            .expression_attribute_names("#id", attribute::ID)
            .expression_attribute_values(":target", item::target(org, url))
            .scan_index_forward(false)
            .limit(1);
        let answer = query.send().await?;
        answer.items().first().map(|found| Item(found).parsed(attribute::ID)).transpose()
    }

    /// Returns the items with these keys, in no particular order.
    async fn items(&self, keys: Vec<Attributes>) -> Result<Vec<Attributes>, StoreError> {
        batch::get(&self.dynamodb, &self.table, &keys, Consistency::Strong).await
    }
}
