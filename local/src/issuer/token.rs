//! The token endpoint (RFC 6749, section 3.2).

use super::authorize::Grant;
use super::{CLIENT_ID, CLIENT_SECRET, Issuer, TokenEndpoint, page};
use aws_lc_rs::digest::{SHA256, digest};
use axum::Json;
use axum::extract::State;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use shared::model::Timestamp;
use std::collections::HashMap;
use url::form_urlencoded;

/// An error of RFC 6749, section 5.2.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum TokenError {
    InvalidRequest(&'static str),
    InvalidClient,
    InvalidGrant,
    UnsupportedGrantType,
    Unsigned,
}

/// Exchanges a code for an access token, and for an ID token if the scope `openid` was requested.
pub async fn token(State(issuer): State<Issuer>, headers: HeaderMap, body: String) -> Response {
    match issuer.options().token_endpoint {
        TokenEndpoint::Up => {}
        TokenEndpoint::Slow(delay) => tokio::time::sleep(delay).await,
        TokenEndpoint::Down => {
            return (StatusCode::SERVICE_UNAVAILABLE, [(RETRY_AFTER, "1")]).into_response();
        }
    }
    match exchange(&issuer, &headers, &body, Timestamp::now()) {
        Ok(tokens) => (page::NOT_STORED, Json(tokens)).into_response(),
        Err(error) => error.into_response(),
    }
}

fn exchange(issuer: &Issuer, headers: &HeaderMap, body: &str, now: Timestamp) -> Result<Value, TokenError> {
    let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if content_type.split(';').next() != Some("application/x-www-form-urlencoded") {
        return Err(TokenError::InvalidRequest("the body must be a form"));
    }
    let form = form(body)?;
    let field = |name: &str| form.get(name).map(String::as_str);
    authenticate(headers, &field)?;
    match field("grant_type") {
        Some("authorization_code") => {}
        Some(_) => return Err(TokenError::UnsupportedGrantType),
        None => return Err(TokenError::InvalidRequest("grant_type is missing")),
    }
    let code = field("code").ok_or(TokenError::InvalidRequest("code is missing"))?;
    // The first attempt uses up a code, even if the attempt fails.
    let grant = issuer.0.codes.take(code, now).ok_or(TokenError::InvalidGrant)?;
    let challenge = field("code_verifier").map(challenge_of);
    if field("redirect_uri") != Some(&grant.request.redirect_uri)
        || challenge.as_ref() != Some(&grant.request.challenge)
    {
        return Err(TokenError::InvalidGrant);
    }
    tokens(issuer, &grant, now).map_err(|_| TokenError::Unsigned)
}

/// Checks the client's secret. A public client sends no secret.
fn authenticate<'a>(headers: &HeaderMap, field: &impl Fn(&str) -> Option<&'a str>) -> Result<(), TokenError> {
    let is_client = match (headers.get(AUTHORIZATION), field("client_secret")) {
        (Some(_), Some(_)) => return Err(TokenError::InvalidRequest("the client sent its secret twice")),
        (Some(header), None) => {
            let expected = format!("{CLIENT_ID}:{CLIENT_SECRET}");
            let sent = header.to_str().ok().and_then(|header| header.strip_prefix("Basic "));
            let sent = sent.and_then(|sent| BASE64_STANDARD.decode(sent).ok());
            sent.as_deref() == Some(expected.as_bytes())
                && field("client_id").is_none_or(|id| id == CLIENT_ID)
        }
        (None, secret) => {
            field("client_id") == Some(CLIENT_ID) && secret.is_none_or(|secret| secret == CLIENT_SECRET)
        }
    };
    if is_client { Ok(()) } else { Err(TokenError::InvalidClient) }
}

/// Parses the fields of a form. Duplicates are invalid.
fn form(body: &str) -> Result<HashMap<String, String>, TokenError> {
    let mut fields = HashMap::new();
    for (name, value) in form_urlencoded::parse(body.as_bytes()).into_owned() {
        if fields.insert(name, value).is_some() {
            return Err(TokenError::InvalidRequest("a field occurs twice"));
        }
    }
    Ok(fields)
}

/// Returns the S256 challenge of a verifier (RFC 7636, section 4.6).
fn challenge_of(verifier: &str) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(digest(&SHA256, verifier.as_bytes()))
}

fn tokens(issuer: &Issuer, grant: &Grant, now: Timestamp) -> Result<Value, String> {
    let Grant { user, request } = grant;
    let minutes = issuer.options().token_minutes;
    let active = request.org_id.as_deref().and_then(|id| user.organization(id));
    let mut tokens = json!({
        "access_token": issuer.mint(user, active, now, minutes)?,
        "token_type": "Bearer",
        "expires_in": minutes * 60,
    });
    if request.wants_id_token {
        let mut claims = user.profile();
        claims["iss"] = issuer.name().into();
        claims["aud"] = CLIENT_ID.into();
        claims["iat"] = now.seconds().into();
        claims["exp"] = (now.seconds() + minutes * 60).into();
        if let Some(nonce) = &request.nonce {
            claims["nonce"] = nonce.as_str().into();
        }
        tokens["id_token"] = issuer.key().sign(&claims)?.into();
    }
    Ok(tokens)
}

impl IntoResponse for TokenError {
    fn into_response(self) -> Response {
        let (status, error, description) = match self {
            Self::InvalidRequest(description) => (StatusCode::BAD_REQUEST, "invalid_request", description),
            Self::InvalidClient => {
                (StatusCode::UNAUTHORIZED, "invalid_client", "the client or its secret is unknown")
            }
            Self::InvalidGrant => (
                StatusCode::BAD_REQUEST,
                "invalid_grant",
                "the code is unknown, used, older than 60 s, or was issued for another redirect_uri or code_challenge",
            ),
            Self::UnsupportedGrantType => {
                (StatusCode::BAD_REQUEST, "unsupported_grant_type", "grant_type must be authorization_code")
            }
            Self::Unsigned => {
                (StatusCode::INTERNAL_SERVER_ERROR, "server_error", "a token could not be signed")
            }
        };
        let body = Json(json!({ "error": error, "error_description": description }));
        let response = (status, page::NOT_STORED, body);
        if self == Self::InvalidClient {
            return ([(WWW_AUTHENTICATE, "Basic realm=\"token\"")], response).into_response();
        }
        response.into_response()
    }
}
