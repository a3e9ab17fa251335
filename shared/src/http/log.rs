//! Lines of JSON on standard output, which Lambda takes for the log. None holds a token, a header or an address. Each
//! bears its time: of one that does not, Lambda would pass over the level.
//! <https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-logformat.html>

use crate::error::ApiError;
use crate::http::Response;
use crate::http::deed::Deed;
use crate::http::request::Origin;
use crate::model::Timestamp;
use crate::store::StoreError;
use serde_json::{Value, json};
use std::io::Write;

/// A request failed, and the fault is ours.
pub fn failure(error: &ApiError, cause: &str, origin: &Origin, now: Timestamp) {
    write(&json!({
        "level": "ERROR",
        "timestamp": now.to_string(),
        "event": "failure",
        "route": origin.route,
        "request_id": origin.request_id,
        "status": error.status().0,
        "code": error.code(),
        "cause": cause,
    }));
}

/// Somebody who is known changed something, or was not let: who, what and with which outcome.
pub fn mutation(deed: &Deed, origin: &Origin, outcome: &Result<Response, ApiError>, now: Timestamp) {
    let Some(actor) = deed.actor.get() else { return };
    let (status, outcome) = match outcome {
        Ok(response) => (response.status(), "done"),
        Err(error) => (error.status().0, error.code()),
    };
    let mut line = json!({
        "level": "INFO",
        "timestamp": now.to_string(),
        "event": "mutation",
        "route": origin.route,
        "request_id": origin.request_id,
        "org_id": actor.org_id,
        "user_id": actor.user_id,
        "link": deed.link.get(),
        "status": status,
        "outcome": outcome,
    });
    if let (Some(impersonator), Some(line)) = (&actor.impersonator, line.as_object_mut()) {
        line.insert("impersonator_user_id".to_owned(), impersonator.as_str().into());
    }
    write(&line);
}

/// A short URL bears the organization's id because its handle could not be read. The request went well.
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

fn write(line: &Value) {
    // A closed standard output is no reason to fail a request.
    let _ = writeln!(std::io::stdout(), "{line}");
}
