//! Requests that are not for a short URL: `/robots.txt`, `/favicon.ico`, unknown paths, and methods that a route does not
//! support.

use crate::READING;
use lambda_http::http::Method;
use lambda_http::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use lambda_http::{Body, Response};
use shared::error::ApiError;

/// Allows everything (RFC 9309). `X-Robots-Tag: noindex` keeps redirects out of search indexes. Crawlers may follow the
/// redirects, because otherwise they could not create link previews.
const ROBOTS: &str = "User-agent: *\nAllow: /\n";

/// The icon that browsers show in the tab.
const ICON: &str = include_str!("favicon.svg");

/// Returns `/robots.txt` and `/favicon.ico`.
///
/// # Errors
/// The path does not support the method, or there is no such path.
pub fn answer(method: &Method, path: &str) -> Result<Response<Body>, ApiError> {
    let (content_type, body) = match path {
        "/robots.txt" => ("text/plain; charset=utf-8", ROBOTS),
        "/favicon.ico" => ("image/svg+xml", ICON),
        _ => {
            // A request with an encoded slash in its path gets here even if the decoded path matches a route that
            // supports the method.
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

/// Returns whether the API has a route with this path. If a segment contains an encoded slash, API Gateway does not
/// find that route.
pub fn is_route(path: &str) -> bool {
    methods(path).is_some()
}

/// Returns the methods of the API's routes with this path, or `None` if there is no such route.
fn methods(path: &str) -> Option<&'static str> {
    if path == "/" {
        return Some(READING);
    }
    let mut segments = path.strip_prefix('/')?.split('/');
    // Six segments, one more than the longest route has, so that longer paths match no route.
    let segments = [(); 6].map(|()| segments.next());
    if segments.contains(&Some("")) {
        return None;
    }
    match segments {
        [Some("docs" | "openapi.json"), None, ..] | [Some("-"), Some("import"), None, ..] => {
            Some("GET, HEAD")
        }
        [Some("-"), Some("sign-in" | "callback" | "session"), None, ..] => Some("GET"),
        [Some("-"), Some("sign-out"), None, ..] => Some("POST"),
        [Some(_), Some("link"), None, ..] => Some("GET, POST"),
        [Some(_), Some("link"), Some(_), None, ..] => Some("DELETE, GET, PATCH"),
        [Some(_), Some("link"), Some(_), Some("clicks" | "qr"), None, _] => Some("GET"),
        [Some(_), Some("-"), Some("handle"), None, ..] => Some("GET, PUT"),
        [Some(_), Some("-"), Some("import"), None, ..] => Some("POST"),
        [Some(_), Some("-"), Some("clicks" | "history"), None, ..] => Some("GET"),
        [Some(_), Some("-"), Some("history"), Some(_), Some("undo"), None] => Some("POST"),
        [Some(_), Some("-"), Some("open"), Some(_), None, _] => Some("GET, HEAD"),
        _ => None,
    }
}
