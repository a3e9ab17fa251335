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
/// The body cannot be serialized, or a header of the response is invalid. Both are internal errors.
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

/// Returns the problem document for an error.
pub(super) fn problem(error: &ApiError) -> Response<Body> {
    // Text and numbers can always be serialized.
    let body = serde_json::to_string(&Problem::new(error)).unwrap_or_default();
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = error.status();
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    response.headers_mut().extend(error.header());
    response
}

/// Adds default headers unless the handler set them: no cache may store a response, and no browser may guess a media
/// type.
pub(super) fn complete(mut response: Response<Body>) -> Response<Body> {
    let headers = response.headers_mut();
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    headers.entry(X_CONTENT_TYPE_OPTIONS).or_insert(HeaderValue::from_static("nosniff"));
    response
}
