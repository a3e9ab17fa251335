//! Signing in and out with a browser: `GET /-/sign-in`, `GET /-/callback`, `GET /-/session` and `POST /-/sign-out`.
//!
//! The flow is OAuth's authorization code (RFC 6749, section 4.1) with PKCE (RFC 7636), by the recommendations of RFC 9700.
//! The provider's token is the session: it is kept in one cookie, which every function verifies like a token in
//! `Authorization`. Nothing is stored on our side.

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
use shared::auth::{Caller, Credential, Verifier};
use shared::error::ApiError;
use shared::http::{Request, Site};
use shared::model::Timestamp;
use std::time::Duration;

/// The function's timeout. A callback may need five answers of the provider one after the other (a secret from the Parameter
/// Store, endpoints, the token, the issuer's keys and their address), each within 2.5 s, and its own page says what failed.
pub const TIMEOUT: Duration = Duration::from_secs(15);

/// Answers the four routes of a browser's session. Without a `provider`, signing in is not set up.
///
/// # Errors
/// There is no such route; a page was not requested as a document; a sign-out may come from another site; or, for the
/// session's data, the caller is unknown. A sign-in that fails is a page, and its cause is logged.
pub async fn handle(
    request: Request,
    provider: Option<&Provider>,
    verifier: &Verifier,
    site: &Site,
    now: Timestamp,
) -> Result<Response<Body>, ApiError> {
    let segment = request.path().trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    let mut response = match (request.method(), segment) {
        (&Method::GET, "sign-in") => sign_in::handle(&request, provider, verifier, site, now).await?,
        (&Method::GET, "callback") => callback::handle(&request, provider, verifier, site, now).await?,
        (&Method::GET, "session") => return caller::handle(&request, provider, verifier, site, now).await,
        (&Method::POST, "sign-out") => sign_out::handle(&request, site)?,
        _ => return Err(ApiError::NotFound),
    };
    response.headers_mut().insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    Ok(response)
}

/// Who is signed in with this browser, if the session is valid.
async fn session(request: &Request, verifier: &Verifier, site: &Site, now: Timestamp) -> Option<Caller> {
    let token = request.cookie(&site.cookie_name(""))?;
    verifier.verify(Credential::Cookie(token), now).await.ok()
}
