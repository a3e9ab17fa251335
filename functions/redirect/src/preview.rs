//! `+` after a short URL: where it leads, without going there.

use lambda_http::{Body, Response};
use shared::error::ApiError;
use shared::http::{Request, document, escaped, page};
use shared::model::{Access, Destination, OrgId, Slug, TargetUrl};

/// Answers the page that shows where a link leads. For a link of members only, a page that leads to the route that asks who
/// they are: going there directly would show a member the target itself, and count a click.
///
/// # Errors
/// The link is for members only, and no page is preferred.
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

/// A target is ASCII, so no character of it can turn around the text, and a host of another script shows as `xn--`.
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
