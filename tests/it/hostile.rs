//! Events that any client or emulator can cause. Some of these events make `lambda_http`'s own conversion panic.

use crate::support::{TestApp, invoke};
use aws_sdk_dynamodb::types::AttributeValue;
use local::functions::Function;
use serde_json::Value;
use serde_json::value::to_raw_value;
use shared::model::Timestamp;
use std::panic::catch_unwind;

/// Returns the events, each with a description.
fn events() -> Vec<(String, Value)> {
    let cases: Vec<Value> = serde_json::from_str(include_str!("hostile_events.json")).unwrap();
    cases.iter().map(|case| (case["name"].as_str().unwrap().to_owned(), case["event"].clone())).collect()
}

#[tokio::test]
async fn no_hostile_event_causes_a_5xx_in_any_function() {
    let app = TestApp::start().await;
    for (name, event) in events() {
        let event = to_raw_value(&event).unwrap();
        for function in Function::ALL {
            let answer = invoke(&app.functions, function, &event, Timestamp::now()).await;
            assert!((200..500).contains(&answer.status), "{function:?}, {name}: {}", answer.text);
        }
    }
}

#[tokio::test]
async fn a_hostile_event_with_a_valid_slug_is_redirected() {
    let app = TestApp::start().await;
    let text = |value: &str| Some(AttributeValue::S(value.to_owned()));
    app.put(&[("org_id", text("acme")), ("id", text("launch"))]).await;
    for (name, event) in events() {
        let event = to_raw_value(&event).unwrap();
        let answer = invoke(&app.functions, Function::Redirect, &event, Timestamp::now()).await;
        let expected = match name.as_str() {
            "bad base64" => 400,
            "not an event" => 404,
            _ => 302,
        };
        assert_eq!(answer.status, expected, "{name}: {}", answer.text);
    }
}

/// This is why `shared/src/http/event.rs` has our own conversion.
#[test]
fn lambda_http_panics_on_some_of_them_so_our_conversion_is_needed() {
    let panics = |event: &Value| {
        let event = event.to_string();
        catch_unwind(|| lambda_http::request::from_str(&event).is_ok()).is_err()
    };
    let unsurvived: Vec<String> =
        events().into_iter().filter(|(_, event)| panics(event)).map(|(name, _)| name).collect();
    assert!(
        !unsurvived.is_empty(),
        "lambda_http now converts all of them; replace our conversion with lambda_http's"
    );
}
