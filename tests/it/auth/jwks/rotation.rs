//! The issuer changes its keys, and sometimes fails while they change.

use super::{by_discovery, claims, list};
use crate::support::TestApp;
use crate::support::issuer::{Reply, Server, SigningKey};
use serde_json::{Value, json};
use shared::model::Timestamp;
use std::sync::Arc;

const DESCRIPTION: &str = "/.well-known/openid-configuration";

fn after(start: Timestamp, seconds: i64) -> Timestamp {
    Timestamp::try_from(start.millis() + seconds * 1000).unwrap()
}

#[tokio::test]
async fn a_rotation_is_followed_without_a_restart_and_at_most_once_a_minute() {
    let app = TestApp::start().await;
    let issuer = Server::start().await;
    let (old, new) = (SigningKey::rsa("old"), SigningKey::ec("new"));
    issuer.publish(&[old.jwk()]);
    let functions = by_discovery(&app, &issuer.url, "RS256,ES256");
    let start = Timestamp::now();
    let (by_old, by_new) = (old.sign(&claims(&issuer.url, start)), new.sign(&claims(&issuer.url, start)));
    assert_eq!(list(&functions, &by_old, start).await.status, 200);

    // Both keys are published for a while, then only the new key, and finally the new key under the old key's name.
    issuer.publish(&[old.jwk(), new.jwk()]);
    list(&functions, &by_new, after(start, 59)).await.is_problem(401, "unauthenticated");
    assert_eq!(list(&functions, &by_new, after(start, 60)).await.status, 200);
    assert_eq!(list(&functions, &by_old, after(start, 61)).await.status, 200);
    issuer.publish(&[new.jwk()]);
    assert_eq!(list(&functions, &by_old, after(start, 300)).await.status, 200);
    let renamed = SigningKey::rsa("old");
    issuer.publish(&[renamed.jwk()]);
    assert_eq!(
        list(&functions, &renamed.sign(&claims(&issuer.url, start)), after(start, 301)).await.status,
        200
    );
    list(&functions, &by_old, after(start, 400)).await.is_problem(401, "unauthenticated");
    assert_eq!(issuer.times("/keys"), 4);
}

