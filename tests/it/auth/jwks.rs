//! Keys in a JWK Set: which of them are accepted, when they are fetched, and what happens if an issuer fails or lies.

mod rotation;

use crate::support::issuer::{Reply, Server, SigningKey};
use crate::support::{ACME, Answer, Call, TestApp, settings};
use local::functions::Functions;
use local::stack::{engine_settings, sdk_config};
use local::users::User;
use serde_json::{Value, json};
use shared::auth::Verifier;
use shared::model::Timestamp;

/// Returns functions that verify tokens whose claims are like PropelAuth's. The issuer has a discovery document.
fn by_discovery(app: &TestApp, issuer: &str, algorithms: &str) -> Functions {
    let claims = r#"{"user":["user_id"],"organizations":[
        {"kind":"map","at":["org_id_to_org_member_info"],"id":["org_id"],"roles":[["user_role"]]}]}"#;
    functions(
        app,
        &[
            ("AUTH_ISSUER", issuer),
            ("AUTH_PROVIDER", "custom"),
            ("AUTH_CLAIMS", claims),
            ("AUTH_ALGORITHMS", algorithms),
        ],
    )
}

fn functions(app: &TestApp, auth: &[(&str, &str)]) -> Functions {
    Functions::new(&engine_settings(&app.url).overridden_by(auth.iter().copied().collect())).unwrap()
}

fn claims(issuer: &str, now: Timestamp) -> Value {
    let mut claims = User::named("member").unwrap().claims(None);
    claims["iss"] = issuer.into();
    claims["iat"] = now.seconds().into();
    claims["exp"] = (now.seconds() + 86_400).into();
    claims
}

async fn list(functions: &Functions, token: &str, now: Timestamp) -> Answer {
    Call::new("list-without-token")
        .header("authorization", &format!("Bearer {token}"))
        .send_to(functions, now)
        .await
}

#[tokio::test]
async fn each_algorithm_is_accepted_by_discovery_only_if_it_is_configured() {
    let app = TestApp::start().await;
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
        let functions = by_discovery(&app, &issuer.url, algorithms);
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
    let app = TestApp::start().await;
    let now = Timestamp::now();
    let keys =
        [("RS256", SigningKey::rsa("a")), ("ES256", SigningKey::ec("b")), ("EdDSA", SigningKey::ed("c"))];
    for (algorithm, key) in &keys {
        let auth = [
            ("AUTH_ISSUER", "https://auth.acme.test"),
            ("AUTH_VERIFIER_KEY", &key.public_pem),
            ("AUTH_ALGORITHMS", algorithm),
        ];
        let functions = functions(&app, &auth);
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

/// Returns the status for each token while the issuer publishes `set`. Each token is given as its signing
/// key and its `kid`.
async fn taken(set: Vec<Value>, tokens: &[(&SigningKey, Option<&str>)]) -> Vec<u64> {
    let app = TestApp::start().await;
    let issuer = Server::start().await;
    issuer.publish(&set);
    let now = Timestamp::now();
    let functions = by_discovery(&app, &issuer.url, "RS256,ES256");
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
    // An encryption key with the same `kid` is ignored.
    let mut other = SigningKey::rsa("key").jwk();
    other["use"] = "enc".into();
    assert_eq!(taken(vec![one.jwk(), other], &[(&one, Some("key"))]).await, [200]);
}

#[tokio::test]
async fn a_configured_jwks_url_takes_precedence_over_discovery() {
    let app = TestApp::start().await;
    let issuer = Server::start().await;
    let key = SigningKey::rsa("key");
    issuer.answer("/elsewhere", Reply::Json(json!({ "keys": [key.jwk()] })));
    let url = format!("{}/elsewhere", issuer.url);
    // PropelAuth's tokens can also be verified with keys from such a URL.
    let functions = functions(&app, &[("AUTH_ISSUER", "https://auth.acme.test"), ("AUTH_JWKS_URL", &url)]);
    let now = Timestamp::now();
    let token = key.sign_as(None, &claims("https://auth.acme.test", now));
    assert_eq!(list(&functions, &token, now).await.status, 200);
    assert_eq!(issuer.asked().len(), 1);
    assert!(!issuer.asked()[0].headers.contains_key("authorization"), "{ACME}");
}
