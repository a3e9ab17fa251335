//! The functions, created from settings as in their `main`s.

use crate::stack::sdk_config;
use aws_sdk_dynamodb::config::HttpClient;
use lambda_http::aws_lambda_events::apigw::ApiGatewayV2httpResponse;
use open::SignIn;
use serde_json::value::RawValue;
use shared::auth::{Credential, Verifier};
use shared::clicks::ClickLog;
use shared::http::{ShortUrls, TIMEOUT, respond, respond_to_visitor};
use shared::model::{OrgId, SlugGenerator, TargetRules, Timestamp};
use shared::settings::{Error, Settings};
use shared::store::{ClickStore, LinkStore};
use std::io;
use std::time::Duration;
use tally::Tally;

/// The name of a function behind the HTTP API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Function {
    /// `functions/create`
    Create,
    /// `functions/list`
    List,
    /// `functions/redirect`
    Redirect,
    /// `functions/read`
    Read,
    /// `functions/update`
    Update,
    /// `functions/delete`
    Delete,
    /// `functions/handle`
    Handle,
    /// `functions/open`
    Open,
    /// `functions/docs`
    Docs,
    /// `functions/console`
    Console,
    /// `functions/stats`
    Stats,
    /// `functions/session`
    Session,
}

impl Function {
    /// All functions.
    pub const ALL: [Self; 12] = [
        Self::Create,
        Self::List,
        Self::Redirect,
        Self::Read,
        Self::Update,
        Self::Delete,
        Self::Handle,
        Self::Open,
        Self::Docs,
        Self::Console,
        Self::Stats,
        Self::Session,
    ];

    /// Returns the function's timeout, as in `template.yaml` and in its `main`.
    pub const fn timeout(self) -> Duration {
        match self {
            Self::Create
            | Self::List
            | Self::Redirect
            | Self::Read
            | Self::Update
            | Self::Delete
            | Self::Handle
            | Self::Open
            | Self::Docs
            | Self::Console => TIMEOUT,
            Self::Stats => stats::TIMEOUT,
            Self::Session => session::TIMEOUT,
        }
    }
}

/// All functions and their state between invocations, like one warm instance of each.
#[derive(Debug)]
pub struct Functions {
    verifier: Verifier,
    links: LinkStore,
    clicks: ClickStore,
    /// The click logs of `redirect` and `open`.
    click_logs: [ClickLog; 2],
    slugs: SlugGenerator,
    targets: TargetRules,
    short_urls: ShortUrls,
    sign_in: SignIn,
    root_org: Option<OrgId>,
    provider: Option<session::Provider>,
}

impl Functions {
    /// Creates the functions from settings. Clicks are not logged.
    ///
    /// # Errors
    /// A setting is missing or malformed.
    pub fn new(settings: &Settings) -> Result<Self, Error> {
        Self::with_http_client(settings, aws_smithy_http_client::Builder::new().build_http())
    }

    /// Creates the functions from settings, with this HTTP client for calls of the store. Clicks are not logged.
    ///
    /// # Errors
    /// A setting is missing or malformed.
    pub fn with_http_client(
        settings: &Settings,
        http_client: impl HttpClient + 'static,
    ) -> Result<Self, Error> {
        let config = sdk_config(&settings.text("AWS_ENDPOINT_URL_DYNAMODB")?);
        let config = config.into_builder().http_client(http_client).build();
        let links = LinkStore::connect(&config, settings)?;
        Ok(Self {
            verifier: Verifier::from_settings(settings, &config)?,
            clicks: ClickStore::with_client_of(&links, settings)?,
            click_logs: [ClickLog::to(io::sink(), settings)?, ClickLog::to(io::sink(), settings)?],
            links,
            slugs: settings.slugs()?,
            targets: settings.targets()?,
            short_urls: ShortUrls::from_settings(settings)?,
            sign_in: SignIn::from_settings(settings)?,
            root_org: settings.root_org()?,
            provider: session::Provider::from_settings(settings, &config)?,
        })
    }

    /// Returns the functions with these click logs of `redirect` and `open`.
    pub fn with_click_logs(self, click_logs: [ClickLog; 2]) -> Self {
        Self { click_logs, ..self }
    }

    /// Returns whether the token belongs to a member of the organization at the time `now`.
    pub async fn admit(&self, token: &str, org: OrgId, now: Timestamp) -> bool {
        let caller = self.verifier.verify(Credential::Header(&format!("Bearer {token}")), now).await;
        caller.is_ok_and(|caller| self.verifier.member(caller, org).is_ok())
    }

    /// Invokes `tally`, which has no route, with a batch of log lines.
    ///
    /// # Errors
    /// The same as of `tally`. The batch must be delivered again.
    pub async fn tally(&self, event: &RawValue, now: Timestamp) -> Result<Tally, tally::Error> {
        tally::handle(event, &self.clicks, now).await
    }

    /// Invokes a function with an event at the time `now` and returns its response.
    pub async fn invoke(
        &self,
        function: Function,
        event: &RawValue,
        now: Timestamp,
    ) -> ApiGatewayV2httpResponse {
        let timeout = function.timeout();
        let Self {
            verifier,
            links,
            clicks,
            click_logs,
            slugs,
            targets,
            short_urls,
            sign_in,
            root_org,
            provider,
        } = self;
        let [of_redirect, of_open] = click_logs;
        match function {
            Function::Create => {
                let handle =
                    |request| create::handle(request, verifier, links, slugs, *targets, short_urls, now);
                respond(event, now, timeout, handle).await
            }
            Function::List => {
                let handle = |request| list::handle(request, verifier, links, clicks, short_urls, now);
                respond(event, now, timeout, handle).await
            }
            Function::Redirect => {
                let handle = |request| redirect::handle(request, links, of_redirect, root_org.as_ref(), now);
                respond_to_visitor(event, now, timeout, handle).await
            }
            Function::Read => {
                respond(event, now, timeout, |request| {
                    read::handle(request, verifier, links, short_urls, now)
                })
                .await
            }
            Function::Update => {
                let handle = |request| update::handle(request, verifier, links, *targets, short_urls, now);
                respond(event, now, timeout, handle).await
            }
            Function::Handle => {
                let handle = |request| handle::handle(request, verifier, short_urls.site(), links, now);
                respond(event, now, timeout, handle).await
            }
            Function::Docs => respond(event, now, timeout, docs::handle).await,
            Function::Console => {
                let handle = |request| console::handle(request, short_urls.site());
                respond(event, now, timeout, handle).await
            }
            Function::Open => {
                let handle = |request| open::handle(request, verifier, sign_in, links, of_open, now);
                respond_to_visitor(event, now, timeout, handle).await
            }
            Function::Stats => {
                let handle = |request| stats::handle(request, verifier, links, clicks, short_urls, now);
                respond(event, now, timeout, handle).await
            }
            Function::Session => {
                let (provider, site) = (provider.as_ref(), short_urls.site());
                let handle = |request| session::handle(request, provider, verifier, site, now);
                respond(event, now, timeout, handle).await
            }
            Function::Delete => {
                respond(event, now, timeout, |request| {
                    delete::handle(request, verifier, links, short_urls, now)
                })
                .await
            }
        }
    }
}
