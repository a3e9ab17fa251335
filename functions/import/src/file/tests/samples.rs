//! Tests of the parsers with the samples of the integration tests. They compare only the parts of the results that
//! parsers produce.

use super::*;
use serde_json::Value;
use shared::model::TargetUrl;
use std::path::PathBuf;

/// The codes of the faults that parsers report.
const OWN_CODES: [&str; 5] =
    ["invalid_row", "password_protected", "root_link", "unsupported_template", "wrong_type"];

fn samples() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/it/import/samples"))
}

/// The expectations for requests without options.
fn expectations() -> Vec<Value> {
    let expected = std::fs::read(samples().join("expected.json")).unwrap();
    let all: Vec<Value> = serde_json::from_slice(&expected).unwrap();
    let without_options = |expected: &Value| {
        expected.get("query").is_none_or(|query| query.as_str().unwrap().starts_with("format="))
    };
    all.into_iter().filter(without_options).collect()
}

fn read_sample(expected: &Value) -> Result<File, Unreadable> {
    let bytes = std::fs::read(samples().join(expected["file"].as_str().unwrap())).unwrap();
    let format = expected.get("query").map(|query| &query.as_str().unwrap()["format=".len()..]);
    read(&bytes, format.map(|format| Source::from_word(format).unwrap()))
}

#[test]
fn every_sample_that_cannot_be_read_gets_a_sentence_that_says_why() {
    let unreadable = expectations().into_iter().filter(|expected| expected["problem"] == "unreadable_file");
    let mut count = 0;
    for expected in unreadable {
        count += 1;
        let sentence = read_sample(&expected).unwrap_err().to_string();
        let part = expected["detail_contains"].as_str().unwrap_or_default();
        assert!(sentence.to_lowercase().contains(&part.to_lowercase()), "{}: {sentence}", expected["file"]);
    }
    assert!(count > 10, "{count}");
}

#[test]
fn every_other_sample_has_the_expected_source_and_rows() {
    let mut rows = 0;
    for expected in expectations().iter().filter(|expected| expected.get("format").is_some()) {
        let name = &expected["file"];
        let file = read_sample(expected).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(file.source.as_str(), expected["format"], "{name}");
        let results = expected["results"].as_array().unwrap();
        let numbers: Vec<_> = file.rows.iter().map(|row| row.number).collect();
        let expected_numbers: Vec<_> = results.iter().map(|result| result["row"].as_u64().unwrap()).collect();
        assert_eq!(numbers, expected_numbers, "{name}");
        for (row, result) in file.rows.iter().zip(results) {
            rows += 1;
            check(row, result, &format!("{name}, row {}", row.number));
        }
    }
    assert!(rows > 100, "{rows}");
}

fn check(row: &Row, result: &Value, name: &str) {
    let codes = |list: &str| -> Vec<String> {
        let codes = result.get(list).and_then(Value::as_array).into_iter().flatten();
        codes.map(|code| code.as_str().unwrap().to_owned()).collect()
    };
    let own: Vec<_> = codes("errors").into_iter().filter(|code| OWN_CODES.contains(&&**code)).collect();
    let refused: Vec<_> = row.refused.iter().map(|invalid| invalid.code.to_owned()).collect();
    if result.get("errors").is_some() {
        assert_eq!(refused, own, "{name}");
    }
    if result["result"] == "refused" {
        return;
    }
    let parsed = TargetUrl::parse(&row.url).unwrap();
    assert_eq!(result["url"], parsed.as_str(), "{name}");
    assert_eq!(result["forward"], row.forward.as_deref().unwrap_or("none"), "{name}");
    assert_eq!(result["access"], row.access.as_deref().unwrap_or("public"), "{name}");
    assert_eq!(result["enabled"], row.enabled, "{name}");
    let expires_at = match &row.expires_at {
        Some(Expiry::At(time)) => Value::String(time.to_string()),
        Some(Expiry::Invalid(text)) => panic!("{name}: {text}"),
        None => Value::Null,
    };
    assert_eq!(result["expires_at"], expires_at, "{name}");
    let notes = codes("notes");
    if result.get("notes").is_some()
        && !notes.iter().any(|note| note.starts_with("slug"))
        && !result["id"].is_null()
    {
        assert_eq!(result["id"].as_str(), row.slug.as_deref(), "{name}");
    }
    if !notes.iter().any(|note| note.starts_with("tags")) && result.get("notes").is_some() {
        let mut tags = row.tags.clone();
        tags.sort();
        assert_eq!(result["tags"], Value::from(tags), "{name}");
    }
    assert_eq!(
        result["title"].is_null(),
        row.title.is_none() || notes.contains(&"title_dropped".into()),
        "{name}"
    );
}
