//! The authorization endpoint (RFC 6749, section 3.1).

use super::{CLIENT_ID, Issuer, login, page, session};
use crate::users::User;
use axum::extract::State;
use axum::http::header::LOCATION;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use shared::model::Timestamp;
use url::{Url, form_urlencoded};

/// The length of an S256 challenge: 32 bytes in base64url (RFC 7636, section 4.2).
const CHALLENGE_LENGTH: usize = 43;

/// The data stored for an authorization code: the user, and the request for which the code was issued.
#[derive(Clone)]
pub struct Grant {
    pub user: &'static User,
    pub request: AuthorizationRequest,
}

/// A valid request for a code.
#[derive(Clone)]
pub struct AuthorizationRequest {
    pub redirect_uri: String,
    pub challenge: String,
    /// Whether an ID token is requested too.
    pub wants_id_token: bool,
    pub nonce: Option<String>,
    /// The organization for which to issue tokens. If no organization is requested, or the user is not in the
    /// requested one, tokens contain all the user's organizations.
    pub org_id: Option<String>,
    prompt: Prompt,
    state: Option<String>,
}

/// Whether to ask the user to sign in (OpenID Connect Core 1.0, section 3.1.2.1).
#[derive(Clone, Copy, PartialEq, Eq)]
enum Prompt {
    /// Ask only if there is no session.
    IfNeeded,
    /// Never ask.
    Never,
    /// Always ask.
    Always,
}

/// Why no code is issued.
pub enum Refusal {
    /// The client or its redirect URI is unknown. A redirect could lead to any site, so the user gets an error page.
    Page(&'static str),
    /// The error is sent to the client with a redirect (RFC 6749, section 4.1.2.1).
    Redirect { redirect_uri: String, state: Option<String>, error: &'static str, description: &'static str },
}

/// Redirects to the client with a code if there is a session, and otherwise shows the login page.
pub async fn authorize(State(issuer): State<Issuer>, uri: Uri, headers: HeaderMap) -> Response {
    let query = uri.query().unwrap_or_default();
    let request = match AuthorizationRequest::parse(query, &issuer.options().redirect_uris) {
        Ok(request) => request,
        Err(refusal) => return refusal.into_response(&issuer),
    };
    let now = Timestamp::now();
    match (session::user(&issuer, &headers, now), request.prompt) {
        (Some(user), Prompt::IfNeeded | Prompt::Never) => {
            code(&issuer, user, request, StatusCode::FOUND, now)
        }
        (None, Prompt::Never) => {
            request.refuse("login_required", "no user is signed in").into_response(&issuer)
        }
        (user, _) => login::page(&issuer, query, &request, user),
    }
}

/// Redirects to the client with a code for `user`.
pub fn code(
    issuer: &Issuer,
    user: &'static User,
    request: AuthorizationRequest,
    status: StatusCode,
    now: Timestamp,
) -> Response {
    let (redirect_uri, state) = (request.redirect_uri.clone(), request.state.clone());
    let code = issuer.0.codes.insert(Grant { user, request }, now);
    redirect(status, &redirect_uri, &[("code", &code)], state.as_deref(), issuer)
}

impl AuthorizationRequest {
    /// Parses a query string. Unknown parameters are ignored.
    ///
    /// # Errors
    /// See [`Refusal`].
    pub fn parse(query: &str, registered: &[String]) -> Result<Self, Refusal> {
        let parameters: Vec<_> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        let count = |name: &str| parameters.iter().filter(|(other, _)| other == name).count();
        // An empty parameter is treated as absent (RFC 6749, section 3.1).
        let first = |name: &str| {
            let value = parameters.iter().find(|(other, _)| other == name).map(|(_, value)| value.clone());
            value.filter(|value| !value.is_empty())
        };
        // A duplicate parameter is invalid. If the duplicate is `client_id` or `redirect_uri`, the user gets an error
        // page instead of a redirect.
        let only = |name: &str| first(name).filter(|_| count(name) == 1);

        if only("client_id").as_deref() != Some(CLIENT_ID) {
            return Err(Refusal::Page("This client_id is not registered."));
        }
        let redirect_uri = only("redirect_uri").filter(|uri| registered.contains(uri)).ok_or(
            Refusal::Page("This redirect_uri is not registered. It must match a registered one exactly."),
        )?;
        let state = first("state");
        let refuse = |error, description| Refusal::Redirect {
            redirect_uri: redirect_uri.clone(),
            state: state.clone(),
            error,
            description,
        };
        if parameters.iter().any(|(name, _)| count(name) > 1) {
            return Err(refuse("invalid_request", "a parameter occurs twice"));
        }
        if first("response_type").as_deref() != Some("code") {
            return Err(refuse("unsupported_response_type", "response_type must be code"));
        }
        let challenge = first("code_challenge").filter(|challenge| {
            let in_base64url = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
            challenge.len() == CHALLENGE_LENGTH && challenge.bytes().all(in_base64url)
        });
        let is_s256 = first("code_challenge_method").as_deref() == Some("S256");
        let Some(challenge) = challenge.filter(|_| is_s256) else {
            return Err(refuse("invalid_request", "PKCE with code_challenge_method=S256 is required"));
        };
        let prompt = match first("prompt").as_deref() {
            None => Prompt::IfNeeded,
            Some("none") => Prompt::Never,
            Some("login" | "select_account") => Prompt::Always,
            Some(_) => {
                return Err(refuse("invalid_request", "prompt must be none, login or select_account"));
            }
        };
        let wants_id_token = first("scope").is_some_and(|scope| scope.split(' ').any(|one| one == "openid"));
        let (nonce, org_id) = (first("nonce"), first("org_id"));
        Ok(Self { redirect_uri, challenge, wants_id_token, nonce, org_id, prompt, state })
    }

    fn refuse(self, error: &'static str, description: &'static str) -> Refusal {
        Refusal::Redirect { redirect_uri: self.redirect_uri, state: self.state, error, description }
    }
}

impl Refusal {
    /// Returns the error page or the redirect.
    pub fn into_response(self, issuer: &Issuer) -> Response {
        match self {
            Self::Page(sentence) => page::refusal(sentence),
            Self::Redirect { redirect_uri, state, error, description } => {
                let answer = [("error", error), ("error_description", description)];
                redirect(StatusCode::FOUND, &redirect_uri, &answer, state.as_deref(), issuer)
            }
        }
    }
}

/// Redirects to the client with its state, and with the issuer's name, which prevents mix-up attacks (RFC 9207).
fn redirect(
    status: StatusCode,
    redirect_uri: &str,
    answer: &[(&str, &str)],
    state: Option<&str>,
    issuer: &Issuer,
) -> Response {
    let Ok(mut location) = redirect_uri.parse::<Url>() else {
        return page::refusal("The registered redirect_uri is not a URL.");
    };
    let state = state.map(|state| ("state", state));
    location.query_pairs_mut().extend_pairs(answer).extend_pairs(state).append_pair("iss", issuer.name());
    let headers = [(LOCATION, location.to_string())];
    (status, page::NOT_STORED, headers).into_response()
}
