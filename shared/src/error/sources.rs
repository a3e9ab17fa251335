//! Conversions from the errors of the model, the store and authentication.

#[cfg(feature = "auth")]
use super::Unauthenticated;
use super::{ApiError, Fault};
#[cfg(feature = "auth")]
use crate::auth::{AuthError, MembershipError};
use crate::model::{Closed, Invalid};
use crate::store::{ChangeError, CreateError, HandleError, StoreError, UndoError};

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unavailable(_) => Self::Unavailable(error.to_string()),
            StoreError::Refused(_) | StoreError::Corrupt(_) | StoreError::NoFreeSlug => {
                Self::Internal(error.to_string())
            }
        }
    }
}

impl From<Closed> for ApiError {
    fn from(closed: Closed) -> Self {
        match closed {
            Closed::Disabled => Self::LinkDisabled,
            Closed::Expired => Self::LinkExpired,
        }
    }
}

impl From<CreateError> for ApiError {
    fn from(error: CreateError) -> Self {
        match error {
            CreateError::SlugTaken => Self::SlugTaken { suggested_id: None },
            CreateError::KeyReused => Self::IdempotencyKeyReused,
            CreateError::Store(error) => error.into(),
        }
    }
}

impl From<HandleError> for ApiError {
    fn from(error: HandleError) -> Self {
        match error {
            HandleError::Taken => Self::HandleTaken,
            HandleError::Limit => Self::HandleLimit,
            HandleError::Store(error) => error.into(),
        }
    }
}

impl From<ChangeError> for ApiError {
    fn from(error: ChangeError) -> Self {
        match error {
            ChangeError::NotFound => Self::NotFound,
            ChangeError::NotYours => Self::not_an_editor(),
            ChangeError::NotAManager => Self::cannot_hand_over(),
            ChangeError::PreconditionFailed => Self::PreconditionFailed,
            ChangeError::ExpiryPassed => {
                Self::ValidationFailed(vec![Fault::new("/expires_at", Invalid::not_in_the_future())])
            }
            ChangeError::SlugTaken(_) => Self::SlugTaken { suggested_id: None },
            ChangeError::AliasLimit => Self::AliasLimit,
            ChangeError::Store(error) => error.into(),
        }
    }
}

impl From<UndoError> for ApiError {
    fn from(error: UndoError) -> Self {
        let changed = |name: String| {
            let invalid = Invalid::new("changed", "this value has been changed since then");
            Fault::new(format!("/{name}"), invalid)
        };
        match error {
            UndoError::NotFound => Self::NoSuchRecord,
            UndoError::NotYours => Self::not_an_editor(),
            UndoError::NotAManager => Self::cannot_hand_over(),
            UndoError::AlreadyUndone => Self::AlreadyUndone,
            UndoError::Expired => Self::UndoExpired,
            UndoError::LinkMissing => Self::LinkMissing,
            UndoError::ChangedSince(names) => Self::ChangedSince(names.into_iter().map(changed).collect()),
            UndoError::SlugTaken(_) => Self::SlugTaken { suggested_id: None },
            UndoError::Store(error) => error.into(),
        }
    }
}

#[cfg(feature = "auth")]
impl From<AuthError> for ApiError {
    fn from(error: AuthError) -> Self {
        match error {
            AuthError::Unauthenticated(reason) => Self::Unauthenticated(reason),
            AuthError::Refused => Self::Unauthenticated(Unauthenticated::Invalid),
            AuthError::Unavailable(cause) => Self::Unavailable(cause),
            AuthError::RateLimited { seconds } => Self::RateLimited { seconds },
        }
    }
}

#[cfg(feature = "auth")]
impl From<MembershipError> for ApiError {
    fn from(error: MembershipError) -> Self {
        match error {
            MembershipError::NotAMember => Self::not_a_member(),
            MembershipError::NotAnId => Self::InvalidOrganization(
                "The organization id in the path is invalid; expected a UUID, such as \
                 1189c444-8a2d-4c41-8b4b-ae43ce79a492.",
            ),
        }
    }
}
