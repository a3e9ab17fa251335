//! Tests which host names and settings allow browser sign-in, and which make it impossible.

use super::BACK;
use crate::support::browser::{Browser, Stage, form, functions, is_a_page, origin};
use crate::support::{ACME, Call, ISSUER, TestApp, token};
use shared::model::Timestamp;

#[tokio::test]
async fn sign_in_works_on_an_execute_api_host_and_on_a_custom_domain() {
    let stage = Stage::new().await;
    let url = stage.provider.url.clone();
    let on_execute_api = Browser::default().call("/-/sign-in?return_to=/docs");
    let answer = on_execute_api.send(&stage.app).await;
    assert_eq!(form(&answer.headers["location"])["redirect_uri"], format!("{}/-/callback", origin()));

    let own =
        [("SIGN_IN_CLIENT_ID", "client"), ("AUTH_URL", &url), ("SHORT_BASE_URL", "https://go.example.com")];
    let own = functions(&stage.app, &own);
    let now = Timestamp::now();
    let moved = Browser::default()
        .call(&format!("/-/sign-in?{BACK}&org_id={ACME}&change=1"))
        .send_to(&own, now)
        .await;
    let location = moved.headers["location"].clone();
    let expected = format!("https://go.example.com/-/sign-in?{BACK}&org_id={ACME}&change=1&redirected=1");
    assert_eq!((moved.status, location.as_str()), (302, expected.as_str()));
    assert!(moved.cookies.is_empty());
    // The browser is redirected only once. Behind a CDN, every request appears to be for another host, so redirects
    // would never end.
    let query = location.split_once('?').unwrap().1;
    let begun = Browser::default().call(&format!("/-/sign-in?{query}")).send_to(&own, now).await;
    assert_eq!(form(&begun.headers["location"])["redirect_uri"], "https://go.example.com/-/callback");
    let mut call = Browser::default().call("/-/sign-in?return_to=/docs");
    call.event["requestContext"]["domainName"] = "go.example.com".into();
    let begun = call.send_to(&own, now).await;
    assert_eq!(form(&begun.headers["location"])["redirect_uri"], "https://go.example.com/-/callback");
}

#[tokio::test]
async fn over_plain_http_cookies_have_neither_prefix_nor_secure() {
    let base = [("SHORT_BASE_URL", "http://127.0.0.1:3000")];
    let stage = Stage::with_settings(&base).await;
    stage.gives(&token("member"));
    let mut call = Browser::default().call("/-/sign-in?return_to=/docs");
    call.event["requestContext"]["domainName"] = "127.0.0.1:3000".into();
    let mut browser = Browser::default();
    let begun = browser.send(&stage.app.functions, &call, Timestamp::now()).await;
    let state = form(&begun.headers["location"])["state"].clone();
    let flow = browser.flow_of(&state).unwrap();
    assert!(flow.starts_with("signpost-flow-"), "{flow}");
    assert_eq!(browser.attributes[flow], "HttpOnly; SameSite=Lax; Path=/; Max-Age=600");
    assert_eq!(browser.come_back(&stage, &state).await.headers["location"], "/docs");
    assert!(browser.jar.contains_key("signpost") && !browser.attributes["signpost"].contains("Secure"));
}

#[tokio::test]
async fn without_a_client_a_page_says_how_to_set_up_sign_in() {
    let app = TestApp::start().await;
    for name in ["session-sign-in", "session-callback"] {
        let answer = Call::new(name).send(&app).await;
        is_a_page(&answer, 404);
        assert!(answer.text.contains("Sign-in isn't set up") && answer.text.contains("set SignInClientId"));
        assert!(answer.cookies.is_empty());
    }
    assert_eq!(Call::new("session-sign-out").send(&app).await.status, 303);
}

#[test]
fn settings_with_which_sign_in_cannot_work_stop_the_start() {
    let provider = |pairs: &[(&str, &str)]| {
        let base = [("SIGN_IN_CLIENT_ID", "client"), ("AUTH_ISSUER", ISSUER)].into_iter().collect();
        let settings = shared::settings::Settings::overridden_by(base, pairs.iter().copied().collect());
        ::session::Provider::from_settings(&settings, &local::stack::sdk_config("http://127.0.0.1:1"))
            .map(|provider| provider.is_some())
            .map_err(|error| error.to_string())
    };
    assert_eq!(provider(&[]), Ok(true));
    assert_eq!(provider(&[("SIGN_IN_CLIENT_ID", " ")]), Ok(false));
    assert_eq!(provider(&[("AUTH_URL", "http://127.0.0.1:3001")]), Ok(true));
    assert_eq!(provider(&[("AUTH_URL", "http://localhost:3001")]), Ok(true));
    for (pairs, name) in [
        ([("AUTH_URL", "http://auth.example.com")], "AUTH_URL"),
        ([("AUTH_ISSUER", "http://auth.example.com")], "AUTH_ISSUER"),
        ([("AUTH_ISSUER", "auth.example.com")], "AUTH_ISSUER"),
        ([("AUTH_TOKEN", "refresh")], "AUTH_TOKEN"),
    ] {
        let error = provider(&pairs).unwrap_err();
        assert!(error.starts_with(&format!("the setting {name} ")), "{error}");
    }
}
