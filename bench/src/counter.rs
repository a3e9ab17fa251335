//! A counting proxy between a bootstrap and a store.

use crate::Error;
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use std::collections::HashMap;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::net::TcpListener;
use tokio::sync::OnceCell;

/// The calls that passed through the proxy, and their cost.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Counts {
    pub calls: u64,
    /// The sum of read and write units, for tables and indexes alike.
    pub units: f64,
    /// Items that the store read, including those that a filter then discarded.
    pub items_read: u64,
    /// Bytes of the requests' bodies.
    pub sent: u64,
    /// Bytes of the responses' bodies.
    pub received: u64,
}

/// The proxy.
pub struct Counter {
    /// The value of `AWS_ENDPOINT_URL_DYNAMODB`.
    pub url: String,
    counts: Arc<Mutex<Counts>>,
}

#[derive(Clone)]
struct Upstream {
    url: String,
    http: reqwest::Client,
    counts: Arc<Mutex<Counts>>,
    /// The cached responses, by request; `None` without a cache.
    answers: Option<Answers>,
}

/// Each cell is filled only once, even if the same request is sent again while the first is still in progress.
type Answers = Arc<Mutex<HashMap<String, Arc<OnceCell<Recorded>>>>>;

/// A response, and its cost.
#[derive(Clone)]
struct Recorded {
    status: StatusCode,
    body: Bytes,
    counts: Counts,
}

impl Counter {
    /// Listens on a free port, in front of the store at `url`.
    pub async fn before(url: String) -> Result<Self, Error> {
        Self::new(url, None).await
    }

    /// Like `before`, but takes the response to a repeated request from a cache, so that the store's own time is left
    /// out. The repeated request is still counted.
    pub async fn remembering(url: String) -> Result<Self, Error> {
        Self::new(url, Some(Arc::default())).await
    }

    async fn new(url: String, answers: Option<Answers>) -> Result<Self, Error> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let ours = format!("http://{}", listener.local_addr()?);
        let counts = Arc::default();
        let upstream = Upstream { url, http: reqwest::Client::new(), counts: Arc::clone(&counts), answers };
        let router = Router::new().fallback(pass).with_state(upstream);
        tokio::spawn(async { axum::serve(listener, router).await });
        Ok(Self { url: ours, counts })
    }

    /// Returns the counts since the last call.
    pub fn take(&self) -> Counts {
        std::mem::take(&mut locked(&self.counts))
    }
}

async fn pass(State(upstream): State<Upstream>, headers: HeaderMap, body: Bytes) -> Response {
    match upstream.pass(headers, &body).await {
        Ok(response) => response,
        Err(error) => (StatusCode::BAD_GATEWAY, error.to_string()).into_response(),
    }
}

impl Upstream {
    async fn pass(&self, headers: HeaderMap, body: &Bytes) -> Result<Response, Error> {
        let request: Value = serde_json::from_slice(body)?;
        // The text has its fields in sorted order, so the order of fields in a request makes no difference.
        let asked = request.to_string();
        let cell = match &self.answers {
            Some(answers) => Arc::clone(locked(answers).entry(asked).or_default()),
            None => Arc::default(),
        };
        let (upstream, length) = (self.clone(), body.len());
        // The request has a task of its own: if the function's call times out, the next attempt still finds the
        // response.
        let answered = tokio::spawn(async move {
            cell.get_or_try_init(|| upstream.ask(headers, request, length)).await.cloned()
        });
        let Recorded { status, body, counts } = answered.await??;
        locked(&self.counts).add(counts);
        Ok((status, [(header::CONTENT_TYPE, "application/x-amz-json-1.0")], body).into_response())
    }

    async fn ask(
        &self,
        mut headers: HeaderMap,
        mut request: Value,
        length: usize,
    ) -> Result<Recorded, Error> {
        if let Some(members) = request.as_object_mut() {
            members.insert("ReturnConsumedCapacity".to_owned(), "TOTAL".into());
        }
        headers.remove(header::HOST);
        headers.remove(header::CONTENT_LENGTH);
        let sent = self.http.post(&self.url).headers(headers).body(request.to_string()).send().await?;
        let status = sent.status();
        let mut answer: Value = serde_json::from_slice(&sent.bytes().await?)?;
        let consumed = answer.as_object_mut().and_then(|members| members.remove("ConsumedCapacity"));
        let body = answer.to_string();
        let counts = Counts {
            calls: 1,
            units: consumed.as_ref().map_or(0.0, units),
            items_read: items_read(&answer),
            sent: length as u64,
            received: body.len() as u64,
        };
        Ok(Recorded { status, body: body.into(), counts })
    }
}

impl Counts {
    fn add(&mut self, other: Self) {
        self.calls += other.calls;
        self.units += other.units;
        self.items_read += other.items_read;
        self.sent += other.sent;
        self.received += other.received;
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Returns the consumed units. The response to a transaction lists the units of each table separately.
fn units(consumed: &Value) -> f64 {
    match consumed {
        Value::Array(tables) => tables.iter().map(units).sum(),
        table => table.get("CapacityUnits").and_then(Value::as_f64).unwrap_or_default(),
    }
}

fn items_read(answer: &Value) -> u64 {
    let scanned = answer.get("ScannedCount").and_then(Value::as_u64);
    scanned.unwrap_or_else(|| u64::from(answer.get("Item").is_some()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn units_are_summed_over_all_tables() {
        assert_eq!(units(&json!({"TableName": "links", "CapacityUnits": 0.5})), 0.5);
        assert_eq!(units(&json!([{"CapacityUnits": 2.0}, {"CapacityUnits": 4.0}])), 6.0);
    }

    #[test]
    fn items_read_include_those_filtered_out() {
        assert_eq!(items_read(&json!({"Items": [], "Count": 0, "ScannedCount": 1000})), 1_000);
        assert_eq!(items_read(&json!({"Item": {}})), 1);
        assert_eq!(items_read(&json!({})), 0);
    }
}
