//! What a request presents to say who is calling, and when its cookie counts.

use crate::auth::Credential;
use crate::error::{ApiError, Unauthenticated};
use crate::http::{Request, Site};
use lambda_http::http::Method;
use lambda_http::http::header::{AUTHORIZATION, COOKIE, HeaderName, HeaderValue, ORIGIN};

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

impl Request {
    /// The caller's credential: the header `Authorization`, or else the session cookie, if no other site can have caused
    /// the request.
    ///
    /// A cookie counts by OWASP's rules against cross-site request forgery
    /// (<https://cheatsheetseries.owasp.org/cheatsheets/Cross-Site_Request_Forgery_Prevention_Cheat_Sheet.html>): by Fetch
    /// Metadata (<https://www.w3.org/TR/fetch-metadata/>), and by `Origin` in a browser that sends none. With neither, it
    /// counts for a request that changes nothing.
    ///
    /// # Errors
    /// No credential was sent, or only a cookie that does not count. A token in the query string is not read instead.
    pub fn credential(&self, site: &Site) -> Result<Credential<'_>, ApiError> {
        self.credential_if(site, self.is_from_our_own_pages(site))
    }

    /// The same for a page that members reach by links on any site: the cookie also counts if the request is the
    /// navigation to a document and changes nothing.
    ///
    /// # Errors
    /// As those of [`Request::credential`].
    pub fn credential_of_navigation(&self, site: &Site) -> Result<Credential<'_>, ApiError> {
        // A form on another site navigates too, by POST.
        let follows_link = self.changes_nothing() && self.is_document_navigation();
        self.credential_if(site, follows_link || self.is_from_our_own_pages(site))
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
            .filter_map(|pair| pair.split_once('='))
            .map(|(name, value)| (without_blanks(name), without_blanks(value)))
    }

    /// Whether a browser asks for a document to show in a tab, rather than a script, a frame or an image. A client without
    /// Fetch Metadata counts if it prefers HTML.
    pub fn is_document_navigation(&self) -> bool {
        match (self.header("sec-fetch-mode"), self.header("sec-fetch-dest")) {
            (None, None) => self.prefers_html(),
            (mode, destination) => mode == Some("navigate") && destination == Some("document"),
        }
    }

    /// Whether no other site can have caused the request: it comes from our own pages, or, if it changes nothing, from the
    /// address bar or a client that is not a browser.
    pub fn is_from_our_own_pages(&self, site: &Site) -> bool {
        // As bytes: a header that cannot be read was sent all the same.
        let sent = |name| self.headers().get(name).map(HeaderValue::as_bytes);
        match (sent(SEC_FETCH_SITE), sent(ORIGIN)) {
            (Some(b"same-origin"), _) => true,
            // The address bar or a bookmark.
            (Some(b"none"), _) => self.changes_nothing(),
            (Some(_), _) => false,
            (None, Some(origin)) => origin == site.origin(self).as_bytes(),
            (None, None) => self.changes_nothing(),
        }
    }

    fn changes_nothing(&self) -> bool {
        matches!(*self.method(), Method::GET | Method::HEAD)
    }
}

/// A cookie's name or value without the white space of RFC 6265 (section 5.2) around it. Any other is part of the name: a
/// sibling host can set a cookie that has our name after a blank of Unicode, and no browser holds it to the prefix.
fn without_blanks(text: &str) -> &str {
    text.trim_matches([' ', '\t'])
}
