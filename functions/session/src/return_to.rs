use shared::model::{OrgId, Slug, Suffix};
use std::fmt;
use url::form_urlencoded::Serializer;

/// The maximum length of a fragment, and of a query string. The fragment is part of the flow cookie, and the cookies of four flows must fit in a
/// request together with the session cookie.
const MAX_FRAGMENT: usize = 384;

/// The page to return to after a sign-in, which is always one of our own pages. The page's URL is rebuilt from its
/// parsed parts, never copied from a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReturnTo {
    /// The console: `/#…` with this fragment, or `/` if the fragment is empty.
    Console(String),
    /// `/docs`
    Docs,
    /// `/{org_id}/-/open/{slug}`, with the query string if the link forwards something.
    Open(OrgId, Slug, String),
}

impl ReturnTo {
    /// Parses a path that has been percent-decoded once. If the path is not that of one of our own pages, returns the
    /// console's path.
    pub fn parse(text: &str) -> Self {
        Self::page(text).unwrap_or(Self::Console(String::new()))
    }

    fn page(text: &str) -> Option<Self> {
        if let Some(fragment) = text.strip_prefix("/#") {
            let is_kept = fragment.len() <= MAX_FRAGMENT && fragment.bytes().all(is_in_fragment);
            return is_kept.then(|| Self::Console(fragment.to_owned()));
        }
        let (path, suffix) = text.split_at(text.find('?').unwrap_or(text.len()));
        let segments: Vec<&str> = path.split('/').collect();
        match *segments.as_slice() {
            ["", "docs"] if suffix.is_empty() => Some(Self::Docs),
            ["", org, "-", "open", slug] => {
                let is_kept = suffix.len() <= MAX_FRAGMENT
                    && Suffix::from_query(suffix.trim_start_matches('?'))?.to_query() == suffix;
                is_kept.then_some(Self::Open(org.parse().ok()?, slug.parse().ok()?, suffix.to_owned()))
            }
            _ => None,
        }
    }

    /// Returns the URL of a sign-in that returns to this page. If `organization` is given, the sign-in is for
    /// that organization.
    pub fn sign_in(&self, organization: Option<&OrgId>) -> String {
        let path = "/-/sign-in?";
        let mut query = Serializer::for_suffix(path.to_owned(), path.len());
        query.append_pair("return_to", &self.to_string());
        if let Some(organization) = organization {
            query.append_pair("org_id", organization.as_str());
        }
        query.finish()
    }
}

impl fmt::Display for ReturnTo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Console(fragment) if fragment.is_empty() => f.write_str("/"),
            Self::Console(fragment) => write!(f, "/#{fragment}"),
            Self::Docs => f.write_str("/docs"),
            Self::Open(organization, slug, suffix) => write!(f, "/{organization}/-/open/{slug}{suffix}"),
        }
    }
}

/// Returns whether a character is allowed in a fragment (RFC 3986, section 3.5) and in a cookie value (RFC 6265, section
/// 4.1.1).
fn is_in_fragment(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~!$&'()*+=:@/?%".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_own_pages_are_made_again_from_their_parts() {
        for (text, page) in [
            ("/", "/"),
            ("/#", "/"),
            ("/#new?url=https%3A%2F%2Fexample.com", "/#new?url=https%3A%2F%2Fexample.com"),
            ("/docs", "/docs"),
            ("/acme/-/open/Launch", "/acme/-/open/launch"),
            ("/acme/-/open/x?path=/ABC-1&query=a%3D1", "/acme/-/open/x?path=/ABC-1&query=a%3D1"),
            (
                "/1189C444-8A2D-4C41-8B4B-AE43CE79A492/-/open/x",
                "/1189c444-8a2d-4c41-8b4b-ae43ce79a492/-/open/x",
            ),
        ] {
            assert_eq!(ReturnTo::parse(text).to_string(), page, "{text}");
            assert_eq!(ReturnTo::parse(page).to_string(), page, "{text}");
        }
    }

    #[test]
    fn anything_else_becomes_the_console() {
        let long = format!("/#{}", "a".repeat(MAX_FRAGMENT + 1));
        for text in [
            "",
            "//e",
            "/\\e",
            "\\\\e",
            "/\t/e",
            "/@h/s",
            "/acme/evil",
            "/\r\nSet-Cookie: a=b",
            "https://e/",
            "//e/-/open/x",
            "/acme/-/open/x/",
            "/acme/-/open/../x",
            "/acme/-/open/x?y",
            "/acme/-/open/x?path=%2FABC",
            "/acme/-/open/x?path=%2FABC&y",
            "/docs?path=%2FABC",
            "/acme/-/open/x#y",
            "/docs/",
            "/docs?x",
            "/docs//e",
            "docs",
            "/#\"><script>",
            "/#a;b",
            "/#a|b",
            "/# ",
            "/-/sign-in",
            "/-/callback",
            "/%2Fe",
            "/./docs",
            "javascript:alert(1)",
            "/acme/-/open/",
            "/é/-/open/x",
            &long,
        ] {
            assert_eq!(ReturnTo::parse(text), ReturnTo::Console(String::new()), "{text:?}");
        }
    }

    #[test]
    fn a_link_to_sign_in_again_names_the_page_and_the_organization() {
        let page = ReturnTo::parse("/acme/-/open/x");
        assert_eq!(page.sign_in(None), "/-/sign-in?return_to=%2Facme%2F-%2Fopen%2Fx");
        let organization = "org:1".parse().unwrap();
        assert_eq!(
            ReturnTo::Docs.sign_in(Some(&organization)),
            "/-/sign-in?return_to=%2Fdocs&org_id=org%3A1"
        );
    }
}
