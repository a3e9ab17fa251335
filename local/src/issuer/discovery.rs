//! What the issuer publishes about itself.

use super::Issuer;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;

/// Returns the endpoints and what they support (OpenID Connect Discovery 1.0, section 3).
pub async fn description(State(issuer): State<Issuer>) -> Response {
    let name = issuer.name();
    Json(json!({
        "issuer": name,
        "authorization_endpoint": format!("{name}/propelauth/oauth/authorize"),
        "token_endpoint": format!("{name}/propelauth/oauth/token"),
        "userinfo_endpoint": format!("{name}/propelauth/oauth/userinfo"),
        "jwks_uri": format!("{name}/.well-known/jwks.json"),
        "scopes_supported": ["openid", "email", "profile"],
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "token_endpoint_auth_methods_supported": ["none", "client_secret_basic", "client_secret_post"],
        "code_challenge_methods_supported": ["S256"],
        "prompt_values_supported": ["none", "login", "select_account"],
        "claims_supported": ["sub", "iss", "aud", "exp", "iat", "nonce", "email", "email_verified", "name"],
        "authorization_response_iss_parameter_supported": true,
    }))
    .into_response()
}

/// Returns the public key as a JWK Set (RFC 7517).
pub async fn jwks(State(issuer): State<Issuer>) -> Response {
    match issuer.key().public_jwk() {
        Ok(jwk) => Json(json!({ "keys": [jwk] })).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}
