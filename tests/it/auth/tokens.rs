//! Tokens: how they are sent, signed and verified.

use crate::support::{Answer, Call, ISSUER, KEY, TestApp, signed, token};
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD, Engine};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use local::issuer::Key;
use serde_json::{Value, json};
use shared::model::Timestamp;

pub async fn list_with(app: &TestApp, authorization: &str) -> Answer {
    Call::new("list").header("authorization", authorization).send(app).await
}

#[tokio::test]
async fn a_request_without_a_token_is_401_with_a_challenge() {
    let app = TestApp::start().await;
    for name in ["create-without-token", "list-without-token", "delete-without-token"] {
        let answer = Call::new(name).send(&app).await;
        assert_eq!(answer.is_problem(401, "unauthenticated").headers["www-authenticate"], "Bearer");
    }
    let elsewhere = Call::new("list-without-token").query(&format!("access_token={}", token("member")));
    elsewhere.header("cookie", &token("member")).send(&app).await.is_problem(401, "unauthenticated");
}

#[tokio::test]
async fn the_authorization_header_is_a_scheme_a_space_and_a_token() {
    let app = TestApp::start().await;
    let token = token("member");
    for scheme in ["Bearer", "bearer", "BEARER"] {
        assert_eq!(list_with(&app, &format!("{scheme} {token}")).await.status, 200);
    }
    for header in [
        String::new(),
        token.clone(),
        "Bearer".into(),
        "Bearer ".into(),
        format!("Basic {token}"),
        format!("Token {token}"),
        format!("Bearer  {token}"),
        format!(" Bearer {token}"),
        format!("Bearer {token} "),
        format!("Bearer {token},"),
        format!("Bearer {token}, Bearer {token}"),
        format!("Bearer {token},Bearer {token}"),
        format!("Bearer\t{token}"),
        format!("Bearer:{token}"),
        format!("Bearer \"{token}\""),
        format!("Bearer {}", "a".repeat(20_000)),
    ] {
        let answer = list_with(&app, &header).await;
        let challenge = &answer.is_problem(401, "unauthenticated").headers["www-authenticate"];
        assert!(challenge.starts_with("Bearer"), "{header:.60}");
    }
    let refused = list_with(&app, "Bearer a.b.c").await;
    let challenge = &refused.headers["www-authenticate"];
    assert!(challenge.starts_with("Bearer error=\"invalid_token\", error_description=\""), "{challenge}");
}

/// Signs this header and these claims exactly as given.
fn forged(header: &str, claims: &str) -> String {
    forged_by(Algorithm::RS256, header, claims)
}

fn forged_by(algorithm: Algorithm, header: &str, claims: &str) -> String {
    let parts =
        format!("{}.{}", BASE64_URL_SAFE_NO_PAD.encode(header), BASE64_URL_SAFE_NO_PAD.encode(claims));
    let signature = KEY.sign_text(&parts, algorithm).unwrap();
    format!("{parts}.{signature}")
}

fn claims() -> Value {
    let token = token("member");
    let payload = BASE64_URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap();
    serde_json::from_slice(&payload).unwrap()
}

const RS256: &str = r#"{"alg":"RS256","typ":"JWT"}"#;

