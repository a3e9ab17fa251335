//! Providers other than PropelAuth: endpoints found by discovery, and the parameters of each provider.

use crate::support::TestApp;
use crate::support::browser::{Browser, form, functions, is_a_page};
use crate::support::issuer::{Reply, Server, SigningKey};
use base64::prelude::{BASE64_STANDARD, Engine};
use local::functions::Functions;
use serde_json::{Value, json};
use shared::model::Timestamp;
use std::collections::HashMap;

/// Signpost, and a provider that has a discovery document.
struct Foreign {
    app: TestApp,
    provider: Server,
    functions: Functions,
    key: SigningKey,
}

const CLAIMS: &str =
    r#"{"user":["sub"],"organizations":[{"kind":"one","at":[],"id":["org"],"roles":[["role"]]}]}"#;

impl Foreign {
    async fn new(key: SigningKey, overrides: &[(&str, &str)]) -> Self {
        let provider = Server::start().await;
        let app = TestApp::start().await;
        let base = [
            ("AUTH_PROVIDER", "custom"),
            ("AUTH_CLAIMS", CLAIMS),
            ("AUTH_ISSUER", provider.url.as_str()),
            ("AUTH_VERIFIER_KEY", ""),
            ("AUTH_ALGORITHMS", "RS256,ES256"),
            ("SIGN_IN_CLIENT_ID", "client"),
        ];
        let functions = functions(&app, &[&base[..], overrides].concat());
        let foreign = Self { app, provider, functions, key };
        foreign.describe(json!({}));
        foreign.publish(&foreign.key);
        foreign
    }

    /// Sets the provider's discovery document, with changes to these fields.
    fn describe(&self, changes: Value) {
        let url = &self.provider.url;
        let mut description = json!({
            "issuer": url,
            "jwks_uri": format!("{url}/keys"),
            "authorization_endpoint": format!("{url}/authorize?tenant=1"),
            "token_endpoint": format!("{url}/token"),
        });
        description.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        self.provider.answer("/.well-known/openid-configuration", Reply::Json(description));
    }

    fn publish(&self, key: &SigningKey) {
        self.provider.answer("/keys", Reply::Json(json!({ "keys": [key.jwk()] })));
    }

    fn token(&self, key: &SigningKey, claims: Value) -> String {
        let now = Timestamp::now().seconds();
        let mut all =
            json!({ "iss": self.provider.url, "sub": "u", "org": "acme", "iat": now, "exp": now + 600 });
        all.as_object_mut().unwrap().extend(claims.as_object().unwrap().clone());
        key.sign(&all)
    }

    async fn open(&self, browser: &mut Browser, url: &str, now: Timestamp) -> crate::support::Answer {
        let call = browser.call(url);
        browser.send(&self.functions, &call, now).await
    }

    /// Begins a sign-in and returns the parameters sent to the provider.
    async fn begin(&self, browser: &mut Browser, query: &str) -> HashMap<String, String> {
        let answer = self.open(browser, &format!("/-/sign-in?{query}"), Timestamp::now()).await;
        assert_eq!(answer.status, 302, "{}", answer.text);
        let location = &answer.headers["location"];
        assert!(location.starts_with(&format!("{}/authorize?tenant=1&", self.provider.url)), "{location}");
        form(location)
    }

    async fn come_back(&self, browser: &mut Browser, state: &str) -> crate::support::Answer {
        self.open(browser, &format!("/-/callback?code=c&state={state}"), Timestamp::now()).await
    }
}

#[tokio::test]
async fn a_provider_with_discovery_signs_people_in_with_rsa_and_ec_keys() {
    for key in [SigningKey::rsa("one"), SigningKey::ec("one")] {
        let foreign = Foreign::new(key, &[]).await;
        let mut browser = Browser::default();
        let asked = foreign.begin(&mut browser, "return_to=/docs").await;
        assert_eq!(asked["scope"], "openid");
        assert!(!asked.contains_key("nonce"));
        let token = foreign.token(&foreign.key, json!({}));
        foreign.provider.answer("/token", Reply::Json(json!({ "access_token": token })));
        let back = foreign.come_back(&mut browser, &asked["state"]).await;
        assert_eq!(back.headers["location"], "/docs", "{}", back.text);
        assert!(browser.is_signed_in());
        // Sign-in also works after a rotation of keys, because the keys may be fetched again after a minute.
        let newer = SigningKey::ec("two");
        foreign.publish(&newer);
        let token = foreign.token(&newer, json!({}));
        foreign.provider.answer("/token", Reply::Json(json!({ "access_token": token })));
        let mut browser = Browser::default();
        let state = foreign.begin(&mut browser, "").await["state"].clone();
        let later = Timestamp::try_from(Timestamp::now().millis() + 61_000).unwrap();
        foreign.open(&mut browser, &format!("/-/callback?code=c&state={state}"), later).await;
        assert!(browser.is_signed_in());
    }
}

