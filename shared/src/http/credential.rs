//! What a request presents to say who is calling, and when its cookie counts.

use crate::auth::Credential;
use crate::error::{ApiError, Unauthenticated};
use crate::http::accept::prefers_html;
use crate::http::{Request, Site};
use lambda_http::http::Method;
use lambda_http::http::header::{AUTHORIZATION, COOKIE, ORIGIN};

impl Request {
    /// The caller's credential: the header `Authorization`, or else the session cookie, if no other site can have caused
    /// the request.
    ///
    /// A cookie counts by OWASP's rules against cross-site request forgery: by Fetch Metadata
    /// (<https://www.w3.org/TR/fetch-metadata/>), and by `Origin` in a browser that sends none. A request that changes
    /// nothing counts without either.
    ///
    /// # Errors
    /// No credential was sent, or only a cookie that does not count. A token in the query string is not read instead.
    pub fn credential(&self, site: &Site) -> Result<Credential<'_>, ApiError> {
        self.credential_if(site, self.is_from_our_own_pages(site))
    }

    /// The same for a page that members reach by links on any site: the cookie also counts if the request is the
    /// navigation to a document.
    ///
    /// # Errors
    /// As those of [`Request::credential`].
    pub fn credential_of_navigation(&self, site: &Site) -> Result<Credential<'_>, ApiError> {
        self.credential_if(site, self.is_document_navigation() || self.is_from_our_own_pages(site))
    }

    fn credential_if(&self, site: &Site, cookie_counts: bool) -> Result<Credential<'_>, ApiError> {
        if self.headers().contains_key(AUTHORIZATION) {
            return self.authorization().map(Credential::Header);
        }
        match self.cookie(&site.cookie_name("")) {
            Some(token) if cookie_counts => Ok(Credential::Cookie(token)),
            Some(_) => Err(ApiError::Unauthenticated(Unauthenticated::CrossSite)),
            None => self.authorization().map(Credential::Header),
        }
    }

    /// The value of a cookie. One that comes twice counts as absent: a sibling host may have set the other.
    pub fn cookie(&self, name: &str) -> Option<&str> {
        let mut values = self.cookies().filter_map(|(found, value)| (found == name).then_some(value));
        values.next().filter(|_| values.next().is_none())
    }

    /// The names and values of all cookies (RFC 6265, section 4.2.1), in their order.
    pub fn cookies(&self) -> impl Iterator<Item = (&str, &str)> {
        let header = self.header(COOKIE).unwrap_or_default();
        header
            .split(';')
            .filter_map(|pair| pair.split_once('=').map(|(name, value)| (name.trim(), value.trim())))
    }

    /// Whether a browser asks for a document to show in a tab, rather than a script, a frame or an image. A client without Fetch
    /// Metadata counts if it prefers HTML.
    pub fn is_document_navigation(&self) -> bool {
        match (self.header("sec-fetch-mode"), self.header("sec-fetch-dest")) {
            (None, None) => prefers_html(self.accept()),
            (mode, destination) => mode == Some("navigate") && destination == Some("document"),
        }
    }

    /// Whether no other site can have caused the request: it comes from our own pages, or, if it changes nothing, from the
    /// address bar or a client that is not a browser.
    pub fn is_from_our_own_pages(&self, site: &Site) -> bool {
        let changes_nothing = matches!(*self.method(), Method::GET | Method::HEAD);
        match self.header("sec-fetch-site") {
            Some("same-origin") => true,
            // The address bar or a bookmark.
            Some("none") => changes_nothing,
            Some(_) => false,
            None => changes_nothing || self.header(ORIGIN).is_some_and(|origin| origin == site.origin(self)),
        }
    }
}
