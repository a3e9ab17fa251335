use crate::Stats;
use crate::range::{By, Range, Series};
use lambda_http::{Body, Response};
use shared::error::ApiError;
use shared::http::{ClicksBody, Request, json};
use shared::model::{Day, OrgId, Timestamp};
use std::collections::BTreeMap;

const SERIES: &Series = &[(By::Day, 400), (By::Hour, 31)];

impl Stats {
    /// Returns the link's clicks in a range of days, by day or by hour. Days that are no longer kept, and days in the future,
    /// are left out.
    ///
    /// # Errors
    /// In this order: a query parameter is unknown or breaks a rule; there is no such link; the store fails.
    pub(crate) async fn of_link(
        &self,
        request: &Request,
        org: &OrgId,
        now: Timestamp,
    ) -> Result<Response<Body>, ApiError> {
        let slug = request.slug().ok_or(ApiError::NotFound)?;
        let today = Day::from_timestamp(now);
        let requested = Range::from_request(request, today, SERIES)?;
        let days = requested.clamped(self.clicks.oldest_day(today), today);

        let link = self.links.read(org, &slug).await?.ok_or(ApiError::NotFound)?;
        let link = link.key();
        // The two requests are sequential, because a second connection would cost more time than it saves.
        let total = self.clicks.total(&link).await?;
        let counts = match &days {
            Some(days) => self.clicks.stats(&link, *days.start(), *days.end()).await?,
            None => BTreeMap::new(),
        };

        let by_hour = requested.by == By::Hour;
        json(Response::builder(), &ClicksBody::new(total, &counts, days.as_ref(), by_hour))
    }
}
