use lambda_http::http::StatusCode;
use lambda_http::http::header::LOCATION;
use lambda_http::{Body, Response};
use shared::error::ApiError;
use shared::http::{Request, Site};
use shared::model::{OrgId, Slug};
use shared::settings::{Error, Settings};

/// Where a person signs in with a browser, if this deployment has it.
#[derive(Debug, Clone)]
pub struct SignIn {
    site: Site,
    is_configured: bool,
}

impl SignIn {
    /// Sign-in at the site of `SHORT_BASE_URL`. Without `SIGN_IN_CLIENT_ID` there is none.
    ///
    /// # Errors
    /// `SHORT_BASE_URL` is malformed.
    pub fn from_settings(settings: &Settings) -> Result<Self, Error> {
        let is_configured = settings.optional("SIGN_IN_CLIENT_ID").is_some();
        Ok(Self { site: Site::from_settings(settings)?, is_configured })
    }

    /// The site whose session cookie counts.
    pub fn site(&self) -> &Site {
        &self.site
    }

    /// Sends the browser to sign in, and from there back to the link. `None` without sign-in.
    ///
    /// # Errors
    /// A header of the response is invalid, which is a fault of ours.
    pub fn redirect(
        &self,
        request: &Request,
        org: &OrgId,
        slug: &Slug,
    ) -> Result<Option<Response<Body>>, ApiError> {
        let Some(url) = self.url(request, org, slug) else { return Ok(None) };
        let response = Response::builder().status(StatusCode::FOUND).header(LOCATION, url);
        Ok(Some(response.header("x-robots-tag", "noindex").body(Body::Empty)?))
    }

    /// Where a person signs in with another account, and comes back to the link. `None` without sign-in.
    pub fn url_of_another_account(&self, request: &Request, org: &OrgId, slug: &Slug) -> Option<String> {
        Some(format!("{}&change=1", self.url(request, org, slug)?))
    }

    /// Neither an organization's id nor a slug has a character that a query would have to encode (RFC 3986, section 3.4).
    fn url(&self, request: &Request, org: &OrgId, slug: &Slug) -> Option<String> {
        let origin = self.site.origin(request);
        self.is_configured.then(|| format!("{origin}/-/sign-in?return_to=/{org}/-/open/{slug}&org_id={org}"))
    }
}
