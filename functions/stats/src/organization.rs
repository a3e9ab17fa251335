use crate::Stats;
use crate::range::{By, Range, Series};
use lambda_http::{Body, Response};
use shared::error::ApiError;
use shared::http::{OverviewBody, Request, json};
use shared::model::{Day, OrgId, Slug, Timestamp};
use shared::store::{Details, Overview, ReadLimit};
use std::collections::BTreeSet;
use std::time::Duration;

const SERIES: &Series = &[(By::Day, 31)];

/// The maximum number of items that an overview reads, and the maximum time for reading them. With these limits, the
/// overview ends within the function's timeout.
const READ_LIMIT: ReadLimit = ReadLimit { items: 1_000_000, time: Duration::from_secs(10) };

impl Stats {
    /// Returns the organization's clicks on each day of a range, and the links with the most clicks in this range. Days
    /// that are no longer kept, and days in the future, are left out.
    ///
    /// # Errors
    /// In this order: a query parameter is unknown or breaks a rule; the store fails.
    pub(crate) async fn of_organization(
        &self,
        request: &Request,
        org: &OrgId,
        now: Timestamp,
    ) -> Result<Response<Body>, ApiError> {
        let today = Day::from_timestamp(now);
        let requested = Range::from_request(request, today, SERIES)?;

        let (mut overview, mut details) = (Overview::default(), Details::default());
        if let Some(days) = requested.clamped(self.clicks.oldest_day(today), today) {
            overview = self.clicks.overview(org, *days.start(), *days.end(), READ_LIMIT).await?;
            let births = overview.links.iter().map(|(birth, _)| birth.clone()).collect();
            details = self.clicks.details(org, births, overview.range.as_ref().unwrap_or(&days)).await?;
        }
        // Two of these links may have had the same slug, one after the other, so the slugs are a set.
        let slugs: BTreeSet<Slug> = details.slugs.values().cloned().collect();
        let existing = self.links.read_all(org, &slugs).await?;

        let short_base = self.short_urls.base(org, request, &self.links, now).await;
        json(Response::builder(), &OverviewBody::new(overview, &details, &existing, &short_base))
    }
}
