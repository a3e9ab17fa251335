use aws_sdk_dynamodb::config::http::HttpResponse;
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use std::fmt;

/// The store did not do as asked. Its text names the cause for the log and holds nothing of the data.
#[derive(Debug)]
pub enum StoreError {
    /// Out of reach, throttled or too slow: the same call may succeed in a moment.
    Unavailable(String),
    /// DynamoDB refuses the call as it is: a missing table, permission or credential, or a fault of ours.
    Refused(String),
    /// An item lacks an attribute, or has one that Signpost did not write; its name.
    Corrupt(&'static str),
    /// No slug was free in many draws.
    NoFreeSlug,
}

/// What DynamoDB calls the faults that pass.
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html>
const PASSING: [&str; 5] = [
    "InternalServerError",
    "LimitExceededException",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "ThrottlingException",
];

impl<E: ProvideErrorMetadata> From<SdkError<E, HttpResponse>> for StoreError {
    fn from(error: SdkError<E, HttpResponse>) -> Self {
        match error {
            SdkError::TimeoutError(_) => Self::Unavailable("no answer in time".to_owned()),
            SdkError::DispatchFailure(failure) if failure.is_user() => {
                Self::Refused("the request could not be sent as it is".to_owned())
            }
            SdkError::DispatchFailure(_) => Self::Unavailable("no connection".to_owned()),
            SdkError::ResponseError(_) => Self::Unavailable("an answer that broke off".to_owned()),
            // An answer that says success and cannot be read.
            SdkError::ServiceError(garbled) if garbled.raw().status().is_success() => {
                Self::Unavailable("an answer that broke off".to_owned())
            }
            SdkError::ServiceError(refusal) => match refusal.err().code() {
                // DynamoDB names each of its errors: the half of one is no refusal.
                None => Self::Unavailable("an answer that broke off".to_owned()),
                Some(code) if refusal.raw().status().is_server_error() || PASSING.contains(&code) => {
                    Self::Unavailable(code.to_owned())
                }
                Some(code) => Self::Refused(code.to_owned()),
            },
            // Signing without credentials ends here.
            _ => Self::Refused("the request could not be built".to_owned()),
        }
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unavailable(cause) => write!(f, "the store is unavailable: {cause}"),
            Self::Refused(cause) => write!(f, "the store refuses the call: {cause}"),
            Self::Corrupt(attribute) => {
                write!(f, "an item is not as it is written: its attribute '{attribute}' is wrong")
            }
            Self::NoFreeSlug => f.write_str("no slug was free in many draws"),
        }
    }
}

impl std::error::Error for StoreError {}
