use super::AuthError;
use crate::model::Timestamp;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// How far the issuer's clock and ours may be apart, in seconds.
const LEEWAY: f64 = 60.0;

/// The claims that every token has or may have, whoever issued it (RFC 7519, section 4.1). Who it is for, and what they
/// may do, is read by the provider's `mapping`.
#[derive(Debug, Deserialize)]
pub struct Claims {
    iss: String,
    exp: f64,
    iat: f64,
    #[serde(default, deserialize_with = "present")]
    nbf: Option<f64>,
    /// In whatever form, because it counts only where an audience is configured.
    #[serde(default)]
    aud: Value,
    /// Counts only for an ID token.
    #[serde(default)]
    azp: Value,
}

/// A claim that may be left out, but is not null when it is there.
fn present<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

impl Claims {
    /// Reads them.
    pub fn of(claims: &Value) -> Result<Self, AuthError> {
        Self::deserialize(claims).map_err(|_| AuthError::Refused)
    }

    /// Whether `iss` is this issuer, to the byte.
    pub fn is_from(&self, issuer: &str) -> bool {
        self.iss == issuer
    }

    /// Whether `aud` names this audience (RFC 7519, section 4.1.3).
    pub fn is_for(&self, audience: &str) -> bool {
        match &self.aud {
            Value::String(one) => one == audience,
            Value::Array(many) => many.iter().any(|one| one == audience),
            _ => false,
        }
    }

    /// Whether an ID token is made for this client (OpenID Connect Core 1.0, section 3.1.3.7): `aud` names it, and so does `azp`,
    /// which may be absent only if `aud` names no other. With Google, `azp` tells a user's token from that of a service
    /// account, which anybody can have made for any `aud`.
    pub fn is_for_client(&self, client_id: &str) -> bool {
        let has_others = self.aud.as_array().is_some_and(|audiences| audiences.len() > 1);
        let is_authorized = if self.azp.is_null() { !has_others } else { self.azp == client_id };
        self.is_for(client_id) && is_authorized
    }

    /// Whether the token is issued and valid already at `now`, give or take the leeway.
    pub fn has_begun(&self, now: Timestamp) -> bool {
        self.nbf.unwrap_or(self.iat).max(self.iat) <= seconds(now) + LEEWAY
    }

    /// When the token expires, without the leeway; at most [`Timestamp::LAST`].
    #[expect(clippy::cast_possible_truncation, reason = "what is cut is beyond any clock")]
    pub fn expires_at(&self) -> Timestamp {
        let millis = (self.exp * 1000.0) as i64;
        Timestamp::try_from(millis.max(0)).unwrap_or(Timestamp::LAST)
    }

    /// Whether the token has expired at `now`, leeway included.
    pub fn has_expired(&self, now: Timestamp) -> bool {
        seconds(now) >= self.exp + LEEWAY
    }
}

#[expect(clippy::cast_precision_loss, reason = "milliseconds of this age are exact in a double")]
fn seconds(now: Timestamp) -> f64 {
    now.millis() as f64 / 1000.0
}
