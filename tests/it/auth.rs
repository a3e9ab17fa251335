use crate::house::{ACME, Answer, Call, GLOBEX, House, ISSUER, KEY, settings, signed, token};
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD, Engine};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use local::issuer::Key;
use local::stack::sdk_config;
use serde_json::{Value, json};
use shared::auth::Verifier;
use shared::model::Timestamp;

async fn list_with(house: &House, authorization: &str) -> Answer {
    Call::of("list").header("authorization", authorization).send(house).await
}

#[tokio::test]
async fn a_request_without_a_token_is_401_with_a_challenge() {
    let house = House::open().await;
    for name in ["create-without-token", "list-without-token", "delete-without-token"] {
        let answer = Call::of(name).send(&house).await;
        assert_eq!(answer.is_problem(401, "unauthenticated").headers["www-authenticate"], "Bearer");
    }
    let elsewhere = Call::of("list-without-token").query(&format!("access_token={}", token("member")));
    elsewhere.header("cookie", &token("member")).send(&house).await.is_problem(401, "unauthenticated");
}

#[tokio::test]
async fn the_authorization_header_is_a_scheme_a_space_and_a_token() {
    let house = House::open().await;
    let token = token("member");
    for scheme in ["Bearer", "bearer", "BEARER"] {
        assert_eq!(list_with(&house, &format!("{scheme} {token}")).await.status, 200);
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
        let answer = list_with(&house, &header).await;
        let challenge = &answer.is_problem(401, "unauthenticated").headers["www-authenticate"];
        assert!(challenge.starts_with("Bearer"), "{header:.60}");
    }
    let refused = list_with(&house, "Bearer a.b.c").await;
    let challenge = &refused.headers["www-authenticate"];
    assert!(challenge.starts_with("Bearer error=\"invalid_token\", error_description=\""), "{challenge}");
}

/// Signs a header and claims exactly as given.
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
    let house = House::open().await;
    let claims = claims().to_string();
    let good = forged(RS256, &claims);
    assert_eq!(list_with(&house, &format!("Bearer {good}")).await.status, 200);

    let parts: Vec<&str> = good.split('.').collect();
    let mut tokens = Vec::new();
    // Our own key signs these, with an algorithm that is not configured.
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
    // Structure: four parts, two parts, padding, the other alphabet, a signature of another text.
    tokens.push(format!("{good}.{}", parts[2]));
    tokens.push(format!("{}.{}", parts[0], parts[1]));
    tokens.push(format!("{good}."));
    tokens.push(format!("{}.{}=.{}", parts[0], parts[1], parts[2]));
    tokens.push(format!("{}.{}.{}", parts[0], BASE64_STANDARD.encode("{\"a\":\"???>>>\"}"), parts[2]));
    tokens.push(format!("{}.{}.{}", parts[0], BASE64_URL_SAFE_NO_PAD.encode(&claims[1..]), parts[2]));
    tokens.push(format!("{}.{}.{}", parts[0], parts[1], &parts[2][..parts[2].len() - 2]));
    tokens.push(format!("{}.{}.", parts[0], parts[1]));
    for token in tokens {
        list_with(&house, &format!("Bearer {token}")).await.is_problem(401, "unauthenticated");
    }
}

#[tokio::test]
async fn a_token_needs_our_issuer_valid_times_and_a_user() {
    let house = House::open().await;
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
        let answer = list_with(&house, &format!("Bearer {token}")).await;
        assert_eq!(answer.status, 401, "{claim} {value}: {}", answer.text);
    }
    for claim in ["iss", "exp", "iat", "user_id"] {
        let token = signed("member", |claims| drop(claims.as_object_mut().unwrap().remove(claim)));
        assert_eq!(list_with(&house, &format!("Bearer {token}")).await.status, 401, "{claim}");
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
        let answer = list_with(&house, &format!("Bearer {token}")).await;
        assert_eq!(answer.status, 200, "{claim} {value}: {}", answer.text);
    }
}

