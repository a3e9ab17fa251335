//! The issuer's pages: HTML and CSS, no script.

use aws_lc_rs::digest::{SHA256, digest};
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY};
use axum::http::{HeaderName, StatusCode};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;

/// The headers of responses that are meant for one browser and must not be cached.
pub const NOT_STORED: [(HeaderName, &str); 1] = [(CACHE_CONTROL, "no-store")];

const PAGE: &str = include_str!("page/page.html");
/// The console's colors and the issuer's own style.
const STYLE: &str =
    concat!(include_str!("../../../functions/console/page/tokens.css"), include_str!("page/style.css"));

/// Returns a page with this title and content, both HTML.
pub fn page(status: StatusCode, title: &str, content: &str) -> Response {
    // The policy has no form-action, because Chrome applies that directive to all redirects after a form is sent. A
    // sign-in can end at any link's destination. https://www.w3.org/TR/CSP3/#directive-form-action
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{}'; img-src data:; base-uri 'none'; frame-ancestors 'none'",
        BASE64_STANDARD.encode(digest(&SHA256, STYLE.as_bytes())),
    );
    let headers = [
        (CONTENT_TYPE, "text/html; charset=utf-8".to_owned()),
        (CONTENT_SECURITY_POLICY, policy),
        // With no-referrer, the login form would be sent with `Origin: null`.
        (REFERRER_POLICY, "same-origin".to_owned()),
    ];
    let page = PAGE.replace("{{title}}", title).replace("{{style}}", STYLE).replace("{{content}}", content);
    (status, NOT_STORED, headers, page).into_response()
}

/// Returns the error page for a sign-in request that must not be answered with a redirect.
pub fn refusal(sentence: &str) -> Response {
    let sentence = escape(sentence);
    let content =
        format!("<h1>This sign-in request is invalid</h1>\n<p class=\"quiet\" role=\"alert\">{sentence}</p>");
    page(StatusCode::BAD_REQUEST, "Invalid sign-in request", &content)
}

/// Escapes text for an HTML element or a quoted attribute.
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for char in text.chars() {
        match char {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            _ => escaped.push(char),
        }
    }
    escaped
}
