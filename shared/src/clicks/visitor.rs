//! What is told of a visitor by the headers of the request, and what is left of it.

use super::bots::{A_TELEPHONE, TELLING, WORDS};
use crate::model::{Device, Referrer};
use url::Url;

/// More of a user agent is not looked at; the longest that people use are half as long.
const MOST: usize = 512;

/// The class of device that a user agent is of.
///
/// Bots go first, whatever they call themselves. The rest is Mozilla's advice: `Mobi` for telephones, Android without it for
/// tablets. <https://developer.mozilla.org/en-US/docs/Web/HTTP/Guides/Browser_detection_using_the_user_agent>
pub fn device(user_agent: &str) -> Device {
    let user_agent = user_agent.get(..MOST).unwrap_or(user_agent);
    let has = |part: &str| user_agent.contains(part);
    if is_bot(user_agent) {
        Device::Bot
    } else if ["TV", "Tizen", "CrKey", "BRAVIA", "AFT", "PlayStation", "Xbox"].into_iter().any(has) {
        Device::Other
    } else if ["iPad", "Tablet", "PlayBook", "Kindle"].into_iter().any(has) || has("Android") && !has("Mobi")
    {
        Device::Tablet
    } else if ["Mobi", "iPhone", "iPod"].into_iter().any(has) {
        Device::Mobile
    } else if ["Windows NT", "Macintosh", "X11", "CrOS"].into_iter().any(has) {
        Device::Desktop
    } else {
        Device::Other
    }
}

/// Whether a user agent is a program's: it does not call itself a browser, or has a word that no browser has.
fn is_bot(user_agent: &str) -> bool {
    if !user_agent.starts_with("Mozilla/") && !user_agent.starts_with("Opera/") {
        return true;
    }
    let user_agent = user_agent.to_ascii_lowercase();
    // Hardly any browser's has such a part at all, and only where one does is it looked for in each word.
    let may_tell = TELLING.iter().any(|part| user_agent.contains(part));
    let mut words = user_agent.split(|character: char| !character.is_ascii_alphanumeric());
    words.any(|word| {
        let tells = || may_tell && TELLING.iter().any(|part| word.contains(part)) && word != A_TELEPHONE;
        word.len() > 1 && (tells() || WORDS.binary_search(&word).is_ok())
    })
}

/// The host of the page that the header `Referer` (RFC 9110, section 10.1.3) names, if it names any.
pub fn referrer(header: &str) -> Option<Referrer> {
    let (scheme, rest) = header.split_once("://")?;
    let authority = rest.split(['/', '?', '#', '\\']).next()?;
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
    }

    #[test]
    fn every_crawler_of_the_data_set_is_a_bot() {
        let crawlers = include_str!("crawlers.txt").lines().filter(|line| !line.starts_with('#'));
        let missed: Vec<&str> = crawlers.filter(|crawler| device(crawler) != Device::Bot).collect();
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
            (Device::Bot, ""),
            (Device::Bot, "curl/8.11.1"),
            (Device::Bot, "WhatsApp/2.23.20.0"),
        ] {
            assert_eq!(device(user_agent), class, "{user_agent}");
        }
    }

    #[test]
    fn a_long_user_agent_is_cut_also_where_a_character_would_be() {
        for length in MOST - 8..MOST + 8 {
            let user_agent = format!("Mozilla/5.0 {}é (Windows NT 10.0)", "x".repeat(length));
            device(&user_agent);
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
