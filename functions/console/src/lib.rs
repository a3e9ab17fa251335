//! `GET` and `HEAD` of `/` and `/-/import`: the console's main page, and its page for moving links in and out. The
//! pages are clients of the API like any other, so anyone may load them.
//!
//! `build.rs` builds the pages from the files in `page/`.

use lambda_http::http::StatusCode;
use lambda_http::http::header::LOCATION;
use lambda_http::{Body, Response};
use shared::error::ApiError;
use shared::http::{Asset, Request, Site};
use shared::lambda::{HttpLambda, Lambda};
use shared::model::Timestamp;
use shared::settings::{Error, Settings};

const MAIN: Asset = Asset {
    content_type: "text/html; charset=utf-8",
    gzipped: include_bytes!(concat!(env!("OUT_DIR"), "/main.html.gz")),
    hash: env!("MAIN_HASH"),
    headers: &[("content-security-policy", env!("MAIN_POLICY")), REFERRER_POLICY, OPENER_POLICY],
};

const IMPORT: Asset = Asset {
    content_type: "text/html; charset=utf-8",
    gzipped: include_bytes!(concat!(env!("OUT_DIR"), "/import.html.gz")),
    hash: env!("IMPORT_HASH"),
    headers: &[("content-security-policy", env!("IMPORT_POLICY")), REFERRER_POLICY, OPENER_POLICY],
};

/// A page sends requests to its own origin. With no-referrer, the `Origin` of those requests would be null.
const REFERRER_POLICY: (&str, &str) = ("referrer-policy", "same-origin");
/// A page that opens the console in a window must not keep control of that window.
const OPENER_POLICY: (&str, &str) = ("cross-origin-opener-policy", "same-origin");

/// The path of the page for moving links in and out. Any other path gets the console's main page.
const IMPORT_PATH: &str = "/-/import";

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
    /// Returns a page. A request to a host other than the site's is redirected to the site, because only the site
    /// receives the session's cookie.
    ///
    /// # Errors
    /// The page cannot be inflated, which is a bug in the build.
    async fn handle(&self, request: Request, _: Timestamp) -> Result<Response<Body>, ApiError> {
        let (path, page) = if request.path() == IMPORT_PATH { (IMPORT_PATH, IMPORT) } else { ("/", MAIN) };
        if self.site.is_elsewhere(&request) {
            let location = format!("{}{path}?{}=1", self.site.origin(&request), Site::REDIRECTED);
            let response = Response::builder().status(StatusCode::FOUND).header(LOCATION, location);
            return Ok(response.body(Body::Empty)?);
        }
        page.answer(&request)
    }
}
