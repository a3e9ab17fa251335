//! Keys of a JWK Set: which are accepted, when they are fetched, and the effect of an issuer that fails or lies.

use crate::house::{ACME, Answer, Call, House, settings};
use crate::issuers::{Reply, Server, SigningKey};
use local::functions::Functions;
use local::stack::{engine_settings, sdk_config};
use local::users::User;
use serde_json::{Value, json};
use shared::auth::Verifier;
use shared::model::Timestamp;
use std::sync::Arc;

const DESCRIPTION: &str = "/.well-known/openid-configuration";

/// Functions that verify tokens in PropelAuth's form, from an issuer with discovery.
fn by_discovery(house: &House, issuer: &str, algorithms: &str) -> Functions {
    let claims = r#"{"user":["user_id"],"organizations":[
        {"kind":"map","at":["org_id_to_org_member_info"],"id":["org_id"],"roles":[["user_role"]]}]}"#;
    functions(
        house,
        &[
            ("AUTH_ISSUER", issuer),
            ("AUTH_PROVIDER", "custom"),
            ("AUTH_CLAIMS", claims),
            ("AUTH_ALGORITHMS", algorithms),
        ],
    )
}

fn functions(house: &House, auth: &[(&str, &str)]) -> Functions {
    Functions::new(&engine_settings(&house.url).overridden_by(auth.iter().copied().collect())).unwrap()
}

fn claims(issuer: &str, now: Timestamp) -> Value {
    let mut claims = User::named("member").unwrap().claims(None);
    claims["iss"] = issuer.into();
    claims["iat"] = now.seconds().into();
    claims["exp"] = (now.seconds() + 86_400).into();
    claims
}

async fn list(functions: &Functions, token: &str, now: Timestamp) -> Answer {
    Call::of("list-without-token")
        .header("authorization", &format!("Bearer {token}"))
        .send_to(functions, now)
        .await
}

fn after(start: Timestamp, seconds: i64) -> Timestamp {
    Timestamp::try_from(start.millis() + seconds * 1000).unwrap()
}

#[tokio::test]
async fn each_algorithm_is_accepted_by_discovery_only_if_it_is_configured() {
    let house = House::open().await;
    let issuer = Server::start().await;
    let keys = [SigningKey::rsa("a"), SigningKey::ec("b"), SigningKey::ed("c")];
    issuer.publish(&keys.each_ref().map(SigningKey::jwk));
    let now = Timestamp::now();
    for (algorithms, taken) in [
        ("RS256", [true, false, false]),
        ("ES256", [false, true, false]),
        ("EdDSA", [false, false, true]),
        ("RS256, ES256,EdDSA", [true; 3]),
    ] {
        let functions = by_discovery(&house, &issuer.url, algorithms);
        for (key, taken) in keys.iter().zip(taken) {
            for id in [Some(key.id.as_str()), None] {
                let answer = list(&functions, &key.sign_as(id, &claims(&issuer.url, now)), now).await;
                assert_eq!(answer.status, if taken { 200 } else { 401 }, "{algorithms} {id:?}");
            }
        }
    }
}

#[tokio::test]
async fn a_fixed_key_can_have_any_type_which_decides_its_algorithm() {
    let house = House::open().await;
    let now = Timestamp::now();
    let keys =
        [("RS256", SigningKey::rsa("a")), ("ES256", SigningKey::ec("b")), ("EdDSA", SigningKey::ed("c"))];
    for (algorithm, key) in &keys {
        let auth = [
            ("AUTH_ISSUER", "https://auth.acme.test"),
            ("AUTH_VERIFIER_KEY", &key.public_pem),
            ("AUTH_ALGORITHMS", algorithm),
        ];
        let functions = functions(&house, &auth);
        for (other, signing) in &keys {
            let token = signing.sign(&claims("https://auth.acme.test", now));
            assert_eq!(
                list(&functions, &token, now).await.status,
                if other == algorithm { 200 } else { 401 }
            );
        }
        let unnamed = if *algorithm == "RS256" { "ES256" } else { "RS256" };
        let settings = settings().overridden_by(
            [("AUTH_VERIFIER_KEY", key.public_pem.as_str()), ("AUTH_ALGORITHMS", unnamed)]
                .into_iter()
                .collect(),
        );
        let sentence = "the setting AUTH_VERIFIER_KEY has a type that AUTH_ALGORITHMS does not allow";
        assert_eq!(
            Verifier::from_settings(&settings, &sdk_config("http://127.0.0.1:1")).unwrap_err().to_string(),
            sentence
        );
    }
}

