use super::AuthError;
use crate::model::Timestamp;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// The tolerated clock skew between the issuer and us, in seconds.
const LEEWAY: f64 = 60.0;

/// The registered claims (RFC 7519, section 4.1) that are in the tokens of every issuer. The provider's `mapping` reads
/// the user and their roles.
#[derive(Debug, Deserialize)]
pub struct Claims {
    iss: String,
    exp: f64,
    iat: f64,
    #[serde(default, deserialize_with = "present")]
    nbf: Option<f64>,
    /// Any JSON value, because it is checked only if an audience is configured.
    #[serde(default)]
    aud: Value,
    /// Checked only in ID tokens.
    #[serde(default)]
    azp: Value,
}

/// Deserializes an optional claim that must not be null.
fn present<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

impl Claims {
    /// Parses the claims.
    pub fn parse(claims: &Value) -> Result<Self, AuthError> {
        Self::deserialize(claims).map_err(|_| AuthError::Refused)
    }

    /// Returns whether `iss` is exactly this issuer.
    pub fn is_from(&self, issuer: &str) -> bool {
        self.iss == issuer
    }

    /// Returns whether `aud` contains this audience (RFC 7519, section 4.1.3).
    pub fn is_for(&self, audience: &str) -> bool {
        match &self.aud {
            Value::String(one) => one == audience,
            Value::Array(many) => many.iter().any(|one| one == audience),
            _ => false,
        }
    }

    /// Returns whether an ID token was issued to this client (OpenID Connect Core 1.0, section 3.1.3.7). `aud` must
    /// contain the client. If `azp` is present, it must be the client; otherwise `aud` must contain no other client.
    /// With Google, `azp` distinguishes a user's token from a service account's token, which anyone can obtain for any
    /// `aud`.
    pub fn is_for_client(&self, client_id: &str) -> bool {
        let has_others = self.aud.as_array().is_some_and(|audiences| audiences.len() > 1);
        let is_authorized = if self.azp.is_null() { !has_others } else { self.azp == client_id };
        self.is_for(client_id) && is_authorized
    }

    /// Returns whether the token is already valid at `now`, with leeway.
    pub fn has_begun(&self, now: Timestamp) -> bool {
        self.nbf.unwrap_or(self.iat).max(self.iat) <= seconds(now) + LEEWAY
    }

    /// Returns when the token expires, without leeway; at most [`Timestamp::LAST`].
    #[expect(clippy::cast_possible_truncation, reason = "only fractions and impossibly late times are lost")]
    pub fn expires_at(&self) -> Timestamp {
        let millis = (self.exp * 1000.0) as i64;
        Timestamp::try_from(millis.max(0)).unwrap_or(Timestamp::LAST)
    }

    /// Returns whether the token has expired at `now`, with leeway.
    pub fn has_expired(&self, now: Timestamp) -> bool {
        seconds(now) >= self.exp + LEEWAY
    }
}

#[expect(clippy::cast_precision_loss, reason = "milliseconds since 1970 are exact in a double")]
fn seconds(now: Timestamp) -> f64 {
    now.millis() as f64 / 1000.0
}
