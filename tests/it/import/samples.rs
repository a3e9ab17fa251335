//! Every file in `samples/` gets the results that `samples/expected.json` lists.

use super::{done, import};
use crate::support::{Call, TestApp};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::Value;
use std::fs;
use std::path::PathBuf;

fn sample(name: &str) -> Vec<u8> {
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/it/import/samples"));
    fs::read(folder.join(name)).unwrap()
}

/// Returns a request that imports these bytes. They are in base64, because API Gateway sends binary bodies in base64.
fn import_bytes(query: &str, bytes: &[u8]) -> Call {
    let mut call = import(query, &BASE64_STANDARD.encode(bytes));
    call.event["isBase64Encoded"] = true.into();
    call
}

/// Returns the strings in an array, sorted.
fn sorted(values: &Value) -> Vec<String> {
    let mut texts: Vec<String> =
        values.as_array().unwrap().iter().map(|value| value.as_str().unwrap().to_owned()).collect();
    texts.sort();
    texts
}

#[tokio::test]
async fn every_sample_gets_its_documented_results_in_a_dry_run() {
    let app = TestApp::start().await;
    let expected: Vec<Value> = serde_json::from_slice(&sample("expected.json")).unwrap();
    assert!(expected.len() > 60, "{}", expected.len());
    let mut different = Vec::new();
    for expected in &expected {
        let name = expected["file"].as_str().unwrap();
        let query = expected["query"].as_str().unwrap_or_default();
        let call = import_bytes(&format!("dry_run=true&{query}"), &sample(name));
        if let Some(code) = expected["problem"].as_str() {
            let answer = call.send(&app).await;
            answer.is_problem(400, code);
            let part = expected["detail_contains"].as_str().unwrap_or_default().to_lowercase();
            let detail = answer.body["detail"].as_str().unwrap().to_lowercase();
            assert!(detail.contains(&part), "{name}: {detail}");
            continue;
        }
        let body = done(&app, call).await;
        assert_eq!(body["format"], expected["format"], "{name}");
        let (found, wanted) = (body["results"].as_array().unwrap(), expected["results"].as_array().unwrap());
        assert_eq!(found.len(), wanted.len(), "{name}");
        for (found, wanted) in found.iter().zip(wanted) {
            different.extend(differences(found, wanted).into_iter().map(|text| format!("{name}: {text}")));
        }
    }
    assert!(different.is_empty(), "{} differ:\n{}", different.len(), different.join("\n"));
    assert_eq!(app.count().await, 0);
}

/// Returns the fields of a result that differ from the expected ones.
fn differences(found: &Value, wanted: &Value) -> Vec<String> {
    let codes = |row: &Value, name: &str| {
        let mut codes: Vec<String> = row[name]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["code"].as_str().unwrap().to_owned())
            .collect();
        codes.sort();
        codes
    };
    let mut different = Vec::new();
    for (name, wanted_value) in wanted.as_object().unwrap() {
        let is_same = match name.as_str() {
            "notes" | "errors" => codes(found, name) == sorted(wanted_value),
            "tags" => sorted(&found["tags"]) == sorted(wanted_value),
            _ => found[name] == *wanted_value,
        };
        if !is_same {
            let row = &found["row"];
            different.push(format!("row {row}: {name} is {}, not {wanted_value}", found[name]));
        }
    }
    different
}

#[tokio::test]
async fn the_samples_of_all_sources_are_imported_and_a_second_time_make_nothing() {
    for name in ["shlink.csv", "kutt.json", "bitly-web.csv", "export.csv"] {
        let app = TestApp::start().await;
        let first = done(&app, import_bytes("", &sample(name))).await;
        let created = first["summary"]["created"].as_u64().unwrap();
        assert!(created > 0, "{name}");
        let second = done(&app, import_bytes("", &sample(name))).await;
        assert_eq!(
            (&second["summary"]["created"], second["summary"]["replayed"].as_u64()),
            (&0.into(), Some(created))
        );
        for (first, second) in
            first["results"].as_array().unwrap().iter().zip(second["results"].as_array().unwrap())
        {
            assert_eq!(first["id"], second["id"], "{name}");
        }
    }
}
