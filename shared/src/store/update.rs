use super::{
    ChangeError, Condition, Item, LinkStore, StoreError, Whose, attribute, is_written_by, item, number,
    refusal, text,
};
use crate::model::{Link, LinkEdit, OrgId, Precondition, Slug, Timestamp};
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue, ReturnValuesOnConditionCheckFailure};

/// The parts of an update expression.
#[derive(Default)]
struct Changes {
    set: Vec<String>,
    remove: Vec<String>,
    names: Vec<(String, &'static str)>,
    values: Vec<(String, AttributeValue)>,
}

impl Changes {
    fn of(edit: &LinkEdit) -> Self {
        let mut changes = Self::default();
        if let Some(url) = &edit.url {
            changes.write(attribute::URL, Some(text(url.as_str())));
        }
        if let Some(title) = &edit.title {
            changes.write(attribute::TITLE, title.as_ref().map(|title| text(title.as_str())));
        }
        if let Some(tags) = &edit.tags {
            changes.write(attribute::TAGS, (!tags.is_empty()).then(|| item::tags(tags)));
        }
        if let Some(access) = edit.access {
            changes.write(attribute::ACCESS, Some(text(access.as_str())));
        }
        if let Some(enabled) = edit.enabled {
            changes.write(attribute::ENABLED, Some(AttributeValue::Bool(enabled)));
        }
        if let Some(expires_at) = edit.expires_at {
            changes.write(attribute::EXPIRES_AT, expires_at.map(|time| number(time.seconds())));
            changes.write(attribute::TTL, expires_at.map(item::ttl));
        }
        changes
    }

    fn write(&mut self, name: &'static str, value: Option<AttributeValue>) {
        self.names.push((format!("#{name}"), name));
        match value {
            Some(value) => {
                self.set.push(format!("#{name} = :{name}"));
                self.values.push((format!(":{name}"), value));
            }
            None => self.remove.push(format!("#{name}")),
        }
    }

    fn expression(&self) -> String {
        let set = format!("SET {}", self.set.join(", "));
        if self.remove.is_empty() { set } else { format!("{set} REMOVE {}", self.remove.join(", ")) }
    }
}

impl LinkStore {
    /// Edits a link that `whose` covers and `precondition` allows, and returns the new version. It writes the fields in
    /// `edit`, the time and the version, and no others; it does not bring back a link that was deleted.
    ///
    /// The write carries a random id of its own. An attempt whose answer was lost is recognized by it and not repeated.
    ///
    /// # Errors
    /// Nothing was changed, except after [`ChangeError::Store`]: then the edit may or may not have been made.
    pub async fn update(
        &self,
        org: &OrgId,
        slug: &Slug,
        edit: &LinkEdit,
        whose: Whose<'_>,
        precondition: &Precondition,
        now: Timestamp,
    ) -> Result<Link, ChangeError> {
        let write_id = nanoid::nanoid!();
        let mut changes = Changes::of(edit);
        changes.write(attribute::UPDATED_AT, Some(number(now.millis())));
        changes.write(attribute::WRITE_ID, Some(text(&write_id)));
        changes.names.push(("#version".to_owned(), attribute::VERSION));
        changes.set.push("#version = #version + :one".to_owned());
        changes.values.push((":one".to_owned(), number(1)));

        let mut condition = Condition::of(whose, precondition);
        condition.and("#write_id <> :write_id");

        let mut update = self
            .dynamodb
            .update_item()
            .table_name(&self.table)
            .set_key(Some(item::key(org, slug)))
            .update_expression(changes.expression())
            .condition_expression(condition.expression)
            .return_values(ReturnValue::AllNew)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        let names = condition.names.into_iter().map(|(placeholder, name)| (placeholder.to_owned(), name));
        for (placeholder, name) in names.chain(changes.names) {
            update = update.expression_attribute_names(placeholder, name);
        }
        for (placeholder, value) in condition.values.into_iter().chain(changes.values) {
            update = update.expression_attribute_values(placeholder, value);
        }
        match update.send().await {
            Ok(answer) => {
                let edited = answer
                    .attributes()
                    .ok_or_else(|| StoreError::Unavailable("an answer without the item".to_owned()));
                Ok(edited.and_then(|new| Item(new).link())?)
            }
            Err(error) => match error.as_service_error() {
                Some(UpdateItemError::ConditionalCheckFailedException(kept)) => match kept.item() {
                    Some(own) if is_written_by(Some(own), &write_id) => Ok(Item(own).link()?),
                    kept => Err(refusal(kept, whose)),
                },
                _ => Err(ChangeError::Store(error.into())),
            },
        }
    }
}
