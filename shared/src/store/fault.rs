use aws_sdk_dynamodb::config::http::HttpResponse;
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use std::fmt;

/// A failed DynamoDB call. Its text, which is for the log, states the cause and contains no data.
#[derive(Debug)]
pub enum StoreError {
    /// DynamoDB is unreachable, throttles the call or is too slow. The same call may succeed soon.
    Unavailable(String),
    /// DynamoDB rejected the call: a table, permission or credential is missing, or the request is invalid.
    Refused(String),
    /// The attribute with this name is missing or malformed.
    Corrupt(&'static str),
    /// None of the slugs that were tried is free.
    NoFreeSlug,
}

/// The codes of transient errors.
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html>
const TRANSIENT: [&str; 5] = [
    "InternalServerError",
    "LimitExceededException",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "ThrottlingException",
];

impl<E: ProvideErrorMetadata> From<SdkError<E, HttpResponse>> for StoreError {
    fn from(error: SdkError<E, HttpResponse>) -> Self {
        match error {
            SdkError::TimeoutError(_) => Self::Unavailable("the call timed out".to_owned()),
            SdkError::DispatchFailure(failure) if failure.is_user() => {
                Self::Refused("the request is invalid and was not sent".to_owned())
            }
            SdkError::DispatchFailure(_) => Self::Unavailable("no connection".to_owned()),
            SdkError::ResponseError(_) => Self::Unavailable("the response ended early".to_owned()),
            // The call succeeded, but the body of the response cannot be read.
            SdkError::ServiceError(garbled) if garbled.raw().status().is_success() => {
                Self::Unavailable("the response ended early".to_owned())
            }
            SdkError::ServiceError(refusal) => match refusal.err().code() {
                // DynamoDB sends a code with every error. If there is no code, a part of the response is missing.
                None => Self::Unavailable("the response ended early".to_owned()),
                Some(code) if refusal.raw().status().is_server_error() || TRANSIENT.contains(&code) => {
                    Self::Unavailable(code.to_owned())
                }
                Some(code) => Self::Refused(code.to_owned()),
            },
            // For example, a request cannot be signed without credentials.
            _ => Self::Refused("the request could not be built".to_owned()),
        }
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unavailable(cause) => write!(f, "the store is unavailable: {cause}"),
            Self::Refused(cause) => write!(f, "the store rejected the call: {cause}"),
            Self::Corrupt(attribute) => {
                write!(f, "an item is corrupt: its attribute '{attribute}' is missing or malformed")
            }
            Self::NoFreeSlug => f.write_str("no free slug was found in many attempts"),
        }
    }
}

impl std::error::Error for StoreError {}