/// Returns the status for each token, signed with one of these keys, if the issuer publishes `set`.
async fn taken(set: Vec<Value>, tokens: &[(&SigningKey, Option<&str>)]) -> Vec<u64> {
    let house = House::open().await;
    let issuer = Server::start().await;
    issuer.publish(&set);
    let now = Timestamp::now();
    let functions = by_discovery(&house, &issuer.url, "RS256,ES256");
    let mut statuses = Vec::new();
    for (key, id) in tokens {
        statuses.push(list(&functions, &key.sign_as(*id, &claims(&issuer.url, now)), now).await.status);
    }
    assert!(issuer.times("/keys") <= 2);
    statuses
}

#[tokio::test]
async fn a_key_is_chosen_by_its_kid_and_without_one_only_if_there_is_a_single_key() {
    let (one, two, ec) = (SigningKey::rsa("one"), SigningKey::rsa("two"), SigningKey::ec("ec"));
    let both = vec![one.jwk(), two.jwk(), ec.jwk()];
    let cases: Vec<(&SigningKey, Option<&str>)> = vec![
        (&one, Some("one")),
        (&two, Some("two")),
        (&one, Some("two")),
        (&one, None),
        (&ec, None),
        (&ec, Some("one")),
        (&one, Some("three")),
        (&one, Some("")),
    ];
    assert_eq!(taken(both, &cases).await, [200, 200, 401, 401, 200, 401, 401, 401]);
    let mut nameless = one.jwk();
    nameless.as_object_mut().unwrap().remove("kid");
    assert_eq!(taken(vec![nameless], &[(&one, None), (&one, Some("one"))]).await, [200, 401]);
}

#[tokio::test]
async fn keys_that_are_not_for_signing_are_skipped() {
    let key = SigningKey::rsa("key");
    let good = SigningKey::rsa("good");
    let changed = |name: &str, value: Value| {
        let mut jwk = key.jwk();
        jwk[name] = value;
        jwk
    };
    for jwk in [
        changed("use", json!("enc")),
        changed("use", json!(7)),
        changed("key_ops", json!(["sign"])),
        changed("key_ops", json!("verify")),
        changed("alg", json!("RS384")),
        changed("alg", json!("RSA-OAEP")),
        changed("alg", json!("none")),
        changed("kty", json!("oct")),
        changed("kty", json!("EC")),
        changed("d", json!("AQAB")),
        changed("n", json!("AQAB")),
        changed("n", json!("*")),
        changed("n", Value::Null),
        changed("kid", json!(7)),
        json!({ "kty": "oct", "k": "c2VjcmV0", "kid": "key", "alg": "HS256" }),
        json!({ "kty": "EC", "crv": "P-384", "x": "AQAB", "y": "AQAB", "kid": "key" }),
        json!({ "kty": "AKP", "alg": "ML-DSA-44", "pub": "AQAB", "kid": "key" }),
        json!({}),
        json!("key"),
        Value::Null,
    ] {
        let statuses =
            taken(vec![jwk.clone(), good.jwk()], &[(&key, Some("key")), (&good, Some("good"))]).await;
        assert_eq!(statuses, [401, 200], "{jwk}");
    }
    for jwk in
        [changed("key_ops", json!(["verify"])), changed("x5c", json!(["MIIB"])), changed("extra", json!({}))]
    {
        assert_eq!(taken(vec![jwk], &[(&key, Some("key"))]).await, [200]);
    }
}

#[tokio::test]
async fn a_set_with_two_keys_of_one_name_is_refused() {
    let (one, two) = (SigningKey::rsa("key"), SigningKey::ec("key"));
    assert_eq!(taken(vec![one.jwk(), two.jwk()], &[(&one, Some("key"))]).await, [503]);
    // An encryption key with the same name does not count.
    let mut other = SigningKey::rsa("key").jwk();
    other["use"] = "enc".into();
    assert_eq!(taken(vec![one.jwk(), other], &[(&one, Some("key"))]).await, [200]);
}

