//! `POST /{org_id}/-/import`: imports the links of a file.

pub mod file;

use lambda_http::{Body, Response};
use shared::error::ApiError;
use shared::http::{Authenticator, Request};
use shared::lambda::{HttpLambda, Lambda, Services};
use shared::model::Timestamp;
use shared::settings::{Error, Settings};
use std::time::Duration;

/// The function and everything that it uses.
#[derive(Debug)]
pub struct Import {
    callers: Authenticator,
}

impl Lambda for Import {
    type Services = Services;

    fn from_settings(settings: &Settings, services: &Services) -> Result<Self, Error> {
        Ok(Self { callers: services.authenticator(settings)? })
    }
}

impl HttpLambda for Import {
    /// Rows are written for at most 20 s, and each write has its own timeout.
    const TIMEOUT: Duration = Duration::from_secs(29);

    async fn handle(&self, request: Request, now: Timestamp) -> Result<Response<Body>, ApiError> {
        self.callers.member(&request, now).await?;
        Err(ApiError::NotFound)
    }
}
