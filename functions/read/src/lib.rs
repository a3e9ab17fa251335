//! `GET /{org_id}/link/{slug}` and `GET /{org_id}/link/{slug}/qr`: a member reads a link, or the QR code of its short URL.

use lambda_http::http::header::{CONTENT_TYPE, ETAG};
use lambda_http::{Body, Response};
use qrcode::QrCode;
use qrcode::render::svg;
use shared::auth::Verifier;
use shared::error::ApiError;
use shared::http::{LinkBody, Request, ShortUrls, etag, json};
use shared::model::Timestamp;
use shared::store::LinkStore;

/// Answers the link; where the path goes on with `qr`, the QR code of its short URL, as SVG.
///
/// # Errors
/// In this order: the caller is nobody known, or no member of the organization; there is no such link; the store fails.
pub async fn handle(
    request: Request,
    verifier: &Verifier,
    links: &LinkStore,
    short_urls: &ShortUrls,
    now: Timestamp,
) -> Result<Response<Body>, ApiError> {
    let caller = verifier.verify(request.authorization()?, now).await?;
    let member = verifier.member(caller, request.org_id()?)?;

    let wants_qr_code = request.path_goes_on_with("qr");
    if !wants_qr_code {
        request.query().finish()?;
    }
    let slug = request.slug().ok_or(ApiError::NotFound)?;

    let org = &member.org_id;
    let link = links.read(org, &slug).await?.ok_or(ApiError::NotFound)?;

    let short_base = short_urls.of(org, &request, links.newest_handle(org, now), now).await;
    if wants_qr_code {
        return qr_code(&short_base.url_of(&slug));
    }
    json(Response::builder().header(ETAG, etag(&link)), &LinkBody::new(&link, &short_base))
}

/// Black on white whatever is behind it, because scanners want it so, with the quiet zone of four modules that ISO/IEC
/// 18004 asks for.
fn qr_code(text: &str) -> Result<Response<Body>, ApiError> {
    // Only a base of some two thousand characters, which is the operator's to set, is too long for it.
    let code = QrCode::new(text)
        .map_err(|_| ApiError::Internal("the short URL is too long for a QR code".to_owned()))?;
    let image = code.render::<svg::Color<'_>>().min_dimensions(256, 256).build();
    Ok(Response::builder().header(CONTENT_TYPE, "image/svg+xml").body(Body::from(image))?)
}
