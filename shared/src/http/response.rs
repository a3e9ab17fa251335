use crate::error::ApiError;
use crate::http::Problem;
use crate::model::RecordId;
use lambda_http::http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderName, X_CONTENT_TYPE_OPTIONS};
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

/// The header that contains the id of the change's record in the history.
const SIGNPOST_CHANGE: HeaderName = HeaderName::from_static("signpost-change");

/// Adds the header `Signpost-Change` to the response to a change. If there is no record, nothing changed, and the
/// header is left out.
pub fn with_change(response: Builder, record: Option<&RecordId>) -> Builder {
    match record {
        Some(record) => response.header(SIGNPOST_CHANGE, record.as_str()),
        None => response,
    }
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
