//! `GET` and `HEAD` of `/{org_id}/{slug}`, `/@{handle}/{slug}` and `/{slug}`: anyone who has the short URL is sent on.

use lambda_http::http::StatusCode;
use lambda_http::http::header::LOCATION;
use lambda_http::{Body, Response};
use shared::clicks::ClickLog;
use shared::error::ApiError;
use shared::http::Request;
use shared::model::{Access, LinkKey, OrgId, Timestamp};
use shared::store::LinkStore;

/// Sends the visitor to where the link leads, by 302; for a link of members only, to the route that asks who they are.
///
/// A path without an organization is one of `root_org`'s. Being sent to where the link leads is a click; what follows the
/// other route is counted there.
///
/// # Errors
/// In this order: there is no such link, it is switched off, it has expired; or the store fails.
pub async fn handle(
    request: Request,
    links: &LinkStore,
    clicks: &ClickLog,
    root_org: Option<&OrgId>,
    now: Timestamp,
) -> Result<Response<Body>, ApiError> {
    let slug = request.slug().ok_or(ApiError::NotFound)?;
    let org = match request.handle() {
        Some(handle) => links.organization_of(&handle, now).await?,
        None if request.names_an_organization() => request.org_id(),
        None => root_org.cloned(),
    };
    let org = org.ok_or(ApiError::NotFound)?;

    let destination = links.redirect(&org, &slug, now).await?.ok_or(ApiError::NotFound)?;

    destination.must_be_open(now)?;
    let location = match destination.access {
        Access::Public => {
            clicks.click(&request, LinkKey { org_id: org, birth: destination.birth }, now);
            destination.url.as_str().to_owned()
        }
        Access::Members => format!("/{org}/-/open/{slug}"),
    };
    Ok(Response::builder()
        .status(StatusCode::FOUND)
        .header(LOCATION, location)
        .header("x-robots-tag", "noindex")
        .body(Body::Empty)?)
}
