use crate::sign_in::LinkPath;
use crate::{Open, page};
use lambda_http::http::Method;
use lambda_http::http::header::AUTHORIZATION;
use lambda_http::{Body, Response};
use shared::auth::{Member, MembershipError};
use shared::error::ApiError;
use shared::http::Request;
use shared::model::Timestamp;

/// Whether a caller can follow the links of the organization in the path.
pub enum Admission {
    /// The caller is a member.
    Member(Member),
    /// The caller is not a member. Contains the response for the caller's browser.
    Refused(Response<Body>),
}

impl Open {
    /// Authenticates the caller. If a person is not admitted, the browser is redirected to sign in, or gets a page; a
    /// program gets the error.
    ///
    /// # Errors
    /// The caller is not authenticated, or not a member of the organization. For a person, a path that no link
    /// can have is also an error, because a sign-in could not return to it.
    pub(crate) async fn admit(&self, request: &Request, now: Timestamp) -> Result<Admission, ApiError> {
        let caller = self.callers.caller_of_navigation(request, now).await;
        let verifier = self.callers.verifier();
        if !is_for_a_person(request) {
            return Ok(Admission::Member(verifier.member(caller?, request.org_id()?)?));
        }
        let (org, link) = (request.org_id()?, LinkPath::from_request(request)?);
        let caller = match caller {
            Ok(caller) => caller,
            Err(error @ ApiError::Unauthenticated(_)) => {
                let redirect = self.sign_in.redirect(request, &org, &link)?;
                return Ok(Admission::Refused(redirect.unwrap_or_else(|| page::signed_out(&error))));
            }
            Err(error) => return Err(error),
        };
        match verifier.member(caller.clone(), org.clone()) {
            Ok(member) => Ok(Admission::Member(member)),
            Err(error @ MembershipError::NotAMember) => {
                let another = self.sign_in.url_of_another_account(request, &org, &link);
                let page = page::of_another_organization(&error.into(), &caller, another.as_deref());
                Ok(Admission::Refused(page))
            }
            Err(error) => Err(error.into()),
        }
    }
}

/// Returns whether a person in a browser waits for the response.
///
/// Requests from scripts, frames and link scanners are not redirected to sign in. Prefetches are not redirected either,
/// because they would start a sign-in that the user has not requested. A browser discards the 401 of a prefetch, and
/// requests the page again when the user follows the link
/// (<https://html.spec.whatwg.org/multipage/speculative-loading.html>). Requests with `Authorization` come from programs.
fn is_for_a_person(request: &Request) -> bool {
    request.is_document_navigation()
        && *request.method() == Method::GET
        && !request.is_prefetch()
        && !request.headers().contains_key(AUTHORIZATION)
}
