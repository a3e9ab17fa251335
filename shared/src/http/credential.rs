//! The credential of a request, and the rules for accepting the session cookie.

use crate::auth::Credential;
use crate::error::{ApiError, Unauthenticated};
use crate::http::{Request, Site};
use lambda_http::http::Method;
use lambda_http::http::header::{AUTHORIZATION, COOKIE, HeaderName, HeaderValue, ORIGIN};

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

impl Request {
    /// Returns the caller's credential: the header `Authorization` or, if no other site can have caused the request,
    /// the session cookie.
    ///
    /// The cookie is accepted under OWASP's rules against cross-site request forgery
    /// (<https://cheatsheetseries.owasp.org/cheatsheets/Cross-Site_Request_Forgery_Prevention_Cheat_Sheet.html>). The
    /// decision depends on Fetch Metadata (<https://www.w3.org/TR/fetch-metadata/>), or on `Origin` if the browser does
    /// not send Fetch Metadata. If the browser sends none of these headers, the cookie is accepted only for safe
    /// methods.
    ///
    /// # Errors
    /// No credential was sent, or the only credential is a cookie that cannot be accepted here. A token in the query
    /// string is ignored.
    pub fn credential(&self, site: &Site) -> Result<Credential<'_>, ApiError> {
        self.credential_if(site, self.is_from_our_own_pages(site))
    }

    /// Like [`Request::credential`], but for a page that other sites may link to. So the cookie is also accepted on a
    /// navigation with a safe method.
    ///
    /// # Errors
    /// The same errors as [`Request::credential`].
    pub fn credential_of_navigation(&self, site: &Site) -> Result<Credential<'_>, ApiError> {
        // A form on another site can also cause a navigation, but with the method POST.
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

    /// Returns the value of a cookie. A duplicate cookie is treated as absent, because a sibling host may have set one
    /// of the two.
    pub fn cookie(&self, name: &str) -> Option<&str> {
        let mut values = self.cookies().filter_map(|(found, value)| (found == name).then_some(value));
        values.next().filter(|_| values.next().is_none())
    }

    /// Returns the names and values of all cookies (RFC 6265, section 4.2.1), in order.
    pub fn cookies(&self) -> impl Iterator<Item = (&str, &str)> {
        let header = self.header(COOKIE).unwrap_or_default();
        header
            .split(';')
            .filter_map(|pair| pair.split_once('='))
            .map(|(name, value)| (without_blanks(name), without_blanks(value)))
    }

    /// Returns whether a browser requests a document for a tab, rather than a script, a frame or an image. Without
    /// Fetch Metadata, returns whether the client prefers HTML.
    pub fn is_document_navigation(&self) -> bool {
        match (self.header("sec-fetch-mode"), self.header("sec-fetch-dest")) {
            (None, None) => self.prefers_html(),
            (mode, destination) => mode == Some("navigate") && destination == Some("document"),
        }
    }

    /// Returns whether no other site can have caused the request. This is true if the request comes from our own pages.
    /// With a safe method, it is also true for a request from the address bar or from a client that is not a browser.
    pub fn is_from_our_own_pages(&self, site: &Site) -> bool {
        // The headers are compared as bytes, because a header that is not UTF-8 must not be treated as missing.
        let sent = |name| self.headers().get(name).map(HeaderValue::as_bytes);
        match (sent(SEC_FETCH_SITE), sent(ORIGIN)) {
            (Some(b"same-origin"), _) => true,
            // The request comes from the address bar or a bookmark.
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

/// Trims spaces and tabs around a cookie's name or value, as in RFC 6265 (section 5.2). Other white space must stay
/// part of the name: a sibling host can set a cookie whose name is a Unicode space followed by our own name. Our own
/// name has a prefix that restricts the cookie, but browsers do not apply this restriction to such a name.
fn without_blanks(text: &str) -> &str {
    text.trim_matches([' ', '\t'])
}
