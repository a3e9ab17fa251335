//! The functions, built from settings in the same way as in their `main`s.

use crate::stack::sdk_config;
use aws_sdk_dynamodb::config::HttpClient;
use lambda_http::BoxFuture;
use lambda_http::aws_lambda_events::apigw::ApiGatewayV2httpResponse;
use serde_json::value::RawValue;
use shared::auth::{Credential, Verifier};
use shared::lambda::{self, HttpLambda, Lambda, Services};
use shared::model::{OrgId, Timestamp};
use shared::settings::{Error, Settings};
use std::fmt::Debug;
use std::io::{self, Write};
use std::sync::Arc;
use std::time::Duration;
use tally::{Counted, Tally};

/// The name of a function behind the HTTP API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Function {
    /// `functions/redirect`
    Redirect,
    /// `functions/create`
    Create,
    /// `functions/list`
    List,
    /// `functions/read`
    Read,
    /// `functions/update`
    Update,
    /// `functions/delete`
    Delete,
    /// `functions/history`
    History,
    /// `functions/import`
    Import,
    /// `functions/handle`
    Handle,
    /// `functions/open`
    Open,
    /// `functions/stats`
    Stats,
    /// `functions/session`
    Session,
    /// `functions/docs`
    Docs,
    /// `functions/console`
    Console,
}

/// A function of any type, built from its settings.
type Built = Result<Box<dyn Instance>, Error>;

/// What this crate needs to know about a function.
struct Entry {
    name: &'static str,
    timeout: Duration,
    build: fn(&Settings, &Services) -> Built,
}

impl Entry {
    const fn new<F>(name: &'static str) -> Self
    where
        F: HttpLambda + Debug + Send + Sync + 'static,
        Services: AsRef<F::Services>,
    {
        let build = |settings: &Settings, services: &Services| -> Built {
            Ok(Box::new(F::from_settings(settings, services.as_ref())?))
        };
        Self { name, timeout: F::TIMEOUT, build }
    }
}

impl Function {
    /// All functions.
    pub const ALL: [Self; 14] = [
        Self::Redirect,
        Self::Create,
        Self::List,
        Self::Read,
        Self::Update,
        Self::Delete,
        Self::History,
        Self::Import,
        Self::Handle,
        Self::Open,
        Self::Stats,
        Self::Session,
        Self::Docs,
        Self::Console,
    ];

    const fn entry(self) -> Entry {
        match self {
            Self::Redirect => Entry::new::<redirect::Redirect>("redirect"),
            Self::Create => Entry::new::<create::Create>("create"),
            Self::List => Entry::new::<list::List>("list"),
            Self::Read => Entry::new::<read::Read>("read"),
            Self::Update => Entry::new::<update::Update>("update"),
            Self::Delete => Entry::new::<delete::Delete>("delete"),
            Self::History => Entry::new::<history::History>("history"),
            Self::Import => Entry::new::<import::Import>("import"),
            Self::Handle => Entry::new::<handle::Handles>("handle"),
            Self::Open => Entry::new::<open::Open>("open"),
            Self::Stats => Entry::new::<stats::Stats>("stats"),
            Self::Session => Entry::new::<session::Session>("session"),
            Self::Docs => Entry::new::<docs::Docs>("docs"),
            Self::Console => Entry::new::<console::Console>("console"),
        }
    }

    /// Returns the function's name, which is also the name of its folder, package, binary and first event.
    pub const fn name(self) -> &'static str {
        self.entry().name
    }

    /// Returns the function's timeout, as in `template.yaml`.
    pub const fn timeout(self) -> Duration {
        self.entry().timeout
    }
}

/// A function of any type that is ready for events.
trait Instance: Debug + Send + Sync {
    fn prime(&self) -> BoxFuture<'_, ()>;
    fn invoke<'a>(&'a self, event: &'a RawValue, now: Timestamp) -> BoxFuture<'a, ApiGatewayV2httpResponse>;
}

