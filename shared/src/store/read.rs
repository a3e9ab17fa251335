use super::{Item, LinkStore, StoreError, batch, item};
use crate::model::{Link, OrgId, Slug};
use std::collections::BTreeSet;

impl LinkStore {
    /// Reads a link with a strongly consistent read.
    ///
    /// # Errors
    /// The call failed, or the item is not a link.
    pub async fn read(&self, org: &OrgId, slug: &Slug) -> Result<Option<Link>, StoreError> {
        let answer = self.get_item(item::key(org, slug)).consistent_read(true).send().await?;
        answer.item().map(|found| Item(found).link()).transpose()
    }

    /// Reads the links with these slugs, as far as they exist, in no particular order. Reads are eventually consistent.
    ///
    /// # Errors
    /// A call failed, or an item is not a link.
    pub async fn read_all(&self, org: &OrgId, slugs: &BTreeSet<Slug>) -> Result<Vec<Link>, StoreError> {
        let keys: Vec<_> = slugs.iter().map(|slug| item::key(org, slug)).collect();
        let found = batch::get(&self.dynamodb, &self.table, &keys).await?;
        found.iter().map(|found| Item(found).link()).collect()
    }
}
