//! Reads the headers of a visitor's request, and keeps only what a click is allowed to contain.

use crate::model::{Device, Referrer, Visitor};
use agents::Agent;
use url::Url;

/// The headers of a visitor's request that are needed to record a click. This type does not implement `Debug`, so
/// that a visitor's headers cannot be logged by accident.
pub struct Visit<'a> {
    /// The header `Referer`.
    pub referrer: Option<&'a str>,
    /// The header `User-Agent`, or an empty string.
    pub user_agent: &'a str,
    /// The country, from a header that a visitor can forge unless a CDN sets it.
    pub country: Option<&'a str>,
}

/// Returns who sent this user agent: a bot, or a person and the class of their device.
pub fn visitor(user_agent: &str) -> Visitor {
    match agents::classify(user_agent) {
        Agent::Bot => Visitor::Bot,
        Agent::Desktop => Visitor::Person(Device::Desktop),
        Agent::Mobile => Visitor::Person(Device::Mobile),
        Agent::Tablet => Visitor::Person(Device::Tablet),
        Agent::Other => Visitor::Person(Device::Other),
    }
}

/// The maximum length of an origin. Longer origins are not parsed.
const MAX_ORIGIN: usize = 512;

/// Returns the host of the page in the header `Referer` (RFC 9110, section 10.1.3), if the page has a host.
pub fn referrer(header: &str) -> Option<Referrer> {
    let (scheme, rest) = header.split_once("://")?;
    let authority = rest.split(['/', '?', '#', '\\']).next()?;
    // Nearly all hosts are plain names. Plain names are used without normalization, because the visitor is waiting.
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'.' | b'-');
    if scheme == "https" && authority.bytes().all(plain) {
        return authority.parse().ok();
    }
    // The rest of the page's address is not even parsed.
    let origin =
        header.get(..scheme.len() + 3 + authority.len()).filter(|origin| origin.len() <= MAX_ORIGIN)?;
    Url::parse(origin).ok()?.host_str()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_visitor_is_a_bot_or_a_person_with_a_class_of_device() {
        for (expected, user_agent) in [
            (Visitor::Bot, ""),
            (Visitor::Bot, "curl/8.11.1"),
            (
                Visitor::Person(Device::Desktop),
                "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
            ),
            (
                Visitor::Person(Device::Mobile),
                "Mozilla/5.0 (Android 15; Mobile; rv:145.0) Gecko/145.0 Firefox/145.0",
            ),
            (
                Visitor::Person(Device::Tablet),
                "Mozilla/5.0 (Android 15; Tablet; rv:145.0) Gecko/145.0 Firefox/145.0",
            ),
            (
                Visitor::Person(Device::Other),
                "Mozilla/5.0 (PlayStation 5/9.00) AppleWebKit/605.1.15 (KHTML, like Gecko)",
            ),
        ] {
            assert_eq!(visitor(user_agent), expected, "{user_agent}");
        }
    }

    #[test]
    fn only_the_host_of_a_referrer_is_kept() {
        for (header, host) in [
            ("https://news.example/a/story?reader=me#here", Some("news.example")),
            ("https://NEWS.example", Some("news.example")),
            ("https://me:secret@news.example:8443/", Some("news.example")),
            ("https://bücher.example/", Some("xn--bcher-kva.example")),
            ("android-app://com.example.mail/", Some("com.example.mail")),
            ("http://[2001:DB8::1]/", Some("[2001:db8::1]")),
            ("https:\\\\news.example", None),
            ("https://news.example\\@other.example/", Some("news.example")),
            ("https://direct/", None),
            ("https://", None),
            ("news.example", None),
            ("about:blank", None),
            ("https://a\"b/", None),
            ("", None),
        ] {
            assert_eq!(referrer(header).as_ref().map(Referrer::as_str), host, "{header}");
        }
        assert_eq!(referrer(&format!("https://{}.example", "a".repeat(600))), None);
    }
}
