//! The page that a visitor's browser shows instead of a problem document.

use crate::error::ApiError;
use crate::http::response;
use lambda_http::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderValue};
use lambda_http::{Body, Response};

/// Nothing is loaded and nothing runs: the page is a few lines of text with a style of its own.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The response to a visitor's browser: the problem's status and headers, with a page. `None` for an error that visitors
/// cannot meet, or can make nothing of.
pub fn response(error: &ApiError) -> Option<Response<Body>> {
    let page = html(error)?;
    let mut response = response::problem(error).map(|_| Body::from(page));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    Some(response)
}

/// The page for an error. It holds nothing of the request.
fn html(error: &ApiError) -> Option<String> {
    let (title, sentence) = match error {
        ApiError::Unauthenticated(_) => {
            ("For members", "This link opens only for signed-in members of the organization it belongs to.")
        }
        ApiError::Forbidden(_) => (
            "For members",
            "You are signed in, but not as a member of the organization this link belongs to.",
        ),
        ApiError::NotFound | ApiError::InvalidOrganization(_) => {
            ("No such link", "There is no link at this address. It may be mistyped, or the link was deleted.")
        }
        ApiError::LinkDisabled => {
            ("Switched off", "The team that made this link has switched it off for now.")
        }
        ApiError::LinkExpired => ("Expired", "This link was made for a limited time, which is over."),
        ApiError::Unavailable(_) => {
            ("One moment, please", "The link cannot be looked up right now. Please try again in a moment.")
        }
        _ => return None,
    };
    Some(format!(
        r#"<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>{title}</title>
<link rel="icon" href="data:,">
<style>
:root {{ color-scheme: light dark; --text: #1d2733; --quiet: #54616f; --ground: #f6f7f9 }}
@media (prefers-color-scheme: dark) {{ :root {{ --text: #e8ecf1; --quiet: #a4afbb; --ground: #14181d }} }}
body {{ margin: 0; min-height: 100vh; display: grid; place-items: center; background: var(--ground); color: var(--text); font: 1.125rem/1.6 system-ui, sans-serif }}
main {{ max-width: 32rem; padding: 2rem }}
h1 {{ margin: 0 0 .5rem; font-size: 2rem; line-height: 1.2 }}
p {{ margin: 0; color: var(--quiet) }}
</style>
</head>
<body>
<main>
<h1>{title}</h1>
<p>{sentence}</p>
</main>
</body>
</html>
"#
    ))
}
