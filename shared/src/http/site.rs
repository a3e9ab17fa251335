use crate::http::Request;
use crate::model::OwnHost;
use crate::settings::{Error, Settings};
use url::Url;

/// The deployment's own origin (RFC 6454), for short URLs and cookies.
#[derive(Debug, Clone)]
pub struct Site {
    base: Option<Base>,
}

#[derive(Debug, Clone)]
struct Base {
    origin: String,
    host: Option<OwnHost>,
}

impl Site {
    /// Reads the settings. The site is at `SHORT_BASE_URL` or, if that is not set, at the host name of each request.
    ///
    /// # Errors
    /// `SHORT_BASE_URL` is not a URL, or contains more than a scheme, a host and a port.
    pub fn from_settings(settings: &Settings) -> Result<Self, Error> {
        let name = "SHORT_BASE_URL";
        let Some(url) = settings.url(name)? else { return Ok(Self { base: None }) };
        let plain = url.query().is_none() && url.fragment().is_none();
        if !plain || !url.username().is_empty() || url.password().is_some() {
            return Err(Error::malformed(name, "must not have a user name, password, query or fragment"));
        }
        // The API's routes are at the root of the host, and redirects to them are relative.
        if url.path() != "/" {
            return Err(Error::malformed(
                name,
                "must not have a path; use only a scheme and a host, such as https://go.example.com",
            ));
        }
        let base = Base { origin: url.origin().ascii_serialization(), host: OwnHost::from_url(&url) };
        Ok(Self { base: Some(base) })
    }

    /// Returns the origin, without a slash at the end: the scheme, the host, and the port if it is not the default
    /// port.
    pub fn origin(&self, request: &Request) -> String {
        match &self.base {
            Some(base) => base.origin.clone(),
            None => format!("https://{}", request.domain_name()),
        }
    }

    /// The query parameter that marks a request as already redirected to the origin.
    pub const REDIRECTED: &str = "redirected";

    /// Returns true if the browser used a different host and must be redirected to the origin: cookies do not work
    /// across `localhost` and `127.0.0.1`. A request is redirected at most once, because behind a CDN, API Gateway
    /// always sees a different host than the browser.
    pub fn is_elsewhere(&self, request: &Request) -> bool {
        let Some(Base { origin, .. }) = &self.base else { return false };
        let scheme = origin.split(':').next().unwrap_or_default();
        let requested = Url::parse(&format!("{scheme}://{}", request.domain_name()));
        let requested = requested.map(|url| url.origin().ascii_serialization());
        requested.is_ok_and(|requested| requested != *origin) && !request.query().has(Self::REDIRECTED)
    }

    /// Returns the name of one of our cookies; if `suffix` is empty, the name of the session cookie. On https, the name
    /// has a prefix that makes browsers accept the cookie only from this host and hide it from scripts.
    /// <https://www.ietf.org/archive/id/draft-ietf-httpbis-rfc6265bis-22.html#name-cookie-name-prefixes>
    #[cfg(feature = "auth")]
    pub fn cookie_name(&self, suffix: &str) -> String {
        let prefix = if self.is_secure() { "__Host-Http-" } else { "" };
        format!("{prefix}signpost{suffix}")
    }

    /// Returns whether the origin uses https, as it always does on AWS.
    #[cfg(feature = "auth")]
    pub fn is_secure(&self) -> bool {
        self.base.as_ref().is_none_or(|base| base.origin.starts_with("https:"))
    }

    /// Returns the hosts of this deployment: the origin's host, the request's host, and the API's default endpoint.
    pub(super) fn own_hosts(&self, request: &Request) -> Vec<OwnHost> {
        let base = self.base.as_ref().and_then(|base| base.host.clone());
        let endpoint = request.api_id().map(OwnHost::from_api_id);
        [base, OwnHost::from_authority(request.domain_name()), endpoint].into_iter().flatten().collect()
    }
}
