//! Importing files: what each row becomes, and which rows and requests are refused.

mod again;
mod careful;
mod conflicts;
mod faults;
mod identity;
mod request;
mod rows;
mod samples;

use crate::support::{ACME, Answer, Call, TestApp};
use local::functions::Functions;
use serde_json::Value;
use shared::model::Timestamp;

/// Returns the call with which acme's member imports a file.
pub fn import(query: &str, file: &str) -> Call {
    Call::new("import").query(query).body(file)
}

/// Sends an import, asserts that the response is 200, and returns the body.
pub async fn done(app: &TestApp, call: Call) -> Value {
    done_by(&app.functions, call).await
}

pub async fn done_by(functions: &Functions, call: Call) -> Value {
    let answer = call.send_to(functions, Timestamp::now()).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let summary = answer.body["summary"].as_object().unwrap();
    let counted: u64 = summary.values().map(|count| count.as_u64().unwrap()).sum();
    assert_eq!(counted, answer.body["results"].as_array().unwrap().len() as u64);
    answer.body
}

/// Returns the row, the result and the slug of each result.
pub fn results(body: &Value) -> Vec<(u64, &str, Option<&str>)> {
    let rows = body["results"].as_array().unwrap().iter();
    rows.map(|row| (row["row"].as_u64().unwrap(), row["result"].as_str().unwrap(), row["id"].as_str()))
        .collect()
}

/// Returns the codes of a row's notes.
pub fn notes(row: &Value) -> Vec<&str> {
    row["notes"].as_array().unwrap().iter().map(|note| note["code"].as_str().unwrap()).collect()
}

/// Returns a link of acme, or the problem.
pub async fn link(app: &TestApp, slug: &str) -> Answer {
    Call::new("read").org(ACME).slug(slug).send(app).await
}

/// Returns a file with `count` rows, each with its own slug and destination.
pub fn many(count: usize) -> String {
    let rows = (1..=count).map(|row| format!("https://example.com/{row},row-{row}\n"));
    "url,id\n".to_owned() + &rows.collect::<String>()
}
