use super::{KeySet, NamedKey};
use crate::auth::algorithm::{Algorithms, can_verify, rsa_can_verify};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey};
use serde_json::Value;
use std::collections::HashSet;

/// Reads the usable keys in a JWK Set (RFC 7517, section 5). All others are ignored: encryption keys, symmetric keys,
/// private keys, keys that cannot verify signatures, and keys for algorithms that are not accepted.
///
/// # Errors
/// The JSON is not a JWK Set, two keys have the same id, or no key is usable.
pub fn read(set: &Value, algorithms: &Algorithms) -> Result<KeySet, String> {
    let keys = set.get("keys").and_then(Value::as_array).ok_or("the issuer's response is not a JWK Set")?;
    let keys: Vec<NamedKey> = keys.iter().filter_map(|key| usable(key, algorithms)).collect();
    let mut names = HashSet::new();
    if !keys.iter().filter_map(|key| key.id.as_ref()).all(|id| names.insert(id)) {
        return Err("two of the issuer's keys have the same id".to_owned());
    }
    if keys.is_empty() {
        Err("the issuer has no key that can verify tokens".to_owned())
    } else {
        Ok(KeySet::Named(keys))
    }
}

fn usable(key: &Value, algorithms: &Algorithms) -> Option<NamedKey> {
    let text = |name: &str| key.get(name).and_then(Value::as_str);
    let (algorithm, name, decoding) = match (text("kty")?, text("crv")) {
        ("RSA", _) => {
            let (n, e) = (text("n")?, text("e")?);
            let decoded = |text: &str| BASE64_URL_SAFE_NO_PAD.decode(text).ok();
            let is_sound = rsa_can_verify(&decoded(n)?, &decoded(e)?);
            (Algorithm::RS256, "RS256", is_sound.then(|| DecodingKey::from_rsa_components(n, e))?)
        }
        ("EC", Some("P-256")) => {
            (Algorithm::ES256, "ES256", DecodingKey::from_ec_components(text("x")?, text("y")?))
        }
        ("OKP", Some("Ed25519")) => (Algorithm::EdDSA, "EdDSA", DecodingKey::from_ed_components(text("x")?)),
        _ => return None,
    };
    // RFC 7517, sections 4.2 to 4.4: optional fields that restrict the use of the key.
    let is_to_sign = key.get("use").is_none_or(|purpose| purpose == "sig");
    let is_to_verify = key.get("key_ops").is_none_or(|operations| {
        operations.as_array().is_some_and(|all| all.iter().any(|one| one == "verify"))
    });
    let is_of_algorithm = key.get("alg").is_none_or(|alg| alg == name);
    let is_public = key.get("d").is_none();
    let id = match key.get("kid") {
        None => None,
        Some(id) => Some(id.as_str()?.to_owned()),
    };
    let decoding = decoding.ok()?;
    // The library returns no bytes for an RSA key that it built from components. Such a key was checked above.
    let is_sound = decoding.try_get_as_bytes().map_or(true, |bytes| can_verify(algorithm, bytes));
    let is_usable =
        is_to_sign && is_to_verify && is_of_algorithm && is_public && is_sound && algorithms.allow(algorithm);
    is_usable.then_some(NamedKey { id, algorithm, key: decoding })
}
