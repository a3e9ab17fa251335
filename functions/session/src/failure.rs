use lambda_http::http::StatusCode;
use shared::auth::AuthError;

/// Why a sign-in failed. The cause, which is logged, contains no code, state, verifier, token or cookie.
#[derive(Debug)]
pub enum Failure {
    /// The provider or another dependency is unavailable.
    Unavailable(String),
    /// The provider's response is invalid, or the provider rejects this client.
    Provider(String),
    /// The callback is invalid or comes too late. Any browser can cause this.
    Callback(&'static str),
    /// The provider did not sign the user in.
    Denied(&'static str),
    /// The token does not fit in a cookie, even for one organization.
    TooLarge,
}

impl Failure {
    /// Returns the status of the page.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Provider(_) => StatusCode::BAD_GATEWAY,
            Self::Callback(_) => StatusCode::BAD_REQUEST,
            Self::Denied(_) | Self::TooLarge => StatusCode::FORBIDDEN,
        }
    }

    /// Returns the cause, for the log.
    pub fn cause(&self) -> &str {
        match self {
            Self::Unavailable(cause) | Self::Provider(cause) => cause,
            Self::Callback(cause) | Self::Denied(cause) => cause,
            Self::TooLarge => "the token is too large for a cookie",
        }
    }

    /// Returns whether the cause is one that the operator of Signpost can fix.
    pub fn is_ours(&self) -> bool {
        matches!(self, Self::Unavailable(_) | Self::Provider(_))
    }
}

/// Converts an error from verifying a token that the provider's own token endpoint issued.
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
