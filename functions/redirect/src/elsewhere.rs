//! The paths that are not short URLs: two files that programs ask every site for, and methods that a route does not have.

use crate::READING;
use lambda_http::http::Method;
use lambda_http::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use lambda_http::{Body, Response};
use shared::error::ApiError;

/// Everything may be fetched: `X-Robots-Tag: noindex` keeps redirects out of indexes, and a crawler that is kept from
/// them makes no link preview (RFC 9309).
const ROBOTS: &str = "User-agent: *\nAllow: /\n";

/// A signpost.
const ICON: &str = include_str!("favicon.svg");

/// Answers `/robots.txt` and `/favicon.ico`.
///
/// # Errors
/// A route of the API has this path, but not this method; or nothing is at this path.
pub fn answer(method: &Method, path: &str) -> Result<Response<Body>, ApiError> {
    let (content_type, body) = match path {
        "/robots.txt" => ("text/plain; charset=utf-8", ROBOTS),
        "/favicon.ico" => ("image/svg+xml", ICON),
        _ => {
            // A path may have come encoded past its route. It is not said to lack the method that it has.
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

/// The methods of the API's routes for a path. `None` if no route has it.
fn methods(path: &str) -> Option<&'static str> {
    let mut segments = path.strip_prefix('/')?.split('/');
    // One more than any route has.
    let segments = [(); 5].map(|()| segments.next());
    if segments.contains(&Some("")) {
        return None;
    }
    match segments {
        [Some("docs" | "openapi.json"), None, ..] => Some("GET, HEAD"),
        [Some(_), Some("link"), None, ..] => Some("GET, POST"),
        [Some(_), Some("link"), Some(_), None, _] => Some("DELETE, GET, PATCH"),
        [Some(_), Some("link"), Some(_), Some("clicks" | "qr"), None] => Some("GET"),
        [Some(_), Some("-"), Some("handle"), None, _] => Some("GET, PUT"),
        [Some(_), Some("-"), Some("open"), Some(_), None] => Some("GET, HEAD"),
        _ => None,
    }
}
