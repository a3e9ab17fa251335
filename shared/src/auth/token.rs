use super::{AuthError, Claims};
use crate::json::Unique;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode};
use serde_json::Value;

/// Longer ones are refused unread. API Gateway lets no header through that comes near it.
const LONGEST: usize = 16 * 1024;
/// Header parameters that name a key or change what is signed (RFC 7515, section 4.1; RFC 7797). Ours are the only
/// keys, and nothing changes how they are used.
const REFUSED_PARAMETERS: [&str; 6] = ["b64", "crit", "jku", "jwk", "x5c", "x5u"];

/// A token whose header is in order: a signed JWT (RFC 7519) of RS256 that brings no key of its own.
pub struct Token<'a>(&'a str);

/// What is wrong with a token.
#[derive(Debug)]
pub enum Fault {
    /// It is not signed by this key.
    Signature,
    /// It is no token.
    Structure,
}

impl<'a> Token<'a> {
    /// Takes the token out of a header `Authorization` (RFC 6750, section 2.1): the scheme in any case, one space,
    /// one token. Two headers arrive as one with a comma in it, which no token has.
    pub fn from_header(authorization: Option<&'a str>) -> Result<Self, AuthError> {
        let (scheme, token) = authorization.unwrap_or_default().split_once(' ').ok_or(AuthError::Missing)?;
        if !scheme.eq_ignore_ascii_case("bearer") {
            return Err(AuthError::Missing);
        }
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        if token.len() > LONGEST || !token.bytes().all(allowed) || token.split('.').count() != 3 {
            return Err(AuthError::Refused);
        }
        if header_is_ours(token).unwrap_or(false) { Ok(Self(token)) } else { Err(AuthError::Refused) }
    }

    /// The claims, if `key` signed them.
    pub fn verified_by(&self, key: &DecodingKey) -> Result<Claims, Fault> {
        let verified =
            decode::<Unique>(self.0, key, &signature_only()).map_err(|error| match error.kind() {
                ErrorKind::InvalidSignature => Fault::Signature,
                _ => Fault::Structure,
            })?;
        serde_json::from_value(verified.claims.0).map_err(|_| Fault::Structure)
    }

    /// The claims that anybody may have written.
    pub fn unverified_claims(&self) -> Result<Claims, AuthError> {
        let claims: Unique =
            jsonwebtoken::dangerous::insecure_decode_claims(self.0).map_err(|_| AuthError::Refused)?;
        serde_json::from_value(claims.0).map_err(|_| AuthError::Refused)
    }
}

fn header_is_ours(token: &str) -> Option<bool> {
    let header = BASE64_URL_SAFE_NO_PAD.decode(token.split('.').next()?).ok()?;
    let Unique(Value::Object(header)) = serde_json::from_slice(&header).ok()? else { return None };
    let refused = REFUSED_PARAMETERS.iter().any(|name| header.contains_key(*name));
    Some(header.get("alg")?.as_str()? == "RS256" && !refused)
}

/// The library checks the signature; the claims are checked in `claims`, by the caller's clock and more strictly: it
/// would take a token without an issuer, with a list for one, or issued in the future.
fn signature_only() -> Validation {
    let mut validation = Validation::new(Algorithm::RS256);
    validation.required_spec_claims.clear();
    validation.validate_exp = false;
    validation.validate_aud = false;
    validation
}
