//! Bodies of create requests: which are accepted, which are rejected, and with which message.

use crate::support::{Call, TestApp};
use serde_json::json;

#[tokio::test]
async fn each_invalid_field_is_named() {
    let app = TestApp::start().await;
    let eleven: Vec<String> = (0..11).map(|number| format!("tag{number}")).collect();
    let long = "x".repeat(201);
    let cases = [
        (json!({ "id": "a/b" }), ("/id", "invalid_slug")),
        (json!({ "id": "-a" }), ("/id", "invalid_slug")),
        (json!({ "id": "a".repeat(65) }), ("/id", "invalid_slug")),
        (json!({ "id": "LINK" }), ("/id", "reserved_slug")),
        (json!({ "id": null }), ("/id", "wrong_type")),
        (json!({ "title": "" }), ("/title", "invalid_title")),
        (json!({ "title": long }), ("/title", "invalid_title")),
        (json!({ "title": "a\u{7}b" }), ("/title", "invalid_title")),
        (json!({ "title": 7 }), ("/title", "wrong_type")),
        (json!({ "tags": eleven }), ("/tags", "too_many")),
        (json!({ "tags": "spring" }), ("/tags", "wrong_type")),
        (json!({ "tags": ["ok", "not ok"] }), ("/tags/1", "invalid_tag")),
        (json!({ "tags": ["ok", null] }), ("/tags/1", "wrong_type")),
        (json!({ "tags": ["x".repeat(33)] }), ("/tags/0", "invalid_tag")),
        (json!({ "tags": [""] }), ("/tags/0", "invalid_tag")),
        (json!({ "access": "private" }), ("/access", "invalid_access")),
        (json!({ "access": null }), ("/access", "wrong_type")),
        (json!({ "enabled": "true" }), ("/enabled", "wrong_type")),
        (json!({ "enabled": null }), ("/enabled", "wrong_type")),
        (json!({ "expires_at": "tomorrow" }), ("/expires_at", "invalid_time")),
        (json!({ "expires_at": 1_896_130_799 }), ("/expires_at", "wrong_type")),
        (json!({ "expires_at": "2001-01-01T00:00:00Z" }), ("/expires_at", "not_in_the_future")),
        (json!({ "creator_user_id": "me" }), ("/creator_user_id", "unknown_field")),
        (json!({ "created_at": "2030-01-01T00:00:00Z" }), ("/created_at", "unknown_field")),
        (json!({ "birth": "V1StGXR8_Z5jdHi6" }), ("/birth", "unknown_field")),
    ];
    for (mut body, fault) in cases {
        body["url"] = "https://example.com/".into();
        let answer = Call::new("create").body(&body.to_string()).send(&app).await;
        assert_eq!(answer.is_problem(422, "validation_failed").faults(), [fault], "{body}");
    }
    let all =
        json!({ "id": "", "title": "", "tags": ["", "a", ""], "access": "", "enabled": 1, "expires_at": "" });
    let answer = Call::new("create").body(&all.to_string()).send(&app).await;
    let mut places: Vec<&str> = answer.faults().iter().map(|(place, _)| *place).collect();
    places.sort_unstable();
    assert_eq!(places, ["/access", "/enabled", "/expires_at", "/id", "/tags/0", "/tags/2", "/title", "/url"]);
    assert_eq!(app.count().await, 0);
}

#[tokio::test]
async fn json_media_types_and_base64_bodies_are_accepted() {
    let app = TestApp::start().await;
    for call in [
        Call::new("create-base64"),
        Call::new("create").header("content-type", "application/json; charset=utf-8"),
        Call::new("create").header("content-type", "Application/JSON;charset=\"UTF-8\""),
    ] {
        assert_eq!(call.send(&app).await.status, 201);
    }
}

#[tokio::test]
async fn a_body_that_is_not_json_is_malformed_and_stores_nothing() {
    let app = TestApp::start().await;
    let deep = "[".repeat(10_000);
    let bodies = [
        "",
        "url=https://example.com",
        "{",
        r#"{"url": NaN}"#,
        r#"{"url": "\ud800"}"#,
        r#"{"url": "a"} x"#,
        r#"{"url": "https://example.com", "url": "https://example.com"}"#,
        r#"{"url": 1e999}"#,
        &deep,
        "{'url': 1}",
    ];
    for body in bodies {
        Call::new("create").body(body).send(&app).await.is_problem(400, "malformed_body");
    }
    let mut not_utf_8 = Call::new("create");
    not_utf_8.event["isBase64Encoded"] = true.into();
    for body in ["/////w==", "not base64"] {
        not_utf_8.clone().body(body).send(&app).await.is_problem(400, "malformed_body");
    }
    assert_eq!(app.count().await, 0);
}