#[tokio::test]
async fn discovery_is_fetched_once_an_hour_and_outlives_an_outage() {
    let foreign = Foreign::new(SigningKey::ec("one"), &[]).await;
    let description = "/.well-known/openid-configuration";
    let start = Timestamp::now().millis();
    let at = |millis: i64| Timestamp::try_from(start + millis).unwrap();
    for (millis, times) in [(0, 1), (1, 1), (3_599_999, 1), (3_600_000, 2), (3_600_001, 2), (0, 3)] {
        let answer = foreign.open(&mut Browser::default(), "/-/sign-in", at(millis)).await;
        assert_eq!((answer.status, foreign.provider.times(description)), (302, times), "{millis}");
    }
    foreign.provider.answer(description, Reply::Status(500, vec![], json!({})));
    let answer = foreign.open(&mut Browser::default(), "/-/sign-in", at(7_200_000)).await;
    assert_eq!(answer.status, 302);
}

#[tokio::test]
async fn a_page_explains_foreign_or_incomplete_discovery() {
    for changes in [
        json!({ "issuer": "https://other.example" }),
        json!({ "authorization_endpoint": null }),
        json!({ "token_endpoint": "ftp://other.example" }),
        json!({ "token_endpoint": 7 }),
    ] {
        let foreign = Foreign::new(SigningKey::ec("one"), &[]).await;
        foreign.describe(changes.clone());
        let mut browser = Browser::default();
        let answer = foreign.open(&mut browser, "/-/sign-in?return_to=/docs", Timestamp::now()).await;
        is_a_page(&answer, 503);
        assert!(
            answer.cookies.is_empty() && answer.text.contains("/-/sign-in?return_to=%2Fdocs"),
            "{changes}"
        );
    }
}

#[tokio::test]
async fn an_id_token_is_the_session_only_with_the_nonce_of_its_sign_in() {
    let foreign =
        Foreign::new(SigningKey::ec("one"), &[("AUTH_TOKEN", "id"), ("AUTH_AUDIENCE", "client")]).await;
    for (nonce, signed_in) in [("own", true), ("other", false), ("", false)] {
        let mut browser = Browser::default();
        let asked = foreign.begin(&mut browser, "").await;
        assert_eq!((asked["scope"].as_str(), asked["nonce"].len()), ("openid email profile", 43));
        assert!(!asked.contains_key("resource"));
        let nonce = if nonce == "own" { asked["nonce"].as_str() } else { nonce };
        let token = foreign.token(&foreign.key, json!({ "aud": "client", "nonce": nonce }));
        foreign
            .provider
            .answer("/token", Reply::Json(json!({ "access_token": "opaque", "id_token": token })));
        let answer = foreign.come_back(&mut browser, &asked["state"]).await;
        assert_eq!(browser.is_signed_in(), signed_in, "{}", answer.text);
    }
}

#[tokio::test]
async fn a_client_secret_is_sent_by_http_basic_with_each_part_encoded() {
    let secret = [("SIGN_IN_CLIENT_ID", "a client:1"), ("SIGN_IN_CLIENT_SECRET", "p+s/w&d: é")];
    let foreign = Foreign::new(SigningKey::ec("one"), &secret).await;
    let mut browser = Browser::default();
    let state = foreign.begin(&mut browser, "").await["state"].clone();
    let token = foreign.token(&foreign.key, json!({}));
    foreign.provider.answer("/token", Reply::Json(json!({ "access_token": token })));
    foreign.come_back(&mut browser, &state).await;
    assert!(browser.is_signed_in());
    let asked = foreign.provider.asked();
    let exchange = asked.iter().find(|asked| asked.path == "/token").unwrap();
    let basic = BASE64_STANDARD.encode("a+client%3A1:p%2Bs%2Fw%26d%3A+%C3%A9");
    assert_eq!(exchange.headers["authorization"], format!("Basic {basic}"));
    assert_eq!(exchange.headers["content-type"], "application/x-www-form-urlencoded");
    assert!(!form(&exchange.body).contains_key("client_id") && !exchange.body.contains("p%2Bs"));
}

