//! `DELETE /{org_id}/link/{slug}`: deletes a link. Members can delete their own, admins any.

use lambda_http::{Body, Response};
use shared::auth::Verifier;
use shared::error::ApiError;
use shared::http::{LinkBody, Request, ShortUrls, json};
use shared::model::Timestamp;
use shared::store::{LinkStore, Scope};

/// Deletes the link and returns it.
///
/// # Errors
/// In this order: the caller is not authenticated, or not a member of the organization; the precondition is invalid;
/// there is no such link; it is another member's and the caller is not an admin; it is not at the required version; the
/// store fails. The retry of a delete whose response was lost can fail because there is no such link.
pub async fn handle(
    request: Request,
    verifier: &Verifier,
    links: &LinkStore,
    short_urls: &ShortUrls,
    now: Timestamp,
) -> Result<Response<Body>, ApiError> {
    let caller = verifier.verify(request.credential(short_urls.site())?, now).await?;
    request.record_caller(caller.user_id(), caller.impersonator());
    let member = verifier.member(caller, request.org_id()?)?;

    request.query().finish()?;
    let precondition = request.precondition()?;
    let slug = request.slug().ok_or(ApiError::NotFound)?;
    let scope = if member.manages_all_links { Scope::All } else { Scope::Own(&member.user_id) };

    let org = &member.org_id;
    let link = links.delete(org, &slug, scope, &precondition).await?;

    let short_base = short_urls.of(org, &request, links.newest_handle(org, now), now).await;
    json(Response::builder(), &LinkBody::new(&link, &short_base))
}
