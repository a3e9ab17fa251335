//! All errors that a request can end with, and their HTTP statuses. No other module maps errors to statuses.

mod fault;
mod sources;
mod unauthenticated;

pub use fault::Fault;
pub use unauthenticated::Unauthenticated;

use crate::model::Slug;
use lambda_http::http::StatusCode;
use lambda_http::http::header::{ALLOW, HeaderName, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};

/// The reason why a request failed.
#[derive(Debug)]
pub enum ApiError {
    /// The body is not valid JSON, or the event is not a request. Contains the first fault, as a sentence.
    MalformedBody(String),
    /// The file cannot be read. Contains the reason and what to do, as sentences.
    UnreadableFile(String),
    /// Query parameters are unknown or break a rule.
    InvalidQuery(Vec<Fault>),
    /// The cursor does not belong to this list.
    InvalidCursor,
    /// A request header is invalid. Contains the broken rule, as a sentence.
    InvalidHeader(&'static str),
    /// The organization id in the path is invalid. Contains the broken rule, as a sentence.
    InvalidOrganization(&'static str),
    /// The caller is not authenticated.
    Unauthenticated(Unauthenticated),
    /// The caller is not authenticated, and this deployment has no browser sign-in.
    SignInNotConfigured,
    /// The caller does not have permission. Contains the reason, as a sentence.
    Forbidden(&'static str),
    /// There is no such link.
    NotFound,
    /// The organization's history has no such record.
    NoSuchRecord,
    /// A visitor followed a link that does not exist, or a link of an unknown handle or organization: the response does not
    /// reveal which. Contains the slug, for the error page.
    NoSuchLink(Slug),
    /// The path does not support this method.
    MethodNotAllowed {
        /// The supported methods, as in the header `Allow`.
        allow: &'static str,
    },
    /// The requested slug belongs to another link.
    SlugTaken {
        /// A similar slug that was free a moment ago, if one was found.
        suggested_id: Option<Slug>,
    },
    /// The link has the maximum number of aliases.
    AliasLimit,
    /// The change was undone before.
    AlreadyUndone,
    /// The change cannot be undone, because values that it changed have been changed again.
    ChangedSince(Vec<Fault>),
    /// The change cannot be undone, because its link has been deleted.
    LinkMissing,
    /// The link was deleted too long ago to be restored.
    UndoExpired,
    /// The handle belongs to another organization.
    HandleTaken,
    /// The organization has the maximum number of handles.
    HandleLimit,
    /// The link is switched off.
    LinkDisabled,
    /// The link has expired.
    LinkExpired,
    /// The link does not have the version that the caller requires.
    PreconditionFailed,
    /// The body is too large.
    PayloadTooLarge,
    /// The file to import is too large.
    FileTooLarge,
    /// The body is not declared to be JSON.
    UnsupportedMediaType,
    /// Fields of the body are missing or unknown, or break a rule.
    ValidationFailed(Vec<Fault>),
    /// The idempotency key was already used with a different body.
    IdempotencyKeyReused,
    /// The sign-in provider limits the rate of API key checks.
    RateLimited {
        /// The seconds to wait before a retry.
        seconds: i64,
    },
    /// A dependency is temporarily unavailable. Contains the cause, for the log.
    Unavailable(String),
    /// An internal error. Contains the cause, for the log.
    Internal(String),
}

impl ApiError {
    /// Creates the error for a caller who does not belong to the organization in the path.
    pub fn not_a_member() -> Self {
        Self::Forbidden("You are not a member of this organization.")
    }

    /// Creates the error for a path that contains a handle instead of an organization id.
    pub fn handle_for_an_id() -> Self {
        Self::InvalidOrganization(
            "The path has a handle instead of an organization id; handles work only in short URLs.",
        )
    }

    /// Creates the error for a path without a valid organization id.
    pub fn invalid_org_id() -> Self {
        Self::InvalidOrganization(
            "The organization id in the path is invalid; it must be 1 to 128 letters (a-z, A-Z), digits, '.', '_', ':' or \
             '-', and begin with a letter or digit.",
        )
    }

    /// Creates the error for a member who is not an admin of the organization.
    pub fn not_a_manager() -> Self {
        Self::Forbidden("Only an organization admin can do this.")
    }

    /// Creates the error for a member who hands a link over without being an admin.
    pub fn cannot_hand_over() -> Self {
        Self::Forbidden("Only an organization admin can hand a link over to another user.")
    }

    /// Creates the error for a member who can edit only their own links.
    pub fn not_an_editor() -> Self {
        Self::Forbidden("Only the link's creator or an organization admin can do this.")
    }

    /// Creates the error for an invalid `If-Match`.
    pub fn invalid_if_match() -> Self {
        Self::InvalidHeader(
            "The header 'If-Match' is invalid; send '*' or a list of at most ten entity tags.",
        )
    }

    /// Creates the error for an invalid `Idempotency-Key`.
    pub fn invalid_idempotency_key() -> Self {
        Self::InvalidHeader(
            "The header 'Idempotency-Key' is invalid; send 1 to 255 visible ASCII characters.",
        )
    }

    /// Returns the HTTP status (RFC 9110, section 15).
    pub fn status(&self) -> StatusCode {
        match self {
            Self::MalformedBody(_)
            | Self::UnreadableFile(_)
            | Self::InvalidQuery(_)
            | Self::InvalidCursor
            | Self::InvalidHeader(_)
            | Self::InvalidOrganization(_) => StatusCode::BAD_REQUEST,
            Self::Unauthenticated(_) | Self::SignInNotConfigured => StatusCode::UNAUTHORIZED,
            Self::Forbidden(_) => StatusCode::FORBIDDEN,
            Self::NotFound | Self::NoSuchRecord | Self::NoSuchLink(_) => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed { .. } => StatusCode::METHOD_NOT_ALLOWED,
            Self::SlugTaken { .. }
            | Self::AliasLimit
            | Self::AlreadyUndone
            | Self::ChangedSince(_)
            | Self::LinkMissing
            | Self::HandleTaken
            | Self::HandleLimit => StatusCode::CONFLICT,
            Self::LinkDisabled | Self::LinkExpired | Self::UndoExpired => StatusCode::GONE,
            Self::PreconditionFailed => StatusCode::PRECONDITION_FAILED,
            Self::PayloadTooLarge | Self::FileTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::ValidationFailed(_) | Self::IdempotencyKeyReused => StatusCode::UNPROCESSABLE_ENTITY,
            Self::RateLimited { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// Returns the reason phrase of the status. RFC 9457 (section 4.2.1) recommends it as the title of a problem of type
    /// `about:blank`.
    pub fn title(&self) -> &'static str {
        match self.status() {
            // For these two statuses, `StatusCode` does not use the names from RFC 9110.
            StatusCode::PAYLOAD_TOO_LARGE => "Content Too Large",
            StatusCode::UNPROCESSABLE_ENTITY => "Unprocessable Content",
            status => status.canonical_reason().unwrap_or_default(),
        }
    }

    /// Returns the stable code by which programs distinguish errors.
    pub fn code(&self) -> &'static str {
        match self {
            Self::MalformedBody(_) => "malformed_body",
            Self::UnreadableFile(_) => "unreadable_file",
            Self::InvalidQuery(_) => "invalid_query",
            Self::InvalidCursor => "invalid_cursor",
            Self::InvalidHeader(_) => "invalid_header",
            Self::InvalidOrganization(_) => "invalid_organization",
            Self::Unauthenticated(_) => "unauthenticated",
            Self::SignInNotConfigured => "sign_in_not_configured",
            Self::Forbidden(_) => "forbidden",
            Self::NotFound | Self::NoSuchRecord | Self::NoSuchLink(_) => "not_found",
            Self::MethodNotAllowed { .. } => "method_not_allowed",
            Self::SlugTaken { .. } => "slug_taken",
            Self::AliasLimit => "alias_limit",
            Self::AlreadyUndone => "already_undone",
            Self::ChangedSince(_) => "changed_since",
            Self::LinkMissing => "link_missing",
            Self::UndoExpired => "undo_expired",
            Self::HandleTaken => "handle_taken",
            Self::HandleLimit => "handle_limit",
            Self::LinkDisabled => "link_disabled",
            Self::LinkExpired => "link_expired",
            Self::PreconditionFailed => "precondition_failed",
            Self::PayloadTooLarge | Self::FileTooLarge => "payload_too_large",
            Self::UnsupportedMediaType => "unsupported_media_type",
            Self::ValidationFailed(_) => "validation_failed",
            Self::IdempotencyKeyReused => "idempotency_key_reused",
            Self::RateLimited { .. } => "rate_limited",
            Self::Unavailable(_) => "unavailable",
            Self::Internal(_) => "internal",
        }
    }

    /// Returns the sentence for the caller. The sentence never contains the cause of an internal error.
    pub fn detail(&self) -> &str {
        match self {
            Self::MalformedBody(fault) => fault,
            Self::UnreadableFile(reason) => reason,
            Self::InvalidQuery(_) => "One or more query parameters are invalid; see 'errors'.",
            Self::InvalidCursor => "The cursor does not belong to this list; start again without a cursor.",
            Self::InvalidHeader(rule) => rule,
            Self::InvalidOrganization(rule) => rule,
            Self::Unauthenticated(reason) => reason.detail(),
            Self::SignInNotConfigured => "Sign-in isn't set up. If you run this server, set SignInClientId.",
            Self::Forbidden(rule) => rule,
            Self::NotFound | Self::NoSuchLink(_) => "There is no such link.",
            Self::NoSuchRecord => "The history has no such record.",
            Self::MethodNotAllowed { .. } => {
                "This path does not support this method; use one of those in the header 'Allow'."
            }
            Self::SlugTaken { .. } => "This slug is already taken; choose another.",
            Self::AliasLimit => {
                "The link already has five aliases, which is the maximum; delete one of them first."
            }
            Self::AlreadyUndone => "This change was already undone.",
            Self::ChangedSince(_) => {
                "These values have changed since then, see 'errors'; undo the later changes first, or edit the link."
            }
            Self::LinkMissing => "The link has been deleted since then; undo its deletion first.",
            Self::UndoExpired => "The link was deleted more than 30 days ago and cannot be brought back.",
            Self::HandleTaken => "This handle is already taken by another organization; choose another.",
            Self::HandleLimit => "The organization already has five handles, which is the maximum.",
            Self::LinkDisabled => "This link is switched off.",
            Self::LinkExpired => "This link has expired.",
            Self::PreconditionFailed => {
                "The link has changed since you read it; read it again, then change it."
            }
            Self::PayloadTooLarge => "The body is too large; the maximum is 16,384 bytes.",
            Self::FileTooLarge => {
                "The file is too large; the maximum is 4,000,000 bytes. Split it, and import its parts one after another."
            }
            Self::UnsupportedMediaType => {
                "The media type is not supported; send JSON in UTF-8 with 'Content-Type: application/json'."
            }
            Self::ValidationFailed(_) => "One or more fields are invalid; see 'errors'.",
            Self::IdempotencyKeyReused => {
                "This idempotency key was already used with a different body; send a new key with a new request."
            }
            Self::RateLimited { .. } => {
                "The sign-in provider limits the rate of API key checks; try again after the seconds in 'Retry-After'."
            }
            Self::Unavailable(_) => "The service is temporarily unavailable; try again in a moment.",
            Self::Internal(_) => "An internal error occurred; the operator can find its cause in the log.",
        }
    }

    /// Returns the faults of the request, if the error is about fields or parameters.
    pub fn faults(&self) -> &[Fault] {
        match self {
            Self::InvalidQuery(faults) | Self::ValidationFailed(faults) | Self::ChangedSince(faults) => {
                faults
            }
            _ => &[],
        }
    }

    /// Returns the slug to suggest instead of the taken slug, if a free one was found.
    pub fn suggested_id(&self) -> Option<&Slug> {
        match self {
            Self::SlugTaken { suggested_id } => suggested_id.as_ref(),
            _ => None,
        }
    }

    /// Returns the cause of an internal error, for the log. The cause contains no token, header or address.
    ///
    /// The match has no wildcard arm, so that the compiler asks whether a new error has a cause to log.
    pub fn cause(&self) -> Option<&str> {
        match self {
            Self::Unavailable(cause) | Self::Internal(cause) => Some(cause),
            Self::MalformedBody(_)
            | Self::UnreadableFile(_)
            | Self::InvalidCursor
            | Self::InvalidHeader(_)
            | Self::InvalidOrganization(_)
            | Self::Unauthenticated(_)
            | Self::SignInNotConfigured
            | Self::Forbidden(_)
            | Self::NotFound
            | Self::NoSuchRecord
            | Self::NoSuchLink(_)
            | Self::AlreadyUndone
            | Self::ChangedSince(_)
            | Self::LinkMissing
            | Self::UndoExpired
            | Self::MethodNotAllowed { .. }
            | Self::SlugTaken { .. }
            | Self::AliasLimit
            | Self::HandleTaken
            | Self::HandleLimit
            | Self::LinkDisabled
            | Self::LinkExpired
            | Self::PreconditionFailed
            | Self::PayloadTooLarge
            | Self::FileTooLarge
            | Self::UnsupportedMediaType
            | Self::InvalidQuery(_)
            | Self::ValidationFailed(_)
            | Self::IdempotencyKeyReused
            | Self::RateLimited { .. } => None,
        }
    }

    /// Returns the header that the status requires, if any.
    pub fn header(&self) -> Option<(HeaderName, HeaderValue)> {
        match self {
            Self::Unauthenticated(reason) => {
                let challenge = HeaderValue::try_from(reason.challenge());
                Some((WWW_AUTHENTICATE, challenge.unwrap_or(HeaderValue::from_static("Bearer"))))
            }
            Self::SignInNotConfigured => Some((WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"))),
            Self::MethodNotAllowed { allow } => Some((ALLOW, HeaderValue::from_static(allow))),
            Self::RateLimited { seconds } => Some((RETRY_AFTER, HeaderValue::from(*seconds))),
            Self::Unavailable(_) => Some((RETRY_AFTER, HeaderValue::from_static("1"))),
            _ => None,
        }
    }
}
