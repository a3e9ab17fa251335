use crate::cookies::{self, OUT, TRIED, TRIED_SECONDS};
use crate::exchange::known_error;
use crate::failure::Failure;
use crate::flow::Flow;
use crate::provider::{Provider, TokenKind};
use crate::return_to::ReturnTo;
use crate::sign_in::{failed, found, must_be_a_document, redirect_uri, to_provider};
use crate::{Session, pages};
use lambda_http::http::StatusCode;
use lambda_http::{Body, Response};
use shared::auth::{Caller, Credential, Verifier};
use shared::error::ApiError;
use shared::http::Request;
use shared::model::{OrgId, Timestamp};

/// The maximum length of a token in a cookie. Browsers silently drop a cookie whose name and value together exceed
/// 4,096 bytes. The token is never split into several cookies, because API Gateway accepts only 10,240 bytes of
/// headers.
const MAX_TOKEN: usize = 3_900;

/// The parameters that the provider adds to our redirect URI (RFC 6749, section 4.1.2; RFC 9207). Unknown parameters are
/// ignored.
struct Callback {
    code: Option<String>,
    state: Option<String>,
    issuer: Option<String>,
    error: Option<String>,
}

/// The outcome of a successful token request.
enum Outcome {
    /// A session that lasts for this number of seconds.
    SignedIn { token: String, seconds: i64 },
    /// The token is too large. Repeat the sign-in for this organization only, to get a smaller token.
    Narrower(OrgId),
    /// The token is too large. Let the user choose an organization.
    Choose(Box<Caller>),
}

impl Session {
    /// Completes a sign-in: sets the session cookie and redirects to the page where the sign-in began.
    pub(crate) async fn callback(
        &self,
        request: &Request,
        now: Timestamp,
    ) -> Result<Response<Body>, ApiError> {
        if request.is_prefetch() {
            return pages::not_yet();
        }
        must_be_a_document(request)?;
        let Some(provider) = &self.provider else { return pages::not_set_up() };
        let site = self.site();
        let callback = Callback::from_request(request);
        let flow = callback.state.as_deref().and_then(|state| Flow::find(request, site, state));

        let Some(flow) = flow else {
            // There is no flow if the user went back in the browser's history, or reloaded the page.
            if self.session(request, now).await.is_some() {
                return found("/");
            }
            let failure = Failure::Callback("this browser has no sign-in in progress with this state");
            return failed(request, &failure, &ReturnTo::parse("/"), now);
        };
        let outcome =
            outcome(&callback, &flow, provider, self.callers.verifier(), &redirect_uri(request, site), now)
                .await;

        let mut response = match outcome {
            Ok(Outcome::SignedIn { token, seconds }) => {
                let mut response = found(&flow.return_to.to_string())?;
                cookies::set(&mut response, site, "", &token, seconds);
                cookies::set(&mut response, site, TRIED, "1", TRIED_SECONDS);
                cookies::remove(&mut response, site, OUT);
                response
            }
            Ok(Outcome::Narrower(organization)) => {
                let narrow = flow.narrowed(organization, now);
                let response = to_provider(request, provider, site, &narrow, false, now).await?;
                if response.status() == StatusCode::FOUND {
                    // The new flow is in the same cookie as this flow, so the cookie must not be removed.
                    return Ok(response);
                }
                response
            }
            Ok(Outcome::Choose(caller)) => pages::choose(&caller, &flow.return_to)?,
            Err(failure) => failed(request, &failure, &flow.return_to, now)?,
        };
        flow.forget(&mut response, site);
        Ok(response)
    }
}

/// Checks that the callback belongs to the flow, exchanges the code and verifies the token.
async fn outcome(
    callback: &Callback,
    flow: &Flow,
    provider: &Provider,
    verifier: &Verifier,
    redirect_uri: &str,
    now: Timestamp,
) -> Result<Outcome, Failure> {
    if flow.has_expired(now) {
        return Err(Failure::Callback("the sign-in took longer than ten minutes"));
    }
    if callback.issuer.as_ref().is_some_and(|issuer| *issuer != provider.issuer) {
        return Err(Failure::Callback("the callback is from a different issuer"));
    }
    if let Some(error) = &callback.error {
        return Err(Failure::Denied(known_error(error)));
    }
    let code = callback.code.as_deref().filter(|code| !code.is_empty());
    let code = code.ok_or(Failure::Callback("the callback has no code"))?;

    let token = provider.exchange(code, flow, redirect_uri, now).await?;

    let caller = match provider.token {
        TokenKind::Access => verifier.verify(Credential::Cookie(&token), now).await?,
        TokenKind::Id => verifier.verify_with_nonce(&token, &flow.nonce, now).await?,
    };
    let seconds = caller.expires_at().map_or(0, |expires_at| expires_at.seconds() - now.seconds());
    if seconds <= 0 {
        return Err(Failure::Provider(
            "the provider's token has already expired; check the clock".to_owned(),
        ));
    }
    if token.len() <= MAX_TOKEN {
        return Ok(Outcome::SignedIn { token, seconds });
    }
    if flow.is_narrow || !provider.can_be_narrow() {
        return Err(Failure::TooLarge);
    }
    let mut ids = caller.memberships().keys();
    match (&flow.organization, ids.next(), ids.next()) {
        (Some(requested), ..) if caller.memberships().contains_key(requested) => {
            Ok(Outcome::Narrower(requested.clone()))
        }
        (_, None, _) => Err(Failure::TooLarge),
        (_, Some(only), None) => Ok(Outcome::Narrower(only.clone())),
        _ => Ok(Outcome::Choose(Box::new(caller))),
    }
}

impl Callback {
    fn from_request(request: &Request) -> Self {
        let mut query = request.query();
        let mut take = |name| query.take(name, Ok);
        Self { code: take("code"), state: take("state"), issuer: take("iss"), error: take("error") }
    }
}
