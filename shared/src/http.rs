//! The edge: API Gateway's HTTP API event (payload format 2.0) in, its response out.
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html>
//!
//! The event is read here and not by `lambda_http`, whose conversion panics on some events that anybody can send
//! (a quotation mark in the query string, a `Host` that is none) before a handler could answer.

mod accept;
mod body;
mod clicks;
mod deed;
mod edit;
mod etag;
mod link;
mod log;
mod page;
mod problem;
mod query;
mod request;
mod response;
mod short_urls;

pub use body::{Fields, string};
pub use clicks::ClicksBody;
pub use edit::edit;
pub use etag::etag;
pub use link::{LinkBody, PageBody};
pub use problem::Problem;
pub use query::Query;
pub use request::Request;
pub use response::Response;
pub use short_urls::{ShortBase, ShortUrls};

use crate::error::ApiError;
use crate::model::Timestamp;
use accept::prefers_html;
use deed::Deed;
use request::Origin;
use serde_json::value::RawValue;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::timeout;

/// A function that takes longer is stopped after 5 s (in `template.yaml`), and API Gateway answers in its place. Each call
/// of the store has a limit of its own, and a request may make several, one after the other.
const TIME_LIMIT: Duration = Duration::from_millis(4_500);

/// Answers an event of an API client: reads the request, lets `handle` do its work, and turns an error into a problem
/// (RFC 9457).
///
/// There is an answer to every event, and in time. A fault of ours is logged as one line of JSON, stamped `now`; so is a
/// change that somebody asked for whom the handler knows ([`Request::is_by`]), whatever came of it.
pub async fn respond<H, F>(event: &RawValue, now: Timestamp, handle: H) -> Response
where
    H: FnOnce(Request) -> F,
    F: Future<Output = Result<Response, ApiError>>,
{
    let deed = Arc::new(Deed::default());
    let handle = |request: Request| handle(request.telling(&deed));
    let log =
        |origin: &Origin, outcome: &Result<Response, ApiError>| log::mutation(&deed, origin, outcome, now);
    answer(event, now, handle, log, |error, _| Response::problem(error)).await
}

/// Answers an event of somebody who follows a link. As [`respond`], but a browser gets a page where a visitor can make
/// something of it.
pub async fn respond_to_visitor<H, F>(event: &RawValue, now: Timestamp, handle: H) -> Response
where
    H: FnOnce(Request) -> F,
    F: Future<Output = Result<Response, ApiError>>,
{
    let page_or_problem =
        |error: &ApiError, accept: &str| match page::of(error).filter(|_| prefers_html(accept)) {
            Some(page) => {
                Response::problem(error).with_html(page).header("content-security-policy", page::POLICY)
            }
            None => Response::problem(error),
        };
    answer(event, now, handle, |_, _| {}, page_or_problem).await
}

async fn answer<H, F>(
    event: &RawValue,
    now: Timestamp,
    handle: H,
    log: impl FnOnce(&Origin, &Result<Response, ApiError>),
    failure: impl FnOnce(&ApiError, &str) -> Response,
) -> Response
where
    H: FnOnce(Request) -> F,
    F: Future<Output = Result<Response, ApiError>>,
{
    let request = match Request::from_event(event) {
        Ok(request) => request,
        Err(error) => return Response::problem(&error),
    };
    let without_body = request.method() == "HEAD";
    let (origin, accept) = (request.origin(), request.accept().to_owned());
    let late = |_| Err(ApiError::Unavailable("a request was not done in time".to_owned()));
    let outcome = timeout(TIME_LIMIT, handle(request)).await.unwrap_or_else(late);
    log(&origin, &outcome);
    let response = match outcome {
        Ok(response) => response,
        Err(error) => {
            if let Some(cause) = error.cause() {
                log::failure(&error, cause, &origin, now);
            }
            failure(&error, &accept)
        }
    };
    if without_body { response.without_body() } else { response }
}
