//! Writes and reads the JSON line of a click. The line's field names are independent of the names in the API and in
//! the table.

use crate::model::{Birth, Click, Device, LinkKey, Slug, Timestamp, Visitor};
use serde::{Deserialize, Serialize};

/// The version of lines that identify the link by `birth` and contain the link's slug in `id`. Lines of any version
/// other than this one and [`DERIVED`] are skipped.
const RANDOM: u32 = 2;
/// The version of lines about links that were created before births were stored. Such a line identifies the link by
/// `id` and `created_at`.
const DERIVED: u32 = 1;
const EVENT: &str = "click";
/// The value of `device` for a bot. Earlier versions of `tally` recognize bots by this value.
const BOT: &str = "bot";

#[derive(Serialize)]
struct Written<'a> {
    /// Always INFO. If the function's log level were stricter than INFO, Lambda would drop the line.
    level: &'static str,
    timestamp: Timestamp,
    /// The subscription filter selects lines by this field.
    event: &'static str,
    version: u32,
    org_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    birth: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a Slug>,
    /// The link's creation time, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    created_at: Option<i64>,
    referrer: Option<&'a str>,
    device: &'static str,
    bot: bool,
    country: Option<&'a str>,
}

/// A parsed line. Lambda may add fields of its own, which are ignored.
#[derive(Deserialize)]
struct Read {
    timestamp: String,
    event: String,
    version: u32,
    org_id: String,
    birth: Option<String>,
    id: Option<String>,
    created_at: Option<i64>,
    referrer: Option<String>,
    device: String,
    country: Option<String>,
}

/// Returns the line of a click, including the line end. It is about 300 bytes long, and always shorter than 2 KB.
pub fn write(click: &Click) -> Vec<u8> {
    let birth = &click.link.birth;
    // A derived birth is written as the link's slug and creation time. Earlier versions of `tally` can count such lines
    // too, so that no click is lost while functions are updated one after the other.
    let derived = birth.source();
    let (slug, created_at) = derived.unzip();
    let device = match click.visitor {
        Visitor::Bot => BOT,
        Visitor::Person(device) => device.as_str(),
    };
    let mut line = Vec::with_capacity(512);
    let written = serde_json::to_writer(
        &mut line,
        &Written {
            level: "INFO",
            timestamp: click.at,
            event: EVENT,
            version: if slug.is_some() { DERIVED } else { RANDOM },
            org_id: click.link.org_id.as_str(),
            birth: slug.is_none().then(|| birth.as_str()),
            id: slug.as_ref().or(click.slug.as_ref()),
            created_at: created_at.map(|created_at| created_at.millis()),
            referrer: click.referrer.as_ref().map(|referrer| referrer.as_str()),
            device,
            bot: click.visitor == Visitor::Bot,
            country: click.country.as_ref().map(|country| country.as_str()),
        },
    );
    // Serializing these fields cannot fail.
    debug_assert!(written.is_ok());
    line.push(b'\n');
    line
}

