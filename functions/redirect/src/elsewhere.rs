//! Requests for anything but a short URL: two files that programs request from every site, and methods that a route lacks.

use crate::READING;
use lambda_http::http::Method;
use lambda_http::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use lambda_http::{Body, Response};
use shared::error::ApiError;

/// Allows everything (RFC 9309). `X-Robots-Tag: noindex` keeps redirects out of search indexes; a crawler that may not
/// follow them cannot make a link preview.
const ROBOTS: &str = "User-agent: *\nAllow: /\n";

/// The icon of the browser's tab.
const ICON: &str = include_str!("favicon.svg");

/// Answers `/robots.txt` and `/favicon.ico`.
///
/// # Errors
/// The API has a route with this path but not with this method; or there is nothing at this path.
pub fn answer(method: &Method, path: &str) -> Result<Response<Body>, ApiError> {
    let (content_type, body) = match path {
        "/robots.txt" => ("text/plain; charset=utf-8", ROBOTS),
        "/favicon.ico" => ("image/svg+xml", ICON),
        _ => {
            // An encoded slash keeps a request from its route. The path does have the method then.
            let allow =
                methods(path).filter(|allow| !allow.split(", ").any(|allowed| allowed == method.as_str()));
            return Err(allow.map_or(ApiError::NotFound, |allow| ApiError::MethodNotAllowed { allow }));
        }
    };
    if ![Method::GET, Method::HEAD].contains(method) {
        return Err(ApiError::MethodNotAllowed { allow: READING });
    }
    let response =
        Response::builder().header(CONTENT_TYPE, content_type).header(CACHE_CONTROL, "public, max-age=86400");
    Ok(response.body(Body::from(body))?)
}

/// The methods of the API's routes with this path. `None` if there is no such route.
fn methods(path: &str) -> Option<&'static str> {
    if path == "/" {
        return Some(READING);
    }
    let mut segments = path.strip_prefix('/')?.split('/');
    // One more than the longest route has.
    let segments = [(); 5].map(|()| segments.next());
    if segments.contains(&Some("")) {
        return None;
    }
    match segments {
        [Some("docs" | "openapi.json"), None, ..] => Some("GET, HEAD"),
        [Some("-"), Some("sign-in" | "callback" | "session"), None, ..] => Some("GET"),
        [Some("-"), Some("sign-out"), None, ..] => Some("POST"),
        [Some(_), Some("link"), None, ..] => Some("GET, POST"),
        [Some(_), Some("link"), Some(_), None, _] => Some("DELETE, GET, PATCH"),
        [Some(_), Some("link"), Some(_), Some("clicks" | "qr"), None] => Some("GET"),
        [Some(_), Some("-"), Some("handle"), None, _] => Some("GET, PUT"),
        [Some(_), Some("-"), Some("clicks"), None, _] => Some("GET"),
        [Some(_), Some("-"), Some("open"), Some(_), None] => Some("GET, HEAD"),
        _ => None,
    }
}
