use super::{Item, LinkStore, NEWEST, StoreError, attribute, item, text};
use crate::model::{Filter, Link, OrgId, Page, Position};
use aws_sdk_dynamodb::types::AttributeValue;
use std::time::Duration;
use tokio::time::Instant;

/// The most items that one filtered page reads. Items that do not match cost as much to read as those that do.
const MAX_ITEMS_READ: usize = 1_000;
/// The number of items in the first query of a filtered page. Each further query reads twice as many.
const FIRST_LIMIT: usize = 100;
/// After this time a filtered page is returned short. The request's own limit leaves room for one more call.
const PAGE_TIMEOUT: Duration = Duration::from_secs(2);

/// The result of one query of the index.
struct Queried {
    links: Vec<Link>,
    /// The number of items read for them.
    read: usize,
    /// The position to continue after; `None` at the end of the index.
    next: Option<Position>,
}

impl LinkStore {
    /// Returns up to `limit` links that match the filter, newest first, starting after `after`.
    ///
    /// Without a filter every page but the last is full. With one, a page reads up to a thousand items, fewer if
    /// DynamoDB is slow, so that pages before the last can be short or empty. Reads are eventually consistent.
    ///
    /// # Errors
    /// A call failed, or an item is not a link.
    pub async fn list(
        &self,
        org: &OrgId,
        filter: &Filter,
        limit: usize,
        after: Option<Position>,
    ) -> Result<Page, StoreError> {
        let unfiltered = *filter == Filter::default();
        // One item is reserved for the question whether any are left.
        let mut budget = if unfiltered { usize::MAX } else { MAX_ITEMS_READ - 1 };
        let mut links = Vec::new();
        let mut next = after;
        let mut next_limit = FIRST_LIMIT;
        let started = Instant::now();
        // One more than `limit`, so that the last page is known to be the last.
        while links.len() <= limit {
            if budget == 0 {
                // DynamoDB returns a key to continue after even if no item follows.
                let rest = self.query(org, &Filter::default(), 1, next.as_ref()).await?;
                return Ok(Page { links, next: next.filter(|_| !rest.links.is_empty()) });
            }
            let max = if unfiltered { limit + 1 - links.len() } else { next_limit.min(budget) };
            let found = self.query(org, filter, max, next.as_ref()).await?;
            links.extend(found.links);
            budget = budget.saturating_sub(found.read);
            next_limit *= 2;
            next = found.next;
            if next.is_none() {
                break;
            }
            if !unfiltered && links.len() <= limit && started.elapsed() >= PAGE_TIMEOUT {
                return Ok(Page { links, next });
            }
        }
        let more = links.len() > limit;
        links.truncate(limit);
        let next = links.last().filter(|_| more).map(Link::position);
        Ok(Page { links, next })
    }

    async fn query(
        &self,
        org: &OrgId,
        filter: &Filter,
        max: usize,
        after: Option<&Position>,
    ) -> Result<Queried, StoreError> {
        let mut query = self
            .dynamodb
            .query()
            .table_name(&self.table)
            .index_name(NEWEST)
            .key_condition_expression("#org_id = :org_id")
            .expression_attribute_names("#org_id", attribute::ORG_ID)
            .expression_attribute_values(":org_id", text(org.as_str()))
            .scan_index_forward(false)
            .limit(i32::try_from(max).unwrap_or(i32::MAX))
            .set_exclusive_start_key(after.map(|position| item::index_key(org, position)));
        let conditions = conditions(filter);
        if !conditions.is_empty() {
            let expressions: Vec<&str> = conditions.iter().map(|(expression, ..)| *expression).collect();
            query = query.filter_expression(expressions.join(" AND "));
        }
        for (_, (placeholder, name), (value_placeholder, value)) in conditions {
            query = query.expression_attribute_names(placeholder, name);
            query = query.expression_attribute_values(value_placeholder, value);
        }
        let answer = query.send().await?;
        let links = answer.items().iter().map(|found| Item(found).link()).collect::<Result<_, _>>()?;
        let next = answer.last_evaluated_key().map(|key| Item(key).position()).transpose()?;
        // At least one, so that the caller's loop ends whatever an answer says.
        let read = usize::try_from(answer.scanned_count()).unwrap_or(max).max(1);
        Ok(Queried { links, read, next })
    }
}

type Placeholder<T> = (&'static str, T);

/// The conditions of a filter, each with the placeholders of its name and its value.
fn conditions(
    filter: &Filter,
) -> Vec<(&'static str, Placeholder<&'static str>, Placeholder<AttributeValue>)> {
    let mut conditions = Vec::new();
    if let Some(creator) = &filter.creator {
        let name = ("#creator", attribute::CREATOR_USER_ID);
        conditions.push(("#creator = :creator", name, (":creator", text(creator.as_str()))));
    }
    if let Some(tag) = &filter.tag {
        conditions.push(("contains(#tags, :tag)", ("#tags", attribute::TAGS), (":tag", text(tag.as_str()))));
    }
    if let Some(prefix) = &filter.prefix {
        let name = ("#id", attribute::ID);
        conditions.push(("begins_with(#id, :prefix)", name, (":prefix", text(prefix.as_str()))));
    }
    conditions
}
