use super::algorithm::Algorithms;
use super::{AuthError, header};
use crate::error::Unauthenticated;
use crate::json::Unique;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode};
use serde_json::Value;

/// How many hexadecimal digits an API key has; PropelAuth's have 128.
const API_KEY_DIGITS: std::ops::RangeInclusive<usize> = 32..=512;
/// How the secret keys of Clerk's and WorkOS's backends begin.
const BACKEND_KEY_PREFIX: &str = "sk_";
/// Header parameters that name a key or change what is signed (RFC 7515, section 4.1; RFC 7797). Ours are the only
/// keys, and nothing changes how they are used.
const REFUSED_PARAMETERS: [&str; 6] = ["b64", "crit", "jku", "jwk", "x5c", "x5u"];

/// What follows the scheme in the header `Authorization`, told apart by its looks.
pub enum Bearer<'a> {
    /// A signed token.
    Token(Token<'a>),
    /// What could be an API key: nothing but hexadecimal digits.
    ApiKey(&'a str),
}

/// A token whose header is in order: a signed JWT (RFC 7519) of an algorithm of ours that brings no key of its own.
pub struct Token<'a> {
    text: &'a str,
    /// What it says it is signed by.
    pub algorithm: Algorithm,
    /// Which of our keys it says it is signed by (RFC 7515, section 4.1.4).
    pub key_id: Option<String>,
    /// Whether its header says that it is an access token (RFC 9068, section 2.1).
    pub is_access_token: bool,
}

/// What is wrong with a token.
#[derive(Debug)]
pub enum Fault {
    /// None of our keys signed it.
    Signature,
    /// It is no token.
    Structure,
}

impl<'a> Bearer<'a> {
    /// Reads a header `Authorization` (RFC 6750, section 2.1): the scheme in any case, one space, one token.
    ///
    /// # Errors
    /// What is wrong with it, as far as its own text shows it.
    pub fn from_header(authorization: &'a str, algorithms: &Algorithms) -> Result<Self, AuthError> {
        let text = header::bearer(authorization)?;
        if API_KEY_DIGITS.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Ok(Self::ApiKey(text));
        }
        if text.starts_with(BACKEND_KEY_PREFIX) {
            return Err(Unauthenticated::ApiKey.into());
        }
        Token::read(text, algorithms).map(Self::Token)
    }
}

impl<'a> Token<'a> {
    /// Reads a token.
    ///
    /// # Errors
    /// What is wrong with it, as far as its own text shows it.
    pub fn read(text: &'a str, algorithms: &Algorithms) -> Result<Self, AuthError> {
        let [header, _, signature] = parts(text)?;
        let header = BASE64_URL_SAFE_NO_PAD.decode(header).map_err(|_| Unauthenticated::Damaged)?;
        let Ok(Unique(Value::Object(header))) = serde_json::from_slice(&header) else {
            return Err(Unauthenticated::Damaged.into());
        };
        let algorithm = header.get("alg").and_then(Value::as_str).ok_or(AuthError::Refused)?;
        if signature.len() < least_signature(algorithm) {
            return Err(Unauthenticated::Incomplete.into());
        }
        if REFUSED_PARAMETERS.iter().any(|name| header.contains_key(*name)) {
            return Err(AuthError::Refused);
        }
        let algorithm = algorithms.allowed(algorithm).ok_or(AuthError::Refused)?;
        let key_id = match header.get("kid") {
            None => None,
            Some(key_id) => Some(key_id.as_str().ok_or(AuthError::Refused)?.to_owned()),
        };
        let kind = header.get("typ").and_then(Value::as_str).unwrap_or_default().to_ascii_lowercase();
        let is_access_token = kind.strip_prefix("application/").unwrap_or(&kind) == "at+jwt";
        Ok(Self { text, algorithm, key_id, is_access_token })
    }

    /// The claims, if `key` signed them, which is of the token's own algorithm.
    pub fn verified_by(&self, key: &DecodingKey) -> Result<Value, Fault> {
        let verified = decode::<Unique>(self.text, key, &signature_only(self.algorithm));
        match verified.map_err(|error| error.into_kind()) {
            Ok(verified) => Ok(verified.claims.0),
            Err(ErrorKind::InvalidSignature) => Err(Fault::Signature),
            Err(_) => Err(Fault::Structure),
        }
    }

    /// The claims that anybody may have written.
    pub fn unverified_claims(&self) -> Result<Value, AuthError> {
        let claims = jsonwebtoken::dangerous::insecure_decode_claims(self.text);
        claims.map(|Unique(claims)| claims).map_err(|_| AuthError::Refused)
    }
}

/// The three parts of a signed JWT in its compact form (RFC 7515, section 7.1).
fn parts(text: &str) -> Result<[&str; 3], Unauthenticated> {
    // An abbreviated token ends in dots, or in the character that stands for three.
    let is_jwt = text.starts_with("eyJ");
    if is_jwt && (text.ends_with("..") || text.ends_with('…')) {
        return Err(Unauthenticated::Incomplete);
    }
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    if !text.bytes().all(allowed) {
        return Err(Unauthenticated::NotAToken);
    }
    let mut parts = text.split('.');
    match [parts.next(), parts.next(), parts.next(), parts.next()] {
        [Some(header), Some(claims), Some(signature), None] => Ok([header, claims, signature]),
        [_, _, None, _] if is_jwt => Err(Unauthenticated::Incomplete),
        _ => Err(Unauthenticated::NotAToken),
    }
}

/// How many characters of base64url a signature by the algorithm has at least (RFC 7518, sections 3.3 to 3.5: RSA keys
/// have 2,048 bits or more; RFC 8037, section 3.1).
fn least_signature(algorithm: &str) -> usize {
    match algorithm {
        "RS256" | "RS384" | "RS512" | "PS256" | "PS384" | "PS512" => 342,
        "ES256" | "EdDSA" => 86,
        "ES384" => 128,
        _ => 0,
    }
}

/// The library checks the signature; the claims are checked in `claims`, by the caller's clock and more strictly: it
/// would take a token without an issuer, with a list for one, or issued in the future.
fn signature_only(algorithm: Algorithm) -> Validation {
    let mut validation = Validation::new(algorithm);
    validation.required_spec_claims.clear();
    validation.validate_exp = false;
    validation.validate_aud = false;
    validation
}
