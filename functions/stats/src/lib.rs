//! `GET /{org_id}/link/{slug}/clicks`: a member reads how often a link was followed, when, from where and with what.

mod range;

use lambda_http::{Body, Response};
use range::{By, Range};
use shared::auth::Verifier;
use shared::error::ApiError;
use shared::http::{ClicksBody, Request, Site, json};
use shared::model::Timestamp;
use shared::store::{ClickStore, LinkStore};

/// Answers the link's clicks in a range of days, by day or by hour.
///
/// # Errors
/// In this order: the caller is nobody known, or no member of the organization; a query parameter is unknown or against
/// a rule; there is no such link; the store fails.
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
    let Range { from, to, by } = Range::wanted(&request, now)?;

    let link = links.read(&member.org_id, &slug).await?.ok_or(ApiError::NotFound)?;
    let link = link.key();
    // One after the other, because a second connection would cost more than it saves.
    let total = clicks.total(&link).await?;
    let days = clicks.stats(&link, from, to).await?;

    let by_hour = by == By::Hour;
    json(Response::builder(), &ClicksBody::new(total, &days, from, to, by_hour))
}
