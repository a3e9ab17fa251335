use crate::Session;
use crate::cookies::{self, OUT, OUT_SECONDS, TRIED};
use lambda_http::http::StatusCode;
use lambda_http::http::header::LOCATION;
use lambda_http::{Body, Response};
use shared::error::ApiError;
use shared::http::Request;

impl Session {
    /// Deletes the session cookie. The session at the provider continues, and would sign the same user in again.
    /// Therefore the next sign-in asks which account to use.
    pub(crate) fn sign_out(&self, request: &Request) -> Result<Response<Body>, ApiError> {
        let site = self.site();
        if !request.is_from_our_own_pages(site) {
            return Err(ApiError::Forbidden("Only Signpost's own pages can sign a user out."));
        }
        let mut response =
            Response::builder().status(StatusCode::SEE_OTHER).header(LOCATION, "/").body(Body::Empty)?;
        cookies::remove(&mut response, site, "");
        cookies::remove(&mut response, site, TRIED);
        cookies::set(&mut response, site, OUT, "1", OUT_SECONDS);
        Ok(response)
    }
}
