use lambda_http::http::StatusCode;
use lambda_http::http::header::LOCATION;
use lambda_http::{Body, Response};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use shared::error::ApiError;
use shared::http::{Request, Site};
use shared::model::{OrgId, Slug, Suffix};
use shared::settings::{Error, Settings};

/// The link to return to after a sign-in.
#[derive(Debug)]
pub struct LinkPath {
    slug: Slug,
    /// The path and query that the link can forward, encoded as a query string. Empty if there is nothing to forward.
    suffix: String,
}

impl LinkPath {
    /// Returns the link in the path of the request.
    ///
    /// # Errors
    /// The segment is not a slug, or the query string contains an invalid suffix.
    pub fn from_request(request: &Request) -> Result<Self, ApiError> {
        let suffix = Suffix::from_query(request.raw_query()).ok_or(ApiError::NotFound)?;
        Ok(Self { slug: request.slug().ok_or(ApiError::NotFound)?, suffix: suffix.to_query() })
    }
}

/// The URLs of browser sign-in, if this deployment has it.
#[derive(Debug, Clone)]
pub struct SignIn {
    site: Site,
    is_configured: bool,
}

impl SignIn {
    /// Reads the settings. Without `SIGN_IN_CLIENT_ID`, browser sign-in is off.
    ///
    /// # Errors
    /// `SHORT_BASE_URL` is malformed.
    pub fn from_settings(settings: &Settings) -> Result<Self, Error> {
        let is_configured = settings.optional("SIGN_IN_CLIENT_ID").is_some();
        Ok(Self { site: Site::from_settings(settings)?, is_configured })
    }

    /// Returns a redirect to a sign-in that then returns to the link. Returns `None` if browser sign-in is not set up.
    ///
    /// # Errors
    /// A header of the response is invalid, which is an internal error.
    pub fn redirect(
        &self,
        request: &Request,
        org: &OrgId,
        link: &LinkPath,
    ) -> Result<Option<Response<Body>>, ApiError> {
        let Some(url) = self.url(request, org, link) else { return Ok(None) };
        let response = Response::builder().status(StatusCode::FOUND).header(LOCATION, url);
        Ok(Some(response.header("x-robots-tag", "noindex").body(Body::Empty)?))
    }

    /// Returns a URL that signs the user in with another account and then returns to the link. Without browser sign-in,
    /// returns `None`.
    pub fn url_of_another_account(&self, request: &Request, org: &OrgId, link: &LinkPath) -> Option<String> {
        Some(format!("{}&change=1", self.url(request, org, link)?))
    }

    /// Returns the URL of a sign-in that then returns to the link. Organization ids and slugs need no encoding in a query
    /// (RFC 3986, section 3.4).
    fn url(&self, request: &Request, org: &OrgId, link: &LinkPath) -> Option<String> {
        let origin = self.site.origin(request);
        let LinkPath { slug, suffix } = link;
        let suffix = utf8_percent_encode(suffix, NON_ALPHANUMERIC);
        self.is_configured
            .then(|| format!("{origin}/-/sign-in?return_to=/{org}/-/open/{slug}{suffix}&org_id={org}"))
    }
}
