//! Cross-origin requests (<https://fetch.spec.whatwg.org/#http-cors-protocol>), as the HTTP API on AWS lets them in; a
//! test holds this equal to `template.yaml`.

use axum::http::{HeaderName, HeaderValue, Method};
use shared::settings::{Error, Settings};
use std::time::Duration;
use tower_http::cors::CorsLayer;

/// What a page on another origin may do.
pub const METHODS: [&str; 5] = ["DELETE", "GET", "PATCH", "POST", "PUT"];
/// The headers it may send.
pub const REQUEST_HEADERS: [&str; 4] = ["authorization", "content-type", "idempotency-key", "if-match"];
/// The headers it may read.
pub const RESPONSE_HEADERS: [&str; 3] = ["etag", "idempotency-replayed", "location"];
/// For how long its browser need not ask again.
pub const MAX_AGE: Duration = Duration::from_secs(3600);

/// What answers the pages on the origins that `CORS_ORIGINS` names, with commas between; `None` where it names none.
///
/// # Errors
/// `CORS_ORIGINS` holds something that can be no origin.
pub fn layer(settings: &Settings) -> Result<Option<CorsLayer>, Error> {
    let name = "CORS_ORIGINS";
    let Some(origins) = settings.optional(name) else { return Ok(None) };
    let origins = origins.split(',').map(|origin| match origin.trim() {
        "" | "*" => Err(Error::malformed(name, "names each origin, such as https://app.example.com")),
        origin => {
            HeaderValue::try_from(origin).map_err(|_| Error::malformed(name, "holds what is no origin"))
        }
    });
    let layer = CorsLayer::new()
        .allow_origin(origins.collect::<Result<Vec<_>, _>>()?)
        .allow_methods(METHODS.map(|method| Method::from_bytes(method.as_bytes()).unwrap_or_default()))
        .allow_headers(REQUEST_HEADERS.map(HeaderName::from_static))
        .expose_headers(RESPONSE_HEADERS.map(HeaderName::from_static))
        .max_age(MAX_AGE);
    Ok(Some(layer))
}
