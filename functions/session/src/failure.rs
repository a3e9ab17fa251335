use lambda_http::http::StatusCode;
use shared::auth::AuthError;

/// Why nobody was signed in; the cause, for the log. It holds no code, state, verifier, token or cookie.
#[derive(Debug)]
pub enum Failure {
    /// The provider, or something that is needed to ask it, is out of reach.
    Unavailable(String),
    /// What the provider answers cannot be used, or it refuses this deployment.
    Provider(String),
    /// The browser came back with something that is not valid, or no longer. Any browser can cause it.
    Callback(&'static str),
    /// The provider did not sign the person in.
    Denied(&'static str),
    /// The token does not fit into a cookie, also if it is for one organization.
    TooLarge,
}

impl Failure {
    /// The status of the page.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Provider(_) => StatusCode::BAD_GATEWAY,
            Self::Callback(_) => StatusCode::BAD_REQUEST,
            Self::Denied(_) | Self::TooLarge => StatusCode::FORBIDDEN,
        }
    }

    /// The cause, for the log.
    pub fn cause(&self) -> &str {
        match self {
            Self::Unavailable(cause) | Self::Provider(cause) => cause,
            Self::Callback(cause) | Self::Denied(cause) => cause,
            Self::TooLarge => "the token is too large for a cookie",
        }
    }

    /// Whether the operator can do something about it.
    pub fn is_ours(&self) -> bool {
        matches!(self, Self::Unavailable(_) | Self::Provider(_))
    }
}

/// A token that comes from the provider's own token endpoint, and is not accepted.
impl From<AuthError> for Failure {
    fn from(error: AuthError) -> Self {
        match error {
            AuthError::Unavailable(cause) => Self::Unavailable(cause),
            AuthError::RateLimited { .. } => {
                Self::Unavailable("the provider limits the rate of requests".to_owned())
            }
            AuthError::Unauthenticated(_) => Self::Provider(
                "the provider's token is not a signed JWT or has expired; check the audience and the clock"
                    .to_owned(),
            ),
            AuthError::Refused => Self::Provider(
                "the provider's token is invalid here; check issuer, key, audience, token kind and nonce"
                    .to_owned(),
            ),
        }
    }
}
