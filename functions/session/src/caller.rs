use crate::Session;
use lambda_http::{Body, Response};
use serde::Serialize;
use shared::auth::Caller;
use shared::error::{ApiError, Unauthenticated};
use shared::http::{Request, json};
use shared::model::{OrgId, Timestamp, UserId};

/// The JSON form of a session.
#[derive(Serialize)]
struct SessionBody<'a> {
    user_id: &'a UserId,
    name: Option<&'a str>,
    organizations: Vec<OrganizationBody<'a>>,
    /// `None` for an API key.
    expires_at: Option<Timestamp>,
}

#[derive(Serialize)]
struct OrganizationBody<'a> {
    id: &'a OrgId,
    name: Option<&'a str>,
    role: Option<&'a str>,
    manages_all_links: bool,
}

impl Session {
    /// Returns the caller, by cookie or `Authorization`. The response never contains the token.
    ///
    /// # Errors
    /// The caller is not authenticated. Without a provider, the error for a request without a token is that browser sign-in
    /// is not set up.
    pub(crate) async fn show(&self, request: &Request, now: Timestamp) -> Result<Response<Body>, ApiError> {
        let caller = self.callers.caller(request, now).await.map_err(|error| match error {
            ApiError::Unauthenticated(reason) if self.provider.is_none() && is_without_token(reason) => {
                ApiError::SignInNotConfigured
            }
            error => error,
        })?;

        request.query().finish()?;

        json(Response::builder(), &SessionBody::new(&caller))
    }
}

/// Returns whether the request contains no access token, at most a session cookie.
fn is_without_token(reason: Unauthenticated) -> bool {
    use Unauthenticated::{CrossSite, Missing, SessionExpired, SessionInvalid};
    matches!(reason, Missing | CrossSite | SessionExpired | SessionInvalid)
}

impl<'a> SessionBody<'a> {
    fn new(caller: &'a Caller) -> Self {
        let organizations = caller.memberships().iter().map(|(id, membership)| OrganizationBody {
            id,
            name: membership.organization_name.as_deref(),
            role: membership.role.as_deref(),
            manages_all_links: membership.manages_all_links,
        });
        Self {
            user_id: caller.user_id(),
            name: caller.name(),
            organizations: organizations.collect(),
            expires_at: caller.expires_at(),
        }
    }
}
