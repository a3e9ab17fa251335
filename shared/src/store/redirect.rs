use super::{Item, LinkStore, StoreError, attribute, item};
use crate::model::{Destination, OrgId, Slug, Timestamp};

impl LinkStore {
    /// Returns where a link leads. The destination is taken from the cache if it was read within the last
    /// `LINK_CACHE_SECONDS`; otherwise one eventually consistent read returns the attributes that a redirect needs.
    ///
    /// # Errors
    /// The call failed, or the item is not a link.
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
        let answer = self
            .get_item(item::key(org, slug))
            // Short placeholders, because each byte of a request is signed.
            .projection_expression("#b, #c, #u, #a, #e, #x")
            .expression_attribute_names("#b", attribute::BIRTH)
            .expression_attribute_names("#c", attribute::CREATED_AT)
            .expression_attribute_names("#u", attribute::URL)
            .expression_attribute_names("#a", attribute::ACCESS)
            .expression_attribute_names("#e", attribute::ENABLED)
            .expression_attribute_names("#x", attribute::EXPIRES_AT)
            .send()
            .await?;
        let destination = answer.item().map(|found| Item(found).destination(slug)).transpose()?;
        if let Some(destination) = &destination {
            // The age of the cache entry is counted from before the read, because the read may miss later writes.
            self.destinations.put(key, destination.clone(), now);
        }
        Ok(destination)
    }
}
