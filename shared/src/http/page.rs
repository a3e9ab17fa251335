//! Small HTML pages that show visitors why a link does not open or where it leads.

use crate::error::ApiError;
use crate::http::response;
use crate::model::Slug;
use lambda_http::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderValue};
use lambda_http::{Body, Response};

/// Allows only the page's own style: nothing is loaded, no script runs, and no site can frame the page.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The beginning of each page, up to its title.
const HEAD: &str = r#"<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<link rel="icon" href="data:,">
<style>
:root { color-scheme: light dark; --ground: #f7f8f6; --card: #fff; --line: #dce1db; --ink: #17201b; --quiet: #55615a; --accent: #0b6b4b; --on-accent: #fff; --focus: #1d5fd1 }
@media (prefers-color-scheme: dark) { :root { --ground: #111513; --card: #191e1b; --line: #2e3631; --ink: #e9eeea; --quiet: #a5b0a8; --accent: #5ccb9f; --on-accent: #06281b; --focus: #8ab4ff } }
* { box-sizing: border-box }
body { margin: 0; min-height: 100vh; padding: 16px; display: grid; place-items: center; background: var(--ground); color: var(--ink); font: .875rem/1.25rem system-ui, sans-serif }
main { width: 100%; max-width: 26rem; padding: 24px; background: var(--card); border: 1px solid var(--line); border-radius: 10px; overflow-wrap: anywhere }
h1 { margin: 0 0 8px; font-size: 1.25rem; line-height: 1.75rem; font-weight: 600 }
p { margin: 0; color: var(--quiet) }
p + p { margin-top: 16px; font-size: .8125rem }
b { font-weight: 600; color: var(--ink) }
dl { margin: 0; padding: 12px; border-radius: 6px; background: var(--ground) }
dt { font-size: 1.25rem; line-height: 1.75rem; font-weight: 600 }
dd { margin: 4px 0 0; font-size: .8125rem; color: var(--quiet) }
a { color: var(--accent) }
a:focus-visible { border-radius: 6px; outline: 2px solid var(--focus); outline-offset: 2px }
main > a { display: inline-flex; align-items: center; min-height: 2rem; margin-top: 16px; padding: 4px 12px; border-radius: 6px; background: var(--accent); color: var(--on-accent); font-weight: 600; text-decoration: none }
@media (pointer: coarse) { main > a { min-height: 44px } p a { display: inline-block; margin: -12px 0; padding: 12px 0 } }
</style>
"#;

const NO_SUCH_LINK: &str = "No such link";

/// Returns the page for an error, or `None` if a page would not help visitors. The page has the status and headers of
/// the problem document that it replaces. The only part of the request that the page contains is a valid slug.
pub(super) fn of_visits(error: &ApiError) -> Option<Response<Body>> {
    let (title, content) = match error {
        ApiError::NoSuchLink(slug) => return Some(page(error, NO_SUCH_LINK, &missing(slug))),
        ApiError::NotFound | ApiError::InvalidOrganization(_) => {
            (NO_SUCH_LINK, "<p>Nothing is at this address. Check the spelling.</p>")
        }
        ApiError::LinkDisabled => ("Link switched off", "<p>The team behind this link switched it off.</p>"),
        ApiError::LinkExpired => ("Link expired", "<p>This link was available for a limited time.</p>"),
        ApiError::Unavailable(_) => {
            ("One moment, please", "<p>This link can't be looked up right now. Try again in a moment.</p>")
        }
        _ => return None,
    };
    Some(page(error, title, content))
}

/// The content of the page for a missing link. The content reveals nothing, because it is the same for every visitor
/// and every organization, even an organization that does not exist. A slug needs no escaping in HTML or in a fragment.
fn missing(slug: &Slug) -> String {
    format!(
        "<p>Nothing is at <b>/{slug}</b>. Check the spelling.</p>\n\
         <p>On the team? <a href=\"/#new={slug}\">Create /{slug}</a></p>"
    )
}

/// Returns a page for an error, with the error's status and headers. `title` and `content` are HTML; use [`escaped`] for
/// text.
pub fn page(error: &ApiError, title: &'static str, content: &str) -> Response<Body> {
    let (mut problem, _) = response::problem(error).into_parts();
    let (page, html) = document(title, content).into_parts();
    problem.headers.extend(page.headers);
    Response::from_parts(problem, html)
}

/// Returns a page with status 200. `title` and `content` are HTML; use [`escaped`] for text.
pub fn document(title: &'static str, content: &str) -> Response<Body> {
    let html = format!(
        "{HEAD}<title>{title}</title>\n</head>\n<body>\n<main>\n<h1>{title}</h1>\n{content}\n</main>\n</body>\n</html>\n"
    );
    let mut response = Response::new(Body::from(html));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert("x-robots-tag", HeaderValue::from_static("noindex"));
    response
}

/// Escapes text for an HTML element or a quoted attribute.
/// <https://html.spec.whatwg.org/multipage/named-characters.html>
pub fn escaped(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            other => html.push(other),
        }
    }
    html
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_in_html_ends_no_element_and_no_attribute() {
        assert_eq!(
            escaped(r#"<a href="x" id='y'>&amp;</a> é"#),
            "&lt;a href=&quot;x&quot; id=&#39;y&#39;&gt;&amp;amp;&lt;/a&gt; é"
        );
    }
}
