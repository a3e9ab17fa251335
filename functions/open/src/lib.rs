//! `GET` and `HEAD /{org_id}/-/open/{slug}`: a member follows a link that is for members only.

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

/// Sends the member to where the link leads, by 302, which is a click. A person with a browser who is not signed in is sent
/// to sign in first, and one who is signed in with the wrong account can change it.
///
/// # Errors
/// In this order: the caller is unknown, or not a member of the organization; there is no such link, it is switched off, it
/// has expired; the store fails. For a person, a path that cannot be a link's is reported first.
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
