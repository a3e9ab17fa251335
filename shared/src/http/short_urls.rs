use crate::http::{Request, Site, log};
use crate::model::{Invalid, OrgId, OwnHost, Slug, Timestamp};
use crate::settings::{Error, Settings};
use crate::store::LinkStore;

/// The beginning of all short URLs of one organization.
#[derive(Debug, Clone)]
pub struct ShortBase {
    /// The short base, without a slash at the end.
    url: String,
    /// The short base with the organization's id, if `url` does not contain the id.
    with_org: Option<String>,
}

impl ShortBase {
    /// Creates a short base from a URL without a slash at the end.
    pub fn new(url: String) -> Self {
        Self { url, with_org: None }
    }

    /// Returns the short base, without a slash at the end.
    pub fn as_str(&self) -> &str {
        &self.url
    }

    /// Returns the short URL of the link with this slug.
    pub fn url_of(&self, slug: &Slug) -> String {
        match &self.with_org {
            // A slug that is the path of a page is reserved in the root organization. A link has such a slug only if it
            // was created before the organization became the root organization.
            Some(with_org) if slug.is_page() => format!("{with_org}/{slug}"),
            _ => format!("{}/{slug}", self.url),
        }
    }
}

/// The short URLs of this deployment.
#[derive(Debug, Clone)]
pub struct ShortUrls {
    site: Site,
    root_org: Option<OrgId>,
}

impl ShortUrls {
    /// Reads the settings. Short URLs of the organization `ROOT_ORG` do not contain its id.
    ///
    /// # Errors
    /// The same errors as [`Site::from_settings`], or `ROOT_ORG` is not an organization id.
    pub fn from_settings(settings: &Settings) -> Result<Self, Error> {
        Ok(Self { site: Site::from_settings(settings)?, root_org: settings.root_org()? })
    }

    /// Returns the short base of an organization: the part of its short URLs before the slug.
    ///
    /// The short base contains the organization's newest handle, if it has one. If the handle cannot be read, the
    /// failure is logged, and the short base contains the organization's id, which always works.
    pub async fn base(&self, org: &OrgId, request: &Request, links: &LinkStore, now: Timestamp) -> ShortBase {
        let base = self.site.origin(request);
        if self.root_org.as_ref() == Some(org) {
            return ShortBase { with_org: Some(format!("{base}/{org}")), url: base };
        }
        ShortBase::new(match links.newest_handle(org, now).await {
            Ok(Some(handle)) => format!("{base}/@{handle}"),
            Ok(None) => format!("{base}/{org}"),
            Err(error) => {
                log::without_handle(&error, &request.origin(), now);
                format!("{base}/{org}")
            }
        })
    }

    /// Parses a slug for a new link in `org`.
    ///
    /// # Errors
    /// The text is not a slug, or has the form of a UUID; or `org` is the root organization and one of our pages has this
    /// path.
    pub fn chosen_slug(&self, org: &OrgId, text: String) -> Result<Slug, Invalid> {
        let slug = Slug::try_from(text)?;
        // At the root, a UUID would look like an organization's id.
        if slug.is_uuid() {
            return Err(Invalid::new(
                "reserved_slug",
                "a slug must not have the form of a UUID, because organization ids have it; choose another",
            ));
        }
        if self.root_org.as_ref() == Some(org) && slug.is_page() {
            return Err(Invalid::new(
                "reserved_slug",
                "the slug 'docs' is reserved in this organization; choose another",
            ));
        }
        Ok(slug)
    }

    /// Returns the hosts of this deployment: the site's host, the request's host, and the API's default endpoint.
    pub fn own_hosts(&self, request: &Request) -> Vec<OwnHost> {
        self.site.own_hosts(request)
    }
}
