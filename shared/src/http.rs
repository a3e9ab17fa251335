//! The HTTP layer: converts API Gateway's HTTP API events (payload format 2.0) to requests, and results to responses.

mod accept;
#[cfg(feature = "assets")]
mod asset;
mod audit;
#[cfg(feature = "auth")]
mod authenticator;
mod body;
mod clicks;
#[cfg(feature = "auth")]
mod credential;
mod edit;
#[cfg(feature = "assets")]
mod encoding;
mod etag;
mod event;
mod handles;
mod history;
mod import;
mod link;
mod log;
mod overview;
mod page;
mod problem;
mod query;
mod request;
mod response;
mod session;
mod short_urls;
mod site;
mod suggestion;
mod values;

#[cfg(feature = "assets")]
pub use asset::Asset;
#[cfg(feature = "auth")]
pub use authenticator::Authenticator;
pub use body::{Fields, string};
pub use clicks::ClicksBody;
pub use edit::{LinkEditBody, NewLinkBody};
pub use etag::etag;
pub use handles::{HandlesBody, NewHandleBody};
pub use history::{HistoryBody, RecordBody};
pub use import::{ImportBody, NoteBody, Outcome, RowBody, RowFault, SummaryBody};
pub use link::{LinkBody, PageBody};
#[cfg(feature = "auth")]
pub use log::SignInFailure;
pub use overview::OverviewBody;
pub use page::{document, escaped, page};
pub use problem::{Problem, slug_taken};
pub use query::Query;
pub use request::Request;
pub use response::{json, with_change};
pub use session::{SessionBody, SessionOrganization};
pub use short_urls::{ShortBase, ShortUrls};
pub use site::Site;

use crate::error::ApiError;
use crate::model::Timestamp;
use accept::prefers_html;
use audit::AuditRecord;
use lambda_http::aws_lambda_events::apigw::ApiGatewayV2httpResponse;
use lambda_http::http::Method;
use lambda_http::{Body, Response};
use request::Origin;
use serde_json::value::RawValue;
use std::sync::Arc;
use std::time::Duration;
use tokio::time;

/// A request is aborted this long before its function's timeout. Otherwise Lambda would stop the function, and API
/// Gateway would respond instead. Each call to the store has its own timeout, but a request can make several calls in
/// sequence.
const RESPONSE_MARGIN: Duration = Duration::from_millis(500);

/// Responds to an event from an API client: converts it to a request, calls `handle`, and converts an error to a
/// problem document (RFC 9457).
///
/// Every event gets a response, no later than half a second before the function's `timeout`. Internal errors are logged
/// with the timestamp `now`. If the handler recorded a caller ([`Request::record_caller`]), the change and its outcome
/// are written to the audit log.
pub async fn respond<H, F>(
    event: &RawValue,
    now: Timestamp,
    timeout: Duration,
    handle: H,
) -> ApiGatewayV2httpResponse
where
    H: FnOnce(Request) -> F,
    F: Future<Output = Result<Response<Body>, ApiError>>,
{
    let record = Arc::new(AuditRecord::default());
    let handle = |request: Request| handle(request.with_audit_record(&record));
    let log = |origin: &Origin, outcome: &Result<Response<Body>, ApiError>| {
        log::mutation(&record, origin, outcome, now);
    };
    answer(event, now, timeout, handle, log, |error, _| response::problem(error)).await
}

/// Responds to an event from a visitor. It does the same as [`respond`], except that a browser gets a page instead of a
/// problem document if the error concerns visitors.
pub async fn respond_to_visitor<H, F>(
    event: &RawValue,
    now: Timestamp,
    timeout: Duration,
    handle: H,
) -> ApiGatewayV2httpResponse
where
    H: FnOnce(Request) -> F,
    F: Future<Output = Result<Response<Body>, ApiError>>,
{
    let page_or_problem = |error: &ApiError, accept: &str| {
        let page = if prefers_html(accept) { page::of_visits(error) } else { None };
        page.unwrap_or_else(|| response::problem(error))
    };
    answer(event, now, timeout, handle, |_, _| {}, page_or_problem).await
}

async fn answer<H, F>(
    event: &RawValue,
    now: Timestamp,
    timeout: Duration,
    handle: H,
    log: impl FnOnce(&Origin, &Result<Response<Body>, ApiError>),
    failure: impl FnOnce(&ApiError, &str) -> Response<Body>,
) -> ApiGatewayV2httpResponse
where
    H: FnOnce(Request) -> F,
    F: Future<Output = Result<Response<Body>, ApiError>>,
{
    let request = match Request::from_event(event) {
        Ok(request) => request,
        Err(error) => return event::from_response(response::complete(response::problem(&error))),
    };
    let without_body = request.method() == Method::HEAD;
    let (origin, accept) = (request.origin(), request.accept().to_owned());
    let late = |_| Err(ApiError::Unavailable("the request reached the function's time limit".to_owned()));
    let outcome =
        time::timeout(timeout.saturating_sub(RESPONSE_MARGIN), handle(request)).await.unwrap_or_else(late);
    log(&origin, &outcome);
    let response = outcome.unwrap_or_else(|error| {
        if let Some(cause) = error.cause() {
            log::failure(&error, cause, &origin, now);
        }
        failure(&error, &accept)
    });
    let response = if without_body { response.map(|_| Body::Empty) } else { response };
    event::from_response(response::complete(response))
}
