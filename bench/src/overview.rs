//! The cost of an organization's overview: `stats`, limited to its CPU share, reads a month of clicks, and every
//! response is checked against a model of these clicks.
//!
//! The store is the local stack's engine, behind a caching proxy. Calls are timed after everything is cached, so the
//! engine's own time is left out. The calls use plain HTTP; TLS would add a few milliseconds.

use crate::Error;
use crate::bootstrap::Bootstrap;
use crate::counter::{Counter, Counts};
use crate::event;
use crate::process::{self, Process};
use crate::report::Table;
use crate::runtime_api::RuntimeApi;
use crate::seed::Organization;
use crate::share::Share;
use crate::token::Issuer;
use crate::traffic::Traffic;
use axum::body::Bytes;
use serde_json::{Value, json};
use shared::model::{Day, Timestamp};
use std::fmt::{self, Display, Formatter};
use std::time::Duration;

/// The maximum number of requests until the proxy has cached everything.
const MAX_READS: usize = 50;
/// The number of timed calls.
const CALLS: usize = 5;

/// An overview's cost.
struct Row {
    links: u64,
    memory: u64,
    counts: Counts,
    first: Duration,
    /// The slowest of the calls after the first.
    warm: Duration,
    cpu: Duration,
    peak_memory: u64,
    answered: usize,
    /// The number of days that the overview covers.
    days: i64,
}

/// The cost of overviews of different sizes, as Markdown.
pub struct Overviews(Vec<Row>);

/// Requests an overview for each number of links in `sizes`, at each memory size in `memory`.
///
/// # Errors
/// An organization cannot be created, or a response differs from the model.
pub async fn measure(stats: &Bootstrap, sizes: &[u64], memory: &[u64]) -> Result<Overviews, Error> {
    process::check_kernel()?;
    let last = Day::from_timestamp(Timestamp::now());
    let mut rows = Vec::new();
    for links in sizes {
        eprintln!("an organization with {links} links");
        let traffic = Traffic { links: *links, last };
        let organization = Organization::with_traffic(traffic).await?;
        let counter = Counter::remembering(organization.url()).await?;
        for megabytes in memory {
            let row = look(stats, &counter, traffic, *megabytes).await;
            rows.push(row.map_err(|error| format!("{links} links, {megabytes} MB: {error}"))?);
        }
    }
    Ok(Overviews(rows))
}

async fn look(stats: &Bootstrap, counter: &Counter, traffic: Traffic, memory: u64) -> Result<Row, Error> {
    let issuer = Issuer::new()?;
    let first_day = traffic.days().next().unwrap_or(traffic.last);
    let event = event::overview(&issuer.token()?, &format!("from={first_day}&to={}", traffic.last));
    let event: Bytes = event.to_string().into();
    let mut runtime_api = RuntimeApi::listen().await?;
    let environment = process::environment(&runtime_api, &counter.url, None, &issuer);
    let reader = Process::start(&[], stats, &environment)?;
    for read in 0..MAX_READS {
        eprintln!("reading, {read}");
        let waiting = runtime_api.next().await?;
        let answer = runtime_api.call(waiting, &event).await?;
        if body(&answer.body).is_ok_and(|body| body.get("complete") == Some(&json!(true))) {
            break;
        }
    }
    drop(reader);

    let share = Share::from_megabytes(memory)?;
    let mut runtime_api = RuntimeApi::listen().await?;
    let environment = process::environment(&runtime_api, &counter.url, None, &issuer);
    let process = Process::start(&[], stats, &environment)?;
    let mut waiting = runtime_api.next().await?;
    process.limit(&share)?;
    let mut times = Vec::new();
    let mut cpu = process.cpu_when_idle().await?;
    let mut answered = Bytes::new();
    let mut used = Duration::ZERO;
    for _ in 0..=CALLS {
        counter.take();
        let answer = runtime_api.call(waiting, &event).await?;
        times.push(answer.after);
        answered = answer.body;
        waiting = runtime_api.next().await?;
        let cpu_now = process.cpu_when_idle().await?;
        used = used.max(cpu_now - cpu);
        cpu = cpu_now;
    }
    let peak_memory = process.peak_memory()?;
    drop(process);
    let body = body(&answered)?;
    let text = body.get("from").and_then(Value::as_str).unwrap_or_default();
    let from = Day::try_from(text.to_owned()).map_err(|_| "the response has no first day")?;
    traffic.check(&body, from)?;
    Ok(Row {
        links: traffic.links,
        memory,
        counts: counter.take(),
        first: times.first().copied().unwrap_or_default(),
        warm: times.iter().skip(1).copied().max().unwrap_or_default(),
        cpu: used,
        peak_memory,
        answered: answered.len(),
        days: from.days_until(traffic.last) + 1,
    })
}

/// Returns the body of a successful response.
fn body(answer: &Bytes) -> Result<Value, Error> {
    let answer: Value = serde_json::from_slice(answer)?;
    if answer.get("statusCode") != Some(&json!(200)) {
        return Err(format!("the function responded with {answer}").into());
    }
    Ok(serde_json::from_str(answer.get("body").and_then(Value::as_str).unwrap_or_default())?)
}

impl Display for Overviews {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let columns = [
            "days of 31",
            "calls",
            "items",
            "read units",
            "MB from the store",
            "memory, MB",
            "first call, ms",
            "warm call, ms",
            "CPU, ms",
            "peak memory, MB",
            "response bytes",
        ];
        let mut table = Table::new(columns.into_iter().map(str::to_owned));
        for row in &self.0 {
            let Counts { calls, units, items_read, received, .. } = row.counts;
            let milliseconds = |time: Duration| time.as_millis().to_string();
            let cells = [
                row.days.to_string(),
                calls.to_string(),
                items_read.to_string(),
                units.to_string(),
                (received / 1_000_000).to_string(),
                row.memory.to_string(),
                milliseconds(row.first),
                milliseconds(row.warm),
                milliseconds(row.cpu),
                (row.peak_memory / 1_000_000).to_string(),
                row.answered.to_string(),
            ];
            table.line(&format!("{} links", row.links), cells.into_iter());
        }
        write!(f, "{table}")
    }
}
