//! Lines of JSON on standard output, which Lambda takes for the log. None holds a line that was skipped.

use shared::model::Timestamp;
use std::io::Write;

use serde_json::{Value, json};

/// Some lines of a batch were no clicks that can be read; the others count.
pub fn skipped(lines: usize, log_group: &str, now: Timestamp) {
    write(&json!({
        "level": "WARN",
        "timestamp": now.to_string(),
        "event": "lines_skipped",
        "lines": lines,
        "log_group": log_group,
    }));
}

/// A batch failed, and comes again.
pub fn failure(cause: &str, now: Timestamp) {
    write(&json!({
        "level": "ERROR",
        "timestamp": now.to_string(),
        "event": "failure",
        "cause": cause,
    }));
}

fn write(line: &Value) {
    // A closed standard output is no reason to fail a batch.
    let _ = writeln!(std::io::stdout(), "{line}");
}
