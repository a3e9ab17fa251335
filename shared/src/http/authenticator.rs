use crate::auth::{Caller, Member, Verifier};
use crate::error::ApiError;
use crate::http::{Request, Site};
use crate::model::Timestamp;
use lambda_http::http::Method;
use std::sync::Arc;

/// Authenticates callers by the header `Authorization` or by the session cookie.
#[derive(Debug)]
pub struct Authenticator {
    verifier: Arc<Verifier>,
    site: Site,
}

impl Authenticator {
    /// Creates an authenticator for the session cookies of `site`.
    pub fn new(verifier: Arc<Verifier>, site: Site) -> Self {
        Self { verifier, site }
    }

    /// Returns the verifier of tokens.
    pub fn verifier(&self) -> &Verifier {
        &self.verifier
    }

    /// Returns the site of the session cookies.
    pub fn site(&self) -> &Site {
        &self.site
    }

    /// Returns the request's caller as a member of the organization in the path. If the request can change something,
    /// the caller is recorded for the audit log, whether or not the caller is a member.
    ///
    /// # Errors
    /// In this order: the caller is not authenticated; the path has no organization id; the caller is not a member.
    pub async fn member(&self, request: &Request, now: Timestamp) -> Result<Member, ApiError> {
        let caller = self.caller(request, now).await?;
        if !matches!(*request.method(), Method::GET | Method::HEAD) {
            request.record_caller(caller.user_id(), caller.impersonator());
        }
        Ok(self.verifier.member(caller, request.org_id()?)?)
    }

    /// Returns the request's caller.
    ///
    /// # Errors
    /// The caller is not authenticated.
    pub async fn caller(&self, request: &Request, now: Timestamp) -> Result<Caller, ApiError> {
        Ok(self.verifier.verify(request.credential(&self.site)?, now).await?)
    }

    /// Returns the caller of a request for a page that other sites may link to.
    ///
    /// # Errors
    /// The caller is not authenticated.
    pub async fn caller_of_navigation(&self, request: &Request, now: Timestamp) -> Result<Caller, ApiError> {
        Ok(self.verifier.verify(request.credential_of_navigation(&self.site)?, now).await?)
    }
}
