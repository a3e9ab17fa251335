use super::claims::Claims;
use super::token::Token;
use crate::settings::{Error, Settings};

/// The kind of token that callers send, and its required audience.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TokenKind {
    /// An access token.
    Access {
        /// The required audience, if any.
        audience: Option<String>,
    },
    /// An ID token (OpenID Connect Core 1.0, section 2).
    Id {
        /// The client that the token must be issued to.
        client_id: String,
    },
}

impl TokenKind {
    /// Reads `AUTH_TOKEN` (`access` by default, but `id` with Google) and `AUTH_AUDIENCE`, the required audience. For
    /// ID tokens, the audience defaults to `SIGN_IN_CLIENT_ID`.
    ///
    /// # Errors
    /// `AUTH_TOKEN` is malformed or does not match the provider, or the client id is missing.
    pub fn from_settings(settings: &Settings, provider: &str) -> Result<Self, Error> {
        let is_id = match (settings.optional("AUTH_TOKEN"), provider) {
            (Some("access"), "google") => {
                Err("is 'access', but Google's access tokens are opaque; leave it empty")
            }
            (Some("id"), "propelauth") => {
                Err("is 'id', but PropelAuth's ID tokens contain no organizations; leave it empty")
            }
            (Some("id"), _) | (None, "google") => Ok(true),
            (Some("access") | None, _) => Ok(false),
            (Some(_), _) => Err("must be 'access' or 'id'"),
        };
        let is_id = is_id.map_err(|rule| Error::malformed("AUTH_TOKEN", rule))?;
        let audience = settings.optional("AUTH_AUDIENCE").map(str::to_owned);
        if !is_id {
            return Ok(Self::Access { audience });
        }
        let client_id = audience.or_else(|| settings.optional("SIGN_IN_CLIENT_ID").map(str::to_owned));
        let rule = "is missing, and so is SIGN_IN_CLIENT_ID; an ID token is valid only for the client that it was issued \
                    to";
        client_id
            .map(|client_id| Self::Id { client_id })
            .ok_or_else(|| Error::malformed("AUTH_AUDIENCE", rule))
    }

    /// Returns whether callers send ID tokens.
    pub fn is_id(&self) -> bool {
        matches!(self, Self::Id { .. })
    }

    /// Returns whether a token's header is compatible with this kind.
    pub fn may_be(&self, token: &Token<'_>) -> bool {
        !(self.is_id() && token.is_access_token)
    }

    /// Returns whether a token with these claims was issued for us.
    pub fn is_for_us(&self, claims: &Claims) -> bool {
        match self {
            Self::Access { audience } => audience.as_deref().is_none_or(|audience| claims.is_for(audience)),
            Self::Id { client_id } => claims.is_for_client(client_id),
        }
    }
}
