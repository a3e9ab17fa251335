//! The userinfo endpoint (OpenID Connect Core 1.0, section 5.3).

use super::Issuer;
use axum::Json;
use axum::extract::State;
use axum::http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode};
use serde_json::Value;

/// Returns the user's profile, or 401 without a valid access token of this issuer.
pub async fn userinfo(State(issuer): State<Issuer>, headers: HeaderMap) -> Response {
    match profile(&issuer, &headers) {
        Some(profile) => Json(profile).into_response(),
        None => {
            let challenge = [(WWW_AUTHENTICATE, "Bearer error=\"invalid_token\"")];
            (StatusCode::UNAUTHORIZED, challenge).into_response()
        }
    }
}

fn profile(issuer: &Issuer, headers: &HeaderMap) -> Option<Value> {
    let token = headers.get(AUTHORIZATION)?.to_str().ok()?.strip_prefix("Bearer ")?;
    let options = issuer.options();
    let key = DecodingKey::from_rsa_pem(options.key.public_pem().as_bytes()).ok()?;
    let mut rules = Validation::new(Algorithm::RS256);
    rules.set_required_spec_claims(&["exp", "iss"]);
    rules.set_issuer(&[issuer.name()]);
    let claims = decode::<Value>(token, &key, &rules).ok()?.claims;
    // ID tokens have already been rejected for their audience; in addition, only access tokens have this claim.
    let user_id = claims.get("user_id")?.as_str()?;
    Some(options.users.into_iter().find(|user| user.id == user_id)?.profile())
}
