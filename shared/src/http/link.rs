use crate::http::Request;
use crate::model::{Link, Tag};
use crate::settings::{Error, Settings};
use serde::Serialize;

/// Where this deployment's short URLs begin.
#[derive(Debug, Clone)]
pub struct ShortUrls {
    base: Option<Base>,
}

#[derive(Debug, Clone)]
struct Base {
    url: String,
    host: String,
}

impl ShortUrls {
    /// Short URLs below `SHORT_BASE_URL`, or else below the host name that each request came to.
    ///
    /// # Errors
    /// `SHORT_BASE_URL` is no URL, or more than a scheme, host, port and path.
    pub fn from_settings(settings: &Settings) -> Result<Self, Error> {
        let name = "SHORT_BASE_URL";
        let Some(url) = settings.url(name)? else { return Ok(Self { base: None }) };
        let plain = url.query().is_none() && url.fragment().is_none();
        if !plain || !url.username().is_empty() || url.password().is_some() {
            return Err(Error::malformed(name, "has a user name, password, query or fragment"));
        }
        let host = url.host_str().unwrap_or_default().to_owned();
        Ok(Self { base: Some(Base { url: url.as_str().trim_end_matches('/').to_owned(), host }) })
    }

    /// The short URL of a link.
    pub fn of(&self, link: &Link, request: &Request) -> String {
        let (org, slug) = (&link.org_id, &link.id);
        match &self.base {
            Some(base) => format!("{}/{org}/{slug}", base.url),
            None => format!("https://{}/{org}/{slug}", request.domain_name()),
        }
    }

    /// The host names that lead to this deployment, without ports.
    pub fn own_hosts<'a>(&'a self, request: &'a Request) -> Vec<&'a str> {
        let domain = request.domain_name();
        let domain = domain.rsplit_once(':').map_or(domain, |(host, _)| host);
        self.base.iter().map(|base| base.host.as_str()).chain([domain]).collect()
    }
}

/// A link on the wire: thirteen members, none ever left out. The table has names of its own.
#[derive(Debug, Serialize)]
pub struct LinkBody<'a> {
    org_id: &'a str,
    id: &'a str,
    short_url: String,
    url: &'a str,
    title: Option<&'a str>,
    tags: Vec<&'a str>,
    access: &'static str,
    enabled: bool,
    expires_at: Option<String>,
    creator_user_id: &'a str,
    created_at: String,
    updated_at: String,
    version: u64,
}

impl<'a> LinkBody<'a> {
    /// The link, with the short URL that [`ShortUrls::of`] gives it.
    pub fn new(link: &'a Link, short_url: String) -> Self {
        Self {
            org_id: link.org_id.as_str(),
            id: link.id.as_str(),
            short_url,
            url: link.url.as_str(),
            title: link.title.as_ref().map(|title| title.as_str()),
            tags: link.tags.iter().map(Tag::as_str).collect(),
            access: link.access.as_str(),
            enabled: link.enabled,
            expires_at: link.expires_at.map(|time| time.to_string()),
            creator_user_id: link.creator_user_id.as_str(),
            created_at: link.created_at.to_string(),
            updated_at: link.updated_at.to_string(),
            version: link.version,
        }
    }
}

/// The link's entity tag (RFC 9110, section 8.8.3). The time of its making is part of it, because a slug that was
/// freed and taken again is another link.
pub fn etag(link: &Link) -> String {
    format!("\"{}-{}\"", link.created_at.millis(), link.version)
}
