//! Click lines, their delivery to `tally`, and the counts that `stats` reports.

use super::app::{ACME, TestApp};
use super::call::{Answer, Call, signed, tally};
use super::faulty::{Fault, Faulty};
use aws_sdk_dynamodb::types::AttributeValue;
use local::functions::Functions;
use local::subscription;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use shared::model::Timestamp;
use std::collections::HashMap;
use tally::Counted;

/// Log lines from one log stream.
pub struct Batch {
    stream: String,
    events: Vec<Value>,
}

impl Batch {
    pub fn new(stream: &str, lines: impl IntoIterator<Item = Value>) -> Self {
        Self::from_texts(stream, lines.into_iter().map(|line| line.to_string()))
    }

    pub fn from_texts(stream: &str, lines: impl IntoIterator<Item = String>) -> Self {
        let event = |(index, message)| json!({ "id": format!("{stream}-{index}"), "timestamp": 0, "message": message });
        Self { stream: stream.to_owned(), events: lines.into_iter().enumerate().map(event).collect() }
    }

    /// Returns the same lines with other ids, like another batch of the same stream.
    pub fn numbered(mut self, number: usize) -> Self {
        for event in &mut self.events {
            event["id"] = format!("{number}-{}", event["id"]).into();
        }
        self
    }

    pub fn event(&self) -> Box<RawValue> {
        subscription::event("/aws/lambda/signpost-redirect", &self.stream, self.events.clone()).unwrap()
    }

    pub async fn deliver(&self, app: &TestApp) -> Counted {
        tally(&app.functions, &self.event(), Timestamp::now()).await.unwrap()
    }
}

/// Returns the log line of a click on the link from [`TestApp::put`].
pub fn click(at: &str, referrer: Option<&str>, device: &str, country: Option<&str>) -> Value {
    json!({
        "level": "INFO", "timestamp": at, "event": "click", "version": 1, "org_id": ACME, "id": "k7m2p9qr",
        "created_at": 1_795_383_720_000_i64, "referrer": referrer, "device": device, "bot": device == "bot",
        "country": country,
    })
}

pub async fn items(app: &TestApp) -> Vec<HashMap<String, AttributeValue>> {
    app.client.scan().table_name("clicks").send().await.unwrap().items.unwrap()
}

/// Returns functions that use the test's store. These faults hit the functions' next calls to the store.
pub fn faulty(app: &TestApp, faults: &[Fault]) -> (Functions, Faulty) {
    let faulty = Faulty::new(faults);
    (faulty.functions(&app.url), faulty)
}

/// Returns a pseudorandom number below `most`, made from a hash. It is the same in each run, so that a failure is
/// reproducible.
pub fn roll(seed: usize, most: usize) -> usize {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let mut hasher = DefaultHasher::new();
    seed.hash(&mut hasher);
    usize::try_from(hasher.finish() % most as u64).unwrap()
}

pub fn stats(query: &str) -> Call {
    Call::new("stats").query(query)
}

/// Noon of the day after most of the clicks in these tests.
pub const NOON: &str = "2026-11-23T12:00:00Z";

/// Requests the clicks of a link at the time `now`, with a token that is valid then.
pub async fn asked_of_at(app: &TestApp, slug: &str, query: &str, now: &str) -> Answer {
    let now = Timestamp::from_rfc_3339(now).unwrap();
    let token = signed("member", |claims| {
        claims["iat"] = now.seconds().into();
        claims["exp"] = (now.seconds() + 1800).into();
    });
    let call = stats(query).slug(slug).header("authorization", &format!("Bearer {token}"));
    call.send_at(app, now).await
}

/// Requests the clicks of the link that [`TestApp::put`] creates. The time of the request is noon of 2026-11-23.
pub async fn asked(app: &TestApp, query: &str) -> Answer {
    asked_of(app, "k7m2p9qr", query).await
}

/// Requests the clicks of a link at noon of 2026-11-23.
pub async fn asked_of(app: &TestApp, slug: &str, query: &str) -> Answer {
    let answer = asked_of_at(app, slug, query, NOON).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer
}
