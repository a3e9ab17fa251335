//! `GET` and `HEAD /`: the console, as one page. It is a client of the API like any other; whoever opens it may see it.
//!
//! `build.rs` makes it of the files in `page/`.

use lambda_http::http::StatusCode;
use lambda_http::http::header::LOCATION;
use lambda_http::{Body, Response};
use shared::error::ApiError;
use shared::http::{Asset, Request, Site};

const PAGE: Asset = Asset {
    content_type: "text/html; charset=utf-8",
    gzipped: include_bytes!(concat!(env!("OUT_DIR"), "/page.html.gz")),
    hash: env!("PAGE_HASH"),
    headers: &[
        ("content-security-policy", env!("CONTENT_SECURITY_POLICY")),
        // The page sends forms of its own origin, and with no-referrer their `Origin` would be null.
        ("referrer-policy", "same-origin"),
        // A page that opens the console cannot drive it afterwards.
        ("cross-origin-opener-policy", "same-origin"),
    ],
};

/// Answers the page. On another host than the site's, redirects to the site, where the session's cookie is.
///
/// # Errors
/// The page does not inflate, which is a fault of the build.
pub async fn handle(request: Request, site: &Site) -> Result<Response<Body>, ApiError> {
    if site.is_elsewhere(&request) {
        let location = format!("{}/?{}=1", site.origin(&request), Site::REDIRECTED);
        let response = Response::builder().status(StatusCode::FOUND).header(LOCATION, location);
        return Ok(response.body(Body::Empty)?);
    }
    PAGE.answer(&request)
}
