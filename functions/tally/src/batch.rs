//! The event of a log subscription: lines of one log stream, as gzipped JSON in base64.
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html#LambdaFunctionExample>

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use flate2::read::GzDecoder;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::io::Read;

/// The maximum size of an unzipped event. An event from CloudWatch is at most 256 KB zipped, and unzipped it is always
/// smaller than this maximum. The function has enough memory for an event of the maximum size.
const MAX_UNZIPPED: u64 = 32 * 1024 * 1024;

#[derive(Deserialize)]
struct Event {
    awslogs: Zipped,
}

#[derive(Deserialize)]
struct Zipped {
    data: String,
}

/// The lines of one log stream that were delivered together.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Batch {
    message_type: String,
    /// The log group.
    pub log_group: String,
    /// The log stream. Each instance of a function has its own log stream.
    pub log_stream: String,
    /// The lines.
    pub log_events: Vec<LogEvent>,
}

/// A line of the log.
#[derive(Deserialize)]
pub struct LogEvent {
    /// The unique id of the line.
    pub id: String,
    /// The text of the line.
    pub message: String,
}

impl Batch {
    /// Parses a subscription's event. Returns `None` for a `CONTROL_MESSAGE`: CloudWatch sends it to test whether the
    /// function can be reached.
    ///
    /// # Errors
    /// The event is malformed. The error is a clause that says which part is malformed.
    pub fn from_event(event: &RawValue) -> Result<Option<Self>, &'static str> {
        let event: Event = serde_json::from_str(event.get()).map_err(|_| "it has no 'awslogs.data'")?;
        let zipped = BASE64_STANDARD.decode(event.awslogs.data).map_err(|_| "its data is not base64")?;
        let mut json = Vec::new();
        let unzipped = GzDecoder::new(zipped.as_slice()).take(MAX_UNZIPPED).read_to_end(&mut json);
        unzipped.map_err(|_| "its data is not gzipped")?;
        let batch: Self = serde_json::from_slice(&json).map_err(|_| "its data is not log lines")?;
        Ok(Some(batch).filter(|batch| batch.message_type == "DATA_MESSAGE"))
    }
}
