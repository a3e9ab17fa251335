mod conditions;

use super::{Item, LinkStore, NEWEST, StoreError, TARGET, attribute, item, text};
use crate::model::{Filter, Link, OrgId, Page, Position, Timestamp};
use conditions::Conditions;
use std::time::Duration;
use tokio::time::Instant;

/// The maximum number of items that are read for one filtered page. Reading an item costs the same whether or not the
/// item matches the filter.
const MAX_ITEMS_READ: usize = 2_000;
/// The number of items in the first query of a filtered page. Each further query reads twice as many items as the one
/// before.
const FIRST_LIMIT: usize = 100;
/// After this time, a filtered page is returned even if it is short. One more DynamoDB call fits between this time and the timeout of the HTTP request.
const PAGE_TIMEOUT: Duration = Duration::from_secs(2);

/// The result of one query of an index.
struct Queried {
    links: Vec<Link>,
    /// The number of items that were read to find these links.
    read: usize,
    /// The position after which the list continues; `None` at the end of the index.
    next: Option<Position>,
}

impl LinkStore {
    /// Returns up to `limit` links that match the filter at `now`, newest first, starting after `after`.
    ///
    /// Without a filter, every page except the last is full. With a filter, a page reads up to two thousand items, or
    /// fewer if DynamoDB is slow, so that pages before the last can be short or empty. If the filter contains a URL,
    /// only links with that URL's hash are read. Reads are eventually consistent.
    ///
    /// # Errors
    /// A call failed, or an item is not a link.
    pub async fn list(
        &self,
        org: &OrgId,
        filter: &Filter,
        limit: usize,
        after: Option<Position>,
        now: Timestamp,
    ) -> Result<Page, StoreError> {
        let unfiltered = *filter == Filter::default();
        let conditions = Conditions::new(filter, now);
        // One item is not in the budget: it is read at the end, to find out whether any items are left.
        let mut budget = if unfiltered { usize::MAX } else { MAX_ITEMS_READ - 1 };
        let mut links = Vec::new();
        let mut next = after;
        let mut next_limit = FIRST_LIMIT;
        let started = Instant::now();
        // Reads one link more than `limit`, to find out whether this is the last page.
        while links.len() <= limit {
            if budget == 0 {
                // DynamoDB can return the key of the next page even if no item is left.
                let rest = self.query(org, filter, &Conditions::default(), 1, next.as_ref()).await?;
                return Ok(Page { links, next: next.filter(|_| rest.read > 0) });
            }
            let max = if unfiltered { limit + 1 - links.len() } else { next_limit.min(budget) };
            let found = self.query(org, filter, &conditions, max, next.as_ref()).await?;
            links.extend(found.links.into_iter().filter(|link| filter.matches_text(link)));
            // At least one item is subtracted, so that the loop ends even if a response reports no items.
            budget = budget.saturating_sub(found.read.max(1));
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

    /// Reads up to `max` items of the index that this filter uses.
    async fn query(
        &self,
        org: &OrgId,
        filter: &Filter,
        conditions: &Conditions,
        max: usize,
        after: Option<&Position>,
    ) -> Result<Queried, StoreError> {
        let (index, name, value) = match &filter.url {
            Some(url) => (TARGET, attribute::TARGET, item::target(org, url)),
            None => (NEWEST, attribute::ORG_ID, text(org.as_str())),
        };
        let start = after.map(|position| {
            let mut start = item::index_key(org, position);
            start.insert(name.to_owned(), value.clone());
            start
        });
        let mut query = self
            .dynamodb
            .query()
            .table_name(&self.table)
            .index_name(index)
            .key_condition_expression("#key = :key")
            .expression_attribute_names("#key", name)
            .expression_attribute_values(":key", value)
            .scan_index_forward(false)
            .limit(i32::try_from(max).unwrap_or(i32::MAX))
            .set_exclusive_start_key(start)
            .set_filter_expression(conditions.expression());
        for (placeholder, name) in &conditions.names {
            query = query.expression_attribute_names(*placeholder, *name);
        }
        for (placeholder, value) in &conditions.values {
            query = query.expression_attribute_values(*placeholder, value.clone());
        }
        let answer = query.send().await?;
        let links = answer.items().iter().map(|found| Item(found).link()).collect::<Result<_, _>>()?;
        let next = answer.last_evaluated_key().map(|key| Item(key).position()).transpose()?;
        let read = usize::try_from(answer.scanned_count()).unwrap_or(max);
        Ok(Queried { links, read, next })
    }
}
