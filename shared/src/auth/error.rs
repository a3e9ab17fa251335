use crate::error::Unauthenticated;

/// Why no caller is known.
#[derive(Debug, PartialEq, Eq)]
pub enum AuthError {
    /// The header shows it, or the token's time is over.
    Unauthenticated(Unauthenticated),
    /// The token or API key is not valid here. Which check it fails is never reported: that would help whoever forges one.
    Refused,
    /// The provider cannot be asked for the key to verify it by, or about it; the cause, for the log.
    Unavailable(String),
    /// The provider wants to be asked about it later.
    RateLimited {
        /// After so many seconds.
        seconds: i64,
    },
}

/// Why a caller is not a member of the organization in the path.
#[derive(Debug, PartialEq, Eq)]
pub enum MembershipError {
    /// They do not belong to it, whether or not it exists.
    NotAMember,
    /// The provider's organizations have UUIDs, and this id is not one.
    NotAnId,
}

impl From<Unauthenticated> for AuthError {
    fn from(reason: Unauthenticated) -> Self {
        Self::Unauthenticated(reason)
    }
}

impl AuthError {
    /// The same error of a token that came in the session cookie: its sentence must not speak of a header.
    pub(super) fn of_session(self) -> Self {
        match self {
            Self::Unauthenticated(Unauthenticated::Expired) => Unauthenticated::SessionExpired.into(),
            Self::Unauthenticated(_) | Self::Refused => Unauthenticated::SessionInvalid.into(),
            Self::Unavailable(_) | Self::RateLimited { .. } => self,
        }
    }
}
