//! `GET /{org_id}/link/{slug}/clicks` and `GET /{org_id}/-/clicks`: a member reads how often a link was followed, when, from
//! where and with what; or how often all links of the organization were, and which of them most.

mod link;
mod organization;
mod range;

use lambda_http::{Body, Response};
use shared::auth::Verifier;
use shared::error::ApiError;
use shared::http::{Request, ShortUrls};
use shared::model::Timestamp;
use shared::store::{ClickStore, LinkStore};
use std::time::Duration;

/// The function's timeout. An overview reads days for ten seconds at most, and then the details of a hundred links.
pub const TIMEOUT: Duration = Duration::from_secs(20);

/// Returns the clicks of the link in the path, or of the organization if the path has no link.
///
/// # Errors
/// In this order: the caller is unknown, or not a member of the organization; a query parameter is unknown or breaks a rule;
/// there is no such link; the store fails.
pub async fn handle(
    request: Request,
    verifier: &Verifier,
    links: &LinkStore,
    clicks: &ClickStore,
    short_urls: &ShortUrls,
    now: Timestamp,
) -> Result<Response<Body>, ApiError> {
    let caller = verifier.verify(request.credential(short_urls.site())?, now).await?;
    let member = verifier.member(caller, request.org_id()?)?;

    let org = &member.org_id;
    if request.path_goes_on_with("clicks") {
        link::answer(&request, org, links, clicks, now).await
    } else {
        organization::answer(&request, org, links, clicks, short_urls, now).await
    }
}
