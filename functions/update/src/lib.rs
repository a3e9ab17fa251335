//! `PATCH /{org_id}/link/{slug}`: a member edits a link of their own; an Admin or Owner, any.

use lambda_http::http::header::ETAG;
use lambda_http::{Body, Response};
use shared::auth::Verifier;
use shared::error::ApiError;
use shared::http::{Fields, LinkBody, Request, ShortUrls, edit, etag, json};
use shared::model::{LinkEdit, TargetRules, Timestamp};
use shared::store::{LinkStore, Whose};

/// Edits the link as the body says (RFC 7396: what is sent is written, null clears) and answers it as it is then.
///
/// # Errors
/// In this order: the caller is nobody known, or no member of the organization; the body is not declared to be JSON, too
/// large, or no JSON; the precondition is none; a field is unknown, cannot change or is against a rule; there is no
/// such link; it is a colleague's and the caller may not edit it; it is another version than asked for; the store fails.
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
    let edit = wanted(fields, &request, targets, short_urls, now)?;
    let slug = request.slug().ok_or(ApiError::NotFound)?;
    let whose = if member.manages_all_links { Whose::Anyones } else { Whose::Own(&member.user_id) };

    let org = &member.org_id;
    let link = links.update(org, &slug, &edit, whose, &precondition, now).await?;

    let short_base = short_urls.of(org, &request, links.newest_handle(org, now), now).await;
    json(Response::builder().header(ETAG, etag(&link)), &LinkBody::new(&link, &short_base))
}

fn wanted(
    mut fields: Fields,
    request: &Request,
    targets: TargetRules,
    short_urls: &ShortUrls,
    now: Timestamp,
) -> Result<LinkEdit, ApiError> {
    let own_hosts = short_urls.own_hosts(request);
    for identity in ["id", "org_id", "creator_user_id"] {
        fields.refuse(identity, "this cannot change; make a new link");
    }
    for kept in ["birth", "short_url", "created_at", "updated_at", "version"] {
        fields.refuse(kept, "this cannot be set; Signpost keeps it");
    }
    let edit = edit(&mut fields, |text| targets.parse(&text, &own_hosts), now);
    fields.finish(Some(edit))
}
