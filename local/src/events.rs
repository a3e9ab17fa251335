//! The events in `events/`, one per route and case, exactly as API Gateway sends them but for the token.

use crate::routes::Route;
use serde_json::Value;
use std::fs;
use std::path::PathBuf;

/// What stands in an event where a token goes.
const NO_TOKEN: &str = "Bearer <token>";

/// The directory `events/`.
pub fn directory() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../events"))
}

/// The names of all events, sorted.
///
/// # Errors
/// The directory cannot be read; as a sentence.
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

/// The event of this name.
///
/// # Errors
/// There is none, or it cannot be read; as a sentence that names those there are.
pub fn load(name: &str) -> Result<Value, String> {
    let names = names()?;
    if !names.iter().any(|known| known == name) {
        return Err(format!("there is no event '{name}'; expected one of {}", names.join(", ")));
    }
    let text = fs::read_to_string(directory().join(format!("{name}.json")));
    let text = text.map_err(|error| format!("the event '{name}' cannot be read: {error}"))?;
    serde_json::from_str(&text).map_err(|error| format!("the event '{name}' is not valid JSON: {error}"))
}

/// Whether the event has a place for a token: in the header `Authorization`, or in the session cookie.
pub fn takes_token(event: &Value) -> bool {
    event.pointer("/headers/authorization").is_some() || event.get("cookies").is_some()
}

/// The event with this token, if it has a place for one.
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

/// The event with cookies as a site on plain http has them, such as that of `cargo run`: without the prefix of their names.
pub fn on_http(mut event: Value) -> Value {
    for cookie in cookies(&mut event) {
        *cookie = cookie.as_str().unwrap_or_default().trim_start_matches("__Host-Http-").into();
    }
    event
}

fn cookies(event: &mut Value) -> impl Iterator<Item = &mut Value> {
    event.get_mut("cookies").and_then(Value::as_array_mut).into_iter().flatten()
}

/// The event for another slug, where its path has one. The last segment of a short URL's path is its slug.
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
