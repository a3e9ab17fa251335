//! Every event gets a response, however hostile it is, and no valid event gets a 5xx.

use crate::support::{ACME, Call, TestApp, token};
use local::events;
use local::functions::Function;
use local::routes::ROUTES;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::value::RawValue;
use serde_json::{Value, json};
use shared::lambda::TIMEOUT;
use shared::model::Timestamp;
use std::time::Duration;

async fn invoke(app: &TestApp, function: Function, event: &str) -> crate::support::Answer {
    let event = RawValue::from_string(event.to_owned()).unwrap();
    crate::support::invoke(&app.functions, function, &event, Timestamp::now()).await
}

#[tokio::test]
async fn every_event_in_the_directory_belongs_to_a_route_and_gets_a_response() {
    let app = TestApp::start().await;
    for name in events::names().unwrap() {
        let status = Call::new(&name).send(&app).await.status;
        assert!((200..500).contains(&status), "{name}: {status}");
    }
    for route in ROUTES {
        let named = events::names()
            .unwrap()
            .into_iter()
            .any(|name| Call::new(&name).event["routeKey"] == route.key());
        assert!(named, "{} has no event", route.key());
    }
}

#[tokio::test]
async fn an_invalid_event_is_malformed_and_an_empty_one_gets_a_response() {
    let app = TestApp::start().await;
    for route in ROUTES {
        for event in [
            "[]",
            "7",
            "\"\"",
            r#"{"headers": []}"#,
            r#"{"body": {}}"#,
            r#"{"headers": {"a": 1}}"#,
            r#"{"body": "\ud800"}"#,
        ] {
            invoke(&app, route.function, event).await.is_problem(400, "malformed_body");
        }
        for event in [
            "{}",
            "null",
            r#"{"pathParameters": null, "headers": null, "requestContext": null, "body": null}"#,
        ] {
            let answer = invoke(&app, route.function, event).await;
            if [Function::Docs, Function::Console].contains(&route.function) {
                assert!(answer.status < 500, "{event}: {}", answer.text);
                continue;
            }
            assert!((400..500).contains(&answer.status), "{event}: {}", answer.text);
        }
    }
}

/// The clock is paused, so the test takes no real time.
#[tokio::test(start_paused = true)]
async fn a_request_that_never_finishes_is_503_before_the_function_times_out() {
    let event = serde_json::value::to_raw_value(&Call::new("list").event).unwrap();
    for (timeout, given_up) in [(TIMEOUT, 4_500), (Duration::from_secs(29), 28_500)] {
        let started = tokio::time::Instant::now();
        let never = |_| std::future::pending();
        let late = shared::http::respond(&event, Timestamp::now(), timeout, never).await;
        let late = crate::support::answer(&serde_json::to_value(late).unwrap());
        assert_eq!(late.is_problem(503, "unavailable").headers["retry-after"], "1");
        assert_eq!(started.elapsed().as_millis(), given_up);
    }
}

#[tokio::test]
async fn events_that_make_lambda_http_panic_get_a_normal_response() {
    let app = TestApp::start().await;
    app.put(&[]).await;
    for query in ["\"", "<", " ", "a=\"&b=<script>", "%", "%zz", "é", "a b", "\u{0}"] {
        assert_eq!(Call::new("redirect").query(query).send(&app).await.status, 302, "{query:?}");
        Call::new("list").query(query).send(&app).await.is_problem(400, "invalid_query");
    }
    for (name, value) in [
        ("host", "not a host"),
        ("host", ""),
        ("host", "a\"b"),
        ("x-forwarded-proto", "https,https"),
        ("x-forwarded-proto", "\""),
        ("x-forwarded-port", "port"),
        ("content-length", "-1"),
        ("a b", "c"),
        ("", ""),
        ("x", "\u{7f}\r\n"),
    ] {
        assert_eq!(
            Call::new("redirect").header(name, value).send(&app).await.status,
            302,
            "{name}: {value:?}"
        );
        assert_eq!(Call::new("list").header(name, value).send(&app).await.status, 200, "{name}: {value:?}");
    }
    for path in ["/acme/..", "//", "", "/%", "\\", "http://evil.example/"] {
        Call::new("redirect").path(path).send(&app).await.is_problem(404, "not_found");
        assert_eq!(Call::new("list").path(path).send(&app).await.status, 200, "{path}");
    }
}

#[tokio::test]
async fn header_names_in_title_case_are_the_same_headers() {
    let app = TestApp::start().await;
    let mut call = Call::new("list").anonymous();
    call.event["headers"]["Authorization"] = format!("Bearer {}", token("member")).into();
    assert_eq!(call.send(&app).await.status, 200);
    // In this event, headers are in alphabetical order. If a name occurs several times, the last one is used.
    call.event["headers"]["AUTHORIZATION"] = "Bearer of an earlier header".into();
    assert_eq!(call.send(&app).await.status, 200);
    call.event["headers"]["authorization"] = "Bearer of a later header".into();
    call.send(&app).await.is_problem(401, "unauthenticated");
}

#[test]
fn an_event_with_any_part_replaced_by_anything_is_never_a_5xx() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let app = runtime.block_on(TestApp::start());
    let names = events::names().unwrap();
    let anything = prop_oneof![
        any::<String>().prop_map(Value::from),
        "[ -~]{0,40}".prop_map(Value::from),
        "\\PC{0,20}".prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<bool>().prop_map(Value::from),
        Just(Value::Null),
        Just(json!({})),
        Just(json!([])),
    ];
    let places = [
        "/pathParameters/org_id",
        "/pathParameters/slug",
        "/pathParameters",
        "/rawQueryString",
        "/rawPath",
        "/headers/authorization",
        "/headers/content-type",
        "/headers/host",
        "/headers/accept",
        "/headers",
        "/body",
        "/isBase64Encoded",
        "/requestContext/domainName",
        "/requestContext/http/method",
        "/requestContext/http",
        "/requestContext",
        "/routeKey",
    ];
    let strategy = (0..names.len(), proptest::sample::select(places.to_vec()), anything);
    let mut runner = TestRunner::new(Config { cases: 1_500, failure_persistence: None, ..Config::default() });
    let outcome = runner.run(&strategy, |(index, place, value)| {
        let call = Call::new(&names[index]);
        let key = call.event["routeKey"].as_str().unwrap();
        let function = ROUTES.iter().find(|route| route.key() == key).unwrap().function;
        let mut event = call.event.clone();
        if let Some(target) = event.pointer_mut(place) {
            *target = value;
        }
        let answer = runtime.block_on(invoke(&app, function, &event.to_string()));
        prop_assert!(answer.status < 500, "{}", answer.text);
        prop_assert!(!answer.headers.values().any(|value| value.contains(['\r', '\n'])));
        Ok(())
    });
    outcome.unwrap();
}

#[tokio::test]
async fn an_impossible_organization_id_is_400_for_members() {
    let app = TestApp::start().await;
    for org in ["", "@prime", "@acme", "..", "a b", "é", &format!("{ACME}%00"), &"a".repeat(129)] {
        for function in [Function::Create, Function::List, Function::Delete] {
            Call::from_function(function).org(org).send(&app).await.is_problem(400, "invalid_organization");
        }
    }
    assert_eq!(app.count().await, 0);
}