#[tokio::test]
async fn a_client_secret_is_read_from_its_parameter_when_first_needed_and_again_when_it_is_refused() {
    let store = Server::start().await;
    let parameter =
        |secret: &str| Reply::Json(json!({ "Parameter": { "Name": "/secret", "Value": secret } }));
    let settings =
        [("SIGN_IN_CLIENT_SECRET_PARAMETER", "/secret"), ("AWS_ENDPOINT_URL_SSM", store.url.as_str())];
    let foreign = Foreign::new(SigningKey::ec("one"), &settings).await;
    let refused = Reply::Status(401, vec![], json!({ "error": "invalid_client" }));
    let token = foreign.token(&foreign.key, json!({}));
    let accepted = Reply::Json(json!({ "access_token": token }));
    let start = Timestamp::now().millis();
    assert_eq!(foreign.open(&mut Browser::default(), "/-/sign-in", Timestamp::now()).await.status, 302);
    assert!(store.asked().is_empty(), "beginning a sign-in must not need the secret");
    for (seconds, stored, reply, status, reads) in [
        (0, Reply::Status(400, vec![], json!({ "__type": "AccessDeniedException" })), &accepted, 503, 1),
        (1, parameter("first\n"), &accepted, 302, 2),
        (2, parameter("second"), &accepted, 302, 2),
        (3, parameter("second"), &refused, 502, 2),
        (70, parameter("second"), &refused, 502, 2),
        (71, parameter("second"), &accepted, 302, 3),
    ] {
        let now = Timestamp::try_from(start + seconds * 1_000).unwrap();
        store.answer("/", stored);
        foreign.provider.answer("/token", reply.clone());
        let mut browser = Browser::default();
        let begun = foreign.open(&mut browser, "/-/sign-in", now).await;
        let state = form(&begun.headers["location"])["state"].clone();
        let answer = foreign.open(&mut browser, &format!("/-/callback?code=c&state={state}"), now).await;
        assert_eq!((answer.status, store.asked().len()), (status, reads), "{seconds}");
    }
    let asked = foreign.provider.asked();
    let basic = BASE64_STANDARD.encode("client:second");
    assert_eq!(asked.last().unwrap().headers["authorization"], format!("Basic {basic}"));
}

#[tokio::test]
async fn each_provider_gets_its_own_parameters() {
    let audience = ("AUTH_AUDIENCE", "https://api.example.com");
    let narrow = "org_id=acme&change=1";
    for (provider, query, expected) in [
        ("auth0", "", vec![("scope", "openid"), ("audience", audience.1)]),
        (
            "auth0",
            narrow,
            vec![
                ("scope", "openid"),
                ("audience", audience.1),
                ("organization", "acme"),
                ("prompt", "login"),
            ],
        ),
        ("cognito", narrow, vec![("scope", "openid"), ("prompt", "login")]),
        ("keycloak", "", vec![("scope", "openid organization")]),
        ("keycloak", narrow, vec![("scope", "openid organization:acme"), ("prompt", "login")]),
        ("custom", narrow, vec![("scope", "openid"), ("resource", audience.1), ("prompt", "login")]),
    ] {
        let mut overrides = vec![("AUTH_PROVIDER", provider), audience];
        if provider != "custom" {
            overrides.push(("AUTH_CLAIMS", ""));
        }
        if provider == "cognito" {
            overrides.push(("AUTH_AUDIENCE", ""));
        }
        let foreign = Foreign::new(SigningKey::ec("one"), &overrides).await;
        let mut asked = foreign.begin(&mut Browser::default(), query).await;
        for name in [
            "response_type",
            "client_id",
            "redirect_uri",
            "state",
            "code_challenge",
            "code_challenge_method",
            "tenant",
        ] {
            assert!(asked.remove(name).is_some(), "{provider} {name}");
        }
        let expected = expected.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(asked, expected.collect(), "{provider} {query}");
        drop(foreign.app);
    }
}
