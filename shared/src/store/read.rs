use super::batch::Consistency;
use super::item::Attributes;
use super::{Item, LinkStore, StoreError, batch, item};
use crate::model::{Link, OrgId, Slug};
use std::collections::BTreeSet;

impl LinkStore {
    /// Reads the link that has this slug or alias, with a strongly consistent read. An alias costs one more read.
    ///
    /// # Errors
    /// The call failed, or the item is not a link.
    pub async fn read(&self, org: &OrgId, slug: &Slug) -> Result<Option<Link>, StoreError> {
        self.read_item(org, slug).await?.map(|found| Item(&found).link()).transpose()
    }

    /// Reads the existing links that have these slugs or aliases, in no particular order. A link is returned more than
    /// once if several of the slugs lead to it. Reads are eventually consistent.
    ///
    /// # Errors
    /// A call failed, or an item is not a link.
    pub async fn read_all(&self, org: &OrgId, slugs: &BTreeSet<Slug>) -> Result<Vec<Link>, StoreError> {
        let keys: Vec<_> = slugs.iter().map(|slug| item::key(org, slug)).collect();
        let found = batch::get(&self.dynamodb, &self.table, &keys, Consistency::Eventual).await?;
        let (mut links, aliases) = links_and_aliases(&found)?;
        if !aliases.is_empty() {
            let keys: Vec<_> = aliases.iter().map(|slug| item::key(org, slug)).collect();
            let found = batch::get(&self.dynamodb, &self.table, &keys, Consistency::Eventual).await?;
            links.extend(links_and_aliases(&found)?.0);
        }
        Ok(links)
    }
}

/// Returns the links among these items and, for the items that are aliases, the slugs of their links.
fn links_and_aliases(items: &[Attributes]) -> Result<(Vec<Link>, BTreeSet<Slug>), StoreError> {
    let (mut links, mut aliases) = (Vec::new(), BTreeSet::new());
    for item in items.iter().map(Item) {
        match item.alias()? {
            Some((slug, _)) => drop(aliases.insert(slug)),
            None => links.push(item.link()?),
        }
    }
    Ok((links, aliases))
}
