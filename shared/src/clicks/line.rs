//! The line of a click, JSON, in both directions. Its names are its own: the wire and the table have others.

use crate::model::{Click, Device, LinkKey, Timestamp};
use serde::{Deserialize, Serialize};

/// The form that is written today. Lines of another are passed over.
const VERSION: u32 = 1;
const EVENT: &str = "click";

#[derive(Serialize)]
struct Written<'a> {
    /// At a higher level Lambda would keep the line to itself. The subscription filter looks for `event`.
    level: &'static str,
    timestamp: Timestamp,
    event: &'static str,
    version: u32,
    org_id: &'a str,
    id: &'a str,
    /// The link's, in milliseconds.
    created_at: i64,
    referrer: Option<&'a str>,
    device: &'static str,
    bot: bool,
    country: Option<&'a str>,
}

/// Lambda may add members of its own, which are passed over.
#[derive(Deserialize)]
struct Read {
    timestamp: String,
    event: String,
    version: u32,
    org_id: String,
    id: String,
    created_at: i64,
    referrer: Option<String>,
    device: String,
    country: Option<String>,
}

/// The line of a click, with its line end: some 300 bytes, and never 2 KB.
pub fn write(click: &Click) -> Vec<u8> {
    let mut line = Vec::with_capacity(512);
    let written = serde_json::to_writer(
        &mut line,
        &Written {
            level: "INFO",
            timestamp: click.at,
            event: EVENT,
            version: VERSION,
            org_id: click.link.org_id.as_str(),
            id: click.link.id.as_str(),
            created_at: click.link.created_at.millis(),
            referrer: click.referrer.as_ref().map(|referrer| referrer.as_str()),
            device: click.device.as_str(),
            bot: click.device == Device::Bot,
            country: click.country.as_ref().map(|country| country.as_str()),
        },
    );
    // There is nothing in it that could fail to serialise.
    debug_assert!(written.is_ok());
    line.push(b'\n');
    line
}

/// The click that a line of the log tells of. `None` where it is no whole line of a click in today's form: cut off,
/// another program's, or of another version.
pub fn read(line: &str) -> Option<Click> {
    let line: Read = serde_json::from_str(line).ok()?;
    if (line.event.as_str(), line.version) != (EVENT, VERSION) {
        return None;
    }
    Some(Click {
        link: LinkKey {
            org_id: line.org_id.try_into().ok()?,
            id: line.id.try_into().ok()?,
            created_at: line.created_at.try_into().ok()?,
        },
        at: Timestamp::from_rfc_3339(&line.timestamp).ok()?,
        referrer: line.referrer.map(TryInto::try_into).transpose().ok()?,
        device: Device::from_word(&line.device)?,
        country: line.country.map(TryInto::try_into).transpose().ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn click() -> Click {
        Click {
            link: LinkKey {
                org_id: "acme".parse().unwrap(),
                id: "launch".parse().unwrap(),
                created_at: Timestamp::try_from(1_795_339_800_000).unwrap(),
            },
            at: Timestamp::try_from(1_795_383_720_007).unwrap(),
            referrer: Some("news.example".parse().unwrap()),
            device: Device::Mobile,
            country: Some("DE".parse().unwrap()),
        }
    }

    fn text(click: &Click) -> String {
        String::from_utf8(write(click)).unwrap()
    }

    #[test]
    fn a_line_is_what_the_subscription_and_the_reader_expect() {
        assert_eq!(
            text(&click()),
            concat!(
                r#"{"level":"INFO","timestamp":"2026-11-22T21:42:00.007Z","event":"click","version":1,"org_id":"acme","#,
                r#""id":"launch","created_at":1795339800000,"referrer":"news.example","device":"mobile","bot":false,"#,
                "\"country\":\"DE\"}\n"
            )
        );
    }

    #[test]
    fn the_longest_line_is_shorter_than_two_kilobytes() {
        let mut click = click();
        click.link.org_id = "a".repeat(128).parse().unwrap();
        click.link.id = "a".repeat(64).parse().unwrap();
        click.referrer = Some("a".repeat(253).parse().unwrap());
        assert!(write(&click).len() < 1_000);
    }

    #[test]
    fn a_line_that_is_not_whole_or_not_ours_is_no_click() {
        let line = text(&click());
        assert_eq!(read(&line), Some(click()));
        for (old, new) in [
            ("\"click\"", "\"failure\""),
            ("\"version\":1", "\"version\":2"),
            ("\"version\":1,", ""),
            ("\"mobile\"", "\"phone\""),
            ("\"acme\"", "\"@acme\""),
            ("\"launch\"", "\"link\""),
            ("1795339800000", "-1"),
            ("1795339800000", "\"1795339800000\""),
            ("2026-11-22T21:42:00.007Z", "yesterday"),
            ("news.example", "news.example/story"),
            ("DE", "DEU"),
            ("{", ""),
        ] {
            let doctored = line.replacen(old, new, 1);
            assert!(doctored != line && read(&doctored).is_none(), "{doctored}");
        }
        for length in 0..line.len() - 2 {
            assert_eq!(read(&line[..length]), None);
        }
    }

    #[test]
    fn members_that_lambda_adds_are_passed_over() {
        let line = text(&click()).replacen('{', r#"{"requestId":"8286a188","xRayTraceId":null,"#, 1);
        assert_eq!(read(&line), Some(click()));
    }

    proptest! {
        #[test]
        fn any_text_is_a_click_or_none(text in any::<String>()) {
            let _ = read(&text);
        }
    }
}
