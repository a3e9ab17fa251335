use crate::page;
use crate::sign_in::SignIn;
use lambda_http::http::Method;
use lambda_http::http::header::AUTHORIZATION;
use lambda_http::{Body, Response};
use shared::auth::{Caller, Member, MembershipError, Verifier};
use shared::error::ApiError;
use shared::http::Request;
use shared::model::Timestamp;

/// Whether a caller may follow the links of the organization in the path.
pub enum Admission {
    /// As one of its members.
    Member(Member),
    /// Not as they are; what their browser is to show or do.
    Refused(Response<Body>),
}

/// Decides who follows the link. A person's browser gets a way in; a program gets the error.
///
/// # Errors
/// The caller is unknown, or not a member of the organization. For a person: the path cannot be a link's, so that there is
/// nothing to come back to.
pub async fn admit(
    request: &Request,
    verifier: &Verifier,
    sign_in: &SignIn,
    now: Timestamp,
) -> Result<Admission, ApiError> {
    let caller = authenticate(request, verifier, sign_in, now).await;
    if !is_for_a_person(request) {
        return Ok(Admission::Member(verifier.member(caller?, request.org_id()?)?));
    }
    let (org, slug) = (request.org_id()?, request.slug().ok_or(ApiError::NotFound)?);
    let caller = match caller {
        Ok(caller) => caller,
        Err(error @ ApiError::Unauthenticated(_)) => {
            let redirect = sign_in.redirect(request, &org, &slug)?;
            return Ok(Admission::Refused(redirect.unwrap_or_else(|| page::signed_out(&error))));
        }
        Err(error) => return Err(error),
    };
    match verifier.member(caller.clone(), org.clone()) {
        Ok(member) => Ok(Admission::Member(member)),
        Err(error @ MembershipError::NotAMember) => {
            let another = sign_in.url_of_another_account(request, &org, &slug);
            let page = page::of_another_organization(&error.into(), &caller, another.as_deref());
            Ok(Admission::Refused(page))
        }
        Err(error) => Err(error.into()),
    }
}

async fn authenticate(
    request: &Request,
    verifier: &Verifier,
    sign_in: &SignIn,
    now: Timestamp,
) -> Result<Caller, ApiError> {
    Ok(verifier.verify(request.credential_of_navigation(sign_in.site())?, now).await?)
}

/// Whether a person waits for the answer in a browser's tab. Nothing else is sent to sign in: no script, no frame, no link
/// scanner's `HEAD`. Nor is a prefetch, which would start a sign-in that its user never asked for; a browser throws its 401
/// away, and asks again once the user follows the link
/// (<https://html.spec.whatwg.org/multipage/speculative-loading.html>). With `Authorization`, that header alone says who is
/// calling.
fn is_for_a_person(request: &Request) -> bool {
    request.is_document_navigation()
        && *request.method() == Method::GET
        && !request.is_prefetch()
        && !request.headers().contains_key(AUTHORIZATION)
}
