//! The cost of verifying a token, by algorithm, and the growth of memory after a flood of forged tokens.

use crate::Error;
use crate::token::{Issuer, claims, encoded};
use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use local::stack::sdk_config;
use pem::Pem;
use serde_json::json;
use shared::auth::{Credential, Verifier};
use shared::model::Timestamp;
use shared::settings::Settings;
use std::fs;
use std::hint::black_box;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// The number of tokens verified per algorithm.
const TIMES: u32 = 20_000;
/// The number of forged tokens.
const FLOOD: u32 = 100_000;

/// Measures the cost of verifying tokens, and prints the results as Markdown.
pub async fn run() -> Result<(), Error> {
    let random = SystemRandom::new();
    let rsa = Issuer::new()?;
    let ec = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING)?;
    let ed = Ed25519KeyPair::generate()?;
    let (ec_der, ed_der): (PublicKeyX509Der<'_>, PublicKeyX509Der<'_>) =
        (ec.public_key().as_der()?, ed.public_key().as_der()?);
    println!("| algorithm | µs per verification |\n|---|---:|");
    for (algorithm, key, token) in [
        ("RS256", rsa.public_key().to_owned(), rsa.token()?),
        (
            "ES256",
            pem(ec_der.as_ref()),
            token("ES256", |text| Ok(ec.sign(&random, text)?.as_ref().to_vec()))?,
        ),
        ("EdDSA", pem(ed_der.as_ref()), token("EdDSA", |text| Ok(ed.sign(text).as_ref().to_vec()))?),
    ] {
        let verifier = verifier(&[("AUTH_VERIFIER_KEY", &key), ("AUTH_ALGORITHMS", algorithm)])?;
        let header = format!("Bearer {token}");
        let start = Instant::now();
        for _ in 0..TIMES {
            let caller = verifier.verify(Credential::Header(black_box(&header)), Timestamp::now()).await;
            caller.map_err(|error| format!("a valid token was rejected: {error:?}"))?;
        }
        println!("| {algorithm} | {:.1} |", start.elapsed().as_secs_f64() * 1e6 / f64::from(TIMES));
    }

    // This URL never responds, so no key is ever cached, and each token could cause a fetch.
    let verifier = verifier(&[("AUTH_JWKS_URL", "http://127.0.0.1:1/"), ("AUTH_ALGORITHMS", "ES256")])?;
    let now = Timestamp::now();
    let mut before = 0;
    let start = Instant::now();
    for number in 0..FLOOD {
        let header = json!({ "alg": "ES256", "kid": format!("forged-{number}") });
        let claims = claims(u64::try_from(now.seconds())?);
        let token = format!("Bearer {}.{}.{}", encoded(&header), encoded(&claims), "A".repeat(86));
        if verifier.verify(Credential::Header(&token), now).await.is_ok() {
            return Err("a forged token was accepted".into());
        }
        // All one-time allocations have been made at this point.
        if number == FLOOD / 10 {
            before = resident()?;
        }
    }
    let each = start.elapsed().as_secs_f64() * 1e6 / f64::from(FLOOD);
    let grown = resident()?.saturating_sub(before);
    println!(
        "\n{FLOOD} forged tokens with different keys: {each:.1} µs per token, including its creation; {grown} kB more memory."
    );
    Ok(())
}

/// Returns a valid token, signed with this algorithm.
fn token(algorithm: &str, sign: impl FnOnce(&[u8]) -> Result<Vec<u8>, Error>) -> Result<String, Error> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
    let text = format!("{}.{}", encoded(&json!({ "alg": algorithm, "typ": "JWT" })), encoded(&claims(now)));
    Ok(format!("{text}.{}", BASE64_URL_SAFE_NO_PAD.encode(sign(text.as_bytes())?)))
}

fn verifier(settings: &[(&str, &str)]) -> Result<Verifier, Error> {
    let settings = settings.iter().copied().chain([("AUTH_ISSUER", Issuer::NAME)]);
    // This client is never used, because there is no parameter to read.
    let config = sdk_config("http://127.0.0.1:1");
    Ok(Verifier::from_settings(&settings.collect::<Settings>(), &config)?)
}

fn pem(der: &[u8]) -> String {
    pem::encode(&Pem::new("PUBLIC KEY", der))
}

/// Returns the resident memory of this process, in kB.
fn resident() -> Result<u64, Error> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))
        .ok_or("the kernel does not report the memory of the process")?;
    Ok(line.trim().trim_end_matches(" kB").parse()?)
}
