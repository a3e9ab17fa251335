//! The events in `events/`, one per route and case. Except for the token, they are exactly what API Gateway sends.

use crate::routes::Route;
use serde_json::Value;
use std::fs;
use std::path::PathBuf;

/// The placeholder for a token in an event.
const NO_TOKEN: &str = "Bearer <token>";

/// Returns the directory `events/`.
pub fn directory() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../events"))
}

/// Returns the names of all events, sorted.
///
/// # Errors
/// The directory cannot be read. Returns the reason as a sentence.
pub fn names() -> Result<Vec<String>, String> {
    let entries = fs::read_dir(directory()).map_err(|error| format!("events/ cannot be read: {error}"))?;
    let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let mut names: Vec<String> = names
        .filter_map(|name| Some(name.strip_suffix(".json")?.to_owned()))
        .filter(|name| name != "env")
        .collect();
    names.sort();
    Ok(names)
}

/// Loads the event with this name.
///
/// # Errors
/// There is no such event, or it cannot be read. Returns the reason as a sentence.
pub fn load(name: &str) -> Result<Value, String> {
    let names = names()?;
    if !names.iter().any(|known| known == name) {
        return Err(format!("there is no event '{name}'; expected one of {}", names.join(", ")));
    }
    let text = fs::read_to_string(directory().join(format!("{name}.json")));
    let text = text.map_err(|error| format!("the event '{name}' cannot be read: {error}"))?;
    serde_json::from_str(&text).map_err(|error| format!("the event '{name}' is not valid JSON: {error}"))
}

/// Returns whether the event has a placeholder for a token, in the header `Authorization` or in the session cookie.
pub fn takes_token(event: &Value) -> bool {
    event.pointer("/headers/authorization").is_some() || event.get("cookies").is_some()
}

/// Returns the event with its placeholder, if any, replaced by this token.
pub fn with_token(mut event: Value, token: &str) -> Value {
    let header = event.pointer_mut("/headers/authorization").filter(|header| *header == NO_TOKEN);
    if let Some(header) = header {
        *header = format!("Bearer {token}").into();
    }
    for cookie in cookies(&mut event) {
        *cookie = cookie.as_str().unwrap_or_default().replace("<token>", token).into();
    }
    event
}

/// Returns the event with cookie names that have no prefix, because `cargo run` serves plain HTTP.
pub fn on_http(mut event: Value) -> Value {
    for cookie in cookies(&mut event) {
        *cookie = cookie.as_str().unwrap_or_default().trim_start_matches("__Host-Http-").into();
    }
    event
}

fn cookies(event: &mut Value) -> impl Iterator<Item = &mut Value> {
    event.get_mut("cookies").and_then(Value::as_array_mut).into_iter().flatten()
}

/// Returns the event with its slug replaced by `slug`, or unchanged if its path contains no slug. The last segment of a
/// short URL is its slug.
pub fn with_slug(mut event: Value, slug: &str) -> Value {
    let is_short_url = event["routeKey"] == Route::DEFAULT.key();
    let in_path = event.pointer("/rawPath").and_then(Value::as_str).and_then(|path| path.rsplit('/').next());
    let variable = event.pointer("/pathParameters/slug").and_then(Value::as_str);
    let Some(old) = variable.or(in_path.filter(|_| is_short_url)).map(str::to_owned) else {
        return event;
    };
    for place in ["/rawPath", "/requestContext/http/path", "/pathParameters/slug"] {
        let Some(text) = event.pointer_mut(place) else { continue };
        let parts = text.as_str().and_then(|text| text.rsplit_once(&old)).unwrap_or_default();
        *text = format!("{}{slug}{}", parts.0, parts.1).into();
    }
    event
}
