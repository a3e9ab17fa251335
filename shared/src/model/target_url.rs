mod own_host;
mod private;

pub use own_host::OwnHost;

use super::Invalid;
use serde::Serialize;
use url::{ParseError, Url};

/// The destination of a link: an absolute `http` or `https` URL as the URL Standard serializes it. It has at most 2,048
/// bytes of visible ASCII, and no user name or password.
///
/// It is sent unchanged in the header `Location`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TargetUrl(String);

impl TargetUrl {
    /// The maximum length.
    pub(super) const MAX_BYTES: usize = 2048;

    /// Returns the text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the host without the port, as the URL Standard writes it: ASCII, with `xn--` for labels in other scripts,
    /// and an IPv6 address in brackets.
    pub fn host(&self) -> &str {
        let after_scheme = self.0.split_once("://").map_or("", |(_, rest)| rest);
        // Browsers read `\` as `/`, and anything before `@` as a user name.
        let authority = after_scheme.split(['/', '?', '#', '\\']).next().unwrap_or_default();
        let host = authority.rsplit('@').next().unwrap_or_default();
        match host.rsplit_once(':') {
            Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
            _ => host,
        }
    }

    /// Parses a destination and checks the rules that are the same in all deployments. White space and invisible
    /// characters around it are trimmed.
    ///
    /// # Errors
    /// The URL breaks a rule; the error contains the first broken rule.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        Self::from_canonical(parse(text.trim_matches(comes_with_a_copy))?.into())
    }

    /// Creates a destination from text in the table, where only results of [`TargetRules::parse`] are stored. The text
    /// is not parsed again, because that would cost time on each redirect. Only text that cannot be sent as a
    /// `Location` is rejected.
    pub(crate) fn from_canonical(text: String) -> Result<Self, Invalid> {
        let absolute = text.starts_with("https://") || text.starts_with("http://");
        if absolute && text.len() <= Self::MAX_BYTES && text.bytes().all(|byte| byte.is_ascii_graphic()) {
            Ok(Self(text))
        } else {
            Err(Invalid::new("invalid_url", "a stored URL must be a canonical http or https URL"))
        }
    }
}

/// The deployment's additional rules for destinations.
#[derive(Debug, Clone, Copy, Default)]
pub struct TargetRules {
    /// Allows destinations on this machine and in private networks, whether given by address or by name.
    pub allow_private: bool,
}

impl TargetRules {
    /// Parses a destination from a request. White space and invisible characters around it are trimmed.
    ///
    /// # Errors
    /// The URL breaks a rule; the error contains the first broken rule. A URL on one of `own_hosts` is rejected,
    /// because the link could lead to itself.
    pub fn parse(&self, text: &str, own_hosts: &[OwnHost]) -> Result<TargetUrl, Invalid> {
        let url = parse(text.trim_matches(comes_with_a_copy))?;
        if !self.allow_private && private::is_private(&url) {
            return Err(Invalid::new(
                "private_address",
                "a link must not lead to localhost, to a private network's name such as printer.local, or to a loopback, \
                 private, link-local or reserved address",
            ));
        }
        if own_hosts.iter().any(|own| own.is_host_of(&url)) {
            return Err(Invalid::new("loop", "a link must not lead to this link shortener itself"));
        }
        TargetUrl::from_canonical(url.into())
    }
}

/// Returns whether a character is white space, or one of the invisible characters that programs add around a copied
/// URL. The latter are zero-width characters, direction marks, joiners, soft hyphens and object replacement characters.
/// Variation selectors are not included, because they belong to the emoji before them.
fn comes_with_a_copy(character: char) -> bool {
    character.is_whitespace()
        || matches!(character, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}')
        || matches!(character, '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
        || matches!(character, '\u{fff9}'..='\u{fffc}')
}

/// Parses a URL as the URL Standard (<https://url.spec.whatwg.org/>) requires, and applies the rules that all
/// deployments share.
fn parse(text: &str) -> Result<Url, Invalid> {
    // The standard removes tabs and line ends within a URL, so the stored URL would differ from the one that was sent.
    if text.chars().any(char::is_control) {
        return Err(Invalid::new("control_character", "a URL must not contain control characters"));
    }
    let invalid = |rule: &'static str| Invalid::new("invalid_url", rule);
    let no_scheme = || invalid("the URL has no scheme; put https:// or http:// before the host name");
    // No URL begins with one of these characters. An opening square bracket is not in this list, because a host that
    // begins with it is an IPv6 address without a scheme.
    if text.starts_with(['"', '\'', '`', '<', '(', '{', '\u{ab}', '\u{2018}', '\u{201c}', '\u{201e}']) {
        return Err(invalid("the URL is in quotation marks or brackets; send it without them"));
    }
    let mut url = Url::parse(text).map_err(|error| match error {
        ParseError::RelativeUrlWithoutBase => no_scheme(),
        _ => Invalid::new(
            "invalid_url",
            "the URL is invalid; expected an absolute URL, such as https://example.com/page",
        ),
    })?;
    if lacks_a_scheme(&url) {
        return Err(no_scheme());
    }
    if !matches!(url.scheme(), "http" | "https") {
        return Err(Invalid::new("unsupported_scheme", "a link must lead to an http or https URL"));
    }
    // The parser treats `127.0.0.1..` as a name, but resolvers may treat it as an address.
    if !has_possible_host(&url) {
        return Err(Invalid::new(
            "invalid_url",
            "the host name is invalid; it must be at most 253 bytes long, and each label between its dots 1 to 63 \
             bytes",
        ));
    }
    // A whole URL was pasted after a `https://` that was already there. No host has the name `http` or `https`.
    if matches!(url.host_str(), Some("http" | "https")) {
        let rule = "the URL has two schemes; put only one https:// or http:// before the host name";
        return Err(invalid(rule));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Invalid::new("credentials_in_url", "a URL must not contain a user name or password"));
    }
    // Unlike the standard, `url` 2.5.8 does not escape a caret in a path: https://github.com/servo/rust-url/issues/1140
    if url.path().contains('^') {
        let path = url.path().replace('^', "%5E");
        url.set_path(&path);
    }
    if url.as_str().len() > TargetUrl::MAX_BYTES {
        return Err(Invalid::new("too_long", "a URL must be at most 2,048 bytes long after normalization"));
    }
    Ok(url)
}

/// Returns whether the URL's host is an address, or a name that DNS allows (RFC 1035, section 2.3.4). A dot at the end is
/// allowed.
pub(crate) fn has_possible_host(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let host = host.strip_suffix('.').unwrap_or(host);
    host.len() <= 253 && host.split('.').all(|label| (1..=63).contains(&label.len()))
}

/// Returns whether the parser mistook a host name for a scheme, and a port for a path: `localhost:3000/x`.
fn lacks_a_scheme(url: &Url) -> bool {
    let after_port = url.path().trim_start_matches(|character: char| character.is_ascii_digit());
    let digits = url.path().len() - after_port.len();
    let has_port = (1..=5).contains(&digits) && (after_port.is_empty() || after_port.starts_with('/'));
    // In URLs with these schemes, a number after the colon is not a port.
    url.cannot_be_a_base() && has_port && !matches!(url.scheme(), "data" | "fax" | "sms" | "tel")
}

#[cfg(test)]
mod tests;
