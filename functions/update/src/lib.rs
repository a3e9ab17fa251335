//! `PATCH /{org_id}/link/{slug}`: a member edits a link of their own; an Admin or Owner, any.

use lambda_http::http::header::ETAG;
use lambda_http::{Body, Response};
use shared::auth::Verifier;
use shared::error::ApiError;
use shared::http::{Fields, LinkBody, Request, ShortUrls, any_time, edit, etag, json};
use shared::model::{Invalid, LinkEdit, OrgId, TargetRules, Timestamp};
use shared::store::{LinkStore, Whose};

/// Edits the link as the body says (RFC 7396: what is sent is written, null clears) and answers it as it is then.
///
/// # Errors
/// In this order: the caller is unknown, or not a member of the organization; the body is not declared to be JSON, too
/// large, or not JSON; the precondition is invalid; a field is unknown, cannot change or breaks a rule; there is no such
/// link; it is a colleague's and the caller may not edit it; it is another version than the requested one; the expiry has
/// passed and is not the link's own; the store fails.
pub async fn handle(
    request: Request,
    verifier: &Verifier,
    links: &LinkStore,
    targets: TargetRules,
    short_urls: &ShortUrls,
    now: Timestamp,
) -> Result<Response<Body>, ApiError> {
    let caller = verifier.verify(request.credential(short_urls.site())?, now).await?;
    request.record_caller(caller.user_id(), caller.impersonator());
    let member = verifier.member(caller, request.org_id()?)?;

    request.query().finish()?;
    let fields = request.fields()?;
    let precondition = request.precondition()?;
    let org = &member.org_id;
    let edit = wanted(fields, &request, links, org, targets, short_urls, now).await?;
    let slug = request.slug().ok_or(ApiError::NotFound)?;
    let whose = if member.manages_all_links { Whose::Anyones } else { Whose::Own(&member.user_id) };

    let link = links.update(org, &slug, &edit, whose, &precondition, now).await?;

    let short_base = short_urls.of(org, &request, links.newest_handle(org, now), now).await;
    json(Response::builder().header(ETAG, etag(&link)), &LinkBody::new(&link, &short_base))
}

/// Reads the edit. A link can keep an expiry that has passed; whether it is the link's own is decided by the store in the
/// step that writes, and read before only if there are other faults to report it with.
async fn wanted(
    mut fields: Fields,
    request: &Request,
    links: &LinkStore,
    org: &OrgId,
    targets: TargetRules,
    short_urls: &ShortUrls,
    now: Timestamp,
) -> Result<LinkEdit, ApiError> {
    let own_hosts = short_urls.own_hosts(request);
    for identity in ["id", "org_id", "creator_user_id"] {
        fields.refuse(identity, "this field cannot be changed; create a new link instead");
    }
    for kept in ["birth", "short_url", "creator_name", "created_at", "updated_at", "version"] {
        fields.refuse(kept, "this field is read-only; leave it out");
    }
    let edit = edit(&mut fields, |text| targets.parse(&text, &own_hosts), any_time);
    if let Some(expires_at) = edit.passed_expiry(now)
        && fields.is_faulty()
        && let Some(slug) = request.slug()
        && let Ok(link) = links.read(org, &slug).await
        && link.is_none_or(|link| link.expires_at != Some(expires_at))
    {
        fields.report("expires_at", Invalid::not_in_the_future());
    }
    fields.finish(Some(edit))
}