#[tokio::test]
async fn a_rotation_is_followed_without_a_restart_and_at_most_once_a_minute() {
    let house = House::open().await;
    let issuer = Server::start().await;
    let (old, new) = (SigningKey::rsa("old"), SigningKey::ec("new"));
    issuer.publish(&[old.jwk()]);
    let functions = by_discovery(&house, &issuer.url, "RS256,ES256");
    let start = Timestamp::now();
    let (by_old, by_new) = (old.sign(&claims(&issuer.url, start)), new.sign(&claims(&issuer.url, start)));
    assert_eq!(list(&functions, &by_old, start).await.status, 200);

    // Both are published for a while, then the new one alone, and finally under the old one's name.
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
    let house = House::open().await;
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
        let functions = by_discovery(&house, &issuer.url, "RS256");
        issuer.publish(&[key.jwk()]);
        issuer.answer(path, lie.clone());
        let asked = issuer.asked().len();
        for now in [start, after(start, 4)] {
            for token in [&by_key, &by_evil] {
                list(&functions, token, now).await.is_problem(503, "unavailable");
            }
        }
        assert!(issuer.asked().len() - asked <= 2, "lie {number}: left in peace");

        issuer.publish(&[key.jwk()]);
        assert_eq!(list(&functions, &by_key, after(start, 5)).await.status, 200, "lie {number}");
        issuer.answer(path, lie);
        let asked = issuer.asked().len();
        for now in [after(start, 100), after(start, 101), after(start, 159)] {
            list(&functions, &by_evil, now).await.is_problem(401, "unauthenticated");
            assert_eq!(list(&functions, &by_key, now).await.status, 200, "lie {number}");
        }
        assert!(issuer.asked().len() - asked <= 2, "lie {number}: left in peace");
    }
    assert!(evil.asked().is_empty(), "nobody else is asked");
}

/// The time comes with each request, so a monotonic clock that stands still has no effect.
#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_requests_during_a_rotation_all_get_the_right_response_and_cause_one_fetch_a_minute() {
    let house = House::open().await;
    let issuer = Server::start().await;
    let (old, new) = (SigningKey::rsa("old"), SigningKey::rsa("new"));
    issuer.publish(&[old.jwk()]);
    let functions = Arc::new(by_discovery(&house, &issuer.url, "RS256"));
    let start = Timestamp::now();
    let (by_old, by_new) = (old.sign(&claims(&issuer.url, start)), new.sign(&claims(&issuer.url, start)));
    assert_eq!(list(&functions, &by_old, start).await.status, 200);
    issuer.publish(&[old.jwk(), new.jwk()]);

    // Three minutes in all, fifty requests at a time, a third of them with the new key, a tenth forged.
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
    // The first; the rotation; and one for the forgeries of each further minute.
    assert_eq!(issuer.times("/keys"), 4);
}

#[tokio::test]
async fn a_flood_of_forged_tokens_causes_one_fetch_a_minute() {
    let house = House::open().await;
    let issuer = Server::start().await;
    let (key, forger) = (SigningKey::ec("key"), SigningKey::ec("forger"));
    issuer.publish(&[key.jwk()]);
    let functions = by_discovery(&house, &issuer.url, "ES256");
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

#[tokio::test]
async fn a_configured_jwks_url_takes_precedence_over_discovery() {
    let house = House::open().await;
    let issuer = Server::start().await;
    let key = SigningKey::rsa("key");
    issuer.answer("/elsewhere", Reply::Json(json!({ "keys": [key.jwk()] })));
    let url = format!("{}/elsewhere", issuer.url);
    // PropelAuth's tokens can be verified this way, too.
    let functions = functions(&house, &[("AUTH_ISSUER", "https://auth.acme.test"), ("AUTH_JWKS_URL", &url)]);
    let now = Timestamp::now();
    let token = key.sign_as(None, &claims("https://auth.acme.test", now));
    assert_eq!(list(&functions, &token, now).await.status, 200);
    assert_eq!(issuer.asked().len(), 1);
    assert!(!issuer.asked()[0].headers.contains_key("authorization"), "{ACME}");
}
