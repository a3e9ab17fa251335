use super::{ChangeError, Condition, Item, LinkStore, Scope, StoreError, covered, item};
use crate::model::{Link, OrgId, Precondition, Slug};
use aws_sdk_dynamodb::operation::delete_item::DeleteItemError;
use aws_sdk_dynamodb::types::{ReturnValue, ReturnValuesOnConditionCheckFailure};

impl LinkStore {
    /// Deletes a link that `scope` covers and `precondition` allows, and returns it.
    ///
    /// # Errors
    /// Returns [`ChangeError::NotFound`] also if an earlier attempt of the SDK deleted the link and its response was lost. An
    /// item that is not a valid link is deleted, and still returns an error.
    pub async fn delete(
        &self,
        org: &OrgId,
        slug: &Slug,
        scope: Scope<'_>,
        precondition: &Precondition,
    ) -> Result<Link, ChangeError> {
        let condition = Condition::of(scope, precondition);
        let mut delete = self
            .dynamodb
            .delete_item()
            .table_name(&self.table)
            .set_key(Some(item::key(org, slug)))
            .return_values(ReturnValue::AllOld)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .condition_expression(condition.expression);
        for (placeholder, name) in condition.names {
            delete = delete.expression_attribute_names(placeholder, name);
        }
        for (placeholder, value) in condition.values {
            delete = delete.expression_attribute_values(placeholder, value);
        }
        match delete.send().await {
            Ok(answer) => {
                let deleted = answer
                    .attributes()
                    .ok_or_else(|| StoreError::Unavailable("an answer without the item".to_owned()));
                Ok(deleted.and_then(|old| Item(old).link())?)
            }
            Err(error) => Err(match error.as_service_error() {
                Some(DeleteItemError::ConditionalCheckFailedException(kept)) => {
                    covered(kept.item(), scope).err().unwrap_or(ChangeError::PreconditionFailed)
                }
                _ => ChangeError::Store(error.into()),
            }),
        }
    }
}
