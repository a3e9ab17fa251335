use super::{Item, LinkStore, StoreError, item};
use crate::model::{Link, OrgId, Slug};

impl LinkStore {
    /// Reads a link as the last write left it.
    ///
    /// # Errors
    /// The call failed, or the item is not a link.
    pub async fn read(&self, org: &OrgId, slug: &Slug) -> Result<Option<Link>, StoreError> {
        let answer = self.get_item(item::key(org, slug)).consistent_read(true).send().await?;
        answer.item().map(|found| Item(found).link()).transpose()
    }
}