#[tokio::test]
async fn a_repeated_claim_is_refused_as_ambiguous() {
    let house = House::open().await;
    let claims = claims().to_string();
    let twice = format!(r#"{{"iss":"{ISSUER}",{}"#, &claims[1..]);
    list_with(&house, &format!("Bearer {}", forged(RS256, &twice))).await.is_problem(401, "unauthenticated");
}

#[tokio::test]
async fn the_audience_is_checked_if_one_is_configured() {
    let house = House::with(&[("AUTH_AUDIENCE", "signpost")]).await;
    let cases = [
        (json!("signpost"), 200),
        (json!(["other", "signpost"]), 200),
        (json!("other"), 401),
        (json!([]), 401),
        (json!(7), 401),
    ];
    for (audience, status) in cases {
        let token = signed("member", |claims| claims["aud"] = audience.clone());
        assert_eq!(list_with(&house, &format!("Bearer {token}")).await.status, status, "{audience}");
    }
    assert_eq!(list_with(&house, &format!("Bearer {}", token("member"))).await.status, 401);
}

fn entry(claims: &mut Value) -> &mut Value {
    &mut claims["org_id_to_org_member_info"][ACME]
}

#[tokio::test]
async fn an_active_organization_is_the_users_only_one() {
    let house = House::open().await;
    let globex_only = |claims: &mut Value| {
        claims["org_member_info"] = claims["org_id_to_org_member_info"][GLOBEX].clone();
    };
    for both in [true, false] {
        let token = signed("colleague", |claims| {
            globex_only(claims);
            if !both {
                claims.as_object_mut().unwrap().remove("org_id_to_org_member_info");
            }
        });
        let call = Call::of("list").header("authorization", &format!("Bearer {token}"));
        assert_eq!(call.clone().org(GLOBEX).send(&house).await.status, 200);
        call.send(&house).await.is_problem(403, "forbidden");
    }
}

#[tokio::test]
async fn an_organization_under_another_ones_key_makes_the_token_invalid() {
    let house = House::open().await;
    let token = signed("member", |claims| entry(claims)["org_id"] = GLOBEX.into());
    list_with(&house, &format!("Bearer {token}")).await.is_problem(401, "unauthenticated");
}

#[tokio::test]
async fn admin_rights_follow_the_organizations_role_structure() {
    let house = House::open().await;
    let single = |role: &str, inherited: &[&str]| json!({ "user_role": role, "inherited_user_roles_plus_current_role": inherited });
    let multi = |role: &str, additional: &[&str]| {
        json!({
            "org_role_structure": "multi_role", "user_role": role, "additional_roles": additional,
            "inherited_user_roles_plus_current_role": [role],
        })
    };
    let cases = [
        (single("Owner", &["Owner", "Admin", "Member"]), true),
        (single("Admin", &["Admin", "Member"]), true),
        (single("Boss", &["Boss", "Admin", "Member"]), true),
        (single("Member", &["Member"]), false),
        (single("Admin", &["Member"]), false),
        (single("Owner", &[]), true),
        (single("admin", &["admin"]), false),
        (
            json!({ "user_role": "Member", "inherited_user_roles_plus_current_role": ["Member"], "additional_roles": ["Admin"] }),
            false,
        ),
        (multi("Owner", &[]), true),
        (multi("Admin", &[]), true),
        (multi("Role A", &["Admin"]), true),
        (multi("Role A", &["Owner"]), true),
        (multi("Role A", &["Role B"]), false),
        (
            json!({ "org_role_structure": "multi_role", "user_role": "Role A", "inherited_user_roles_plus_current_role": ["Role A", "Admin"] }),
            false,
        ),
    ];
    for (roles, manages) in cases {
        let slug = house.link_by("owner").await;
        let token = signed("member", |claims| {
            let entry = entry(claims);
            for optional in ["org_role_structure", "additional_roles", "url_safe_org_name", "org_metadata"] {
                entry.as_object_mut().unwrap().remove(optional);
            }
            entry.as_object_mut().unwrap().extend(roles.as_object().unwrap().clone());
        });
        let call = Call::of("delete").slug(&slug).header("authorization", &format!("Bearer {token}"));
        assert_eq!(call.send(&house).await.status, if manages { 200 } else { 403 }, "{roles}");
    }
}

#[tokio::test]
async fn the_admin_roles_can_be_configured() {
    let house = House::with(&[("AUTH_ADMIN_ROLES", "Boss, Editor")]).await;
    let slug = house.link_by("member").await;
    Call::of("delete").by("owner").slug(&slug).send(&house).await.is_problem(403, "forbidden");
    let editor =
        signed("owner", |claims| entry(claims)["inherited_user_roles_plus_current_role"] = json!(["Editor"]));
    let call = Call::of("delete").slug(&slug).header("authorization", &format!("Bearer {editor}"));
    assert_eq!(call.send(&house).await.status, 200);
}

/// A public key of 1,024 bits.
const WEAK_KEY: &str = "-----BEGIN PUBLIC KEY-----\nMIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDDMP0dKvC/tGeqbulq2rNUD3cG\ngdYwDe2P7ZWOeRwj0068MF20a3AFpAxr77D4ncXaqMo6CSRmqrktXfko3XEvrHbJ\nvqRm4St/sFPhD/oyyFelGFP8aWxCjq6jwpQs2yNLrf/QIste7ISl1x2fn7hhMF3q\nC9yyboi+3GKJSMNq1wIDAQAB\n-----END PUBLIC KEY-----";

#[test]
fn the_error_names_the_missing_or_malformed_setting() {
    let settings = settings();
    let private = Key::generate().unwrap();
    let cases = [
        ("AUTH_ISSUER", "", "the setting AUTH_ISSUER is missing"),
        (
            "AUTH_VERIFIER_KEY",
            "",
            "the setting AUTH_VERIFIER_KEY is missing; set it, AUTH_JWKS_URL or AUTH_API_KEY_PARAMETER",
        ),
        (
            "AUTH_VERIFIER_KEY",
            "key",
            "the setting AUTH_VERIFIER_KEY is not an RSA, EC or Ed25519 public key in PEM format",
        ),
        (
            "AUTH_VERIFIER_KEY",
            &private,
            "the setting AUTH_VERIFIER_KEY is a private key; use the public key, and treat the private key as leaked",
        ),
        (
            "AUTH_VERIFIER_KEY",
            WEAK_KEY,
            "the setting AUTH_VERIFIER_KEY is not an RSA key of 2,048 to 8,192 bits, which RS256 requires",
        ),
        ("AUTH_ADMIN_ROLES", "Owner,,Admin", "the setting AUTH_ADMIN_ROLES contains an empty role"),
    ];
    for (name, value, sentence) in cases {
        let settings = settings.clone().overridden_by([(name, value)].into_iter().collect());
        assert_eq!(
            Verifier::from_settings(&settings, &sdk_config("http://127.0.0.1:1")).unwrap_err().to_string(),
            sentence
        );
    }
}

#[tokio::test]
async fn a_pem_with_escaped_line_ends_is_accepted() {
    let escaped = KEY.public_pem().trim().replace("\r\n", "\n").replace('\n', "\\n");
    let house = House::with(&[("AUTH_VERIFIER_KEY", &escaped)]).await;
    assert_eq!(Call::of("list").send(&house).await.status, 200);
}
