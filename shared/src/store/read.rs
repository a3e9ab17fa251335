use super::{Item, LinkStore, StoreError, item};
use crate::model::{Link, OrgId, Slug};

impl LinkStore {
    /// Reads a link as the last write left it.
    ///
    /// # Errors
    /// The store did not do as asked, or holds an item that is no link.
    pub async fn read(&self, org: &OrgId, slug: &Slug) -> Result<Option<Link>, StoreError> {
        let get = self.client.get_item().table_name(&self.table).set_key(Some(item::key(org, slug)));
        let answer = get.consistent_read(true).send().await?;
        answer.item().map(|found| Item(found).link()).transpose()
    }
}
