use crate::http::{Request, Site, log};
use crate::model::{Handle, Invalid, OrgId, OwnHost, Slug, Timestamp};
use crate::settings::{Error, Settings};
use crate::store::StoreError;

/// What the short URLs of one organization's links begin with.
#[derive(Debug, Clone)]
pub struct ShortBase {
    /// Up to the last slash.
    url: String,
    /// The same with the organization, where `url` goes without it.
    with_org: Option<String>,
}

impl ShortBase {
    /// Short URLs that begin with `url`, which has no slash at its end.
    pub fn new(url: String) -> Self {
        Self { url, with_org: None }
    }

    /// What all of them begin with, without a slash at the end.
    pub fn as_str(&self) -> &str {
        &self.url
    }

    /// The short URL of the link that has this slug.
    pub fn url_of(&self, slug: &Slug) -> String {
        match &self.with_org {
            // One that was there before the organization's short URLs went without it.
            Some(with_org) if slug.is_page() => format!("{with_org}/{slug}"),
            _ => format!("{}/{slug}", self.url),
        }
    }
}

/// Where this deployment's short URLs begin.
#[derive(Debug, Clone)]
pub struct ShortUrls {
    site: Site,
    root_org: Option<OrgId>,
}

impl ShortUrls {
    /// Short URLs on the site that the settings name. Those of `ROOT_ORG` go without an organization.
    ///
    /// # Errors
    /// As those of [`Site::from_settings`]; or `ROOT_ORG` is not an organization id.
    pub fn from_settings(settings: &Settings) -> Result<Self, Error> {
        Ok(Self { site: Site::from_settings(settings)?, root_org: settings.root_org()? })
    }

    /// The site on which they are.
    pub fn site(&self) -> &Site {
        &self.site
    }

    /// What the short URLs of an organization's links begin with.
    ///
    /// `handle` is the organization's newest, if it has one; it is not asked for where it would not be shown. Where it
    /// cannot be had the organization's id stands in its place, which always works, and a line of the log says so.
    pub async fn of(
        &self,
        org: &OrgId,
        request: &Request,
        handle: impl Future<Output = Result<Option<Handle>, StoreError>>,
        now: Timestamp,
    ) -> ShortBase {
        let base = self.site.origin(request);
        if self.root_org.as_ref() == Some(org) {
            return ShortBase { with_org: Some(format!("{base}/{org}")), url: base };
        }
        ShortBase::new(match handle.await {
            Ok(Some(handle)) => format!("{base}/@{handle}"),
            Ok(None) => format!("{base}/{org}"),
            Err(error) => {
                log::without_handle(&error, &request.origin(), now);
                format!("{base}/{org}")
            }
        })
    }

    /// Reads a slug that a link of `org` is to have.
    ///
    /// # Errors
    /// It is none; or, where short URLs go without the organization, another page is there.
    pub fn chosen_slug(&self, org: &OrgId, text: String) -> Result<Slug, Invalid> {
        let slug = Slug::try_from(text)?;
        if self.root_org.as_ref() == Some(org) && slug.is_page() {
            return Err(Invalid::new(
                "reserved_slug",
                "the slug 'docs' is reserved in this organization; choose another",
            ));
        }
        Ok(slug)
    }

    /// The hosts that lead to this deployment: those of the site and of the request, and the API's default endpoint.
    pub fn own_hosts(&self, request: &Request) -> Vec<OwnHost> {
        self.site.own_hosts(request)
    }
}
