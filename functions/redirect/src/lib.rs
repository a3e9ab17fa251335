//! `GET` and `HEAD /{org_id}/{slug}`: anyone who has the short URL is sent on.

use shared::error::ApiError;
use shared::http::{Request, Response};
use shared::model::{Access, Timestamp};
use shared::store::LinkStore;

/// Sends the visitor to where the link leads, by 302; for a link of members only, to the route that asks who they are.
///
/// # Errors
/// In this order: there is no such link, it is switched off, it has expired; or the store fails.
pub async fn handle(request: Request, links: &LinkStore, now: Timestamp) -> Result<Response, ApiError> {
    let (org, slug) = request.org_id().zip(request.slug()).ok_or(ApiError::NotFound)?;

    let destination = links.redirect(&org, &slug).await?.ok_or(ApiError::NotFound)?;

    if !destination.enabled {
        return Err(ApiError::LinkDisabled);
    }
    if destination.expires_at.is_some_and(|expires_at| now >= expires_at) {
        return Err(ApiError::LinkExpired);
    }
    let location = match destination.access {
        Access::Public => destination.url.as_str().to_owned(),
        Access::Members => format!("/{org}/-/open/{slug}"),
    };
    Ok(Response::empty(302).header("location", location).header("x-robots-tag", "noindex"))
}
