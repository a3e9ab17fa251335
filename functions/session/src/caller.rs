use crate::Session;
use lambda_http::{Body, Response};
use shared::auth::Caller;
use shared::error::{ApiError, Unauthenticated};
use shared::http::{Request, SessionBody, SessionOrganization, json};
use shared::model::Timestamp;

impl Session {
    /// Returns the caller that the cookie or `Authorization` identifies. The response never contains the token.
    ///
    /// # Errors
    /// The caller is not authenticated. If no provider is configured, a request without a token gets the error that browser
    /// sign-in is not set up.
    pub(crate) async fn show(&self, request: &Request, now: Timestamp) -> Result<Response<Body>, ApiError> {
        let caller = self.callers.caller(request, now).await.map_err(|error| match error {
            ApiError::Unauthenticated(reason) if self.provider.is_none() && is_without_token(reason) => {
                ApiError::SignInNotConfigured
            }
            error => error,
        })?;

        request.query().finish()?;

        json(Response::builder(), &body(&caller))
    }
}

/// Returns true if the request contains no access token, except one in the session cookie.
fn is_without_token(reason: Unauthenticated) -> bool {
    use Unauthenticated::{CrossSite, Missing, SessionExpired, SessionInvalid};
    matches!(reason, Missing | CrossSite | SessionExpired | SessionInvalid)
}

fn body(caller: &Caller) -> SessionBody<'_> {
    let organizations = caller.memberships().iter().map(|(id, membership)| SessionOrganization {
        id,
        name: membership.organization_name.as_deref(),
        role: membership.role.as_deref(),
        edits_all_links: membership.edits_all_links,
        manages_all_links: membership.manages_all_links,
    });
    SessionBody {
        user_id: caller.user_id(),
        name: caller.name(),
        organizations: organizations.collect(),
        expires_at: caller.expires_at(),
    }
}
