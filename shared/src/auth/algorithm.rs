use crate::settings::{Error, Settings};
use jsonwebtoken::{Algorithm, DecodingKey};

/// The algorithms that a token may be signed by, named as in RFC 7518 (section 3.1) and RFC 8037. All are asymmetric, and
/// there is one for each type of key, so that a key says by itself what it is for.
const KNOWN: [(&str, Algorithm); 3] =
    [("RS256", Algorithm::RS256), ("ES256", Algorithm::ES256), ("EdDSA", Algorithm::EdDSA)];
/// An RSA public key of 2,048 bits is no shorter, in bytes; what is gets refused by the library at each token.
const SHORTEST_RSA_KEY: usize = 256;

/// The algorithms that this deployment takes. It is ours to say, never the token's.
#[derive(Debug, Clone)]
pub struct Algorithms(Vec<Algorithm>);

impl Algorithms {
    /// Those that `AUTH_ALGORITHMS` names, with commas between; RS256 alone, where it is left out.
    pub fn from_settings(settings: &Settings) -> Result<Self, Error> {
        let names = settings.optional("AUTH_ALGORITHMS").unwrap_or("RS256").split(',').map(str::trim);
        let algorithms: Option<Vec<Algorithm>> = names.map(named).collect();
        let rule = "is one or more of RS256, ES256 and EdDSA with commas between";
        algorithms.map(Self).ok_or_else(|| Error::malformed("AUTH_ALGORITHMS", rule))
    }

    /// The algorithm of this name, if it is one of ours.
    pub fn allowed(&self, name: &str) -> Option<Algorithm> {
        named(name).filter(|algorithm| self.allow(*algorithm))
    }

    /// Whether it is one of ours.
    pub fn allow(&self, algorithm: Algorithm) -> bool {
        self.0.contains(&algorithm)
    }

    /// Reads a public key in PEM, also one whose line ends were written as `\n`, as environment variables often hold
    /// it.
    pub fn key_from_pem(&self, pem: &str) -> Result<(Algorithm, DecodingKey), &'static str> {
        let pem = pem.replace("\\n", "\n");
        if pem.contains("PRIVATE KEY") {
            return Err("is a private key; give the public one, and treat the private one as leaked");
        }
        let (algorithm, key) = if let Ok(key) = DecodingKey::from_rsa_pem(pem.as_bytes()) {
            if key.try_get_as_bytes().is_ok_and(|der| der.len() < SHORTEST_RSA_KEY) {
                return Err("is an RSA key of fewer than 2,048 bits");
            }
            (Algorithm::RS256, key)
        } else if let Ok(key) = DecodingKey::from_ec_pem(pem.as_bytes()) {
            (Algorithm::ES256, key)
        } else if let Ok(key) = DecodingKey::from_ed_pem(pem.as_bytes()) {
            (Algorithm::EdDSA, key)
        } else {
            return Err("is no public key in PEM");
        };
        if self.allow(algorithm) {
            Ok((algorithm, key))
        } else {
            Err("is of a type that AUTH_ALGORITHMS does not name")
        }
    }
}

fn named(name: &str) -> Option<Algorithm> {
    KNOWN.iter().find(|(known, _)| *known == name).map(|(_, algorithm)| *algorithm)
}
