//! The edge: API Gateway's HTTP API event (payload format 2.0) in, its response out.
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html>
//!
//! The event is read here and not by `lambda_http`, whose conversion panics on some events that anybody can send
//! (a quotation mark in the query string, a `Host` that is none) before a handler could answer.

mod body;
mod link;
mod query;
mod request;
mod response;

pub use body::{Fields, string};
pub use link::{LinkBody, ShortUrls, etag};
pub use query::Query;
pub use request::Request;
pub use response::Response;

use crate::error::ApiError;
use crate::model::Timestamp;
use serde_json::json;
use serde_json::value::RawValue;
use std::io::Write;

/// Answers an event: reads the request, lets `handle` do its work, and turns an error into a problem (RFC 9457).
///
/// There is an answer to every event. A fault of ours is logged as one line of JSON, stamped `now`; nothing else is.
pub async fn respond<H, F>(event: &RawValue, now: Timestamp, handle: H) -> Response
where
    H: FnOnce(Request) -> F,
    F: Future<Output = Result<Response, ApiError>>,
{
    let request = match Request::from_event(event) {
        Ok(request) => request,
        Err(error) => return Response::problem(&error),
    };
    let without_body = request.method() == "HEAD";
    let origin = request.origin();
    let response = match handle(request).await {
        Ok(response) => response,
        Err(error) => {
            if let Some(cause) = error.cause() {
                let line = json!({
                    "level": "ERROR",
                    "timestamp": now.to_string(),
                    "event": "failure",
                    "route": origin.route,
                    "request_id": origin.request_id,
                    "status": error.status().0,
                    "code": error.code(),
                    "cause": cause,
                });
                // A closed standard output is no reason to fail a request.
                let _ = writeln!(std::io::stdout(), "{line}");
            }
            Response::problem(&error)
        }
    };
    if without_body { response.without_body() } else { response }
}
