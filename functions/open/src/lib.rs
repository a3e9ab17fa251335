//! `GET` and `HEAD /{org_id}/-/open/{slug}`: a member follows a link that is for members only.

use lambda_http::http::StatusCode;
use lambda_http::http::header::LOCATION;
use lambda_http::{Body, Response};
use shared::auth::Verifier;
use shared::clicks::ClickLog;
use shared::error::ApiError;
use shared::http::{Request, Site};
use shared::model::{LinkKey, Timestamp};
use shared::store::LinkStore;

/// Sends the member to where the link leads, by 302, which is a click.
///
/// # Errors
/// In this order: the caller is nobody known, or no member of the organization; there is no such link, it is switched
/// off, it has expired; the store fails.
pub async fn handle(
    request: Request,
    verifier: &Verifier,
    site: &Site,
    links: &LinkStore,
    clicks: &ClickLog,
    now: Timestamp,
) -> Result<Response<Body>, ApiError> {
    let caller = verifier.verify(request.credential_of_navigation(site)?, now).await?;
    let member = verifier.member(caller, request.org_id()?)?;

    let slug = request.slug().ok_or(ApiError::NotFound)?;

    let destination = links.redirect(&member.org_id, &slug, now).await?.ok_or(ApiError::NotFound)?;

    destination.must_be_open(now)?;
    let link = LinkKey { org_id: member.org_id, birth: destination.birth };
    clicks.click(&request, link, now);
    Ok(Response::builder()
        .status(StatusCode::FOUND)
        .header(LOCATION, destination.url.as_str())
        .header("x-robots-tag", "noindex")
        .body(Body::Empty)?)
}
