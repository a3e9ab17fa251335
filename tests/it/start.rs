//! Keys and descriptions of tokens that can never match: they stop the start with an error message.

use crate::house::{Call, House, KEY, functions, settings};
use crate::issuers::{Server, SigningKey};
use crate::permissions::Watched;
use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::PublicKeyComponents;
use aws_lc_rs::signature::{
    ECDSA_P256K1_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, ECDSA_P521_SHA512_FIXED_SIGNING,
    EcdsaKeyPair, EcdsaSigningAlgorithm, KeyPair,
};
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD, Engine};
use local::stack::{engine_settings, sdk_config};
use serde_json::{Value, json};
use shared::auth::Verifier;
use shared::model::Timestamp;

fn pem(der: &[u8]) -> String {
    format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", BASE64_STANDARD.encode(der))
}

fn ec(algorithm: &'static EcdsaSigningAlgorithm) -> Vec<u8> {
    let der = EcdsaKeyPair::generate_pkcs8(algorithm, &SystemRandom::new()).unwrap();
    let pair = EcdsaKeyPair::from_pkcs8(algorithm, der.as_ref()).unwrap();
    let public: PublicKeyX509Der<'_> = pair.public_key().as_der().unwrap();
    public.as_ref().to_vec()
}

/// An RSA key whose modulus has this many bytes.
fn rsa(bytes: usize) -> Vec<u8> {
    let modulus = vec![0xff; bytes];
    let key: PublicKeyX509Der<'_> =
        PublicKeyComponents { n: modulus.as_slice(), e: &[1, 0, 1] }.as_der().unwrap();
    key.as_ref().to_vec()
}

fn refused(auth: &[(&str, &str)]) -> String {
    let settings = settings().overridden_by(auth.iter().copied().collect());
    // No call is made, so any address will do.
    match Verifier::from_settings(&settings, &sdk_config("http://127.0.0.1:1")) {
        Ok(_) => "it starts".to_owned(),
        Err(sentence) => sentence.to_string(),
    }
}

#[test]
fn a_key_that_can_never_verify_a_token_stops_the_start_with_an_error_message() {
    let good = SigningKey::ec("good").public_pem;
    let der = BASE64_STANDARD.decode(good.lines().nth(1).unwrap()).unwrap();
    // The same point with its last bit flipped is not on the curve.
    let mut off_the_curve = der.clone();
    *off_the_curve.last_mut().unwrap() ^= 1;
    let ed = SigningKey::ed("ed").public_pem;
    let ed = BASE64_STANDARD.decode(ed.lines().nth(1).unwrap()).unwrap();
    // An X25519 key, which only supports key agreement, has the same form with another object identifier (RFC 8410).
    let x25519: Vec<u8> = ed.iter().enumerate().map(|(i, byte)| if i == 8 { 110 } else { *byte }).collect();
    for (what, der, rule) in [
        (
            "P-384",
            ec(&ECDSA_P384_SHA384_FIXED_SIGNING),
            "is not an EC key on the curve P-256, which ES256 requires",
        ),
        (
            "P-521",
            ec(&ECDSA_P521_SHA512_FIXED_SIGNING),
            "is not an EC key on the curve P-256, which ES256 requires",
        ),
        (
            "secp256k1",
            ec(&ECDSA_P256K1_SHA256_FIXED_SIGNING),
            "is not an EC key on the curve P-256, which ES256 requires",
        ),
        ("off the curve", off_the_curve, "is not an EC key on the curve P-256, which ES256 requires"),
        ("RSA of 1,024 bits", rsa(128), "is not an RSA key of 2,048 to 8,192 bits, which RS256 requires"),
        ("RSA of 8,200 bits", rsa(1025), "is not an RSA key of 2,048 to 8,192 bits, which RS256 requires"),
        ("X25519", x25519, "is not an RSA, EC or Ed25519 public key in PEM format"),
    ] {
        let algorithms = ("AUTH_ALGORITHMS", "RS256,ES256,EdDSA");
        let sentence = refused(&[("AUTH_VERIFIER_KEY", &pem(&der)), algorithms]);
        assert_eq!(sentence, format!("the setting AUTH_VERIFIER_KEY {rule}"), "{what}");
    }
    assert_eq!(refused(&[("AUTH_VERIFIER_KEY", &good), ("AUTH_ALGORITHMS", "ES256")]), "it starts");
    assert_eq!(refused(&[("AUTH_VERIFIER_KEY", &pem(&rsa(1024)))]), "it starts");
}

