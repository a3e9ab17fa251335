//! `DELETE /{org_id}/link/{slug}`: a member deletes a link of their own; an Admin or Owner, any.

use lambda_http::{Body, Response};
use shared::auth::Verifier;
use shared::error::ApiError;
use shared::http::{LinkBody, Request, ShortUrls, json};
use shared::model::Timestamp;
use shared::store::{LinkStore, Whose};

/// Deletes the link and answers it as it was.
///
/// # Errors
/// In this order: the caller is nobody known, or no member of the organization; the precondition is none; there is no
/// such link; it is a colleague's and the caller may not delete it; it is another version than asked for; the store
/// fails. A delete whose answer was lost may say that there is no such link when it is tried again.
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
    let whose = if member.manages_all_links { Whose::Anyones } else { Whose::Own(&member.user_id) };

    let org = &member.org_id;
    let link = links.delete(org, &slug, whose, &precondition).await?;

    let short_base = short_urls.of(org, &request, links.newest_handle(org, now), now).await;
    json(Response::builder(), &LinkBody::new(&link, &short_base))
}
