use crate::http::{Request, log};
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
    base: Option<Base>,
    root_org: Option<OrgId>,
}

#[derive(Debug, Clone)]
struct Base {
    url: String,
    host: Option<OwnHost>,
}

impl ShortUrls {
    /// Short URLs below `SHORT_BASE_URL`, or else below the host name that each request came to. Those of `ROOT_ORG`
    /// go without an organization.
    ///
    /// # Errors
    /// `SHORT_BASE_URL` is not a URL, or has more than a scheme, a host and a port; `ROOT_ORG` is not an organization id.
    pub fn from_settings(settings: &Settings) -> Result<Self, Error> {
        let root_org = settings.root_org()?;
        let name = "SHORT_BASE_URL";
        let Some(url) = settings.url(name)? else { return Ok(Self { base: None, root_org }) };
        let plain = url.query().is_none() && url.fragment().is_none();
        if !plain || !url.username().is_empty() || url.password().is_some() {
            return Err(Error::malformed(name, "has a user name, password, query or fragment"));
        }
        // The API's routes are at the root of its host, and a redirect names them without a host.
        if url.path() != "/" {
            return Err(Error::malformed(
                name,
                "has a path; use only a scheme and a host, such as https://go.example.com",
            ));
        }
        let host = OwnHost::from_url(&url);
        let base = Some(Base { url: url.as_str().trim_end_matches('/').to_owned(), host });
        Ok(Self { base, root_org })
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
        let base = match &self.base {
            Some(base) => base.url.clone(),
            None => format!("https://{}", request.domain_name()),
        };
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
            return Err(Invalid::new("reserved_slug", "'docs' is a reserved word in this organization"));
        }
        Ok(slug)
    }

    /// The hosts that lead to this deployment: those of `SHORT_BASE_URL` and of the request, and the API's default endpoint.
    pub fn own_hosts(&self, request: &Request) -> Vec<OwnHost> {
        let base = self.base.as_ref().and_then(|base| base.host.clone());
        let endpoint = request.api_id().map(OwnHost::from_api_id);
        [base, OwnHost::from_authority(request.domain_name()), endpoint].into_iter().flatten().collect()
    }
}
