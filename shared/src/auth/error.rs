use crate::error::Unauthenticated;

/// The reason why a credential is rejected.
#[derive(Debug, PartialEq, Eq)]
pub enum AuthError {
    /// The credential is malformed, or the token has expired.
    Unauthenticated(Unauthenticated),
    /// The token or API key is invalid. The response never says which check failed, because that would help an
    /// attacker.
    Refused,
    /// The provider is unavailable: its keys cannot be fetched, or an API key cannot be validated. Contains the cause,
    /// for the log.
    Unavailable(String),
    /// The provider limits the rate of API key checks.
    RateLimited {
        /// The seconds to wait before a retry.
        seconds: i64,
    },
}

/// Why a caller is not a member of the organization in the path.
#[derive(Debug, PartialEq, Eq)]
pub enum MembershipError {
    /// The caller does not belong to the organization, whether or not the organization exists.
    NotAMember,
    /// The provider's organization ids are UUIDs, and this id is not one.
    NotAnId,
}

impl From<Unauthenticated> for AuthError {
    fn from(reason: Unauthenticated) -> Self {
        Self::Unauthenticated(reason)
    }
}

impl AuthError {
    /// Returns this error in its form for the session cookie, so that the message does not mention a header.
    pub(super) fn of_session(self) -> Self {
        match self {
            Self::Unauthenticated(Unauthenticated::Expired) => Unauthenticated::SessionExpired.into(),
            Self::Unauthenticated(_) | Self::Refused => Unauthenticated::SessionInvalid.into(),
            Self::Unavailable(_) | Self::RateLimited { .. } => self,
        }
    }
}
