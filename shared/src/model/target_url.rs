use super::Invalid;
use serde::Serialize;
use std::net::{Ipv4Addr, Ipv6Addr};
use url::{Host, ParseError, Url};

/// Where a link leads: an absolute `http` or `https` URL in the form the URL Standard serialises it, at most
/// 2,048 bytes of visible ASCII, without user name or password.
///
/// It is sent as a `Location` header to the byte.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TargetUrl(String);

const LONGEST: usize = 2048;

impl TargetUrl {
    /// The text itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Takes a URL that [`TargetRules::parse`] made before, as the table holds it, without the cost of parsing it
    /// again on each redirect. The rules are not looked at again; what cannot be sent as a `Location` is refused.
    pub(crate) fn from_canonical(text: String) -> Result<Self, Invalid> {
        let absolute = text.starts_with("https://") || text.starts_with("http://");
        if absolute && text.len() <= LONGEST && text.bytes().all(|byte| byte.is_ascii_graphic()) {
            Ok(Self(text))
        } else {
            Err(Invalid::new("invalid_url", "a stored URL is a canonical http or https URL"))
        }
    }
}

/// What a deployment asks of a target URL beyond being one.
#[derive(Debug, Clone, Copy, Default)]
pub struct TargetRules {
    /// Let links lead to loopback, private and link-local addresses and to `localhost`.
    pub allow_private: bool,
}

impl TargetRules {
    /// Reads a target URL that somebody sent.
    ///
    /// `own_hosts` are the names this deployment answers by: a link to one of them could lead to itself.
    ///
    /// # Errors
    /// The first rule that it breaks.
    pub fn parse(&self, text: &str, own_hosts: &[&str]) -> Result<TargetUrl, Invalid> {
        let url = parse(text)?;
        if !self.allow_private && is_private(&url) {
            return Err(Invalid::new(
                "private_address",
                "a link does not lead to localhost or to a loopback, private, link-local or reserved address",
            ));
        }
        let host = url.host_str().unwrap_or_default().trim_end_matches('.');
        if own_hosts.iter().any(|own| own.eq_ignore_ascii_case(host)) {
            return Err(Invalid::new("loop", "a link does not lead to this link shortener itself"));
        }
        TargetUrl::from_canonical(url.into())
    }
}

/// Parses by the URL Standard (<https://url.spec.whatwg.org/>) and applies the rules that hold everywhere.
fn parse(text: &str) -> Result<Url, Invalid> {
    // The standard drops tabs and line ends without a word: what is stored would not be what was sent.
    if text.chars().any(char::is_control) {
        return Err(Invalid::new("control_character", "a URL has no control characters"));
    }
    let no_scheme = || {
        let rule = "the URL lacks its scheme: put https:// or http:// before the host name";
        Invalid::new("invalid_url", rule)
    };
    let mut url = Url::parse(text).map_err(|error| match error {
        ParseError::RelativeUrlWithoutBase => no_scheme(),
        _ => Invalid::new("invalid_url", "an absolute URL such as https://example.com/page is needed"),
    })?;
    if lacks_a_scheme(&url) {
        return Err(no_scheme());
    }
    if !matches!(url.scheme(), "http" | "https") {
        return Err(Invalid::new("unsupported_scheme", "a link leads to an http or https URL"));
    }
    // `127.0.0.1..` is a name to the parser, and what a resolver makes of it is anybody's guess.
    if url.host_str().is_some_and(|host| host.ends_with("..")) {
        return Err(Invalid::new("invalid_url", "a host name has no empty labels"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Invalid::new("credentials_in_url", "a URL has no user name or password"));
    }
    // `url` 2.5.8 keeps a caret in a path, which the standard escapes: https://github.com/servo/rust-url/issues/1140
    if url.path().contains('^') {
        let path = url.path().replace('^', "%5E");
        url.set_path(&path);
    }
    if url.as_str().len() > LONGEST {
        return Err(Invalid::new("too_long", "a URL is at most 2,048 bytes long once normalised"));
    }
    Ok(url)
}

/// Whether the parser took a host name for the scheme, and the port for a path: `localhost:3000/x`.
fn lacks_a_scheme(url: &Url) -> bool {
    let after_port = url.path().trim_start_matches(|character: char| character.is_ascii_digit());
    let digits = url.path().len() - after_port.len();
    let has_port = (1..=5).contains(&digits) && (after_port.is_empty() || after_port.starts_with('/'));
    // A number follows these schemes too.
    url.cannot_be_a_base() && has_port && !matches!(url.scheme(), "data" | "fax" | "sms" | "tel")
}

/// Whether the URL names this machine or a network that is nobody else's, in whatever spelling: the parser has
/// already turned `0x7f.1` and `2130706433` into the address they stand for.
fn is_private(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => {
            let name = name.trim_end_matches('.');
            name == "localhost" || name.ends_with(".localhost")
        }
        Some(Host::Ipv4(address)) => is_private_v4(address),
        Some(Host::Ipv6(address)) => is_private_v6(address),
        None => false,
    }
}

/// The special-purpose blocks of RFC 6890 and its registry that no public host has, `169.254.169.254` among them.
fn is_private_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    matches!(
        (a, b, c),
        (0 | 10 | 127 | 224.., ..)
            | (100, 64..=127, _)
            | (169, 254, _)
            | (172, 16..=31, _)
            | (192, 168, _)
            | (192, 0, 0 | 2)
            | (198, 18..=19, _)
            | (198, 51, 100)
            | (203, 0, 113)
    )
}

/// The same for IPv6, and every form that carries an IPv4 address within: mapped, compatible, translated (RFC 6052,
/// RFC 8215), 6to4 (RFC 3056) and Teredo (RFC 4380).
fn is_private_v6(address: Ipv6Addr) -> bool {
    let [a, b, c, d, e, f, g, h] = address.segments();
    let last_four_bytes = || {
        let ([g1, g2], [h1, h2]) = (g.to_be_bytes(), h.to_be_bytes());
        Ipv4Addr::new(g1, g2, h1, h2)
    };
    match [a, b, c, d, e, f] {
        [0, 0, 0, 0, 0, 0 | 0xffff] | [0, 0, 0, 0, 0xffff, 0] | [0x64, 0xff9b, 0, 0, 0, 0] => {
            is_private_v4(last_four_bytes())
        }
        [0x64, 0xff9b, 1, ..] | [0x2001, 0 | 0xdb8, ..] | [0x2001, 2, 0, ..] | [0x100, 0, 0, 0, ..] => true,
        [0x3fff, 0..=0xfff, ..] | [0x5f00, ..] => true,
        [0x2002, ..] => {
            let ([b1, b2], [c1, c2]) = (b.to_be_bytes(), c.to_be_bytes());
            is_private_v4(Ipv4Addr::new(b1, b2, c1, c2))
        }
        // Unique local, link-local, site-local, multicast.
        _ => (a & 0xfe00) == 0xfc00 || (0xfe80..=0xfeff).contains(&a) || a >= 0xff00,
    }
}

#[cfg(test)]
#[path = "target_url_tests.rs"]
mod tests;
