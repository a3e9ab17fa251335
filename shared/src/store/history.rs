use super::changes::ChangeStore;
use super::item::{Attributes, attribute, text};
use super::record::{self, names};
use super::{LINK, StoreError};
use crate::model::{Birth, Change, LinkKey, OrgId, Record, RecordFilter, RecordId, RecordPage, Slug};
use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use std::time::Duration;
use tokio::time::Instant;

/// The maximum number of records that one filtered page reads. Records that do not match the filter cost as much to
/// read as records that match.
const MAX_RECORDS_READ: usize = 2_000;
/// The number of records in the first query of a filtered page. Each further query reads twice as many.
const FIRST_LIMIT: usize = 100;
/// After this time, a filtered page is returned even if it is not full.
const PAGE_TIMEOUT: Duration = Duration::from_secs(2);
/// The maximum number of records that one call searches for a deleted link.
const MAX_RECORDS_SEARCHED: i32 = 1_000;
/// How many of a link's last records are searched for the record with the highest version. The clocks of the
/// functions that change a link differ, so the last record by time need not have the highest version.
const RECORDS_OF_LAST_CHANGES: i32 = 10;

impl ChangeStore {
    /// Returns up to `limit` records that match the filter, newest first, beginning with the one that follows `after`.
    ///
    /// Without a filter by user or change, every page except the last is full. With such a filter, a page reads up to
    /// 2,000 records, so even a page before the last can be short or empty. Reads are eventually consistent.
    ///
    /// # Errors
    /// A call failed, or an item is not a record.
    pub async fn history(
        &self,
        org: &OrgId,
        filter: &RecordFilter,
        limit: usize,
        after: Option<RecordId>,
    ) -> Result<RecordPage, StoreError> {
        let unfiltered = filter.user_id.is_none() && filter.change.is_none();
        let mut budget = if unfiltered { usize::MAX } else { MAX_RECORDS_READ };
        let (mut records, mut next, mut next_limit) = (Vec::new(), after, FIRST_LIMIT);
        let started = Instant::now();
        // Reads one record more than `limit`, to know whether this is the last page.
        while records.len() <= limit {
            let max = if unfiltered { limit + 1 - records.len() } else { next_limit.min(budget) };
            let query = self.query(org, filter, next.as_ref()).limit(i32::try_from(max).unwrap_or(i32::MAX));
            let answer = query.send().await?;
            for found in answer.items() {
                records.push(record::parse(found)?);
            }
            // At least one record is subtracted, so that the loop ends whatever a response says.
            budget = budget.saturating_sub(usize::try_from(answer.scanned_count()).unwrap_or(max).max(1));
            next_limit *= 2;
            next = answer.last_evaluated_key().map(id_of).transpose()?;
            if next.is_none() {
                break;
            }
            let is_over = budget == 0 || started.elapsed() >= PAGE_TIMEOUT;
            if !unfiltered && records.len() <= limit && is_over {
                return Ok(RecordPage { records, next });
            }
        }
        let more = records.len() > limit;
        records.truncate(limit);
        let next = records.last().filter(|_| more).map(|record| record.id.clone());
        Ok(RecordPage { records, next })
    }

    /// Returns the birth of the link that has this slug. If no link has the slug, returns the birth of the most
    /// recently deleted link that had it. Deleted links are found among the organization's newest thousand records.
    ///
    /// # Errors
    /// A call failed, or an item is malformed.
    pub async fn birth_of(&self, org: &OrgId, slug: &Slug) -> Result<Option<Birth>, StoreError> {
        if let Some(link) = self.links.read(org, slug).await? {
            return Ok(Some(link.birth()));
        }
        let query = self
            .query(org, &RecordFilter::default(), None)
            .filter_expression("#slug = :slug AND attribute_not_exists(#after)")
            .expression_attribute_names("#slug", attribute::SLUG)
            .expression_attribute_names("#after", names::AFTER)
            .expression_attribute_values(":slug", text(slug.as_str()))
            .limit(MAX_RECORDS_SEARCHED);
        let answer = query.send().await?;
        Ok(answer.items().first().map(record::parse).transpose()?.map(|record| record.birth))
    }

    /// Returns the record with the highest version among a link's last ten. The record of a delete has the same version
    /// as the record before it; either of these two can be returned. The read is eventually consistent.
    pub(super) async fn newest_record(&self, link: &LinkKey) -> Result<Option<Record>, StoreError> {
        let filter = RecordFilter { birth: Some(link.birth.clone()), ..RecordFilter::default() };
        let query = self.query(&link.org_id, &filter, None).limit(RECORDS_OF_LAST_CHANGES);
        let answer = query.send().await?;
        let records: Vec<Record> = answer.items().iter().map(record::parse).collect::<Result<_, _>>()?;
        Ok(records.into_iter().max_by_key(|record| record.version))
    }

    /// A query of the records that match the filter, newest first.
    fn query(&self, org: &OrgId, filter: &RecordFilter, after: Option<&RecordId>) -> QueryFluentBuilder {
        let mut query = self.links.dynamodb.query().table_name(&self.table).scan_index_forward(false);
        let (name, value) = match &filter.birth {
            Some(birth) => {
                query = query.index_name(LINK);
                let link = LinkKey { org_id: org.clone(), birth: birth.clone() };
                (names::ORG_LINK, record::org_link(&link))
            }
            None => (attribute::ORG_ID, text(org.as_str())),
        };
        let start = after.map(|id| {
            let mut start = record::key(org, id);
            start.insert(name.to_owned(), value.clone());
            start
        });
        query = query
            .key_condition_expression("#key = :key")
            .expression_attribute_names("#key", name)
            .expression_attribute_values(":key", value)
            .set_exclusive_start_key(start);
        let mut terms = Vec::new();
        if let Some(user) = &filter.user_id {
            terms.push("#user = :user");
            query = query.expression_attribute_names("#user", names::USER_ID);
            query = query.expression_attribute_values(":user", text(user.as_str()));
        }
        if let Some(change) = filter.change {
            query = query.expression_attribute_names("#change", names::CHANGE);
            query = query.expression_attribute_values(":change", text(change.as_str()));
            terms.push(match change {
                // A rename that also hands the link over is recorded as a rename.
                Change::HandOver => {
                    query = query
                        .expression_attribute_names("#after", names::AFTER)
                        .expression_attribute_names("#creator", attribute::CREATOR_USER_ID)
                        .expression_attribute_values(":rename", text(Change::Rename.as_str()));
                    "(#change = :change OR (#change = :rename AND attribute_exists(#after.#creator)))"
                }
                _ => "#change = :change",
            });
        }
        let filter = (!terms.is_empty()).then(|| terms.join(" AND "));
        query.set_filter_expression(filter)
    }
}

/// Returns the record id that a key contains.
fn id_of(key: &Attributes) -> Result<RecordId, StoreError> {
    let id = key.get(attribute::ID).and_then(|id| id.as_s().ok());
    id.and_then(|id| id.parse().ok()).ok_or(StoreError::Corrupt(attribute::ID))
}
