//! PropelAuth's backend API: its verifier key, and tokens for callers with the API key.

use super::Issuer;
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use shared::model::Timestamp;

/// The API key that these endpoints require.
pub const API_KEY: &str = "local-api-key";
/// One year. The longest lifetime of a token, in minutes. PropelAuth has a limit too.
const MAX_MINUTES: i64 = 525_600;

/// Returns whether the request contains the API key.
pub fn knows_the_api_key(headers: &HeaderMap) -> bool {
    let sent = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    sent.and_then(|value| value.strip_prefix("Bearer ")) == Some(API_KEY)
}

/// Returns the verifier key, for requests from PropelAuth's Python and Node SDKs.
pub async fn metadata(State(issuer): State<Issuer>, headers: HeaderMap) -> Response {
    if !knows_the_api_key(&headers) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    Json(json!({ "verifier_key_pem": issuer.key().public_pem() })).into_response()
}

/// Returns the verifier key, for requests from PropelAuth's Rust SDK.
pub async fn backend_metadata(State(issuer): State<Issuer>, headers: HeaderMap) -> Response {
    if !knows_the_api_key(&headers) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    Json(json!({ "public_key_pem": issuer.key().public_pem() })).into_response()
}

/// Creates an access token for a user.
pub async fn access_token(State(issuer): State<Issuer>, headers: HeaderMap, body: String) -> Response {
    if !knows_the_api_key(&headers) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let wrong =
        |field: &str, rule: &str| (StatusCode::BAD_REQUEST, Json(json!({ field: [rule] }))).into_response();
    let body: Value = serde_json::from_str(&body).unwrap_or_default();
    let Some(user_id) = body.get("user_id").and_then(Value::as_str) else {
        return wrong("user_id", "a user's id is required");
    };
    let minutes = body.get("duration_in_minutes").and_then(Value::as_i64);
    let Some(minutes) = minutes.filter(|minutes| (1..=MAX_MINUTES).contains(minutes)) else {
        return wrong("duration_in_minutes", "a number of minutes from 1 to 525600 is required");
    };
    let Some(user) = issuer.options().users.into_iter().find(|user| user.id == user_id) else {
        return StatusCode::FORBIDDEN.into_response();
    };
    let active = match body.get("active_org_id").and_then(Value::as_str) {
        None => None,
        Some(id) => match user.organization(id) {
            Some(organization) => Some(organization),
            None => return wrong("active_org_id", "the user is not in this organization"),
        },
    };
    match issuer.mint(user, active, Timestamp::now(), minutes) {
        Ok(token) => Json(json!({ "access_token": token })).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}
