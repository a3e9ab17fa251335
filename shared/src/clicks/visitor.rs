//! What is told of a visitor by the headers of the request, and what is left of it.

use crate::model::{Device, Referrer};
use agents::Agent;
use url::Url;

/// The class of device that a user agent is of, or that it is a bot's.
pub fn device(user_agent: &str) -> Device {
    match agents::classify(user_agent) {
        Agent::Bot => Device::Bot,
        Agent::Desktop => Device::Desktop,
        Agent::Mobile => Device::Mobile,
        Agent::Tablet => Device::Tablet,
        Agent::Other => Device::Other,
    }
}

/// The longest origin that is parsed.
const MAX_ORIGIN: usize = 512;

/// The host of the page that the header `Referer` (RFC 9110, section 10.1.3) names, if it names any.
pub fn referrer(header: &str) -> Option<Referrer> {
    let (scheme, rest) = header.split_once("://")?;
    let authority = rest.split(['/', '?', '#', '\\']).next()?;
    // A plain name, as nearly all are, is taken as it stands: a visitor waits for it.
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'.' | b'-');
    if scheme == "https" && authority.bytes().all(plain) {
        return authority.parse().ok();
    }
    // Whatever else the page's address says does not even get parsed.
    let origin = header.get(..scheme.len() + 3 + authority.len()).filter(|origin| origin.len() <= MAX_ORIGIN)?;
    Url::parse(origin).ok()?.host_str()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_referrer_nothing_is_kept_but_its_host() {
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