impl<F: HttpLambda + Debug + Send + Sync> Instance for F {
    fn prime(&self) -> BoxFuture<'_, ()> {
        Box::pin(Lambda::prime(self))
    }

    fn invoke<'a>(&'a self, event: &'a RawValue, now: Timestamp) -> BoxFuture<'a, ApiGatewayV2httpResponse> {
        Box::pin(lambda::invoke(self, event, now))
    }
}

/// All functions and their state between invocations. The functions share one verifier and one store.
#[derive(Debug)]
pub struct Functions {
    instances: Vec<Box<dyn Instance>>,
    tally: Tally,
    verifier: Arc<Verifier>,
}

impl Functions {
    /// Creates the functions from settings. Clicks are not logged.
    ///
    /// # Errors
    /// A setting is missing or malformed.
    pub fn new(settings: &Settings) -> Result<Self, Error> {
        Self::with_http_client(settings, aws_smithy_http_client::Builder::new().build_http())
    }

    /// Creates the functions from settings, with this HTTP client for calls to the store. Clicks are not logged.
    ///
    /// # Errors
    /// A setting is missing or malformed.
    pub fn with_http_client(
        settings: &Settings,
        http_client: impl HttpClient + 'static,
    ) -> Result<Self, Error> {
        Self::with_outputs(settings, http_client, [io::sink(), io::sink()])
    }

    /// Creates the functions from settings, with this HTTP client for calls to the store. `redirect` and `open` log
    /// clicks to these outputs.
    ///
    /// # Errors
    /// A setting is missing or malformed.
    pub fn with_outputs(
        settings: &Settings,
        http_client: impl HttpClient + 'static,
        outputs: [impl Write + Send + 'static; 2],
    ) -> Result<Self, Error> {
        let config = sdk_config(&settings.text("AWS_ENDPOINT_URL_DYNAMODB")?);
        let services = Services::new(config.into_builder().http_client(http_client).build());
        let [redirect, open] = outputs.map(|output| services.with_output(output));
        let build = |function: Function| {
            let services = match function {
                Function::Redirect => &redirect,
                Function::Open => &open,
                _ => &services,
            };
            (function.entry().build)(settings, services)
        };
        Ok(Self {
            verifier: services.verifier(settings)?,
            instances: Function::ALL.into_iter().map(build).collect::<Result<_, _>>()?,
            tally: Tally::from_settings(settings, &services)?,
        })
    }

    /// Returns whether the token belongs to a member of the organization at the time `now`.
    pub async fn admit(&self, token: &str, org: OrgId, now: Timestamp) -> bool {
        let caller = self.verifier.verify(Credential::Header(&format!("Bearer {token}")), now).await;
        caller.is_ok_and(|caller| self.verifier.member(caller, org).is_ok())
    }

    /// Primes a function, as Lambda does before the first event.
    pub async fn prime(&self, function: Function) {
        self.instance(function).prime().await;
    }

    /// Primes `tally`, which has no route.
    pub async fn prime_tally(&self) {
        self.tally.prime().await;
    }

    /// Invokes `tally` with a batch of log lines.
    ///
    /// # Errors
    /// The errors of the function `tally`. The batch must be delivered again.
    pub async fn tally(&self, event: &RawValue, now: Timestamp) -> Result<Counted, tally::Error> {
        self.tally.count(event, now).await
    }

    /// Invokes a function with an event at the time `now` and returns its response.
    pub async fn invoke(
        &self,
        function: Function,
        event: &RawValue,
        now: Timestamp,
    ) -> ApiGatewayV2httpResponse {
        self.instance(function).invoke(event, now).await
    }

    fn instance(&self, function: Function) -> &dyn Instance {
        &*self.instances[function as usize]
    }
}

/// Instances are found by their function's position in the enum.
const _: () = {
    let mut place = 0;
    while place < Function::ALL.len() {
        assert!(Function::ALL[place] as usize == place, "`ALL` is in the order of the enum");
        place += 1;
    }
};
