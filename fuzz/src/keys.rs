//! A named key for each algorithm that an issuer can use.

use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair};
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use local::issuer::Key;
use pem::Pem;
use serde_json::{Value, json};
use std::sync::LazyLock;

/// One key of each algorithm.
pub static KEYS: LazyLock<[SigningKey; 3]> =
    LazyLock::new(|| [SigningKey::rsa("rsa"), SigningKey::ec("ec"), SigningKey::ed("ed")]);

/// A key to sign tokens with.
pub struct SigningKey {
    pub name: &'static str,
    /// The public key in PEM, as a JSON string. Issuers publish either this or `jwk`.
    pub pem: String,
    pub jwk: String,
    algorithm: Algorithm,
    key: EncodingKey,
}

impl SigningKey {
    pub fn rsa(name: &'static str) -> Self {
        let pem = Key::generate().unwrap();
        let key = EncodingKey::from_rsa_pem(pem.as_bytes()).unwrap();
        let public_pem = Key::from_pem(&pem).unwrap().public_pem().to_owned();
        Self::new(name, Algorithm::RS256, public_pem, key)
    }

    fn ec(name: &'static str) -> Self {
        let random = SystemRandom::new();
        let der = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).unwrap();
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, der.as_ref()).unwrap();
        let key = EncodingKey::from_ec_der(der.as_ref());
        Self::new(name, Algorithm::ES256, public_pem(pair.public_key()), key)
    }

    fn ed(name: &'static str) -> Self {
        let der = Ed25519KeyPair::generate_pkcs8v1(&SystemRandom::new()).unwrap();
        let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(der.as_ref()).unwrap();
        let key = EncodingKey::from_ed_der(der.as_ref());
        Self::new(name, Algorithm::EdDSA, public_pem(pair.public_key()), key)
    }

    fn new(name: &'static str, algorithm: Algorithm, public_pem: String, key: EncodingKey) -> Self {
        let jwk = Jwk::from_encoding_key(&key, algorithm).unwrap();
        let mut jwk = serde_json::to_value(jwk).unwrap();
        jwk["kid"] = name.into();
        jwk["use"] = "sig".into();
        Self { name, pem: json!(public_pem).to_string(), jwk: jwk.to_string(), algorithm, key }
    }

    /// Returns a token with these claims. The token's header contains the id of the signing key.
    pub fn sign(&self, claims: &Value) -> String {
        let header = Header { kid: Some(self.name.to_owned()), ..Header::new(self.algorithm) };
        encode(&header, claims, &self.key).unwrap()
    }
}

fn public_pem(key: &impl AsDer<PublicKeyX509Der<'static>>) -> String {
    pem::encode(&Pem::new("PUBLIC KEY", key.as_der().unwrap().as_ref()))
}
