//! `GET` and `HEAD` of `/docs` and `/openapi.json`: the API's documentation, for people and for programs.
//!
//! Both are made and compressed by `build.rs`: Swagger UI as one page, and the OpenAPI document of the crate `openapi`.

mod asset;
mod encoding;

use asset::Asset;
use lambda_http::http::HeaderValue;
use lambda_http::http::header::{CONTENT_SECURITY_POLICY, REFERRER_POLICY};
use lambda_http::{Body, Response};
use shared::error::ApiError;
use shared::http::Request;

const PAGE: Asset = Asset {
    content_type: "text/html; charset=utf-8",
    gzipped: include_bytes!(concat!(env!("OUT_DIR"), "/page.html.gz")),
    hash: env!("PAGE_HASH"),
};

const DOCUMENT: Asset = Asset {
    content_type: "application/json",
    gzipped: include_bytes!(concat!(env!("OUT_DIR"), "/openapi.json.gz")),
    hash: env!("DOCUMENT_HASH"),
};

/// Answers the OpenAPI document or, on `/docs`, the page that shows it.
///
/// # Errors
/// An asset does not inflate, which is a fault of the build.
pub async fn handle(request: Request) -> Result<Response<Body>, ApiError> {
    if request.path().ends_with("/openapi.json") {
        return DOCUMENT.answer(&request);
    }
    let mut page = PAGE.answer(&request)?;
    let policy = HeaderValue::from_static(env!("CONTENT_SECURITY_POLICY"));
    page.headers_mut().insert(CONTENT_SECURITY_POLICY, policy);
    page.headers_mut().insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    Ok(page)
}

#[cfg(test)]
mod tests;
