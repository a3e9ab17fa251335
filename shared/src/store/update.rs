use super::{
    ChangeError, Condition, Item, LinkStore, Scope, StoreError, attribute, covered, is_written_by, item,
    number, text,
};
use crate::model::{Birth, Link, LinkEdit, OrgId, Precondition, Slug, TargetUrl, Timestamp};
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue, ReturnValuesOnConditionCheckFailure};

/// The most attempts of an edit. An attempt with a wrong assumption learns the right one, so a third fails only if the link
/// was deleted and made again meanwhile.
const MAX_ATTEMPTS: usize = 4;

/// The parts of an update expression, and the condition under which it changes something.
#[derive(Default)]
struct Changes {
    set: Vec<String>,
    remove: Vec<String>,
    /// One of these holds if the item differs from what the edit writes.
    differences: Vec<String>,
    names: Vec<(String, &'static str)>,
    values: Vec<(String, AttributeValue)>,
}

impl Changes {
    fn of(org: &OrgId, edit: &LinkEdit) -> Self {
        let mut changes = Self::default();
        if let Some(url) = &edit.url {
            changes.edit(attribute::URL, Some(text(url.as_str())));
            changes.write(attribute::TARGET, Some(item::target(org, url)));
        }
        if let Some(title) = &edit.title {
            changes.edit(attribute::TITLE, title.as_ref().map(|title| text(title.as_str())));
        }
        if let Some(tags) = &edit.tags {
            changes.edit(attribute::TAGS, (!tags.is_empty()).then(|| item::tags(tags)));
        }
        if let Some(access) = edit.access {
            changes.edit(attribute::ACCESS, Some(text(access.as_str())));
        }
        if let Some(enabled) = edit.enabled {
            changes.edit(attribute::ENABLED, Some(AttributeValue::Bool(enabled)));
        }
        if let Some(expires_at) = edit.expires_at {
            changes.edit(attribute::EXPIRES_AT, expires_at.map(|time| number(time.seconds())));
            changes.write(attribute::TTL, expires_at.map(item::ttl));
        }
        changes
    }

    /// Writes an attribute that the editor sets.
    fn edit(&mut self, name: &'static str, value: Option<AttributeValue>) {
        self.differences.push(match value {
            Some(_) => format!("attribute_not_exists(#{name}) OR #{name} <> :{name}"),
            None => format!("attribute_exists(#{name})"),
        });
        self.write(name, value);
    }

    fn write(&mut self, name: &'static str, value: Option<AttributeValue>) {
        match value {
            Some(value) => {
                self.set.push(format!("#{name} = :{name}"));
                self.mention(name, value);
            }
            None => {
                self.remove.push(format!("#{name}"));
                self.names.push((format!("#{name}"), name));
            }
        }
    }

    fn mention(&mut self, name: &'static str, value: AttributeValue) {
        self.names.push((format!("#{name}"), name));
        self.values.push((format!(":{name}"), value));
    }

    /// Adds the attributes that every edit writes, and the condition that it changes something and that the assumption is
    /// right.
    fn with_version(
        mut self,
        org: &OrgId,
        write_id: &str,
        now: Timestamp,
        assumption: &Assumption,
        condition: &mut Condition,
    ) -> Self {
        condition.and(&format!("({})", self.differences.join(" OR ")));
        if !self.names.iter().any(|(_, name)| *name == attribute::TARGET) {
            self.index_target(org, assumption.unindexed_url.as_ref(), condition);
        }
        self.names.push(("#birth".to_owned(), attribute::BIRTH));
        if let Some((birth, created_at)) = &assumption.derived_birth {
            self.set.push("#birth = if_not_exists(#birth, :birth)".to_owned());
            self.values.push((":birth".to_owned(), text(birth.as_str())));
            self.names.push(("#made".to_owned(), attribute::CREATED_AT));
            self.values.push((":made".to_owned(), number(created_at.millis())));
            // Another link may have taken the slug meanwhile.
            condition.and("(attribute_exists(#birth) OR #made = :made)");
        } else {
            condition.and("attribute_exists(#birth)");
        }
        if assumption.edited_later {
            self.mention(attribute::UPDATED_AT, number(now.millis()));
            condition.and("#updated_at > :updated_at");
        } else {
            self.write(attribute::UPDATED_AT, Some(number(now.millis())));
            condition.and("#updated_at <= :updated_at");
        }
        self.write(attribute::WRITE_ID, Some(text(write_id)));
        condition.and("#write_id <> :write_id");
        self.names.push(("#version".to_owned(), attribute::VERSION));
        self.set.push("#version = #version + :one".to_owned());
        self.values.push((":one".to_owned(), number(1)));
        self
    }

    /// Adds the key of the index `target` to a link that is not in it. `url` is the link's destination; without it, the item
    /// has the key.
    fn index_target(&mut self, org: &OrgId, url: Option<&TargetUrl>, condition: &mut Condition) {
        self.names.push(("#target".to_owned(), attribute::TARGET));
        let Some(url) = url else { return condition.and("attribute_exists(#target)") };
        self.set.push("#target = if_not_exists(#target, :target)".to_owned());
        self.values.push((":target".to_owned(), item::target(org, url)));
        self.names.push(("#url".to_owned(), attribute::URL));
        self.values.push((":leads_to".to_owned(), text(url.as_str())));
        // Another edit may have changed the URL meanwhile.
        condition.and("(attribute_exists(#target) OR #url = :leads_to)");
    }

