//! What a person sees if the provider fails or changes its responses.

use super::BACK;
use crate::support::browser::{Browser, Stage, TOKEN, is_a_page};
use crate::support::issuer::{Reply, SigningKey};
use crate::support::{signed, token};
use serde_json::json;
use shared::model::Timestamp;

/// Completes a sign-in while the token endpoint has this response. Asserts that the browser gets a page with one link
/// to try again, and is not signed in.
async fn fails(stage: &Stage, reply: Reply, status: u64) {
    let mut browser = Browser::default();
    let state = browser.begin(stage, BACK).await;
    stage.provider.answer(TOKEN, reply);
    let answer = browser.open(stage, &format!("/-/callback?code=planted-code&state={state}")).await;
    is_a_page(&answer, status);
    assert!(!browser.is_signed_in() && browser.flows().is_empty());
    assert_eq!(answer.cookies.len(), 1, "only the flow is cleared: {:?}", answer.cookies);
    assert_eq!(answer.text.matches("<a href=").count(), 1);
    assert!(answer.text.contains("Try again") && answer.text.contains(&format!("/-/sign-in?{BACK}")));
    assert!(!answer.text.contains("planted") && !answer.text.contains(&state), "{}", answer.text);
}

#[tokio::test]
async fn a_page_explains_a_token_endpoint_that_refuses_fails_or_responds_with_nonsense() {
    let stage = Stage::new().await;
    let error = |status, code: &str| {
        Reply::Status(
            status,
            vec![],
            json!({ "error": code, "error_description": "planted-code was rejected" }),
        )
    };
    let moved =
        Reply::Status(307, vec![("location", format!("{}/elsewhere", stage.provider.url))], json!({}));
    for (reply, status) in [
        (error(400, "invalid_grant"), 400),
        (error(400, "invalid_request"), 502),
        (error(400, "planted-error"), 502),
        (error(401, "invalid_client"), 502),
        (error(403, "access_denied"), 502),
        (error(429, "slow_down"), 503),
        (error(500, "server_error"), 503),
        (error(503, "temporarily_unavailable"), 503),
        (moved, 502),
        (Reply::Text("<!doctype html><p>planted".to_owned()), 502),
        (Reply::Text(format!("{{\"access_token\":\"{}\"}}", "planted".repeat(20_000))), 502),
        (Reply::Text("{\"access_token\":\"a\",\"access_token\":\"planted\"}".to_owned()), 502),
        (Reply::Json(json!({ "id_token": token("member") })), 502),
        (Reply::Json(json!({ "access_token": null })), 502),
        (Reply::Json(json!([token("member")])), 502),
    ] {
        fails(&stage, reply, status).await;
    }
    assert_eq!(stage.provider.times("/elsewhere"), 0);
}

#[tokio::test]
async fn a_page_explains_a_token_that_is_invalid_here() {
    let stage = Stage::new().await;
    let other = SigningKey::rsa("other");
    let claims = |change: fn(&mut serde_json::Value)| signed("member", change);
    let foreign =
        json!({ "iss": crate::support::ISSUER, "user_id": "x", "iat": 1, "exp": 4_000_000_000_i64 });
    for token in [
        // The token is opaque, like Auth0's access tokens without an audience.
        "planted-opaque-token".to_owned(),
        "a1".repeat(64),
        String::new(),
        other.sign_as(None, &foreign),
        SigningKey::ec("other").sign_as(None, &foreign),
        claims(|claims| claims["iss"] = "https://other.example".into()),
        claims(|claims| claims["exp"] = 1.into()),
        claims(|claims| claims["iat"] = 4_000_000_000_i64.into()),
        claims(|claims| drop(claims.as_object_mut().unwrap().remove("user_id"))),
        format!("{}\r\nset-cookie: a=b", token("member")),
        format!("{}; Domain=example.com", token("member")),
    ] {
        fails(&stage, Reply::Json(json!({ "access_token": token })), 502).await;
    }
}

#[tokio::test]
async fn a_page_explains_an_unreachable_or_slow_token_endpoint() {
    let stage = Stage::new().await;
    fails(&stage, Reply::Never, 503).await;
    // Nothing listens there.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let dead = Stage::with_settings(&[("AUTH_URL", &url)]).await;
    let mut browser = Browser::default();
    let state = browser.begin(&dead, BACK).await;
    let answer = browser.come_back(&dead, &state).await;
    is_a_page(&answer, 503);
    assert_eq!(answer.headers["retry-after"], "1");
    assert!(browser.flows().is_empty());
}

#[tokio::test]
async fn a_page_explains_a_provider_that_refuses_the_sign_in() {
    let stage = Stage::new().await;
    for error in ["access_denied", "login_required", "server_error", "planted-error", ""] {
        let mut browser = Browser::default();
        let state = browser.begin(&stage, BACK).await;
        let url = format!("/-/callback?error={error}&error_description=planted-text&state={state}");
        let answer = browser.open(&stage, &url).await;
        is_a_page(&answer, 403);
        assert!(!answer.text.contains("planted") && browser.flows().is_empty());
    }
    for query in ["", "&code=", "&code=c&iss=https%3A%2F%2Fother.example", "&code=c&iss="] {
        let mut browser = Browser::default();
        let state = browser.begin(&stage, BACK).await;
        let answer = browser.open(&stage, &format!("/-/callback?state={state}{query}")).await;
        is_a_page(&answer, 400);
        assert!(browser.flows().is_empty());
    }
    assert_eq!(stage.exchanges(), 0);
    stage.gives(&token("member"));
    let mut browser = Browser::default();
    let state = browser.begin(&stage, BACK).await;
    browser.open(&stage, &format!("/-/callback?code=c&state={state}&iss=https%3A%2F%2Fauth.acme.test")).await;
    assert!(browser.is_signed_in());
}

#[tokio::test]
async fn a_callback_without_its_flow_but_with_a_session_goes_to_the_front_page() {
    let stage = Stage::new().await;
    let mut browser = Browser::default();
    browser.jar.insert(super::SESSION.to_owned(), token("member"));
    let answer = browser.open(&stage, "/-/callback?code=c&state=x").await;
    assert_eq!((answer.status, answer.headers["location"].as_str()), (302, "/"));
    let later = Timestamp::try_from(Timestamp::now().millis() + 7_200_000).unwrap();
    let call = browser.call("/-/callback?code=c&state=x");
    is_a_page(&browser.send(&stage.app.functions, &call, later).await, 400);
}