#[tokio::test]
async fn only_rs256_with_the_configured_key_is_accepted() {
    let app = TestApp::start().await;
    let claims = claims().to_string();
    let good = forged(RS256, &claims);
    assert_eq!(list_with(&app, &format!("Bearer {good}")).await.status, 200);

    let parts: Vec<&str> = good.split('.').collect();
    let mut tokens = Vec::new();
    // These tokens are signed with our own key, but with an algorithm that is not configured.
    for algorithm in
        [Algorithm::RS384, Algorithm::RS512, Algorithm::PS256, Algorithm::PS384, Algorithm::PS512]
    {
        let header = format!(r#"{{"alg":"{algorithm:?}","typ":"JWT"}}"#);
        tokens.push(forged_by(algorithm, &header, &claims));
    }
    for alg in [
        "none", "None", "NONE", "nOnE", "RS384", "RS512", "PS256", "HS256", "ES256", "EdDSA", "rs256",
        "RS256 ", "",
    ] {
        let header = format!(r#"{{"alg":"{alg}","typ":"JWT"}}"#);
        tokens.push(forged(&header, &claims));
        tokens.push(format!("{}.{}.", BASE64_URL_SAFE_NO_PAD.encode(&header), parts[1]));
    }
    for header in [
        r#"{"typ":"JWT"}"#,
        r#"{"alg":null}"#,
        r#"{"alg":["RS256"]}"#,
        r#"{"alg":"RS256","alg":"RS256"}"#,
        "[]",
        "",
        "{",
        r#"{"alg":"RS256","crit":["exp"]}"#,
        r#"{"alg":"RS256","b64":false}"#,
        r#"{"alg":"RS256","jku":"https://evil.example"}"#,
        r#"{"alg":"RS256","jwk":{}}"#,
        r#"{"alg":"RS256","x5u":"https://evil.example"}"#,
        r#"{"alg":"RS256","x5c":[]}"#,
    ] {
        tokens.push(forged(header, &claims));
    }
    let with_the_public_key_for_a_secret = EncodingKey::from_secret(KEY.public_pem().as_bytes());
    tokens.push(
        encode(&Header::new(Algorithm::HS256), &self::claims(), &with_the_public_key_for_a_secret).unwrap(),
    );
    let other = Key::from_pem(&Key::generate().unwrap()).unwrap();
    tokens.push(other.sign(&self::claims()).unwrap());
    // Broken structure: four parts, two parts, padding, the other base64 alphabet, a signature of another text.
    tokens.push(format!("{good}.{}", parts[2]));
    tokens.push(format!("{}.{}", parts[0], parts[1]));
    tokens.push(format!("{good}."));
    tokens.push(format!("{}.{}=.{}", parts[0], parts[1], parts[2]));
    tokens.push(format!("{}.{}.{}", parts[0], BASE64_STANDARD.encode("{\"a\":\"???>>>\"}"), parts[2]));
    tokens.push(format!("{}.{}.{}", parts[0], BASE64_URL_SAFE_NO_PAD.encode(&claims[1..]), parts[2]));
    tokens.push(format!("{}.{}.{}", parts[0], parts[1], &parts[2][..parts[2].len() - 2]));
    tokens.push(format!("{}.{}.", parts[0], parts[1]));
    for token in tokens {
        list_with(&app, &format!("Bearer {token}")).await.is_problem(401, "unauthenticated");
    }
}

#[tokio::test]
async fn a_token_needs_our_issuer_valid_times_and_a_user() {
    let app = TestApp::start().await;
    let now = Timestamp::now().seconds();
    type Change = (&'static str, Value);
    let refused: Vec<Change> = vec![
        ("iss", json!("https://auth.acme.test/")),
        ("iss", json!("https://AUTH.acme.test")),
        ("iss", json!([ISSUER])),
        ("iss", json!(7)),
        ("iss", Value::Null),
        ("exp", json!(now - 61)),
        ("exp", json!("9999999999")),
        ("exp", Value::Null),
        ("exp", json!(-1)),
        ("iat", json!(now + 65)),
        ("iat", json!("0")),
        ("iat", Value::Null),
        ("nbf", json!(now + 65)),
        ("nbf", json!("0")),
        ("nbf", Value::Null),
        ("user_id", json!("")),
        ("user_id", json!(7)),
        ("user_id", Value::Null),
        ("user_id", json!("a\nb")),
        ("org_id_to_org_member_info", json!([])),
        ("org_member_info", json!("x")),
    ];
    for (claim, value) in refused {
        let token = signed("member", |claims| claims[claim] = value.clone());
        let answer = list_with(&app, &format!("Bearer {token}")).await;
        assert_eq!(answer.status, 401, "{claim} {value}: {}", answer.text);
    }
    for claim in ["iss", "exp", "iat", "user_id"] {
        let token = signed("member", |claims| drop(claims.as_object_mut().unwrap().remove(claim)));
        assert_eq!(list_with(&app, &format!("Bearer {token}")).await.status, 401, "{claim}");
    }
    let accepted: Vec<Change> = vec![
        ("exp", json!(now - 55)),
        ("exp", json!(now as f64 + 0.5)),
        ("iat", json!(now + 55)),
        ("nbf", json!(now + 55)),
        ("aud", json!("anything")),
        ("login_method", json!({ "login_method": "telepathy" })),
        ("email", Value::Null),
        ("impersonator_user_id", json!("somebody")),
    ];
    for (claim, value) in accepted {
        let token = signed("member", |claims| claims[claim] = value.clone());
        let answer = list_with(&app, &format!("Bearer {token}")).await;
        assert_eq!(answer.status, 200, "{claim} {value}: {}", answer.text);
    }
}

#[tokio::test]
async fn a_repeated_claim_is_refused_as_ambiguous() {
    let app = TestApp::start().await;
    let claims = claims().to_string();
    let twice = format!(r#"{{"iss":"{ISSUER}",{}"#, &claims[1..]);
    list_with(&app, &format!("Bearer {}", forged(RS256, &twice))).await.is_problem(401, "unauthenticated");
}

#[tokio::test]
async fn the_audience_is_checked_if_one_is_configured() {
    let app = TestApp::with_settings(&[("AUTH_AUDIENCE", "signpost")]).await;
    let cases = [
        (json!("signpost"), 200),
        (json!(["other", "signpost"]), 200),
        (json!("other"), 401),
        (json!([]), 401),
        (json!(7), 401),
    ];
    for (audience, status) in cases {
        let token = signed("member", |claims| claims["aud"] = audience.clone());
        assert_eq!(list_with(&app, &format!("Bearer {token}")).await.status, status, "{audience}");
    }
    assert_eq!(list_with(&app, &format!("Bearer {}", token("member"))).await.status, 401);
}
