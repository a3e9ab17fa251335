use crate::http::Request;
use crate::model::OwnHost;
use crate::settings::{Error, Settings};
use url::Url;

/// Where browsers find this deployment: one origin (RFC 6454), on which its short URLs begin and its cookies are set.
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
    /// The site at `SHORT_BASE_URL`, or else at the host name that each request came to.
    ///
    /// # Errors
    /// `SHORT_BASE_URL` is not a URL, or has more than a scheme, a host and a port.
    pub fn from_settings(settings: &Settings) -> Result<Self, Error> {
        let name = "SHORT_BASE_URL";
        let Some(url) = settings.url(name)? else { return Ok(Self { base: None }) };
        let plain = url.query().is_none() && url.fragment().is_none();
        if !plain || !url.username().is_empty() || url.password().is_some() {
            return Err(Error::malformed(name, "must not have a user name, password, query or fragment"));
        }
        // The API's routes are at the root of its host, and a redirect names them without a host.
        if url.path() != "/" {
            return Err(Error::malformed(
                name,
                "must not have a path; use only a scheme and a host, such as https://go.example.com",
            ));
        }
        let base = Base { origin: url.origin().ascii_serialization(), host: OwnHost::from_url(&url) };
        Ok(Self { base: Some(base) })
    }

    /// The origin: scheme, host and, unless it is the scheme's default, port, without a slash at the end.
    pub fn origin(&self, request: &Request) -> String {
        match &self.base {
            Some(base) => base.origin.clone(),
            None => format!("https://{}", request.domain_name()),
        }
    }

    /// The query parameter that marks a request as redirected to the origin once.
    pub const REDIRECTED: &str = "redirected";

    /// Whether a browser has to be redirected to the origin, because the request came to another host: `localhost` and
    /// `127.0.0.1` are two hosts to a cookie. A request that is marked as redirected is not redirected again, because
    /// behind a CDN API Gateway always sees another host than the browser.
    pub fn is_elsewhere(&self, request: &Request) -> bool {
        let Some(Base { origin, .. }) = &self.base else { return false };
        let scheme = origin.split(':').next().unwrap_or_default();
        let requested = Url::parse(&format!("{scheme}://{}", request.domain_name()));
        let requested = requested.map(|url| url.origin().ascii_serialization());
        requested.is_ok_and(|requested| requested != *origin) && !request.query().has(Self::REDIRECTED)
    }

    /// The name of one of our cookies: the session's if `suffix` is empty. On https it has the prefix with which browsers
    /// accept the cookie only from this host, and hide it from scripts.
    /// <https://www.ietf.org/archive/id/draft-ietf-httpbis-rfc6265bis-22.html#name-cookie-name-prefixes>
    #[cfg(feature = "auth")]
    pub fn cookie_name(&self, suffix: &str) -> String {
        let prefix = if self.is_secure() { "__Host-Http-" } else { "" };
        format!("{prefix}signpost{suffix}")
    }

    /// Whether the origin is on https, as it always is on AWS.
    #[cfg(feature = "auth")]
    pub fn is_secure(&self) -> bool {
        self.base.as_ref().is_none_or(|base| base.origin.starts_with("https:"))
    }

    /// The hosts that lead to this deployment: the origin's, the request's, and the API's default endpoint.
    pub(super) fn own_hosts(&self, request: &Request) -> Vec<OwnHost> {
        let base = self.base.as_ref().and_then(|base| base.host.clone());
        let endpoint = request.api_id().map(OwnHost::from_api_id);
        [base, OwnHost::from_authority(request.domain_name()), endpoint].into_iter().flatten().collect()
    }
}
