//! Signing in and out with a browser: `GET /-/sign-in`, `GET /-/callback`, `GET /-/session` and `POST /-/sign-out`.
//!
//! The flow is OAuth's authorization code grant (RFC 6749, section 4.1) with PKCE (RFC 7636), as RFC 9700 recommends. The
//! provider's token is the session: it is kept in one cookie, which every function verifies like a token in
//! `Authorization`. The server stores nothing, and no script sees the token. So a session ends with its token, and a
//! revocation at the provider takes effect only then.
//!
//! The flow is our own code. The crates `oauth2` 5 and `openidconnect` 4 need second versions of `rand`, `sha2` and
//! `thiserror`, and do not provide the presets' endpoints, the flow cookie, or limits on time and size.

mod callback;
mod caller;
mod cookies;
mod exchange;
mod failure;
mod flow;
mod pages;
mod provider;
mod return_to;
mod sign_in;
mod sign_out;

pub use provider::Provider;

use lambda_http::http::Method;
use lambda_http::http::header::{HeaderValue, REFERRER_POLICY};
use lambda_http::{Body, Response};
use shared::auth::{Caller, Credential};
use shared::error::ApiError;
use shared::http::{Authenticator, Request, Site};
use shared::lambda::{HttpLambda, Lambda, Services};
use shared::model::Timestamp;
use shared::settings::{Error, Settings};
use std::time::Duration;

/// The function and everything that it uses.
#[derive(Debug)]
pub struct Session {
    callers: Authenticator,
    provider: Option<Provider>,
}

impl Lambda for Session {
    type Services = Services;

    fn from_settings(settings: &Settings, services: &Services) -> Result<Self, Error> {
        Ok(Self {
            callers: services.authenticator(settings)?,
            provider: Provider::from_settings(settings, services.config())?,
        })
    }
}

impl HttpLambda for Session {
    /// A callback can need five sequential requests: for a secret from the Parameter Store, the endpoints, the token,
    /// the URL of the issuer's keys, and the keys. Each has a timeout of at most 2.5 s. If a request fails, there must
    /// still be time to respond with the page for a failed sign-in.
    const TIMEOUT: Duration = Duration::from_secs(15);

    /// Handles the four routes of browser sign-in. If no provider is configured, the routes report that browser sign-in is not
    /// set up.
    ///
    /// # Errors
    /// There is no such route; a page was not requested as a document; a request to sign out may come from another
    /// site; or a request for the session's data is not authenticated. A failed sign-in is not an error: the response
    /// is a page, and the cause is logged.
    async fn handle(&self, request: Request, now: Timestamp) -> Result<Response<Body>, ApiError> {
        let segment = request.path().trim_end_matches('/').rsplit('/').next().unwrap_or_default();
        let mut response = match (request.method(), segment) {
            (&Method::GET, "sign-in") => self.sign_in(&request, now).await?,
            (&Method::GET, "callback") => self.callback(&request, now).await?,
            (&Method::GET, "session") => return self.show(&request, now).await,
            (&Method::POST, "sign-out") => self.sign_out(&request)?,
            _ => return Err(ApiError::NotFound),
        };
        response.headers_mut().insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
        Ok(response)
    }
}

impl Session {
    fn site(&self) -> &Site {
        self.callers.site()
    }

    /// Returns the user who is signed in with this browser, if the session is valid.
    async fn session(&self, request: &Request, now: Timestamp) -> Option<Caller> {
        let token = request.cookie(&self.site().cookie_name(""))?;
        self.callers.verifier().verify(Credential::Cookie(token), now).await.ok()
    }
}
