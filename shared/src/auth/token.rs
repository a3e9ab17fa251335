use super::AuthError;
use super::algorithm::Algorithms;
use crate::json::Unique;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode};
use serde_json::Value;

/// Longer ones are refused unread. API Gateway lets no header through that comes near it.
const LONGEST: usize = 16 * 1024;
/// How many hexadecimal digits an API key has; PropelAuth's have 128.
const API_KEY_DIGITS: std::ops::RangeInclusive<usize> = 32..=512;
/// Header parameters that name a key or change what is signed (RFC 7515, section 4.1; RFC 7797). Ours are the only
/// keys, and nothing changes how they are used.
const REFUSED_PARAMETERS: [&str; 6] = ["b64", "crit", "jku", "jwk", "x5c", "x5u"];

/// What came in the header `Authorization`, told apart by its looks.
pub enum Credential<'a> {
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
}

/// What is wrong with a token.
#[derive(Debug)]
pub enum Fault {
    /// None of our keys signed it.
    Signature,
    /// It is no token.
    Structure,
}

impl<'a> Credential<'a> {
    /// Takes it out of a header `Authorization` (RFC 6750, section 2.1): the scheme in any case, one space, one token.
    /// Two headers arrive as one with a comma in it, which no token has.
    pub fn from_header(authorization: Option<&'a str>, algorithms: &Algorithms) -> Result<Self, AuthError> {
        let (scheme, text) = authorization.unwrap_or_default().split_once(' ').ok_or(AuthError::Missing)?;
        if !scheme.eq_ignore_ascii_case("bearer") {
            return Err(AuthError::Missing);
        }
        if API_KEY_DIGITS.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Ok(Self::ApiKey(text));
        }
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        if text.len() > LONGEST || !text.bytes().all(allowed) || text.split('.').count() != 3 {
            return Err(AuthError::Refused);
        }
        Token::read(text, algorithms).map(Self::Token).ok_or(AuthError::Refused)
    }
}

impl<'a> Token<'a> {
    fn read(text: &'a str, algorithms: &Algorithms) -> Option<Self> {
        let header = BASE64_URL_SAFE_NO_PAD.decode(text.split('.').next()?).ok()?;
        let Unique(Value::Object(header)) = serde_json::from_slice(&header).ok()? else { return None };
        if REFUSED_PARAMETERS.iter().any(|name| header.contains_key(*name)) {
            return None;
        }
        let algorithm = algorithms.allowed(header.get("alg")?.as_str()?)?;
        let key_id = match header.get("kid") {
            None => None,
            Some(key_id) => Some(key_id.as_str()?.to_owned()),
        };
        Some(Self { text, algorithm, key_id })
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

/// The library checks the signature; the claims are checked in `claims`, by the caller's clock and more strictly: it
/// would take a token without an issuer, with a list for one, or issued in the future.
fn signature_only(algorithm: Algorithm) -> Validation {
    let mut validation = Validation::new(algorithm);
    validation.required_spec_claims.clear();
    validation.validate_exp = false;
    validation.validate_aud = false;
    validation
}
