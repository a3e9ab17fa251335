//! JSON log lines on standard output. The lines never contain a token, a header or an address. Each line has a
//! timestamp, because Lambda ignores the level of a line that has no timestamp.
//! <https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-logformat.html>

use crate::error::ApiError;
use crate::http::audit::AuditRecord;
use crate::http::request::Origin;
use crate::model::Timestamp;
use crate::store::StoreError;
use lambda_http::{Body, Response};
use serde_json::{Value, json};
use std::io::Write;

/// A failed sign-in, for the log. It contains no code, state, verifier, token or cookie.
#[cfg(feature = "auth")]
pub struct SignInFailure<'a> {
    /// The status of the response.
    pub status: u16,
    /// The cause.
    pub cause: &'a str,
    /// Whether the operator can fix the cause.
    pub is_ours: bool,
}

/// Logs a request that failed with an internal error.
pub fn failure(error: &ApiError, cause: &str, origin: &Origin, now: Timestamp) {
    write(&json!({
        "level": "ERROR",
        "timestamp": now.to_string(),
        "event": "failure",
        "route": origin.route,
        "request_id": origin.request_id,
        "status": error.status().as_u16(),
        "code": error.code(),
        "cause": cause,
    }));
}

/// Writes a change to the audit log: the caller, the link or the import's tag, and the outcome. Nothing is logged if no caller
/// was authenticated, or if a dry run succeeded.
pub fn mutation(
    record: &AuditRecord,
    origin: &Origin,
    outcome: &Result<Response<Body>, ApiError>,
    now: Timestamp,
) {
    let Some(caller) = record.caller.get() else { return };
    let (status, outcome) = match outcome {
        Ok(_) if record.import.get().is_some_and(Option::is_none) => return,
        Ok(response) => (response.status().as_u16(), "done"),
        Err(error) => (error.status().as_u16(), error.code()),
    };
    let mut line = json!({
        "level": "INFO",
        "timestamp": now.to_string(),
        "event": "mutation",
        "route": origin.route,
        "request_id": origin.request_id,
        "org_id": caller.org_id,
        "user_id": caller.user_id,
        "link": record.link.get(),
        "status": status,
        "outcome": outcome,
    });
    if let (Some(impersonator), Some(line)) = (&caller.impersonator, line.as_object_mut()) {
        line.insert("impersonator_user_id".to_owned(), impersonator.as_str().into());
    }
    if let (Some(Some(tag)), Some(line)) = (record.import.get(), line.as_object_mut()) {
        line.insert("import".to_owned(), tag.as_str().into());
    }
    write(&line);
}

/// Warns that a response contains no suggested slug, because the free slugs could not be read. The response itself was
/// sent.
pub fn without_suggestion(error: &StoreError, origin: &Origin, now: Timestamp) {
    write(&json!({
        "level": "WARN",
        "timestamp": now.to_string(),
        "event": "slug_without_suggestion",
        "route": origin.route,
        "request_id": origin.request_id,
        "cause": error.to_string(),
    }));
}

/// Warns that a handle could not be read, so a short URL contains the organization's id instead. The request succeeded.
pub fn without_handle(error: &StoreError, origin: &Origin, now: Timestamp) {
    write(&json!({
        "level": "WARN",
        "timestamp": now.to_string(),
        "event": "short_url_without_handle",
        "route": origin.route,
        "request_id": origin.request_id,
        "cause": error.to_string(),
    }));
}

/// Logs a failed sign-in, as an error if the provider or the settings are at fault, and as a warning if any browser can
/// cause the failure.
#[cfg(feature = "auth")]
pub fn sign_in_failure(failure: &SignInFailure<'_>, origin: &Origin, now: Timestamp) {
    write(&json!({
        "level": if failure.is_ours { "ERROR" } else { "WARN" },
        "timestamp": now.to_string(),
        "event": "sign_in_failure",
        "route": origin.route,
        "request_id": origin.request_id,
        "status": failure.status,
        "cause": failure.cause,
    }));
}

fn write(line: &Value) {
    // A closed standard output must not make the request fail.
    let _ = writeln!(std::io::stdout(), "{line}");
}
