use lambda_http::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY};
use lambda_http::http::response::Builder;
use lambda_http::{Body, Response};
use serde_json::Value;
use shared::error::ApiError;

const BEFORE: &str = include_str!(concat!(env!("OUT_DIR"), "/before.html"));
const AFTER: &str = include_str!(concat!(env!("OUT_DIR"), "/after.html"));

/// Completes a response with the page: one file, which requests nothing but the API itself.
///
/// # Errors
/// A header of the response is invalid, which is a fault of ours.
pub fn response(response: Builder, document: &Value) -> Result<Response<Body>, ApiError> {
    // No text within can end the element that it is in.
    let document = document.to_string().replace('<', "\\u003c");
    Ok(response
        .header(CONTENT_TYPE, "text/html; charset=utf-8")
        .header(CONTENT_SECURITY_POLICY, env!("CONTENT_SECURITY_POLICY"))
        .header(REFERRER_POLICY, "no-referrer")
        .body(Body::from([BEFORE, &document, AFTER].concat()))?)
}