#[tokio::test]
async fn a_wrong_or_failing_issuer_is_503_before_the_first_key_and_has_no_effect_after_it() {
    let app = TestApp::start().await;
    let evil = Server::start().await;
    let (key, evil_key) = (SigningKey::rsa("key"), SigningKey::rsa("key"));
    evil.publish(&[evil_key.jwk()]);
    let issuer = Server::start().await;
    let description = |changes: Value| {
        let mut description = json!({ "issuer": issuer.url, "jwks_uri": format!("{}/keys", issuer.url) });
        description.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        (DESCRIPTION, Reply::Json(description))
    };
    let moved = |to: String| Reply::Status(302, vec![("location", to)], Value::Null);
    let lies = [
        description(json!({ "issuer": evil.url })),
        description(json!({ "issuer": format!("{}/", issuer.url) })),
        description(json!({ "issuer": null })),
        description(json!({ "jwks_uri": null })),
        description(json!({ "jwks_uri": "file:///etc/passwd" })),
        description(json!({ "jwks_uri": "keys" })),
        (DESCRIPTION, moved(format!("{}{DESCRIPTION}", evil.url))),
        (DESCRIPTION, Reply::Text("<html>".to_owned())),
        (DESCRIPTION, Reply::Status(500, Vec::new(), Value::Null)),
        ("/keys", moved(format!("{}/keys", evil.url))),
        ("/keys", Reply::Text(format!(r#"{{"keys":[],"keys":[{}]}}"#, evil_key.jwk()))),
        ("/keys", Reply::Text(format!(r#"{{"pad":"{}","keys":[{}]}}"#, "x".repeat(65_536), evil_key.jwk()))),
        ("/keys", Reply::Text(format!(r#"{{"keys":{}{}}}"#, "[".repeat(20_000), "]".repeat(20_000)))),
        ("/keys", Reply::Json(json!({ "keys": [] }))),
        ("/keys", Reply::Json(json!({ "keys": "none" }))),
        ("/keys", Reply::Json(json!([evil_key.jwk()]))),
        ("/keys", Reply::Json(json!({ "keys": [key.jwk(), evil_key.jwk()] }))),
        ("/keys", Reply::Status(404, Vec::new(), json!({ "keys": [evil_key.jwk()] }))),
        ("/keys", Reply::Never),
    ];
    let start = Timestamp::now();
    let by_key = key.sign(&claims(&issuer.url, start));
    let by_evil = evil_key.sign(&claims(&issuer.url, start));
    for (number, (path, lie)) in lies.into_iter().enumerate() {
        let functions = by_discovery(&app, &issuer.url, "RS256");
        issuer.publish(&[key.jwk()]);
        issuer.answer(path, lie.clone());
        let asked = issuer.asked().len();
        for now in [start, after(start, 4)] {
            for token in [&by_key, &by_evil] {
                list(&functions, token, now).await.is_problem(503, "unavailable");
            }
        }
        assert!(issuer.asked().len() - asked <= 2, "wrong response {number}: too many calls to the issuer");

        issuer.publish(&[key.jwk()]);
        assert_eq!(list(&functions, &by_key, after(start, 5)).await.status, 200, "wrong response {number}");
        issuer.answer(path, lie);
        let asked = issuer.asked().len();
        for now in [after(start, 100), after(start, 101), after(start, 159)] {
            list(&functions, &by_evil, now).await.is_problem(401, "unauthenticated");
            assert_eq!(list(&functions, &by_key, now).await.status, 200, "wrong response {number}");
        }
        assert!(issuer.asked().len() - asked <= 2, "wrong response {number}: too many calls to the issuer");
    }
    assert!(evil.asked().is_empty(), "no request must go to another host");
}

/// Each request has its own time, so it does not matter that the monotonic clock hardly advances.
#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_requests_during_a_rotation_all_get_the_right_response_and_cause_one_fetch_a_minute() {
    let app = TestApp::start().await;
    let issuer = Server::start().await;
    let (old, new) = (SigningKey::rsa("old"), SigningKey::rsa("new"));
    issuer.publish(&[old.jwk()]);
    let functions = Arc::new(by_discovery(&app, &issuer.url, "RS256"));
    let start = Timestamp::now();
    let (by_old, by_new) = (old.sign(&claims(&issuer.url, start)), new.sign(&claims(&issuer.url, start)));
    assert_eq!(list(&functions, &by_old, start).await.status, 200);
    issuer.publish(&[old.jwk(), new.jwk()]);

    // Batches of fifty requests cover three minutes. A third of the requests use the new key, and a tenth are forged.
    for batch in 0..20 {
        let now = after(start, 61 + batch * 9);
        let running: Vec<_> = (0..50)
            .map(|number| {
                let (token, status) = match number % 10 {
                    0 => (old.sign_as(Some("new"), &claims(&issuer.url, start)), 401),
                    1..=3 => (by_new.clone(), 200),
                    _ => (by_old.clone(), 200),
                };
                let functions = Arc::clone(&functions);
                tokio::spawn(async move { (list(&functions, &token, now).await.status, status) })
            })
            .collect();
        for answer in running {
            let (status, expected) = answer.await.unwrap();
            assert_eq!(status, expected);
        }
    }
    // There is one fetch at the start, one for the rotation, and one for the forged tokens of each further minute.
    assert_eq!(issuer.times("/keys"), 4);
}

#[tokio::test]
async fn a_flood_of_forged_tokens_causes_one_fetch_a_minute() {
    let app = TestApp::start().await;
    let issuer = Server::start().await;
    let (key, forger) = (SigningKey::ec("key"), SigningKey::ec("forger"));
    issuer.publish(&[key.jwk()]);
    let functions = by_discovery(&app, &issuer.url, "ES256");
    let start = Timestamp::now();
    assert_eq!(list(&functions, &key.sign(&claims(&issuer.url, start)), start).await.status, 200);
    for number in 0..2_000_i64 {
        let mut claims = claims(&issuer.url, start);
        claims["jti"] = number.into();
        let token = forger.sign_as(Some(&format!("forged-{number}")), &claims);
        let now = Timestamp::try_from(start.millis() + 60_000 + number).unwrap();
        list(&functions, &token, now).await.is_problem(401, "unauthenticated");
    }
    assert_eq!(issuer.times("/keys"), 2);
    assert_eq!(list(&functions, &key.sign(&claims(&issuer.url, start)), after(start, 63)).await.status, 200);
}