    fn expression(&self) -> String {
        let set = format!("SET {}", self.set.join(", "));
        if self.remove.is_empty() { set } else { format!("{set} REMOVE {}", self.remove.join(", ")) }
    }
}

impl Condition {
    /// Adds the condition that the link expires at this time.
    fn keep_expiry(&mut self, expires_at: Timestamp) {
        self.and("#expires_at = :expires_at");
        self.names.push(("#expires_at", attribute::EXPIRES_AT));
        self.values.push((":expires_at".to_owned(), number(expires_at.seconds())));
    }
}

/// What an attempt assumes about the item, which it does not read. If the condition fails, the returned item shows what is
/// right.
#[derive(Clone, Default)]
struct Assumption {
    /// Set if the link was made before births were stored: its birth, to be stored, and its creation time. Without it, the
    /// item has a birth.
    derived_birth: Option<(Birth, Timestamp)>,
    /// Set if the link was last written before the index `target` existed: its destination. Without it, the item is in the
    /// index.
    unindexed_url: Option<TargetUrl>,
    /// The last edit was made by an instance whose clock is ahead of this one's.
    edited_later: bool,
}

/// The outcome of an attempt whose call succeeded.
enum Attempt {
    Written(Link),
    /// The condition did not hold. Holds the item, if there is one.
    Refused(Option<item::Attributes>),
}

impl LinkStore {
    /// Edits a link that `scope` covers and `precondition` allows, and returns the new version. It writes only the fields in
    /// `edit`, the time and the version; it does not bring back a link that was deleted.
    ///
    /// An edit that changes nothing writes nothing, and returns the link as it is. DynamoDB decides that in the same step as
    /// it writes, so no other edit can come in between. `updated_at` never goes back: if the clock is behind that of the last
    /// edit, it stays as it is.
    ///
    /// An edit never writes an expiry that has passed at `now`. It accepts one only if the link already has it.
    ///
    /// The write carries a random id. It recognizes an attempt whose response was lost, which is then not repeated.
    ///
    /// # Errors
    /// Nothing was changed, except after [`ChangeError::Store`]: then the edit may or may not have been made.
    pub async fn update(
        &self,
        org: &OrgId,
        slug: &Slug,
        edit: &LinkEdit,
        scope: Scope<'_>,
        precondition: &Precondition,
        now: Timestamp,
    ) -> Result<Link, ChangeError> {
        let kept_expiry = edit.passed_expiry(now);
        let edit =
            &LinkEdit { expires_at: edit.expires_at.filter(|_| kept_expiry.is_none()), ..edit.clone() };
        if *edit == LinkEdit::default() {
            return self.read_to_edit(org, slug, scope, precondition, kept_expiry).await;
        }
        let write_id = nanoid::nanoid!();
        let mut assumption = Assumption::default();
        for _ in 0..MAX_ATTEMPTS {
            let mut condition = Condition::of(scope, precondition);
            if let Some(expires_at) = kept_expiry {
                condition.keep_expiry(expires_at);
            }
            let changes = Changes::of(org, edit);
            let changes = changes.with_version(org, &write_id, now, &assumption, &mut condition);
            let kept = match self.try_update(org, slug, changes, condition).await? {
                Attempt::Written(link) => return Ok(link),
                Attempt::Refused(kept) => kept,
            };
            if let Some(own) = kept.as_ref().filter(|kept| is_written_by(Some(kept), &write_id)) {
                return Ok(Item(own).link()?);
            }
            let link = permitted(kept.as_ref(), scope, precondition, kept_expiry)?;
            if !edit.changes(&link) {
                return Ok(link);
            }
            let is_indexed = kept.is_some_and(|kept| kept.contains_key(attribute::TARGET));
            assumption = Assumption {
                derived_birth: link.stored_birth.is_none().then(|| (link.birth(), link.created_at)),
                unindexed_url: (!is_indexed).then(|| link.url.clone()),
                edited_later: link.updated_at > now,
            };
        }
        Err(StoreError::Unavailable("a link that kept being replaced".to_owned()).into())
    }

    /// Reads a link, with the checks of an edit that changes nothing.
    async fn read_to_edit(
        &self,
        org: &OrgId,
        slug: &Slug,
        scope: Scope<'_>,
        precondition: &Precondition,
        kept_expiry: Option<Timestamp>,
    ) -> Result<Link, ChangeError> {
        let answer = self.get_item(item::key(org, slug)).consistent_read(true).send().await;
        let answer = answer.map_err(StoreError::from)?;
        permitted(answer.item(), scope, precondition, kept_expiry)
    }

    async fn try_update(
        &self,
        org: &OrgId,
        slug: &Slug,
        changes: Changes,
        condition: Condition,
    ) -> Result<Attempt, StoreError> {
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
                Ok(Attempt::Written(edited.and_then(|new| Item(new).link())?))
            }
            Err(error) => match error.as_service_error() {
                Some(UpdateItemError::ConditionalCheckFailedException(kept)) => {
                    Ok(Attempt::Refused(kept.item().cloned()))
                }
                _ => Err(error.into()),
            },
        }
    }
}

/// Returns the link in the item, if there is one, `scope` covers it, `precondition` allows the change, and its expiry is the
/// one to keep.
fn permitted(
    item: Option<&item::Attributes>,
    scope: Scope<'_>,
    precondition: &Precondition,
    kept_expiry: Option<Timestamp>,
) -> Result<Link, ChangeError> {
    let link = Item(covered(item, scope)?).link()?;
    if !precondition.allows(&link) {
        Err(ChangeError::PreconditionFailed)
    } else if kept_expiry.is_some() && kept_expiry != link.expires_at {
        Err(ChangeError::ExpiryPassed)
    } else {
        Ok(link)
    }
}
