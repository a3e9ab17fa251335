//! The subscription of the logs of `redirect` and `open`: their lines of clicks, on their way to `tally` in the very form in
//! which CloudWatch Logs delivers them.

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

/// How many instances a function is taken to have. Each has a log stream of its own, and lines go to them in turn.
const INSTANCES: usize = 4;
/// For how long lines are gathered before they are delivered.
const GATHERING: Duration = Duration::from_millis(200);
/// How many lines are delivered together at most.
const MOST_LINES: usize = 1_000;
/// How often a batch is handed over before it is given up, as Lambda does.
const ATTEMPTS: usize = 3;

/// A line of the log, in its log group and stream.
#[derive(Debug)]
pub struct Line {
    /// The log group and, by its number, the instance.
    pub stream: (&'static str, usize),
    /// The line, without its end.
    pub text: String,
}

/// Where a function writes its log: lines go into a channel.
#[derive(Debug)]
pub struct LogGroup {
    name: &'static str,
    lines: UnboundedSender<Line>,
    written: usize,
}

/// The log groups of `redirect` and `open`, and where their lines come out.
pub fn log_groups() -> ([LogGroup; 2], UnboundedReceiver<Line>) {
    let (lines, subscription) = unbounded_channel();
    let group = |name| LogGroup { name, lines: lines.clone(), written: 0 };
    ([group("/aws/lambda/signpost-redirect"), group("/aws/lambda/signpost-open")], subscription)
}

impl Write for LogGroup {
    /// Takes whole lines only, as they are written.
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(bytes).trim_end().to_owned();
        let stream = (self.name, self.written % INSTANCES);
        self.written += 1;
        // Nobody may be listening any more.
        let _ = self.lines.send(Line { stream, text });
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Hands lines to `tally` until `stop` says that no more will come, and then those that are left: those of a log stream
/// together, one batch after the other.
pub async fn deliver(
    mut lines: UnboundedReceiver<Line>,
    functions: &Functions,
    mut stop: watch::Receiver<bool>,
) {
    // A log stream of another run has another name: what is delivered once must not be taken for what was before.
    let run = Timestamp::now();
    let mut next_id: u64 = 0;
    let mut gathered = Vec::new();
    let mut is_stopping = false;
    loop {
        tokio::select! {
            // Nothing comes out of a channel that is closed and empty.
            received = lines.recv_many(&mut gathered, MOST_LINES) => if received == 0 { break },
            _ = stop.changed(), if !is_stopping => is_stopping = true,
        }
        if !is_stopping {
            tokio::select! {
                () = tokio::time::sleep(GATHERING) => {}
                _ = stop.changed() => is_stopping = true,
            }
        }
        if is_stopping {
            lines.close();
        }
        while let Ok(line) = lines.try_recv() {
            gathered.push(line);
        }
        let mut streams: BTreeMap<(&'static str, usize), Vec<(u64, String)>> = BTreeMap::new();
        for line in gathered.drain(..) {
            next_id += 1;
            streams.entry(line.stream).or_default().push((next_id, line.text));
        }
        for ((group, instance), lines) in streams {
            let stream = format!("{}/[$LATEST]{:x}{instance:02x}", date(run), run.millis());
            for lines in lines.chunks(MOST_LINES) {
                hand_over(group, &stream, lines, functions).await;
            }
        }
    }
}

async fn hand_over(group: &str, stream: &str, lines: &[(u64, String)], functions: &Functions) {
    for _ in 0..ATTEMPTS {
        let now = Timestamp::now();
        let events = lines.iter().map(
            |(id, text)| json!({ "id": format!("{id:056}"), "timestamp": now.millis(), "message": text }),
        );
        // A failure is in the log by now.
        match event(group, stream, events.collect()) {
            Ok(event) if functions.tally(&event, now).await.is_ok() => return,
            Ok(_) => {}
            Err(error) => eprintln!("clicks could not be delivered: {error}"),
        }
    }
    eprintln!("{} clicks were given up, as Lambda would put them into the dead-letter queue", lines.len());
}

/// The event by which CloudWatch Logs hands these lines of a log stream to a function.
///
/// # Errors
/// It cannot be made, which is a fault of ours.
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
