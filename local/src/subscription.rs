//! The log subscription of `redirect` and `open`: delivers their click lines to `tally` in exactly the format of CloudWatch
//! Logs.

use crate::functions::Functions;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Value, json};
use shared::model::Timestamp;
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::time::Duration;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::watch;

/// The number of simulated instances of each function. Each instance has its own log stream, and the lines go to the
/// log streams in turn.
const INSTANCES: usize = 4;
/// How long to collect lines before they are delivered.
const COLLECT_TIME: Duration = Duration::from_millis(200);
/// The maximum number of lines in one delivery.
const MAX_LINES: usize = 1_000;
/// How many times a batch is delivered before it is dropped; the same as on Lambda.
const MAX_ATTEMPTS: usize = 3;

/// A log line, with its log group and stream.
#[derive(Debug)]
pub struct Line {
    /// The log group, and the instance's number.
    pub stream: (&'static str, usize),
    /// The text, without the line end.
    pub text: String,
}

/// The log group of a function. It sends the lines into a channel.
#[derive(Debug)]
pub struct LogGroup {
    name: &'static str,
    lines: UnboundedSender<Line>,
    written: usize,
}

/// Returns the log groups of `redirect` and `open`, and the channel that receives their lines.
pub fn log_groups() -> ([LogGroup; 2], UnboundedReceiver<Line>) {
    let (lines, subscription) = unbounded_channel();
    let group = |name| LogGroup { name, lines: lines.clone(), written: 0 };
    ([group("/aws/lambda/signpost-redirect"), group("/aws/lambda/signpost-open")], subscription)
}

impl Write for LogGroup {
    /// Expects that each call writes one complete line.
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(bytes).trim_end().to_owned();
        let stream = (self.name, self.written % INSTANCES);
        self.written += 1;
        // The receiver may be gone.
        let _ = self.lines.send(Line { stream, text });
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Groups lines by log stream and delivers them to `tally`, one batch at a time. When `stop` reports that no more lines
/// will come, this function delivers the rest and returns.
pub async fn deliver(
    mut lines: UnboundedReceiver<Line>,
    functions: &Functions,
    mut stop: watch::Receiver<bool>,
) {
    // Each run uses other names for its log streams, so that a delivery is never mistaken for one from an earlier run.
    let run = Timestamp::now();
    let mut next_id: u64 = 0;
    let mut collected = Vec::new();
    let mut is_stopping = false;
    loop {
        tokio::select! {
            // The result is 0 only if the channel is closed and empty.
            received = lines.recv_many(&mut collected, MAX_LINES) => if received == 0 { break },
            _ = stop.changed(), if !is_stopping => is_stopping = true,
        }
        if !is_stopping {
            tokio::select! {
                () = tokio::time::sleep(COLLECT_TIME) => {}
                _ = stop.changed() => is_stopping = true,
            }
        }
        if is_stopping {
            lines.close();
        }
        while let Ok(line) = lines.try_recv() {
            collected.push(line);
        }
        let mut streams: BTreeMap<(&'static str, usize), Vec<(u64, String)>> = BTreeMap::new();
        for line in collected.drain(..) {
            next_id += 1;
            streams.entry(line.stream).or_default().push((next_id, line.text));
        }
        for ((group, instance), lines) in streams {
            let stream = format!("{}/[$LATEST]{:x}{instance:02x}", date(run), run.millis());
            for lines in lines.chunks(MAX_LINES) {
                hand_over(group, &stream, lines, functions).await;
            }
        }
    }
}

async fn hand_over(group: &str, stream: &str, lines: &[(u64, String)], functions: &Functions) {
    for _ in 0..MAX_ATTEMPTS {
        let now = Timestamp::now();
        let events = lines.iter().map(
            |(id, text)| json!({ "id": format!("{id:056}"), "timestamp": now.millis(), "message": text }),
        );
        // `tally` has already logged its own failure.
        match event(group, stream, events.collect()) {
            Ok(event) if functions.tally(&event, now).await.is_ok() => return,
            Ok(_) => {}
            Err(error) => eprintln!("clicks could not be delivered: {error}"),
        }
    }
    eprintln!("{} clicks were dropped; on AWS they would go to the dead-letter queue", lines.len());
}

/// Returns the event with which CloudWatch Logs delivers these lines of a log stream to a function.
///
/// # Errors
/// The event cannot be built, which is a bug.
pub fn event(group: &str, stream: &str, log_events: Vec<Value>) -> io::Result<Box<RawValue>> {
    let message = json!({
        "messageType": "DATA_MESSAGE",
        "owner": "123456789012",
        "logGroup": group,
        "logStream": stream,
        "subscriptionFilters": ["clicks"],
        "logEvents": log_events,
    });
    let mut zip = GzEncoder::new(Vec::new(), Compression::fast());
    zip.write_all(message.to_string().as_bytes())?;
    let data = BASE64_STANDARD.encode(zip.finish()?);
    Ok(to_raw_value(&json!({ "awslogs": { "data": data } }))?)
}

fn date(moment: Timestamp) -> String {
    moment.to_string().split('T').next().unwrap_or_default().replace('-', "/")
}
