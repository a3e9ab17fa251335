use super::{Item, LinkStore, StoreError, item};
use crate::model::{Link, OrgId, Slug};

impl LinkStore {
    /// Reads a link as the last write left it.
    ///
    /// # Errors
    /// The store did not do as asked, or holds an item that is no link.
    pub async fn read(&self, org: &OrgId, slug: &Slug) -> Result<Option<Link>, StoreError> {
        let answer = self.dynamodb.send(self.get(item::key(org, slug)).consistent_read(true)).await?;
        answer.item().map(|found| Item(found).link()).transpose()
    }
}
