use super::backend::knows_the_api_key;
use crate::users::{ACME, Organization, USERS, User, entry};
use axum::Json;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

/// Validates an API key in the same way as PropelAuth. Each user has an API key, and acme has one, too.
pub async fn validate(headers: HeaderMap, body: String) -> Response {
    if !knows_the_api_key(&headers) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let body: Value = serde_json::from_str(&body).unwrap_or_default();
    let Some(key) = body.get("api_key_token").and_then(Value::as_str) else {
        let errors = json!({ "api_key_token": ["an API key is required"] });
        return (StatusCode::BAD_REQUEST, Json(errors)).into_response();
    };
    if key == ACME.api_key() {
        return Json(json!({ "user": null, "org": about(ACME), "user_in_org": null, "metadata": null }))
            .into_response();
    }
    match USERS.iter().find(|user| user.api_key() == key) {
        Some(user) => Json(owner(user)).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// A user's key is valid for the user's first organization, if any.
fn owner(user: &User) -> Value {
    let first = user.roles.first();
    json!({
        "user": {
            "user_id": user.id,
            "email": user.email(),
            "first_name": user.first_name,
            "last_name": user.last_name,
            "username": user.name,
            "enabled": true,
            "locked": false,
        },
        "org": first.map(|(organization, _)| about(*organization)),
        "user_in_org": first.map(|(organization, role)| entry(*organization, *role)),
        "metadata": null,
    })
}

fn about(organization: Organization) -> Value {
    json!({ "org_id": organization.id, "org_name": organization.name, "metadata": {} })
}
