use super::algorithm::Algorithms;
use super::{AuthError, header};
use crate::error::Unauthenticated;
use crate::json::Unique;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode};
use serde_json::Value;

/// The possible numbers of hexadecimal digits in an API key. PropelAuth's keys have 128 digits.
const API_KEY_DIGITS: std::ops::RangeInclusive<usize> = 32..=512;
/// The prefix of secret backend keys of Clerk and WorkOS.
const BACKEND_KEY_PREFIX: &str = "sk_";
/// Header parameters that supply a key or change what is signed (RFC 7515, section 4.1; RFC 7797). A token with one of
/// these parameters is rejected.
const REFUSED_PARAMETERS: [&str; 6] = ["b64", "crit", "jku", "jwk", "x5c", "x5u"];

/// The credential in the header `Authorization`, classified by its form.
pub enum Bearer<'a> {
    /// A signed token.
    Token(Token<'a>),
    /// A possible API key, which consists only of hexadecimal digits.
    ApiKey(&'a str),
}

/// A signed JWT (RFC 7519) with an accepted header: the header's algorithm is accepted, and the header does not supply
/// a key.
pub struct Token<'a> {
    text: &'a str,
    /// The algorithm in the token's header.
    pub algorithm: Algorithm,
    /// The key id in the token's header (RFC 7515, section 4.1.4).
    pub key_id: Option<String>,
    /// Whether the token's header declares an access token (RFC 9068, section 2.1).
    pub is_access_token: bool,
}

/// Why a token is invalid.
#[derive(Debug)]
pub enum Fault {
    /// The token is not signed with one of our keys.
    Signature,
    /// The token is malformed.
    Structure,
}

impl<'a> Bearer<'a> {
    /// Parses a header `Authorization` (RFC 6750, section 2.1). The header must consist of the scheme (upper or lower
    /// case), one space and one token.
    ///
    /// # Errors
    /// The text is malformed, or the token's header is not accepted. If the text is malformed, the reason depends only
    /// on the text.
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
    /// Parses a token.
    ///
    /// # Errors
    /// The text is malformed, or the token's header is not accepted. If the text is malformed, the reason depends only
    /// on the text.
    pub fn read(text: &'a str, algorithms: &Algorithms) -> Result<Self, AuthError> {
        let [header, _, signature] = parts(text)?;
        let header = BASE64_URL_SAFE_NO_PAD.decode(header).map_err(|_| Unauthenticated::Damaged)?;
        let Ok(Unique(Value::Object(header))) = serde_json::from_slice(&header) else {
            return Err(Unauthenticated::Damaged.into());
        };
        let algorithm = header.get("alg").and_then(Value::as_str).ok_or(AuthError::Refused)?;
        if signature.len() < min_signature_length(algorithm) {
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

    /// Verifies the signature with `key`, which must be a key for the token's algorithm, and returns the claims.
    pub fn verified_by(&self, key: &DecodingKey) -> Result<Value, Fault> {
        let verified = decode::<Unique>(self.text, key, &signature_only(self.algorithm));
        match verified.map_err(|error| error.into_kind()) {
            Ok(verified) => Ok(verified.claims.0),
            Err(ErrorKind::InvalidSignature) => Err(Fault::Signature),
            Err(_) => Err(Fault::Structure),
        }
    }

    /// Returns the claims without verifying the signature: anyone may have written them.
    pub fn unverified_claims(&self) -> Result<Value, AuthError> {
        let claims = jsonwebtoken::dangerous::insecure_decode_claims(self.text);
        claims.map(|Unique(claims)| claims).map_err(|_| AuthError::Refused)
    }
}

/// Splits a signed JWT in compact form (RFC 7515, section 7.1) into its three parts.
fn parts(text: &str) -> Result<[&str; 3], Unauthenticated> {
    // An abbreviated token ends with dots or an ellipsis.
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

/// Returns the minimum length of a signature in base64url (RFC 7518, sections 3.3 to 3.5; RFC 8037, section 3.1). RSA
/// keys have 2,048 bits or more.
fn min_signature_length(algorithm: &str) -> usize {
    match algorithm {
        "RS256" | "RS384" | "RS512" | "PS256" | "PS384" | "PS512" => 342,
        "ES256" | "EdDSA" => 86,
        "ES384" => 128,
        _ => 0,
    }
}

/// Makes the library check only the signature. The module `claims` checks the claims with the caller's clock, and more
/// strictly than the library. The library would accept a token without an issuer, with an array of issuers, or with an
/// issue time in the future.
fn signature_only(algorithm: Algorithm) -> Validation {
    let mut validation = Validation::new(algorithm);
    validation.required_spec_claims.clear();
    validation.validate_exp = false;
    validation.validate_aud = false;
    validation
}
