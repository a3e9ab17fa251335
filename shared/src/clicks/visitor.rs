//! What is told of a visitor by the headers of the request, and what is left of it.

use super::bots::{A_TELEPHONE, TELLING, WORDS};
use crate::model::{Device, Referrer, Visitor};
use url::Url;

/// More of a user agent is not looked at; the longest that people use are half as long.
const MOST: usize = 512;

/// What words of a user agent say of its device; what is further down says it only where nothing above does.
///
/// That is Mozilla's advice: `Mobi` for telephones, Android without it for tablets.
/// <https://developer.mozilla.org/en-US/docs/Web/HTTP/Guides/Browser_detection_using_the_user_agent>
const CLASSES: [(&[&str], Device); 5] = [
    (
        &["appletv", "bravia", "crkey", "googletv", "playstation", "smarttv", "tizen", "tv", "xbox"],
        Device::Other,
    ),
    (&["ipad", "kindle", "playbook", "tablet"], Device::Tablet),
    (&["iphone", "ipod", "mobi", "mobile"], Device::Mobile),
    (&["android"], Device::Tablet),
    (&["cros", "macintosh", "windows", "x11"], Device::Desktop),
];

/// Returns who sends a user agent: a bot, or a person with a class of device. A program that does not call itself a browser is
/// a bot, and so is one with a word that no browser has.
///
/// Each word is looked at once, because a visitor waits for it.
pub fn visitor(user_agent: &str) -> Visitor {
    let user_agent = user_agent.get(..MOST).unwrap_or(user_agent);
    if !user_agent.starts_with("Mozilla/") && !user_agent.starts_with("Opera/") {
        return Visitor::Bot;
    }
    let user_agent = user_agent.to_ascii_lowercase();
    // Hardly any browser's has such a part at all, and only where one does is it looked for in each word.
    let may_tell = TELLING.iter().any(|part| user_agent.contains(part));
    let mut class = CLASSES.len();
    for word in user_agent.as_bytes().split(|byte| !byte.is_ascii_alphanumeric()) {
        // Versions, and what stands between two marks.
        let Some(word) = Some(word).filter(|word| word.len() > 1 && !word.iter().all(u8::is_ascii_digit))
        else {
            continue;
        };
        let tells = || TELLING.iter().any(|part| holds(word, part)) && word != A_TELEPHONE.as_bytes();
        if WORDS.binary_search_by(|known| known.as_bytes().cmp(word)).is_ok() || may_tell && tells() {
            return Visitor::Bot;
        }
        let says = |(words, _): &(&[&str], Device)| words.iter().any(|known| known.as_bytes() == word);
        class = CLASSES.iter().take(class).position(says).unwrap_or(class);
    }
    Visitor::Person(CLASSES.get(class).map_or(Device::Other, |(_, device)| *device))
}

fn holds(word: &[u8], part: &str) -> bool {
    word.windows(part.len()).any(|window| window == part.as_bytes())
}

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
    let origin = header.get(..scheme.len() + 3 + authority.len()).filter(|origin| origin.len() <= MOST)?;
    Url::parse(origin).ok()?.host_str()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_are_sorted_so_that_they_can_be_searched() {
        assert!(WORDS.is_sorted());
        let classes = CLASSES.iter().flat_map(|(words, _)| words.iter());
        assert!(classes.clone().all(|word| WORDS.binary_search(word).is_err()));
    }

    #[test]
    fn every_crawler_of_the_data_set_is_a_bot() {
        let crawlers = include_str!("crawlers.txt").lines().filter(|line| !line.starts_with('#'));
        let missed: Vec<&str> = crawlers.filter(|crawler| visitor(crawler) != Visitor::Bot).collect();
        assert!(missed.is_empty(), "{missed:#?}");
    }

    #[test]
    fn what_people_use_is_told_by_its_class() {
        for (class, user_agent) in [
            (
                Device::Desktop,
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0",
            ),
            (
                Device::Desktop,
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.1 Safari/605.1.15",
            ),
            (Device::Desktop, "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"),
            (
                Device::Desktop,
                "Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
            ),
            (
                Device::Mobile,
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.1 Mobile/15E148 Safari/604.1",
            ),
            (
                Device::Mobile,
                "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36",
            ),
            (
                Device::Mobile,
                "Mozilla/5.0 (Linux; Android 13; CUBOT P80) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Mobile Safari/537.36",
            ),
            (
                Device::Mobile,
                "Mozilla/5.0 (Linux; Android 15; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/142.0.0.0 Mobile Safari/537.36 Instagram 406.0.0.58.159 Android",
            ),
            (
                Device::Mobile,
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 [FBAN/FBIOS;FBAV/530.0.0.50.70]",
            ),
            (
                Device::Tablet,
                "Mozilla/5.0 (iPad; CPU OS 17_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.7 Mobile/15E148 Safari/604.1",
            ),
            (
                Device::Tablet,
                "Mozilla/5.0 (Linux; Android 14; SM-X910) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
            ),
            (
                Device::Other,
                "Mozilla/5.0 (SMART-TV; Linux; Tizen 7.0) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/5.0 Chrome/85.0 TV Safari/537.36",
            ),
            (
                Device::Other,
                "Mozilla/5.0 (PlayStation; PlayStation 5/9.00) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/15.4 Safari/605.1.15",
            ),
            (Device::Other, "Mozilla/5.0 (Unknown)"),
        ] {
            assert_eq!(visitor(user_agent), Visitor::Person(class), "{user_agent}");
        }
        for user_agent in ["", "curl/8.11.1", "WhatsApp/2.23.20.0"] {
            assert_eq!(visitor(user_agent), Visitor::Bot, "{user_agent}");
        }
    }

    #[test]
    fn a_long_user_agent_is_cut_also_where_a_character_would_be() {
        for length in MOST - 8..MOST + 8 {
            let user_agent = format!("Mozilla/5.0 {}é (Windows NT 10.0)", "x".repeat(length));
            visitor(&user_agent);
        }
    }

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
