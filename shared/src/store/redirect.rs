use super::{Item, LinkStore, StoreError, attribute, item};
use crate::model::{Destination, OrgId, Slug, Timestamp};
use aws_sdk_dynamodb::operation::get_item::builders::GetItemFluentBuilder;

impl LinkStore {
    /// Returns where a link leads. The destination is taken from the cache if it was read within the last
    /// `LINK_CACHE_SECONDS`; otherwise one eventually consistent read returns the attributes that a redirect needs.
    /// An alias costs one more read.
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
        let answer = self.get_destination(org, slug).send().await?;
        let destination = match answer.item() {
            Some(alias) if alias.contains_key(attribute::ALIAS_OF) => {
                // Boxed, so that the futures of other redirects stay small.
                Box::pin(self.destination_of_alias(org, alias)).await?
            }
            found => found.map(|found| Item(found).destination(slug)).transpose()?,
        };
        if let Some(destination) = &destination {
            // The entry's age counts from `now`, which is before the read, because the read may miss later writes.
            self.destinations.put(key, destination.clone(), now);
        }
        Ok(destination)
    }

    /// A read of the attributes that a redirect needs.
    pub(super) fn get_destination(&self, org: &OrgId, slug: &Slug) -> GetItemFluentBuilder {
        self.get_item(item::key(org, slug))
            // Short placeholders, because each byte of a request is signed.
            .projection_expression("#b, #c, #u, #a, #e, #x, #o, #f")
            .expression_attribute_names("#b", attribute::BIRTH)
            .expression_attribute_names("#c", attribute::CREATED_AT)
            .expression_attribute_names("#u", attribute::URL)
            .expression_attribute_names("#a", attribute::ACCESS)
            .expression_attribute_names("#f", attribute::FORWARD)
            .expression_attribute_names("#e", attribute::ENABLED)
            .expression_attribute_names("#x", attribute::EXPIRES_AT)
            .expression_attribute_names("#o", attribute::ALIAS_OF)
    }
}
