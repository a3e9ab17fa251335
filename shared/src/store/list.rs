use super::{Item, LinkStore, NEWEST, StoreError, attribute, item, text};
use crate::model::{Filter, Link, OrgId, Page, Position};
use aws_sdk_dynamodb::operation::query::QueryInput;
use aws_sdk_dynamodb::types::AttributeValue;
use std::time::Duration;
use tokio::time::Instant;

/// How many items one filtered page reads at most: what does not fit costs as much to read as what does.
const READ_BOUND: usize = 1_000;
/// How many items a filtered page reads at first; twice as many each time when too few of them fit.
const FIRST_STRETCH: usize = 100;
/// How long a filtered page is read before it is answered short. What one more call may take besides is within the time
/// that a request has.
const PATIENCE: Duration = Duration::from_secs(2);

/// A stretch of the index.
struct Stretch {
    links: Vec<Link>,
    /// How many items were read for them.
    read: usize,
    /// Where the index goes on; `None` where it has ended.
    next: Option<Position>,
}

impl LinkStore {
    /// Reads at most `limit` of the links that fit the filter, newest first, from behind `after` on.
    ///
    /// A page of all links is full unless it is the last. A filtered one reads at most a thousand items, and of a slow
    /// store fewer, and may be short or empty before the last. It reads the index, which follows the table within moments
    /// (eventual consistency).
    ///
    /// # Errors
    /// The store did not do as asked, or holds an item that is no link.
    pub async fn list(
        &self,
        org: &OrgId,
        filter: &Filter,
        limit: usize,
        after: Option<Position>,
    ) -> Result<Page, StoreError> {
        let unfiltered = *filter == Filter::default();
        // The last of the bound is kept for a look at whether anything is left at all.
        let mut budget = if unfiltered { usize::MAX } else { READ_BOUND - 1 };
        let mut links = Vec::new();
        let mut next = after;
        let mut stretch = FIRST_STRETCH;
        let begun = Instant::now();
        // One more than asked for, so that a last page knows that it is the last.
        while links.len() <= limit {
            if budget == 0 {
                // DynamoDB says that it could go on also where there is nothing to go on to.
                let rest = self.stretch(org, &Filter::default(), 1, next.as_ref()).await?;
                return Ok(Page { links, next: next.filter(|_| !rest.links.is_empty()) });
            }
            let most = if unfiltered { limit + 1 - links.len() } else { stretch.min(budget) };
            let found = self.stretch(org, filter, most, next.as_ref()).await?;
            links.extend(found.links);
            budget = budget.saturating_sub(found.read);
            stretch *= 2;
            next = found.next;
            if next.is_none() {
                break;
            }
            if !unfiltered && links.len() <= limit && begun.elapsed() >= PATIENCE {
                return Ok(Page { links, next });
            }
        }
        let more = links.len() > limit;
        links.truncate(limit);
        let next = links.last().filter(|_| more).map(Link::position);
        Ok(Page { links, next })
    }

    async fn stretch(
        &self,
        org: &OrgId,
        filter: &Filter,
        most: usize,
        after: Option<&Position>,
    ) -> Result<Stretch, StoreError> {
        let mut query = QueryInput::builder()
            .table_name(&self.table)
            .index_name(NEWEST)
            .key_condition_expression("#org_id = :org_id")
            .expression_attribute_names("#org_id", attribute::ORG_ID)
            .expression_attribute_values(":org_id", text(org.as_str()))
            .scan_index_forward(false)
            .limit(i32::try_from(most).unwrap_or(i32::MAX))
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
        let answer = self.dynamodb.send(query).await?;
        let links = answer.items().iter().map(|found| Item(found).link()).collect::<Result<_, _>>()?;
        let next = answer.last_evaluated_key().map(|key| Item(key).position()).transpose()?;
        // Without a count nothing says how much was read; as much as could be, then.
        let read = usize::try_from(answer.scanned_count()).unwrap_or(most).max(1);
        Ok(Stretch { links, read, next })
    }
}

type Placeholder<T> = (&'static str, T);

/// Each condition of the filter, with the name and the value in it.
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
