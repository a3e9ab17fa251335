//! Lines of JSON on standard output, which Lambda takes for the log. None holds a token, a header or an address. Each
//! bears its time: of one that does not, Lambda would pass over the level.
//! <https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-logformat.html>

use crate::error::ApiError;
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