/// A key that cannot verify anything does not affect the one that can.
#[tokio::test]
async fn a_key_of_a_set_that_can_never_verify_a_token_is_skipped() {
    let house = House::open().await;
    let now = Timestamp::now();
    let text = |bytes: &[u8]| BASE64_URL_SAFE_NO_PAD.encode(bytes);
    let good = SigningKey::rsa("good");
    let mut padded = good.jwk();
    let modulus = BASE64_URL_SAFE_NO_PAD.decode(padded["n"].as_str().unwrap()).unwrap();
    padded["n"] = text(&[&[0], modulus.as_slice()].concat()).into();
    let mut off_the_curve = SigningKey::ec("good").jwk();
    off_the_curve["x"] = off_the_curve["y"].clone();
    for broken in [
        json!({ "kty": "RSA", "n": text(&[0xff; 1025]), "e": "AQAB" }),
        json!({ "kty": "RSA", "n": text(&[0xff; 256]), "e": "AA" }),
        json!({ "kty": "OKP", "crv": "Ed25519", "x": text(&[1; 31]) }),
        off_the_curve,
        padded,
    ] {
        let issuer = Server::start().await;
        issuer.publish(&[broken.clone(), good.jwk()]);
        let auth = [
            ("AUTH_ISSUER", issuer.url.as_str()),
            ("AUTH_PROVIDER", "custom"),
            ("AUTH_CLAIMS", r#"{"user":["sub"],"organizations":[{"kind":"one","at":[],"id":["org"]}]}"#),
            ("AUTH_ALGORITHMS", "RS256,ES256,EdDSA"),
            ("AUTH_VERIFIER_KEY", ""),
        ];
        let settings = engine_settings(&house.url).overridden_by(auth.into_iter().collect());
        let functions = functions(&settings, &Watched::default());
        let claims = json!({ "iss": issuer.url, "iat": now.seconds(), "exp": now.seconds() + 300, "sub": "u",
            "org": "acme" });
        // A token without a key name is accepted if only one key could have signed it.
        let token = format!("Bearer {}", good.sign_as(None, &claims));
        let answer =
            Call::of("list").org("acme").header("authorization", &token).send_to(&functions, now).await;
        assert_eq!(answer.status, 200, "{broken}: {}", answer.text);
    }
}

/// Returns the description of tokens with these organizations.
fn claims(organizations: &Value, more: &Value) -> String {
    let mut claims = json!({ "user": ["sub"], "organizations": organizations });
    claims.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    claims.to_string()
}

#[test]
fn a_description_that_no_token_can_meet_stops_the_start_with_an_error_message() {
    let one = json!({ "kind": "one", "at": ["o"], "id": ["id"] });
    let of_root = json!({ "kind": "one", "at": [], "id": ["org_id"] });
    let map = json!({ "kind": "map", "at": ["o"] });
    let strings = json!({ "kind": "strings", "at": ["g"], "pattern": "{org}" });
    let with = |source: &Value, name: &str, value: Value| {
        let mut source = source.clone();
        source[name] = value;
        source
    };
    let require = |value: Value| json!({ "require": value });
    for (organizations, more, rule) in [
        // Claims that can have no value, or none of this form.
        (
            json!([map.clone(), with(&map, "at", json!([]))]),
            json!({}),
            "organizations[1].at is an empty path",
        ),
        (json!([with(&strings, "at", json!([]))]), json!({}), "organizations[0].at is an empty path"),
        (json!([with(&one, "id", json!([]))]), json!({}), "organizations[0].id is an empty path"),
        (json!([with(&map, "id", json!([]))]), json!({}), "organizations[0].id is an empty path"),
        (
            json!([with(&one, "at", json!(["exp"]))]),
            json!({}),
            "organizations[0].at reads exp, which is a number",
        ),
        (
            json!([with(&of_root, "id", json!(["iat"]))]),
            json!({}),
            "organizations[0].id reads iat, which is a number",
        ),
        (
            json!([with(&strings, "at", json!(["iss"]))]),
            json!({}),
            "organizations[0].at reads iss, which is a string",
        ),
        (json!([with(&map, "at", json!(["iss", "org"]))]), json!({}), "organizations[0].at is inside iss"),
        (json!([one]), json!({ "user": ["exp"] }), "user reads exp, which is a number"),
        (json!([one]), json!({ "user": [] }), "user is an empty path"),
        (json!([one]), json!({ "impersonator": [] }), "impersonator is an empty path"),
        // Roles that make every token invalid, or that no user can have.
        (
            json!([with(&one, "roles", json!([[]]))]),
            json!({}),
            "organizations[0].roles[0] cannot lead to a role",
        ),
        (
            json!([with(&map, "roles", json!([["r"], []]))]),
            json!({}),
            "organizations[0].roles[1] cannot lead",
        ),
        (
            json!([with(&one, "roles", json!([["id", "r"]]))]),
            json!({}),
            "organizations[0].roles[0] cannot lead",
        ),
        (
            json!([with(&of_root, "roles", json!([["nbf"]]))]),
            json!({}),
            "organizations[0].roles[0] cannot lead",
        ),
        // Two members that contradict each other.
        (json!([one]), json!({ "user": ["o"] }), "organizations[0].at is, or is inside, user"),
        (
            json!([one]),
            json!({ "user": ["o", "id", "u"] }),
            "organizations[0].id is a string, and cannot contain user",
        ),
        (
            json!([with(&one, "at", json!(["sub", "o"]))]),
            json!({}),
            "organizations[0].at is, or is inside, user",
        ),
        (json!([with(&of_root, "id", json!(["sub", "o"]))]), json!({}), "organizations[0].id is inside user"),
        (
            json!([map]),
            json!({ "user": ["o", "sub"] }),
            "organizations[0].at contains only objects, and cannot contain user",
        ),
        (
            json!([strings]),
            json!({ "user": ["g", "sub"] }),
            "organizations[0].at is an array, and cannot contain user",
        ),
        (json!([one]), json!({ "impersonator": ["sub", "act"] }), "impersonator is inside user"),
        (json!([one]), json!({ "user": ["act", "sub", "id"] }), "user is inside impersonator"),
        // Requirements that no token meets.
        (json!([one]), require(json!([{ "at": [], "is": "x" }])), "require[0].at is an empty path"),
        (
            json!([one]),
            require(json!([{ "at": ["exp"], "is": "1" }])),
            "require[0].at reads exp, which is a number",
        ),
        (json!([one]), require(json!([{ "at": ["iss"], "is": "x" }])), "require[0] can never be met"),
        (json!([one]), require(json!([{ "at": ["sub", "x"], "is": "x" }])), "require[0].at is inside user"),
        (
            json!([one]),
            require(json!([{ "at": ["o"], "is": "x" }])),
            "organizations[0].at is, or is inside, require[0].at",
        ),
        (
            json!([one]),
            require(json!([{ "at": ["typ"], "is": "a" }, { "at": ["typ"], "is": "b" }])),
            "require[1] and require[0] can never be met together",
        ),
        // A source that another one hides.
        (
            json!([one, one]),
            json!({}),
            "organizations[1] is never used, because organizations[0] reads the same claim",
        ),
        (
            json!([map, one]),
            json!({}),
            "organizations[1] is never used, because organizations[0] reads the same claim",
        ),
        (
            json!([map, map]),
            json!({}),
            "organizations[1] is never used, because organizations[0] reads the same claim",
        ),
        (
            json!([strings, with(&strings, "pattern", json!("{org}:{role}"))]),
            json!({}),
            "organizations[1] is never used, because organizations[0] reads the same claim",
        ),
        // A claim that exists only inside another one, which takes precedence.
        (
            json!([one, with(&strings, "at", json!(["o", "names"]))]),
            json!({}),
            "organizations[1] is never used, because organizations[0] reads the same claim, or one around it, first",
        ),
        (
            json!([strings, map, with(&of_root, "id", json!(["o", "id"]))]),
            json!({}),
            "organizations[2] is never used, because organizations[1] reads",
        ),
        (
            json!([of_root, with(&map, "at", json!(["org_id"]))]),
            json!({}),
            "organizations[1] is never used, because organizations[0] reads",
        ),
        (
            json!([of_root, with(&of_root, "id", json!(["org_id", "id"]))]),
            json!({}),
            "organizations[1] is never used, because organizations[0] reads",
        ),
        (
            json!([one, with(&one, "id", json!(["id", "id"]))]),
            json!({}),
            "organizations[1] is never used, because organizations[0] reads",
        ),
    ] {
        let claims = claims(&organizations, &more);
        let sentence = refused(&[("AUTH_PROVIDER", "custom"), ("AUTH_CLAIMS", &claims)]);
        let expected = format!("the setting AUTH_CLAIMS is invalid: {rule}");
        assert!(sentence.starts_with(&expected), "{claims}\n{sentence}\n{expected}");
    }
    for (organizations, more) in [
        (json!([one, map]), json!({})),
        (json!([map, strings, of_root]), json!({})),
        (json!([with(&strings, "at", json!(["o", "names"])), one]), json!({})),
        (
            json!([of_root, with(&map, "at", json!(["org_ids"])), with(&of_root, "id", json!(["o", "id"]))]),
            json!({}),
        ),
        (json!([one, with(&one, "id", json!(["org_id"]))]), json!({})),
        (json!([map, with(&strings, "at", json!(["o"]))]), json!({})),
        (json!([with(&one, "id", json!(["exp"]))]), json!({})),
        (
            json!([of_root]),
            require(json!([{ "at": ["typ"], "is": "a" }, { "at": ["iss"], "is": crate::house::ISSUER }])),
        ),
        (json!([map]), json!({ "user": ["o", "acme", "sub"] })),
    ] {
        let claims = claims(&organizations, &more);
        assert_eq!(
            refused(&[("AUTH_PROVIDER", "custom"), ("AUTH_CLAIMS", &claims)]),
            "it starts",
            "{claims}"
        );
    }
    let sentence = refused(&[("AUTH_PROVIDER", "cognito"), ("AUTH_AUDIENCE", "client")]);
    assert!(
        sentence
            .starts_with("the setting AUTH_AUDIENCE is set, but Cognito's access tokens name no audience")
    );
}

#[tokio::test]
async fn each_form_of_a_claim_is_read_by_the_source_that_fits_it() {
    let house = House::open().await;
    let one = |at: Value, id: &str| json!({ "kind": "one", "at": at, "id": [id] });
    for (organizations, forms) in [
        (
            json!([one(json!([]), "org_id"), one(json!([]), "tenant")]),
            vec![json!({ "org_id": "acme" }), json!({ "tenant": "acme" })],
        ),
        (
            json!([one(json!([]), "a"), one(json!([]), "b"), one(json!([]), "c")]),
            vec![json!({ "c": "acme" })],
        ),
        (
            json!([one(json!(["o"]), "id"), one(json!(["o"]), "org_id")]),
            vec![json!({ "o": { "id": "acme" } }), json!({ "o": { "org_id": "acme" } })],
        ),
        (
            json!([one(json!(["o"]), "id"), { "kind": "map", "at": ["o"] }, { "kind": "strings", "at": ["o"], "pattern": "{org}" }]),
            vec![json!({ "o": { "id": "acme" } }), json!({ "o": { "acme": {} } }), json!({ "o": ["acme"] })],
        ),
    ] {
        let auth = [("AUTH_PROVIDER", "custom"), ("AUTH_CLAIMS", &claims(&organizations, &json!({})))];
        let auth = auth.map(|(name, value)| (name.to_owned(), value.to_string()));
        let settings = engine_settings(&house.url).overridden_by(settings());
        let functions = functions(&settings.overridden_by(auth.into_iter().collect()), &Watched::default());
        let now = Timestamp::now();
        let list = async |org: &str, more: &Value| {
            let mut token = json!({ "iss": crate::house::ISSUER, "iat": now.seconds(), "exp": now.seconds() + 300, "sub": "u" });
            token.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            let token = format!("Bearer {}", KEY.sign(&token).unwrap());
            Call::of("list").org(org).header("authorization", &token).send_to(&functions, now).await.status
        };
        for form in &forms {
            assert_eq!(list("acme", form).await, 200, "{organizations} {form}");
            assert_eq!(list("globex", form).await, 403, "{organizations} {form}");
        }
        assert_eq!(list("acme", &json!({})).await, 403, "{organizations}");
    }
}
