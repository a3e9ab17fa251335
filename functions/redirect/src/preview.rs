//! `+` after a short URL: shows the destination without redirecting.
//!
//! The page needs only the read that each redirect makes. It does not show the link's title, because then every redirect
//! would have to read the title too.

use lambda_http::{Body, Response};
use shared::error::ApiError;
use shared::http::{Request, document, escaped, page};
use shared::model::{Access, Destination, OrgId, Slug, TargetUrl};

/// Returns a page that shows the destination. If the link is for members only, the page links to the members'
/// route. A redirect to that route would open the destination and count a click.
///
/// # Errors
/// The link is for members only, and the client does not prefer HTML.
pub fn answer(
    request: &Request,
    org: &OrgId,
    slug: &Slug,
    destination: &Destination,
) -> Result<Response<Body>, ApiError> {
    match destination.access {
        Access::Public => Ok(of_target(&destination.url)),
        Access::Members => {
            let error = ApiError::Forbidden("Only members can see where this link leads.");
            if request.prefers_html() { Ok(of_members(&error, org, slug)) } else { Err(error) }
        }
    }
}

/// Returns the page. A destination is ASCII, so it has no characters that change the direction of text. If its host name is
/// internationalized, it is in Punycode (`xn--`).
fn of_target(url: &TargetUrl) -> Response<Body> {
    let (host, url) = (escaped(url.host()), escaped(url.as_str()));
    let content = format!(
        "<dl><dt>{host}</dt><dd>{url}</dd></dl>\n<a rel=\"noreferrer nofollow\" href=\"{url}\">Go to {host}</a>"
    );
    document("Where this link leads", &content)
}

fn of_members(error: &ApiError, org: &OrgId, slug: &Slug) -> Response<Body> {
    let content = format!(
        "<p>Only members can see where this link leads.</p>\n<a href=\"/{org}/-/open/{slug}\">Open the link</a>"
    );
    page(error, "Members only", &content)
}
