//! `GET` and `HEAD` of `/docs` and `/openapi.json`: the API's documentation, for people and for programs.
//!
//! `build.rs` generates and compresses both: a page with Swagger UI, and the OpenAPI document from the crate `openapi`.

use lambda_http::{Body, Response};
use shared::error::ApiError;
use shared::http::{Asset, Request};
use shared::lambda::{HttpLambda, Lambda};
use shared::model::Timestamp;
use shared::settings::{Error, Settings};

const PAGE: Asset = Asset {
    content_type: "text/html; charset=utf-8",
    gzipped: include_bytes!(concat!(env!("OUT_DIR"), "/page.html.gz")),
    hash: env!("PAGE_HASH"),
    headers: &[
        ("content-security-policy", env!("CONTENT_SECURITY_POLICY")),
        ("referrer-policy", "no-referrer"),
    ],
};

const DOCUMENT: Asset = Asset {
    content_type: "application/json",
    gzipped: include_bytes!(concat!(env!("OUT_DIR"), "/openapi.json.gz")),
    hash: env!("DOCUMENT_HASH"),
    headers: &[],
};

/// The function. It uses no other service.
#[derive(Debug)]
pub struct Docs;

impl Lambda for Docs {
    type Services = ();

    fn from_settings(_: &Settings, (): &()) -> Result<Self, Error> {
        Ok(Self)
    }
}

impl HttpLambda for Docs {
    /// Returns the OpenAPI document or, for `/docs`, the page that shows it.
    ///
    /// # Errors
    /// A text cannot be inflated, which is a bug in the build.
    async fn handle(&self, request: Request, _: Timestamp) -> Result<Response<Body>, ApiError> {
        let asset = if request.path().ends_with("/openapi.json") { DOCUMENT } else { PAGE };
        asset.answer(&request)
    }
}

#[cfg(test)]
mod tests;
