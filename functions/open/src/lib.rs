//! `GET` and `HEAD /{org_id}/-/open/{slug}`: redirects members, also for links that are for members only.

mod admission;
mod page;
mod sign_in;

pub use sign_in::SignIn;

use admission::{Admission, admit};
use lambda_http::http::StatusCode;
use lambda_http::http::header::LOCATION;
use lambda_http::{Body, Response};
use shared::auth::Verifier;
use shared::clicks::ClickLog;
use shared::error::ApiError;
use shared::http::Request;
use shared::model::{LinkKey, Timestamp};
use shared::store::LinkStore;

/// Redirects a member to the link's destination with 302 and counts a click. A browser that is not signed in is
/// redirected to sign in first. A user who is signed in with the wrong account can change it.
///
/// # Errors
/// In this order: the caller is not authenticated, or not a member of the organization; there is no such link, it is
/// switched off or has expired; the store fails. For a person, a path that is not a link's is reported first.
pub async fn handle(
    request: Request,
    verifier: &Verifier,
    sign_in: &SignIn,
    links: &LinkStore,
    clicks: &ClickLog,
    now: Timestamp,
) -> Result<Response<Body>, ApiError> {
    let member = match admit(&request, verifier, sign_in, now).await? {
        Admission::Member(member) => member,
        Admission::Refused(response) => return Ok(response),
    };

    let slug = request.slug().ok_or(ApiError::NotFound)?;

    let Some(destination) = links.redirect(&member.org_id, &slug, now).await? else {
        return Err(ApiError::NoSuchLink(slug));
    };

    destination.must_be_open(now)?;
    let link = LinkKey { org_id: member.org_id, birth: destination.birth };
    clicks.click(&request, link, slug, now);
    Ok(Response::builder()
        .status(StatusCode::FOUND)
        .header(LOCATION, destination.url.as_str())
        .header("x-robots-tag", "noindex")
        .body(Body::Empty)?)
}
