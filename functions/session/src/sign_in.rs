use crate::cookies::{self, OUT, OUT_SECONDS, TRIED};
use crate::failure::Failure;
use crate::flow::Flow;
use crate::provider::Provider;
use crate::return_to::ReturnTo;
use crate::{Session, pages};
use lambda_http::http::StatusCode;
use lambda_http::http::header::LOCATION;
use lambda_http::{Body, Response};
use shared::error::ApiError;
use shared::http::{Request, SignInFailure, Site};
use shared::model::{OrgId, Timestamp};
use url::form_urlencoded::Serializer;

/// The query parameters. Unknown parameters are ignored, because mail programs add their own to links.
struct Parameters {
    return_to: ReturnTo,
    organization: Option<OrgId>,
    /// Whether to sign in with a different account.
    change: bool,
}

impl Session {
    /// Redirects the browser to the provider or, if the user is already signed in, directly to the page to return to.
    pub(crate) async fn sign_in(
        &self,
        request: &Request,
        now: Timestamp,
    ) -> Result<Response<Body>, ApiError> {
        if request.is_prefetch() {
            return pages::not_yet();
        }
        must_be_a_document(request)?;
        let Some(provider) = &self.provider else { return pages::not_set_up() };
        let site = self.site();
        let parameters = Parameters::from_request(request);
        if site.is_elsewhere(request) {
            return found(&parameters.url_at(&site.origin(request)));
        }

        let session = self.session(request, now).await.filter(|_| !parameters.change);
        let is_enough = session.as_ref().is_some_and(|caller| {
            parameters
                .organization
                .as_ref()
                .is_none_or(|organization| caller.memberships().contains_key(organization))
        });
        if is_enough {
            return found(&parameters.return_to.to_string());
        }
        if session.is_none() && !parameters.change && request.cookie(&site.cookie_name(TRIED)).is_some() {
            let mut response = pages::did_not_stick(&parameters.return_to)?;
            cookies::remove(&mut response, site, TRIED);
            return Ok(response);
        }

        let ask_account = parameters.change || request.cookie(&site.cookie_name(OUT)).is_some();
        let is_narrow = parameters.organization.is_some() && provider.is_narrow_from_the_start();
        let flow = Flow::new(request, site, parameters.organization, is_narrow, parameters.return_to, now);
        let mut response = to_provider(request, provider, site, &flow, ask_account, now).await?;
        if parameters.change {
            cookies::set(&mut response, site, OUT, "1", OUT_SECONDS);
        }
        Ok(response)
    }
}

/// Redirects the browser to the provider and stores the flow. If that fails, logs the failure and returns the page that
/// explains the failure.
pub async fn to_provider(
    request: &Request,
    provider: &Provider,
    site: &Site,
    flow: &Flow,
    ask_account: bool,
    now: Timestamp,
) -> Result<Response<Body>, ApiError> {
    match provider.authorize_url(flow, &redirect_uri(request, site), ask_account, now).await {
        Ok(url) => {
            let mut response = found(url.as_str())?;
            flow.keep(&mut response, request, site);
            Ok(response)
        }
        Err(failure) => failed(request, &failure, &flow.return_to, now),
    }
}

/// Logs a failure and returns the page that explains the failure.
pub fn failed(
    request: &Request,
    failure: &Failure,
    return_to: &ReturnTo,
    now: Timestamp,
) -> Result<Response<Body>, ApiError> {
    let (status, cause) = (failure.status().as_u16(), failure.cause());
    request.log_sign_in_failure(&SignInFailure { status, cause, is_ours: failure.is_ours() }, now);
    pages::failed(failure, return_to)
}

/// Returns the redirect URI. Exactly this URI must be registered at the provider.
pub fn redirect_uri(request: &Request, site: &Site) -> String {
    format!("{}/-/callback", site.origin(request))
}

/// Rejects a request that a browser sends for a script, frame or image, so that another site cannot begin or complete a
/// sign-in with such a request.
pub fn must_be_a_document(request: &Request) -> Result<(), ApiError> {
    if request.is_document_navigation() {
        Ok(())
    } else {
        Err(ApiError::Forbidden("This page opens only in a browser tab; send an access token instead."))
    }
}

/// Returns a redirect.
pub fn found(location: &str) -> Result<Response<Body>, ApiError> {
    Ok(Response::builder().status(StatusCode::FOUND).header(LOCATION, location).body(Body::Empty)?)
}

impl Parameters {
    fn from_request(request: &Request) -> Self {
        let mut query = request.query();
        let return_to = query.take("return_to", Ok).unwrap_or_default();
        Self {
            return_to: ReturnTo::parse(&return_to),
            organization: query.take("org_id", OrgId::try_from),
            change: query.take("change", Ok).as_deref() == Some("1"),
        }
    }

    /// Returns the URL of the same request on our own origin, marked so that it is not redirected again.
    fn url_at(&self, origin: &str) -> String {
        let path = format!("{origin}/-/sign-in?");
        let start = path.len();
        let mut query = Serializer::for_suffix(path, start);
        query.append_pair("return_to", &self.return_to.to_string());
        if let Some(organization) = &self.organization {
            query.append_pair("org_id", organization.as_str());
        }
        if self.change {
            query.append_pair("change", "1");
        }
        query.append_pair(Site::REDIRECTED, "1").finish()
    }
}
