//! Writes JSON lines to standard output. Lambda adds the lines to the log. A JSON line never contains the text of a
//! skipped line.

use shared::model::Timestamp;
use std::io::Write;

use serde_json::{Value, json};

/// Logs that some lines of a batch were not valid clicks. The other lines are still counted.
pub fn skipped(lines: usize, log_group: &str, now: Timestamp) {
    write(&json!({
        "level": "WARN",
        "timestamp": now.to_string(),
        "event": "lines_skipped",
        "lines": lines,
        "log_group": log_group,
    }));
}

/// Logs that a batch failed and will be delivered again.
pub fn failure(cause: &str, now: Timestamp) {
    write(&json!({
        "level": "ERROR",
        "timestamp": now.to_string(),
        "event": "failure",
        "cause": cause,
    }));
}

fn write(line: &Value) {
    // A closed standard output must not fail the batch.
    let _ = writeln!(std::io::stdout(), "{line}");
}
