//! The wiring of a Lambda function: which services it can use, and how it starts and responds to events.
//!
//! Each function is a struct, and can use only the services in its fields. The function's `main` calls [`run`];
//! `local` and the tests build the same structs.

mod services;

pub use services::{Environment, Services};

use crate::error::ApiError;
use crate::http::{Request, respond, respond_to_visitor};
use crate::model::Timestamp;
use crate::settings::{self, Settings};
use lambda_http::aws_lambda_events::apigw::ApiGatewayV2httpResponse;
use lambda_http::{Body, Error, LambdaEvent, Response, lambda_runtime, service_fn};
use serde::Serialize;
use serde_json::value::RawValue;
use std::error;
use std::time::Duration;
use tokio::runtime::Builder;

/// The timeout of a function, unless `template.yaml` sets a different timeout.
pub const TIMEOUT: Duration = Duration::from_secs(5);

/// A Lambda function. The function can use only the services in its fields.
pub trait Lambda: Sized {
    /// What the function uses besides its settings: [`Services`], or `()` for a function that calls no AWS service.
    type Services: Environment;

    /// Builds the function from its settings, without a network call.
    ///
    /// # Errors
    /// A setting is missing or malformed.
    fn from_settings(settings: &Settings, services: &Self::Services) -> Result<Self, settings::Error>;

    /// Makes the function's DynamoDB call once, without effect, so that everything is set up before the first request.
    /// Does nothing by default.
    fn prime(&self) -> impl Future<Output = ()> + Send {
        async {}
    }
}

/// A Lambda function behind the HTTP API.
pub trait HttpLambda: Lambda {
    /// The function's timeout, as in `template.yaml`.
    const TIMEOUT: Duration = TIMEOUT;

    /// Who sends the function's requests. The sender determines the form of the function's errors.
    const AUDIENCE: Audience = Audience::Clients;

    /// Handles a request at the time `now`.
    ///
    /// # Errors
    /// Each function documents its errors. The error becomes the response.
    fn handle(
        &self,
        request: Request,
        now: Timestamp,
    ) -> impl Future<Output = Result<Response<Body>, ApiError>> + Send;
}

/// Who sends requests to a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// API clients. An error is a problem document, and changes are written to the audit log ([`respond`]).
    Clients,
    /// People who follow links. In a browser, an error that concerns visitors is shown as a page
    /// ([`respond_to_visitor`]).
    Visitors,
}

/// Responds to an event from the HTTP API at the time `now`. Every event gets a response.
pub async fn invoke<F: HttpLambda>(
    function: &F,
    event: &RawValue,
    now: Timestamp,
) -> ApiGatewayV2httpResponse {
    let handle = |request| function.handle(request, now);
    match F::AUDIENCE {
        Audience::Clients => respond(event, now, F::TIMEOUT, handle).await,
        Audience::Visitors => respond_to_visitor(event, now, F::TIMEOUT, handle).await,
    }
}

/// Runs a function behind the HTTP API: starts it from the process's environment and responds to events until Lambda stops
/// the process.
///
/// # Errors
/// A setting is missing or malformed, or the Runtime API fails.
pub fn run<F: HttpLambda>() -> Result<(), Error> {
    run_with(async |function: &F, event: &RawValue, now| {
        Ok::<_, settings::Error>(invoke(function, event, now).await)
    })
}

/// Runs a function that is triggered by events other than HTTP requests. `answer` responds to each event.
///
/// # Errors
/// A setting is missing or malformed, or the Runtime API fails.
pub fn run_with<F, A, E>(answer: impl AsyncFn(&F, &RawValue, Timestamp) -> Result<A, E>) -> Result<(), Error>
where
    F: Lambda,
    A: Serialize,
    E: error::Error + Send + Sync + 'static,
{
    // One thread is enough, because an instance handles one invocation at a time.
    Builder::new_current_thread().enable_all().build()?.block_on(async {
        let settings = Settings::from_env();
        let services = F::Services::from_env(&settings).await?;
        let function = F::from_settings(&settings, &services)?;
        function.prime().await;

        lambda_runtime::run(service_fn(async |event: LambdaEvent<Box<RawValue>>| {
            Ok::<_, Error>(answer(&function, &event.payload, Timestamp::now()).await?)
        }))
        .await
    })
}
