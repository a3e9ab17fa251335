use crate::settings::{Error, Settings};
use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rsa::{PublicEncryptingKey, PublicKeyComponents};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, ED25519, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256};
use jsonwebtoken::{Algorithm, DecodingKey};

/// The supported signature algorithms, by their names in RFC 7518 (section 3.1) and RFC 8037. All are asymmetric. There
/// is one algorithm per key type, so that a key's type determines its algorithm.
const KNOWN: [(&str, Algorithm); 3] =
    [("RS256", Algorithm::RS256), ("ES256", Algorithm::ES256), ("EdDSA", Algorithm::EdDSA)];
/// The algorithms that this deployment accepts. A token's header cannot add further algorithms.
#[derive(Debug, Clone)]
pub struct Algorithms(Vec<Algorithm>);

impl Algorithms {
    /// Reads `AUTH_ALGORITHMS`, a comma-separated list (default `RS256`).
    pub fn from_settings(settings: &Settings) -> Result<Self, Error> {
        let names = settings.optional("AUTH_ALGORITHMS").unwrap_or("RS256").split(',').map(str::trim);
        let algorithms: Option<Vec<Algorithm>> = names.map(named).collect();
        let rule = "must be one or more of RS256, ES256 and EdDSA, separated by commas";
        algorithms.map(Self).ok_or_else(|| Error::malformed("AUTH_ALGORITHMS", rule))
    }

    /// Returns the algorithm with this name, if the algorithm is accepted.
    pub fn allowed(&self, name: &str) -> Option<Algorithm> {
        named(name).filter(|algorithm| self.allow(*algorithm))
    }

    /// Returns whether the algorithm is accepted.
    pub fn allow(&self, algorithm: Algorithm) -> bool {
        self.0.contains(&algorithm)
    }

    /// Parses a public key in PEM format. Line ends can also be written as `\n`, which is common in environment
    /// variables.
    ///
    /// # Errors
    /// The text is not a public key that can verify tokens with one of these algorithms. The error is the rest of a
    /// sentence that begins with the key's name.
    pub fn key_from_pem(&self, pem: &str) -> Result<(Algorithm, DecodingKey), &'static str> {
        let pem = pem.replace("\\n", "\n");
        if pem.contains("PRIVATE KEY") {
            return Err("is a private key; use the public key, and treat the private key as leaked");
        }
        let (algorithm, key) = if let Ok(key) = DecodingKey::from_rsa_pem(pem.as_bytes()) {
            (Algorithm::RS256, key)
        } else if let Ok(key) = DecodingKey::from_ec_pem(pem.as_bytes()) {
            (Algorithm::ES256, key)
        } else if let Ok(key) = DecodingKey::from_ed_pem(pem.as_bytes()) {
            (Algorithm::EdDSA, key)
        } else {
            return Err("is not an RSA, EC or Ed25519 public key in PEM format");
        };
        if !self.allow(algorithm) {
            return Err("has a type that AUTH_ALGORITHMS does not allow");
        }
        match key.try_get_as_bytes() {
            Ok(bytes) if can_verify(algorithm, bytes) => Ok((algorithm, key)),
            _ => Err(match algorithm {
                Algorithm::RS256 => "is not an RSA key of 2,048 to 8,192 bits, which RS256 requires",
                Algorithm::ES256 => "is not an EC key on the curve P-256, which ES256 requires",
                _ => "is not an Ed25519 key, which EdDSA requires",
            }),
        }
    }
}

/// Returns whether a public key, as the library stores it, can verify signatures of this algorithm. The library itself
/// checks a key only when it verifies a token: with an unusable key it would reject every token.
pub fn can_verify(algorithm: Algorithm, key: &[u8]) -> bool {
    match algorithm {
        Algorithm::RS256 => {
            let key = ParsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, key);
            key.is_ok_and(|key| {
                key.as_der().is_ok_and(|der| PublicEncryptingKey::from_der(der.as_ref()).is_ok())
            })
        }
        Algorithm::ES256 => ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, key).is_ok(),
        Algorithm::EdDSA => ParsedPublicKey::new(&ED25519, key).is_ok(),
        _ => false,
    }
}

/// Like [`can_verify`], for an RSA key given as a modulus and an exponent, both big-endian.
pub fn rsa_can_verify(modulus: &[u8], exponent: &[u8]) -> bool {
    let key: Result<PublicEncryptingKey, _> = PublicKeyComponents { n: modulus, e: exponent }.try_into();
    key.is_ok()
}

fn named(name: &str) -> Option<Algorithm> {
    KNOWN.iter().find(|(known, _)| *known == name).map(|(_, algorithm)| *algorithm)
}
