//! What a click's log line says about the visitor, and which visits are not logged.

use crate::support::{ACME, Call, TestApp};
use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Value, json};
use shared::model::Timestamp;

const PHONE: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.1 Mobile/15E148 Safari/604.1";

fn text(value: &str) -> Option<AttributeValue> {
    Some(AttributeValue::S(value.to_owned()))
}

fn click_lines(app: &TestApp) -> Vec<Value> {
    app.click_lines().iter().map(|line| serde_json::from_str(&line.text).unwrap()).collect()
}

#[tokio::test]
async fn a_redirect_logs_one_click_line_with_only_the_allowed_data() {
    let app = TestApp::start().await;
    app.put(&[]).await;
    let now = Timestamp::from_rfc_3339("2026-11-22T21:42:00.007Z").unwrap();
    let call = Call::new("redirect")
        .header("user-agent", PHONE)
        .header("referer", "https://news.example/a/story?reader=planted#planted")
        .header("cloudfront-viewer-country", "DE");
    assert_eq!(call.send_at(&app, now).await.status, 302);
    assert_eq!(
        click_lines(&app),
        [json!({
            "level": "INFO", "timestamp": "2026-11-22T21:42:00.007Z", "event": "click", "version": 1, "org_id": ACME,
            "id": "k7m2p9qr", "created_at": 1_795_383_720_000_i64, "referrer": "news.example", "device": "mobile",
            "bot": false, "country": null,
        })]
    );
}

#[tokio::test]
async fn the_country_header_is_trusted_only_if_the_operator_says_so() {
    for (trusts, country, expected) in [
        ("true", "DE", json!("DE")),
        ("true", "de", json!("DE")),
        ("true", "Germany", Value::Null),
        ("true", "D\"", Value::Null),
        ("false", "DE", Value::Null),
    ] {
        let app = TestApp::with_settings(&[("TRUST_CDN_HEADERS", trusts)]).await;
        app.put(&[]).await;
        Call::new("redirect").header("cloudfront-viewer-country", country).send(&app).await;
        assert_eq!(click_lines(&app)[0]["country"], expected, "{trusts} {country}");
    }
}

#[tokio::test]
async fn only_a_get_request_that_redirects_is_a_click() {
    let app = TestApp::start().await;
    app.put(&[]).await;
    Call::new("redirect-head").send(&app).await;
    for (name, value) in [
        ("sec-purpose", "prefetch"),
        ("sec-purpose", "prefetch;prerender"),
        ("sec-purpose", "prefetch;anonymous-client-ip"),
        ("purpose", "prefetch"),
        ("x-moz", "prefetch"),
        ("x-purpose", "preview"),
        ("x-purpose", "prefetch"),
        ("X-Purpose", "Preview"),
        ("x-sec-purpose", "prefetch"),
        ("sec-purpose", "prefetch;prerender;preview"),
        ("sec-purpose", "prefetch\t; prerender"),
        ("purpose", "\"prefetch\""),
    ] {
        assert_eq!(Call::new("redirect").header(name, value).send(&app).await.status, 302);
    }
    Call::new("redirect").slug("nothing").send(&app).await.is_problem(404, "not_found");
    for change in [
        ("enabled", Some(AttributeValue::Bool(false))),
        ("expires_at", Some(AttributeValue::N("1".to_owned()))),
    ] {
        app.put(&[change]).await;
        assert_eq!(Call::new("redirect").send(&app).await.status, 410);
    }
    app.put(&[("access", text("members"))]).await;
    assert_eq!(Call::new("redirect").send(&app).await.status, 302);
    Call::new("open").by("stranger").send(&app).await;
    Call::new("open-head").send(&app).await;
    assert_eq!(click_lines(&app), Vec::<Value>::new());
}

#[tokio::test]
async fn a_member_who_follows_a_members_only_link_is_one_click() {
    let app = TestApp::start().await;
    app.put(&[("access", text("members"))]).await;
    Call::new("redirect").send(&app).await;
    Call::new("open").send(&app).await;
    let lines = app.click_lines();
    assert_eq!(lines.len(), 1);
    assert_eq!(lines[0].stream.0, "/aws/lambda/signpost-open");
}

#[tokio::test]
async fn a_click_is_logged_for_every_form_of_short_url() {
    let app = TestApp::with_settings(&[("ROOT_ORG", ACME), ("LINK_CACHE_SECONDS", "10")]).await;
    app.put(&[]).await;
    Call::new("handle").by("owner").send(&app).await;
    for name in ["redirect", "redirect", "redirect-handle", "redirect-root"] {
        assert_eq!(Call::new(name).slug("k7m2p9qr").send(&app).await.status, 302, "{name}");
    }
    let told = click_lines(&app);
    assert_eq!(told.len(), 4);
    assert!(told.iter().all(|line| (&line["org_id"], &line["id"]) == (&json!(ACME), &json!("k7m2p9qr"))));
}

#[tokio::test]
async fn no_header_breaks_out_of_its_line_or_into_another_member() {
    let app = TestApp::start().await;
    app.put(&[]).await;
    let forged = "x\",\"org_id\":\"globex\"}\n{\"event\":\"click\",\"version\":1,\"org_id\":\"globex\"}\n";
    for (name, value) in [
        ("user-agent", forged.to_owned()),
        ("user-agent", format!("Mozilla/5.0 {forged}")),
        ("referer", format!("https://{forged}")),
        ("referer", format!("https://news.example/{forged}")),
        ("referer", "https://a\u{2028}b.example/".to_owned()),
        ("referer", "x".repeat(9_000)),
        ("user-agent", "Mozilla/5.0 bot ".repeat(600)),
    ] {
        Call::new("redirect").header(name, &value).send(&app).await;
        let lines = app.click_lines();
        assert_eq!(lines.len(), 1, "{name} {value}");
        assert!(!lines[0].text.contains('\n') && !lines[0].text.contains("globex"), "{}", lines[0].text);
        assert!(lines[0].text.len() < 500);
        assert_eq!(serde_json::from_str::<Value>(&lines[0].text).unwrap()["org_id"], ACME);
    }
}
