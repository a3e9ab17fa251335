//! Pages for a sign-in that cannot continue without the user. The pages run no script and load nothing. They contain no text
//! from a request except a link, which is rebuilt from its parsed parts.

use crate::failure::Failure;
use crate::return_to::ReturnTo;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use lambda_http::http::StatusCode;
use lambda_http::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE, RETRY_AFTER};
use lambda_http::{Body, Response};
use sha2::{Digest, Sha256};
use shared::auth::Caller;
use shared::error::ApiError;
use shared::http::escaped;
use std::fmt::Write;

const STYLE: &str = include_str!("pages.css");

/// A link on a page: its URL and its text.
type Link<'a> = (&'a str, &'a str);

/// Returns the page for a failed sign-in.
pub fn failed(failure: &Failure, return_to: &ReturnTo) -> Result<Response<Body>, ApiError> {
    let (title, sentence) = match failure {
        Failure::Unavailable(_) => (
            "Sign-in isn't available",
            "The sign-in service can't be reached right now. Try again in a moment.",
        ),
        Failure::Provider(_) => (
            "Sign-in failed",
            "The sign-in service returned an invalid response. If this keeps happening, tell the person who runs this \
             server.",
        ),
        Failure::Callback(_) => (
            "Sign-in didn't finish",
            "This sign-in took too long, began in another browser, or was replaced by a newer one. If you came from a \
             link, open it again.",
        ),
        Failure::Denied(_) => ("Not signed in", "The sign-in was cancelled or refused."),
        Failure::TooLarge => (
            "Too many organizations",
            "Your account belongs to more organizations than a browser session can hold. Ask an admin to remove you from \
             some of them.",
        ),
    };
    let mut response = page(failure.status(), title, sentence, &[(&return_to.sign_in(None), "Try again")])?;
    if let Failure::Unavailable(_) = failure {
        response.headers_mut().insert(RETRY_AFTER, 1.into());
    }
    Ok(response)
}

/// Returns the page for a deployment without browser sign-in.
pub fn not_set_up() -> Result<Response<Body>, ApiError> {
    let sentence = "If you run this server, set SignInClientId (with cargo run: SIGN_IN_CLIENT_ID).";
    page(StatusCode::NOT_FOUND, "Sign-in isn't set up", sentence, &[])
}

/// Returns the page for a browser that did not keep the session cookie.
pub fn did_not_stick(return_to: &ReturnTo) -> Result<Response<Body>, ApiError> {
    let sentence = "You signed in a moment ago, but your browser didn't keep the session. Allow cookies for this site, then try again.";
    page(StatusCode::FORBIDDEN, "Sign-in didn't stick", sentence, &[(&return_to.sign_in(None), "Try again")])
}

/// Returns the response to a prefetch.
pub fn not_yet() -> Result<Response<Body>, ApiError> {
    page(StatusCode::SERVICE_UNAVAILABLE, "Sign in", "Open this page to sign in.", &[])
}

/// Returns the page on which a user chooses an organization. The user sees this page if a token for all of the user's
/// organizations is too large.
pub fn choose(caller: &Caller, return_to: &ReturnTo) -> Result<Response<Body>, ApiError> {
    let links: Vec<(String, &str)> = caller
        .memberships()
        .iter()
        .map(|(id, membership)| {
            (return_to.sign_in(Some(id)), membership.organization_name.as_deref().unwrap_or(id.as_str()))
        })
        .collect();
    let links: Vec<Link<'_>> = links.iter().map(|(href, text)| (href.as_str(), *text)).collect();
    let sentence =
        "You belong to more organizations than one browser session can hold. Choose the one to work in.";
    page(StatusCode::OK, "Choose an organization", sentence, &links)
}

fn page(
    status: StatusCode,
    title: &str,
    sentence: &str,
    links: &[Link<'_>],
) -> Result<Response<Body>, ApiError> {
    let mut items = String::new();
    for (href, text) in links {
        // Writing to a `String` cannot fail.
        let _ = writeln!(items, "<p><a href=\"{}\">{}</a></p>", escaped(href), escaped(text));
    }
    let html = format!(
        r#"<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>{title}</title>
<link rel="icon" href="data:,">
<style>{STYLE}</style>
</head>
<body>
<main>
<h1>{title}</h1>
<p>{sentence}</p>
{items}</main>
</body>
</html>
"#
    );
    let style = BASE64_STANDARD.encode(Sha256::digest(STYLE));
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{style}'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    );
    Ok(Response::builder()
        .status(status)
        .header(CONTENT_TYPE, "text/html; charset=utf-8")
        .header(CONTENT_SECURITY_POLICY, policy)
        .body(Body::from(html))?)
}
