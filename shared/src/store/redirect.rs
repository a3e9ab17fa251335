use super::{Item, LinkStore, StoreError, attribute, item};
use crate::model::{Destination, OrgId, Slug, Timestamp};

impl LinkStore {
    /// Tells where a link leads: from memory where it was read a short time ago, or else by one eventually consistent
    /// read of what a redirect needs.
    ///
    /// # Errors
    /// The store did not do as asked, or holds an item that is no link.
    pub async fn redirect(
        &self,
        org: &OrgId,
        slug: &Slug,
        now: Timestamp,
    ) -> Result<Option<Destination>, StoreError> {
        let key = (org.clone(), slug.clone());
        if let Some(destination) = self.destinations.get(&key, now) {
            return Ok(Some(destination));
        }
        let get = self
            .get(item::key(org, slug))
            // Short, because each byte of a request is signed.
            .projection_expression("#c, #u, #a, #e, #x")
            .expression_attribute_names("#c", attribute::CREATED_AT)
            .expression_attribute_names("#u", attribute::URL)
            .expression_attribute_names("#a", attribute::ACCESS)
            .expression_attribute_names("#e", attribute::ENABLED)
            .expression_attribute_names("#x", attribute::EXPIRES_AT);
        let answer = self.dynamodb.send(get).await?;
        let destination = answer.item().map(|found| Item(found).destination()).transpose()?;
        if let Some(destination) = &destination {
            // Its age counts from before the read: what was written during it may not be in the answer.
            self.destinations.put(key, destination.clone(), now);
        }
        Ok(destination)
    }
}
