//! Cross-origin requests (<https://fetch.spec.whatwg.org/#http-cors-protocol>), with the same rules as the HTTP API on
//! AWS. A test compares them with `template.yaml`.

use axum::http::{HeaderName, HeaderValue, Method};
use shared::settings::{Error, Settings};
use std::time::Duration;
use tower_http::cors::CorsLayer;
use url::Url;

/// The allowed methods.
pub const METHODS: [&str; 5] = ["DELETE", "GET", "PATCH", "POST", "PUT"];
/// The allowed request headers.
pub const REQUEST_HEADERS: [&str; 4] = ["authorization", "content-type", "idempotency-key", "if-match"];
/// The exposed response headers.
pub const RESPONSE_HEADERS: [&str; 5] =
    ["etag", "idempotency-replayed", "link", "location", "signpost-change"];
/// How long a browser caches the result of a preflight.
pub const MAX_AGE: Duration = Duration::from_secs(3600);

/// Parses `CORS_ORIGINS`, a comma-separated list of origins as browsers send them.
///
/// # Errors
/// `CORS_ORIGINS` contains text that is not an origin.
pub fn origins(settings: &Settings) -> Result<Vec<String>, Error> {
    let name = "CORS_ORIGINS";
    let Some(origins) = settings.optional(name) else { return Ok(Vec::new()) };
    let rule = "must be a list of origins, separated by commas, such as https://app.example.com";
    let origins = origins.split(',').map(str::trim).map(|origin| {
        // An origin that no browser sends would silently have no effect.
        let canonical = Url::parse(origin).is_ok_and(|url| url.origin().ascii_serialization() == origin);
        canonical.then(|| origin.to_owned()).ok_or_else(|| Error::malformed(name, rule))
    });
    origins.collect()
}

/// Returns the CORS layer for `CORS_ORIGINS`, or `None` if it is empty.
///
/// # Errors
/// `CORS_ORIGINS` contains text that is not an origin.
pub fn layer(settings: &Settings) -> Result<Option<CorsLayer>, Error> {
    let origins = origins(settings)?;
    if origins.is_empty() {
        return Ok(None);
    }
    let origins: Vec<HeaderValue> =
        origins.iter().filter_map(|origin| HeaderValue::try_from(origin).ok()).collect();
    let layer = CorsLayer::new()
        .allow_origin(origins)
        .allow_methods(METHODS.map(|method| Method::from_bytes(method.as_bytes()).unwrap_or_default()))
        .allow_headers(REQUEST_HEADERS.map(HeaderName::from_static))
        .expose_headers(RESPONSE_HEADERS.map(HeaderName::from_static))
        .max_age(MAX_AGE);
    Ok(Some(layer))
}
