//! The browser's session at the issuer.

use super::{Issuer, page};
use crate::users::User;
use axum::Json;
use axum::extract::State;
use axum::http::header::{COOKIE, SET_COOKIE};
use axum::http::{HeaderMap, HeaderName};
use axum::response::{IntoResponse, Response};
use serde_json::json;
use shared::model::Timestamp;
use url::Url;

/// The session cookie. Cookies ignore ports: the API on the same host receives this cookie too, so its name must differ
/// from the API's own.
const COOKIE_NAME: &str = "signpost-issuer";

/// Returns the user who is signed in, if any.
pub fn user(issuer: &Issuer, headers: &HeaderMap, now: Timestamp) -> Option<&'static User> {
    issuer.0.sessions.get(cookie(headers)?, now)
}

/// Starts a session for a user and ends the browser's previous one. Returns the header that sets the cookie.
pub fn start(
    issuer: &Issuer,
    headers: &HeaderMap,
    user: &'static User,
    now: Timestamp,
) -> [(HeaderName, String); 1] {
    end(issuer, headers, now);
    let key = issuer.0.sessions.insert(user, now);
    [(SET_COOKIE, format!("{COOKIE_NAME}={key}; Path=/; HttpOnly; SameSite=Lax"))]
}

/// Ends the session, as PropelAuth's front-end endpoint does, and returns the URL to which the browser should go.
pub async fn logout(State(issuer): State<Issuer>, headers: HeaderMap) -> Response {
    end(&issuer, &headers, Timestamp::now());
    let client = issuer.options().redirect_uris.first().and_then(|uri| uri.parse::<Url>().ok());
    let next = client.map_or_else(|| issuer.name().to_owned(), |uri| uri.origin().ascii_serialization());
    let removed = [(SET_COOKIE, format!("{COOKIE_NAME}=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0"))];
    (page::NOT_STORED, removed, Json(json!({ "redirect_to": format!("{next}/") }))).into_response()
}

fn end(issuer: &Issuer, headers: &HeaderMap, now: Timestamp) {
    cookie(headers).and_then(|key| issuer.0.sessions.take(key, now));
}

/// Returns the key of the session. A duplicate cookie is treated as absent.
fn cookie(headers: &HeaderMap) -> Option<&str> {
    let all = headers.get_all(COOKIE).iter().filter_map(|header| header.to_str().ok());
    let pairs = all.flat_map(|header| header.split(';')).filter_map(|pair| pair.trim().split_once('='));
    let mut keys = pairs.filter(|(name, _)| *name == COOKIE_NAME).map(|(_, key)| key);
    keys.next().filter(|_| keys.next().is_none())
}
