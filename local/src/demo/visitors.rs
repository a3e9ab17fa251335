//! The demo's visitors: browsers and bots, where they come from, and how often each of them visits.

use super::link::Audience;
use fastrand::Rng;

/// How frequent a value is, relative to the other values in its list.
type Weighted<T> = (u32, T);

/// The visitor's headers that a click records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Visitor {
    /// `User-Agent`.
    pub user_agent: &'static str,
    /// `Referer`, if the visitor comes from another page.
    pub referrer: Option<&'static str>,
    /// `CloudFront-Viewer-Country`.
    pub country: &'static str,
}

const WINDOWS: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36";
const MAC: &str = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.1 Safari/605.1.15";
const LINUX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0";
const IPHONE: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.1 Mobile/15E148 Safari/604.1";
const ANDROID: &str = "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36";
const TABLET: &str = "Mozilla/5.0 (iPad; CPU OS 17_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.7 Mobile/15E148 Safari/604.1";
const CRAWLER: &str = "Mozilla/5.0 (compatible; Examplebot/2.1; +https://search.example/bot.html)";
const PREVIEW: &str = "Chatbot-LinkExpanding 1.0 (+https://chat.example/robots)";
const SCRIPT: &str = "curl/8.11.1";

const TEAM_BROWSERS: [Weighted<&str>; 6] =
    [(38, MAC), (32, WINDOWS), (12, LINUX), (10, IPHONE), (6, ANDROID), (2, TABLET)];
const PUBLIC_BROWSERS: [Weighted<&str>; 6] =
    [(29, IPHONE), (26, ANDROID), (22, WINDOWS), (14, MAC), (6, TABLET), (3, LINUX)];
const BOTS: [Weighted<&str>; 3] = [(50, CRAWLER), (35, PREVIEW), (15, SCRIPT)];

const TEAM_REFERRERS: [Weighted<Option<&str>>; 5] = [
    (74, None),
    (11, Some("https://wiki.example.com/")),
    (8, Some("https://mail.example.com/")),
    (4, Some("https://calendar.example.com/")),
    (3, Some("https://jira.example.com/")),
];
const PUBLIC_REFERRERS: [Weighted<Option<&str>>; 7] = [
    (34, None),
    (22, Some("https://news.example/")),
    (17, Some("https://social.example/")),
    (12, Some("https://search.example/")),
    (8, Some("https://www.example.com/")),
    (5, Some("https://blog.example.net/")),
    (2, Some("android-app://com.example.mail/")),
];

const TEAM_COUNTRIES: [Weighted<&str>; 4] = [(52, "DE"), (27, "US"), (13, "PL"), (8, "IN")];
const PUBLIC_COUNTRIES: [Weighted<&str>; 9] =
    [(30, "US"), (21, "DE"), (13, "GB"), (9, "FR"), (8, "IN"), (7, "BR"), (5, "NL"), (4, "JP"), (3, "CA")];

impl Visitor {
    /// Draws a person.
    pub fn person(audience: Audience, random: &mut Rng) -> Self {
        match audience {
            Audience::Team => Self {
                user_agent: pick(&TEAM_BROWSERS, random),
                referrer: pick(&TEAM_REFERRERS, random),
                country: pick(&TEAM_COUNTRIES, random),
            },
            Audience::Public => Self {
                user_agent: pick(&PUBLIC_BROWSERS, random),
                referrer: pick(&PUBLIC_REFERRERS, random),
                country: pick(&PUBLIC_COUNTRIES, random),
            },
        }
    }

    /// Draws a bot. Bots almost never send a referrer.
    pub fn bot(random: &mut Rng) -> Self {
        Self { user_agent: pick(&BOTS, random), referrer: None, country: "US" }
    }
}

fn pick<T: Copy + Default>(list: &[Weighted<T>], random: &mut Rng) -> T {
    let mut left = random.u32(..list.iter().map(|(weight, _)| weight).sum::<u32>());
    for (weight, value) in list {
        match left.checked_sub(*weight) {
            Some(rest) => left = rest,
            None => return *value,
        }
    }
    T::default()
}