#[tokio::test]
async fn an_invalid_body_gets_all_its_faults_at_once() {
    let app = TestApp::start().await;
    let invalid = Call::new("create-invalid").send(&app).await;
    invalid.is_problem(422, "validation_failed");
    assert_eq!(invalid.faults(), [("/url", "unsupported_scheme"), ("/colour", "unknown_field")]);

    let cases = [
        ("[]", ("", "wrong_type")),
        ("null", ("", "wrong_type")),
        ("{}", ("/url", "missing")),
        (r#"{"url": null}"#, ("/url", "wrong_type")),
        (r#"{"url": ["https://example.com"]}"#, ("/url", "wrong_type")),
        (r#"{"url": 7}"#, ("/url", "wrong_type")),
        (r#"{"url": "https://example.com", "a/b~c": 1}"#, ("/a~1b~0c", "unknown_field")),
        (r#"{"url": "data:text/html,x"}"#, ("/url", "unsupported_scheme")),
        (r#"{"url": "https://me:secret@example.com"}"#, ("/url", "credentials_in_url")),
        (r#"{"url": "https://example.com/\u0000"}"#, ("/url", "control_character")),
        (r#"{"url": "http://0x7f.1/"}"#, ("/url", "private_address")),
        (r#"{"url": "http://[::ffff:127.0.0.1]/"}"#, ("/url", "private_address")),
    ];
    for (body, fault) in cases {
        let answer = Call::new("create").body(body).send(&app).await;
        answer.is_problem(422, "validation_failed");
        assert_eq!(answer.faults(), [fault], "{body}");
    }
    assert_eq!(app.count().await, 0);
}

#[tokio::test]
async fn at_most_a_hundred_faults_are_reported() {
    let app = TestApp::start().await;
    let body: serde_json::Map<_, _> = (0..500).map(|number| (format!("field{number}"), json!(1))).collect();
    let answer = Call::new("create").body(&serde_json::Value::from(body).to_string()).send(&app).await;
    assert_eq!(answer.is_problem(422, "validation_failed").faults().len(), 100);
}

#[tokio::test]
async fn a_problem_never_repeats_what_was_sent() {
    let app = TestApp::start().await;
    let answer = Call::new("create").url("https://me:hunter2@example.com/").send(&app).await;
    assert!(!answer.text.contains("hunter2"));
}

#[tokio::test]
async fn a_body_of_16384_bytes_is_read_and_one_more_is_too_large() {
    let app = TestApp::start().await;
    let body = |length: usize| {
        let frame = r#"{"url":"https://example.com"}"#;
        format!("{}{frame}", " ".repeat(length - frame.len()))
    };
    assert_eq!(Call::new("create").body(&body(16_384)).send(&app).await.status, 201);
    Call::new("create").body(&body(16_385)).send(&app).await.is_problem(413, "payload_too_large");

    use base64::prelude::{BASE64_STANDARD, Engine};
    let mut encoded = Call::new("create");
    encoded.event["isBase64Encoded"] = true.into();
    let sized = |length| BASE64_STANDARD.encode(body(length));
    assert_eq!(encoded.clone().body(&sized(16_384)).send(&app).await.status, 201);
    encoded.body(&sized(16_385)).send(&app).await.is_problem(413, "payload_too_large");
}

#[tokio::test]
async fn a_body_with_another_content_type_is_not_read() {
    let app = TestApp::start().await;
    for content_type in
        ["text/plain", "application/x-www-form-urlencoded", "application/json; charset=utf-16", "text/csv"]
    {
        let call = Call::new("create").header("content-type", content_type);
        call.send(&app).await.is_problem(415, "unsupported_media_type");
    }
    let mut none = Call::new("create").body("url=https://example.com/");
    none.event["headers"].as_object_mut().unwrap().remove("content-type");
    none.send(&app).await.is_problem(415, "unsupported_media_type");
}

#[tokio::test]
async fn the_caller_is_checked_before_the_body() {
    let app = TestApp::start().await;
    let broken = || Call::new("create-not-json");
    broken().anonymous().send(&app).await.is_problem(401, "unauthenticated");
    broken().by("outsider").send(&app).await.is_problem(403, "forbidden");
    let broken = || broken().header("idempotency-key", "é");
    let large = broken().header("content-type", "text/plain").body(&" ".repeat(20_000));
    large.send(&app).await.is_problem(415, "unsupported_media_type");
    broken().body(&" ".repeat(20_000)).send(&app).await.is_problem(413, "payload_too_large");
    broken().send(&app).await.is_problem(400, "malformed_body");
    let keyed = Call::new("create").header("idempotency-key", "key").header("content-type", "text/plain");
    keyed.body(&" ".repeat(20_000)).send(&app).await.is_problem(415, "unsupported_media_type");
    let edit = Call::new("update").header("if-match", "none").header("content-type", "text/plain");
    edit.send(&app).await.is_problem(415, "unsupported_media_type");
}
