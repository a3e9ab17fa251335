//! `GET /{org_id}/link/{slug}/clicks`: a member reads how often a link was followed, when, from where and with what.

mod range;

use lambda_http::{Body, Response};
use range::{By, Range};
use shared::auth::Verifier;
use shared::error::ApiError;
use shared::http::{ClicksBody, Request, Site, json};
use shared::model::{Day, Timestamp};
use shared::store::{ClickStore, LinkStore};
use std::collections::BTreeMap;

/// Returns the link's clicks in a range of days, by day or by hour. Days that are not kept, or lie in the future, are cut off.
///
/// # Errors
/// In this order: the caller is unknown, or not a member of the organization; a query parameter is unknown or breaks a rule;
/// there is no such link; the store fails.
pub async fn handle(
    request: Request,
    verifier: &Verifier,
    site: &Site,
    links: &LinkStore,
    clicks: &ClickStore,
    now: Timestamp,
) -> Result<Response<Body>, ApiError> {
    let caller = verifier.verify(request.credential(site)?, now).await?;
    let member = verifier.member(caller, request.org_id()?)?;

    let slug = request.slug().ok_or(ApiError::NotFound)?;
    let today = Day::of(now);
    let requested = Range::requested(&request, today)?;
    let days = requested.within(clicks.oldest_day(today), today);

    let link = links.read(&member.org_id, &slug).await?.ok_or(ApiError::NotFound)?;
    let link = link.key();
    // One after the other, because a second connection would cost more than it saves.
    let total = clicks.total(&link).await?;
    let counts = match &days {
        Some(days) => clicks.stats(&link, *days.start(), *days.end()).await?,
        None => BTreeMap::new(),
    };

    let by_hour = requested.by == By::Hour;
    json(Response::builder(), &ClicksBody::new(total, &counts, days.as_ref(), by_hour))
}
