//! `GET` and `HEAD /`: the console, as one page. The page is a client of the API like any other, so anyone may load it.
//!
//! `build.rs` builds the page from the files in `page/`.

use lambda_http::http::StatusCode;
use lambda_http::http::header::LOCATION;
use lambda_http::{Body, Response};
use shared::error::ApiError;
use shared::http::{Asset, Request, Site};
use shared::lambda::{HttpLambda, Lambda};
use shared::model::Timestamp;
use shared::settings::{Error, Settings};

const PAGE: Asset = Asset {
    content_type: "text/html; charset=utf-8",
    gzipped: include_bytes!(concat!(env!("OUT_DIR"), "/page.html.gz")),
    hash: env!("PAGE_HASH"),
    headers: &[
        ("content-security-policy", env!("CONTENT_SECURITY_POLICY")),
        // The page sends forms to its own origin. With no-referrer, the `Origin` of those requests would be null.
        ("referrer-policy", "same-origin"),
        // A page that opens the console in a window must not keep control of that window.
        ("cross-origin-opener-policy", "same-origin"),
    ],
};

/// The function and everything that it uses.
#[derive(Debug)]
pub struct Console {
    site: Site,
}

impl Lambda for Console {
    type Services = ();

    fn from_settings(settings: &Settings, (): &()) -> Result<Self, Error> {
        Ok(Self { site: Site::from_settings(settings)? })
    }
}

impl HttpLambda for Console {
    /// Returns the page. A request to any host other than the site's is redirected to the site, which has the session's cookie.
    ///
    /// # Errors
    /// The page cannot be inflated, which is a bug in the build.
    async fn handle(&self, request: Request, _: Timestamp) -> Result<Response<Body>, ApiError> {
        if self.site.is_elsewhere(&request) {
            let location = format!("{}/?{}=1", self.site.origin(&request), Site::REDIRECTED);
            let response = Response::builder().status(StatusCode::FOUND).header(LOCATION, location);
            return Ok(response.body(Body::Empty)?);
        }
        PAGE.answer(&request)
    }
}
