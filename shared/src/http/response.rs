use crate::error::ApiError;
use crate::http::Problem;
use lambda_http::http::header::{CACHE_CONTROL, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use lambda_http::http::response::Builder;
use lambda_http::http::{self, HeaderValue};
use lambda_http::{Body, Response};
use serde::Serialize;

/// Completes a response with a JSON body.
///
/// # Errors
/// The body cannot be serialised, or a header of the response is invalid; both are faults of ours.
pub fn json(response: Builder, body: &impl Serialize) -> Result<Response<Body>, ApiError> {
    let body = serde_json::to_string(body)
        .map_err(|_| ApiError::Internal("a response body could not be serialized".to_owned()))?;
    Ok(response.header(CONTENT_TYPE, "application/json").body(Body::from(body))?)
}

impl From<http::Error> for ApiError {
    fn from(error: http::Error) -> Self {
        Self::Internal(format!("a response is invalid: {error}"))
    }
}

/// The problem document for an error.
pub(super) fn problem(error: &ApiError) -> Response<Body> {
    // Its members are text and numbers, which always serialise.
    let body = serde_json::to_string(&Problem::of(error)).unwrap_or_default();
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = error.status();
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    response.headers_mut().extend(error.header());
    response
}

/// Adds the headers that a response has unless its handler set them otherwise: no cache on the way may keep what
/// Signpost answers of links, and no browser may guess a media type.
pub(super) fn complete(mut response: Response<Body>) -> Response<Body> {
    let headers = response.headers_mut();
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    headers.entry(X_CONTENT_TYPE_OPTIONS).or_insert(HeaderValue::from_static("nosniff"));
    response
}
