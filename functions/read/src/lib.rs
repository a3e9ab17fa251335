//! `GET /{org_id}/link/{slug}` and `GET /{org_id}/link/{slug}/qr`: returns a link, or the QR code of its short URL.

mod layout;
mod picture;

use lambda_http::http::header::ETAG;
use lambda_http::{Body, Response};
use picture::Picture;
use shared::auth::Verifier;
use shared::error::ApiError;
use shared::http::{LinkBody, Request, ShortUrls, etag, json};
use shared::model::Timestamp;
use shared::store::LinkStore;

/// Returns the link or, if the path ends with `qr`, an image of the QR code of its short URL.
///
/// # Errors
/// In this order: the caller is not authenticated, or not a member of the organization; a query parameter is unknown or
/// breaks a rule; there is no such link; the store fails; the code does not fit in the requested size.
pub async fn handle(
    request: Request,
    verifier: &Verifier,
    links: &LinkStore,
    short_urls: &ShortUrls,
    now: Timestamp,
) -> Result<Response<Body>, ApiError> {
    let caller = verifier.verify(request.credential(short_urls.site())?, now).await?;
    let member = verifier.member(caller, request.org_id()?)?;

    let picture = request.path_goes_on_with("qr").then(|| Picture::requested(&request)).transpose()?;
    if picture.is_none() {
        request.query().finish()?;
    }
    let slug = request.slug().ok_or(ApiError::NotFound)?;

    let org = &member.org_id;
    let link = links.read(org, &slug).await?.ok_or(ApiError::NotFound)?;

    let short_base = short_urls.of(org, &request, links.newest_handle(org, now), now).await;
    match picture {
        Some(picture) => picture.answer(&slug, &short_base.url_of(&slug)),
        None => json(Response::builder().header(ETAG, etag(&link)), &LinkBody::new(&link, &short_base)),
    }
}