/// Parses a log line. Returns `None` unless the line is a complete click in one of the two versions. Other lines may be
/// truncated, come from another program, or have another version.
pub fn read(line: &str) -> Option<Click> {
    let line: Read = serde_json::from_str(line).ok()?;
    if line.event != EVENT {
        return None;
    }
    let slug = line.id.map(Slug::try_from).transpose().ok()?;
    let birth = match line.version {
        RANDOM => line.birth?.try_into().ok()?,
        DERIVED => Birth::derived(slug.as_ref()?, line.created_at?.try_into().ok()?),
        _ => return None,
    };
    let visitor = match line.device.as_str() {
        BOT => Visitor::Bot,
        word => Visitor::Person(Device::from_word(word)?),
    };
    Some(Click {
        link: LinkKey { org_id: line.org_id.try_into().ok()?, birth },
        slug,
        at: Timestamp::from_rfc_3339(&line.timestamp).ok()?,
        referrer: line.referrer.map(TryInto::try_into).transpose().ok()?,
        visitor,
        country: line.country.map(TryInto::try_into).transpose().ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn click(birth: &str) -> Click {
        Click {
            link: LinkKey { org_id: "acme".parse().unwrap(), birth: birth.parse().unwrap() },
            slug: Some("launch".parse().unwrap()),
            at: Timestamp::try_from(1_795_383_720_007).unwrap(),
            referrer: Some("news.example".parse().unwrap()),
            visitor: Visitor::Person(Device::Mobile),
            country: Some("DE".parse().unwrap()),
        }
    }

    const BIRTHS: [&str; 2] = ["V1StGXR8_Z5jdHi6", "launch#1795339800000"];

    fn text(click: &Click) -> String {
        String::from_utf8(write(click)).unwrap()
    }

    #[test]
    fn a_line_has_the_format_of_the_subscription_and_the_parser() {
        let [random, derived] = BIRTHS.map(|birth| text(&click(birth)));
        assert_eq!(
            random,
            concat!(
                r#"{"level":"INFO","timestamp":"2026-11-22T21:42:00.007Z","event":"click","version":2,"org_id":"acme","#,
                r#""birth":"V1StGXR8_Z5jdHi6","id":"launch","referrer":"news.example","device":"mobile","bot":false,"#,
                "\"country\":\"DE\"}\n"
            )
        );
        assert_eq!(
            derived,
            concat!(
                r#"{"level":"INFO","timestamp":"2026-11-22T21:42:00.007Z","event":"click","version":1,"org_id":"acme","#,
                r#""id":"launch","created_at":1795339800000,"referrer":"news.example","device":"mobile","bot":false,"#,
                "\"country\":\"DE\"}\n"
            )
        );
    }

    #[test]
    fn the_longest_line_is_shorter_than_two_kilobytes() {
        let mut click = click(&format!("{}#253402300799999", "a".repeat(64)));
        click.slug = Some("a".repeat(64).parse().unwrap());
        click.link.org_id = "a".repeat(128).parse().unwrap();
        click.referrer = Some("a".repeat(253).parse().unwrap());
        assert!(write(&click).len() < 1_000);
    }

    #[test]
    fn an_incomplete_or_foreign_line_is_not_a_click() {
        let of_both = [
            ("\"click\"", "\"failure\""),
            ("\"mobile\"", "\"phone\""),
            ("\"acme\"", "\"@acme\""),
            ("2026-11-22T21:42:00.007Z", "yesterday"),
            ("news.example", "news.example/story"),
            ("DE", "DEU"),
            ("{", ""),
        ];
        let of_random = [
            ("\"version\":2", "\"version\":1"),
            ("\"version\":2", "\"version\":3"),
            ("\"version\":2,", ""),
            ("V1StGXR8", "V1StGXR"),
            ("\"V1StGXR8_Z5jdHi6\"", "null"),
            ("\"launch\"", "\"link\""),
        ];
        let of_derived = [
            ("\"version\":1", "\"version\":2"),
            ("\"version\":1,", ""),
            ("\"launch\"", "\"link\""),
            ("\"launch\"", "null"),
            ("1795339800000", "-1"),
            ("1795339800000", "\"1795339800000\""),
        ];
        for (birth, own) in BIRTHS.into_iter().zip([of_random, of_derived]) {
            let line = text(&click(birth));
            assert_eq!(read(&line), Some(click(birth)));
            for (old, new) in of_both.into_iter().chain(own) {
                let doctored = line.replacen(old, new, 1);
                assert!(doctored != line && read(&doctored).is_none(), "{doctored}");
            }
            for length in 0..line.len() - 2 {
                assert_eq!(read(&line[..length]), None);
            }
        }
    }

    #[test]
    fn a_bot_is_written_so_that_an_earlier_tally_can_read_it() {
        let bot = Click { visitor: Visitor::Bot, ..click(BIRTHS[0]) };
        let line = text(&bot);
        assert!(line.contains(r#""device":"bot","bot":true,"#), "{line}");
        assert_eq!(read(&line), Some(bot));
    }

    #[test]
    fn a_line_of_an_earlier_version_has_no_slug() {
        let earlier = text(&click(BIRTHS[0])).replacen(r#""id":"launch","#, "", 1);
        assert_eq!(read(&earlier), Some(Click { slug: None, ..click(BIRTHS[0]) }));
    }

    #[test]
    fn members_that_lambda_adds_are_ignored() {
        for birth in BIRTHS {
            let line = text(&click(birth)).replacen('{', r#"{"requestId":"8286a188","xRayTraceId":null,"#, 1);
            assert_eq!(read(&line), Some(click(birth)));
        }
    }

    proptest! {
        #[test]
        fn any_text_is_a_click_or_none(text in any::<String>()) {
            let _ = read(&text);
        }
    }
}
