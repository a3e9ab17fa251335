//! Keys that can never verify a token.

use super::refused;
use crate::support::issuer::{Server, SigningKey};
use crate::support::watched::Watched;
use crate::support::{Call, KEY, TestApp, functions, settings};
use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::PublicKeyComponents;
use aws_lc_rs::signature::{
    ECDSA_P256K1_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, ECDSA_P521_SHA512_FIXED_SIGNING,
    EcdsaKeyPair, EcdsaSigningAlgorithm, KeyPair,
};
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD, Engine};
use local::issuer::Key;
use local::stack::{engine_settings, sdk_config};
use serde_json::json;
use shared::auth::Verifier;
use shared::model::Timestamp;

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
    let app = TestApp::with_settings(&[("AUTH_VERIFIER_KEY", &escaped)]).await;
    assert_eq!(Call::new("list").send(&app).await.status, 200);
}

fn pem(der: &[u8]) -> String {
    format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", BASE64_STANDARD.encode(der))
}

fn ec(algorithm: &'static EcdsaSigningAlgorithm) -> Vec<u8> {
    let der = EcdsaKeyPair::generate_pkcs8(algorithm, &SystemRandom::new()).unwrap();
    let pair = EcdsaKeyPair::from_pkcs8(algorithm, der.as_ref()).unwrap();
    let public: PublicKeyX509Der<'_> = pair.public_key().as_der().unwrap();
    public.as_ref().to_vec()
}

/// Returns an RSA key with a modulus of this many bytes.
fn rsa(bytes: usize) -> Vec<u8> {
    let modulus = vec![0xff; bytes];
    let key: PublicKeyX509Der<'_> =
        PublicKeyComponents { n: modulus.as_slice(), e: &[1, 0, 1] }.as_der().unwrap();
    key.as_ref().to_vec()
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
    // An X25519 key can only be used for key agreement. It has the form of an Ed25519 key, except for the object
    // identifier (RFC 8410).
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

/// A key that cannot verify any token does not affect a key that can.
#[tokio::test]
async fn a_key_of_a_set_that_can_never_verify_a_token_is_skipped() {
    let app = TestApp::start().await;
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
        let settings = engine_settings(&app.url).overridden_by(auth.into_iter().collect());
        let functions = functions(&settings, &Watched::default());
        let claims = json!({ "iss": issuer.url, "iat": now.seconds(), "exp": now.seconds() + 300, "sub": "u",
            "org": "acme" });
        // A token without a `kid` is accepted only if a single key could have signed it.
        let token = format!("Bearer {}", good.sign_as(None, &claims));
        let answer =
            Call::new("list").org("acme").header("authorization", &token).send_to(&functions, now).await;
        assert_eq!(answer.status, 200, "{broken}: {}", answer.text);
    }
}
