//! `POST /{org_id}/link`: a member makes a link.

use shared::auth::Verifier;
use shared::error::ApiError;
use shared::http::{LinkBody, Request, Response, ShortUrls, etag, string};
use shared::model::{NewLink, SlugGenerator, TargetRules, TargetUrl, Timestamp};
use shared::store::LinkStore;

/// Makes the link that the body describes and answers it, with 201.
///
/// # Errors
/// In this order: the caller is nobody known, or no member of the organization; the body is not declared to be JSON,
/// too large, or no JSON; a field is missing, unknown or against a rule; the store fails.
pub async fn handle(
    request: Request,
    verifier: &Verifier,
    links: &LinkStore,
    slugs: &SlugGenerator,
    targets: TargetRules,
    short_urls: &ShortUrls,
    now: Timestamp,
) -> Result<Response, ApiError> {
    let caller = verifier.verify(request.authorization(), now).await?;
    let member = caller.member_of(request.org_id())?;

    let url = url(&request, targets, short_urls)?;
    let new = NewLink { url, creator_user_id: member.user_id, created_at: now };

    let link = links.create(&member.org_id, &new, || slugs.draw()).await?;

    let body = LinkBody::new(&link, short_urls.of(&link, &request));
    let response = Response::json(201, &body)?.header("etag", etag(&link));
    Ok(response.header("location", format!("/{}/link/{}", link.org_id, link.id)))
}

fn url(request: &Request, targets: TargetRules, short_urls: &ShortUrls) -> Result<TargetUrl, ApiError> {
    let own_hosts = short_urls.own_hosts(request);
    let mut fields = request.fields()?;
    let url = fields.required("url", string(|text| targets.parse(&text, &own_hosts)));
    fields.finish(url)
}
