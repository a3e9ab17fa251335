//! How clicks are reported.

mod range;

use crate::support::clicks::{Batch, asked, click, stats};
use crate::support::{ACME, Answer, Call, GLOBEX, TestApp};
use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Value, json};
use shared::model::Day;

/// Returns the response's first and last day, and the days of its series.
fn range(answer: &Answer) -> (Value, Value, Vec<String>) {
    let series = answer.body["series"].as_array().unwrap_or_else(|| panic!("{}", answer.text));
    let days = series.iter().map(|point| point["at"].as_str().unwrap()[..10].to_owned());
    let mut days: Vec<String> = days.collect();
    days.dedup();
    (answer.body["from"].clone(), answer.body["to"].clone(), days)
}

/// Returns the days from `from` to `to`.
fn days(from: &str, to: &str) -> Vec<String> {
    let day = |text: &str| Day::try_from(text.to_owned()).unwrap();
    Day::all_of(&(day(from)..=day(to))).map(|day| day.to_string()).collect()
}

#[tokio::test]
async fn a_link_without_clicks_has_a_series_of_zeros() {
    let app = TestApp::start().await;
    app.put(&[]).await;
    let answer = asked(&app, "from=2026-11-20&to=2026-11-22").await;
    let hours: Vec<Value> =
        (0..24).map(|hour| json!({ "name": format!("{hour:02}"), "clicks": 0 })).collect();
    let series =
        ["2026-11-20", "2026-11-21", "2026-11-22"].map(|day| json!({ "at": day, "clicks": 0, "bots": 0 }));
    assert_eq!(
        answer.body,
        json!({
            "total": 0, "bots": 0, "from": "2026-11-20", "to": "2026-11-22",
            "series": series,
            "referrers": [], "devices": [], "countries": [], "hours": hours,
        })
    );
}

#[tokio::test]
async fn people_are_counted_by_day_hour_referrer_device_and_country_and_bots_by_day_and_hour() {
    let app = TestApp::start().await;
    app.put(&[]).await;
    let lines = [
        click("2026-11-20T00:00:00Z", Some("news.example"), "mobile", Some("DE")),
        click("2026-11-20T23:59:59.999Z", Some("news.example"), "desktop", Some("FR")),
        click("2026-11-20T00:00:00Z", Some("bots.example"), "bot", Some("US")),
        click("2026-11-22T21:42:00Z", None, "bot", None),
        click("2026-11-22T21:43:00Z", None, "bot", Some("DE")),
        click("2026-11-22T21:44:00Z", None, "other", None),
        click("2026-11-22T21:59:00Z", Some("a.example"), "mobile", Some("DE")),
        click("2026-11-23T00:00:00Z", Some("late.example"), "tablet", Some("IT")),
    ];
    Batch::new("one", lines).deliver(&app).await;
    let body = asked(&app, "from=2026-11-20&to=2026-11-22").await.body;
    // The totals are those of the link, not those of the range.
    assert_eq!((&body["total"], &body["bots"]), (&json!(5), &json!(3)));
    assert_eq!(
        body["series"],
        json!([
            { "at": "2026-11-20", "clicks": 2, "bots": 1 }, { "at": "2026-11-21", "clicks": 0, "bots": 0 },
            { "at": "2026-11-22", "clicks": 2, "bots": 2 },
        ])
    );
    let counts = |pairs: &[(&str, u64)]| -> Value {
        pairs.iter().map(|(name, clicks)| json!({ "name": name, "clicks": clicks })).collect()
    };
    assert_eq!(body["referrers"], counts(&[("news.example", 2), ("a.example", 1), ("direct", 1)]));
    assert_eq!(body["devices"], counts(&[("mobile", 2), ("desktop", 1), ("other", 1)]));
    assert_eq!(body["countries"], counts(&[("DE", 2), ("FR", 1)]));
    let hours = body["hours"].as_array().unwrap();
    assert_eq!(hours.len(), 24);
    let people = hours.iter().filter(|hour| hour["clicks"] != 0);
    let expected = counts(&[("00", 1), ("21", 2), ("23", 1)]);
    assert_eq!(people.cloned().collect::<Value>(), expected);

    let listed = Call::new("list-clicks").send(&app).await;
    assert_eq!(listed.body["data"][0]["clicks"], 5);
}

#[tokio::test]
async fn a_series_by_hour_allows_days_of_any_time_zone() {
    let app = TestApp::start().await;
    app.put(&[]).await;
    // These clicks are around midnight in UTC, and around midnight in Kolkata, where it is UTC+5:30.
    let lines = [
        click("2026-11-20T18:29:59.999Z", None, "mobile", None),
        click("2026-11-20T18:30:00Z", None, "bot", None),
        click("2026-11-20T19:00:00Z", None, "desktop", None),
        click("2026-11-20T23:59:59.999Z", None, "bot", None),
        click("2026-11-21T00:00:00Z", None, "bot", None),
        click("2026-11-21T00:00:00.001Z", None, "mobile", None),
    ];
    Batch::new("one", lines).deliver(&app).await;
    let answer = asked(&app, "from=2026-11-20&to=2026-11-22&by=hour").await;
    assert_eq!(range(&answer), (json!("2026-11-20"), json!("2026-11-22"), days("2026-11-20", "2026-11-22")));
    let series = answer.body["series"].as_array().unwrap();
    assert_eq!(series.len(), 3 * 24);
    for (index, point) in series.iter().enumerate() {
        let at = format!("2026-11-{}T{:02}:00:00.000Z", 20 + index / 24, index % 24);
        let (clicks, bots) = match index {
            18 => (1, 1),
            19 => (1, 0),
            23 => (0, 1),
            24 => (1, 1),
            _ => (0, 0),
        };
        assert_eq!(*point, json!({ "at": at, "clicks": clicks, "bots": bots }));
    }
}

#[tokio::test]
async fn in_counts_of_an_earlier_version_people_are_all_clicks_without_those_of_bots() {
    let app = TestApp::start().await;
    app.put(&[]).await;
    // The total and the day have two shards each. The counts by hour, country and referrer include bots. Each
    // hour's clicks are divided between people and bots in the ratio of the day's sums.
    for (bucket, counters) in [
        ("total#2", &[("clicks", 10), ("bots", 4)][..]),
        ("total#5", &[("clicks", 3)]),
        (
            "2026-11-22#2",
            &[("clicks", 10), ("bots", 4), ("h:21", 10), ("d:bot", 4), ("d:mobile", 6), ("c:DE", 9)],
        ),
        ("2026-11-22#5", &[("clicks", 3), ("h:09", 3), ("d:desktop", 3)]),
        ("2026-11-22#referrers#2", &[("r:news.example", 9), ("hosts", 1), ("other", 1)]),
    ] {
        let mut put = app.client.put_item().table_name("clicks");
        put = put.item("link", AttributeValue::S(format!("{ACME}#k7m2p9qr#1795383720000")));
        put = put.item("bucket", AttributeValue::S(bucket.to_owned()));
        for (name, count) in counters {
            put = put.item(*name, AttributeValue::N(count.to_string()));
        }
        put.send().await.unwrap();
    }
    let body = asked(&app, "from=2026-11-22&to=2026-11-22").await.body;
    assert_eq!((&body["total"], &body["bots"]), (&json!(9), &json!(4)));
    assert_eq!(body["series"], json!([{ "at": "2026-11-22", "clicks": 9, "bots": 4 }]));
    assert_eq!(
        body["devices"],
        json!([{ "name": "mobile", "clicks": 6 }, { "name": "desktop", "clicks": 3 }])
    );
    // Only nine clicks are by people, but ten clicks have a referrer, so no click is reported as direct.
    assert_eq!(
        body["referrers"],
        json!([{ "name": "news.example", "clicks": 9 }, { "name": "other", "clicks": 1 }])
    );
    assert_eq!((&body["hours"][21]["clicks"], &body["hours"][9]["clicks"]), (&json!(6), &json!(3)));
    let by_hour = asked(&app, "from=2026-11-22&to=2026-11-22&by=hour").await.body;
    assert_eq!(by_hour["series"][21], json!({ "at": "2026-11-22T21:00:00.000Z", "clicks": 6, "bots": 4 }));
    assert_eq!(Call::new("list-clicks").send(&app).await.body["data"][0]["clicks"], 9);

    // The current version counts the clicks of people and of bots separately.
    let lines = ["mobile", "bot", "bot"].map(|device| click("2026-11-22T21:42:00Z", None, device, None));
    Batch::new("one", lines).deliver(&app).await;
    let body = asked(&app, "from=2026-11-22&to=2026-11-22").await.body;
    assert_eq!((&body["total"], &body["bots"]), (&json!(10), &json!(6)));
    assert_eq!(body["series"], json!([{ "at": "2026-11-22", "clicks": 10, "bots": 6 }]));
    assert_eq!(body["hours"][21]["clicks"], 7);
    let by_hour = asked(&app, "from=2026-11-22&to=2026-11-22&by=hour").await.body;
    assert_eq!(by_hour["series"][21], json!({ "at": "2026-11-22T21:00:00.000Z", "clicks": 7, "bots": 6 }));

    // The bots' referrers do not hide people who come directly on another day.
    let direct = click("2026-11-23T09:00:00Z", None, "mobile", None);
    Batch::new("two", [direct]).deliver(&app).await;
    let body = asked(&app, "from=2026-11-22&to=2026-11-23").await.body;
    assert!(
        body["referrers"].as_array().unwrap().contains(&json!({ "name": "direct", "clicks": 1 })),
        "{body}"
    );
}

#[tokio::test]
async fn a_deleted_links_clicks_are_gone_and_a_reused_slug_starts_at_zero() {
    let app = TestApp::start().await;
    app.put(&[]).await;
    let lines = || [click("2026-11-22T21:42:00Z", None, "mobile", None)];
    Batch::new("one", lines()).deliver(&app).await;
    assert_eq!(stats("").send(&app).await.body["total"], 1);
    assert_eq!(Call::new("delete").send(&app).await.status, 200);
    // A late click does not recreate the deleted link.
    Batch::new("two", lines()).deliver(&app).await;
    assert_eq!(app.count().await, 0);
    stats("").send(&app).await.is_problem(404, "not_found");
    for user in ["colleague", "outsider"] {
        stats("").by(user).org(GLOBEX).send(&app).await.is_problem(404, "not_found");
    }
    stats("").by("outsider").send(&app).await.is_problem(403, "forbidden");

    let again = Call::new("create").body(r#"{"url": "https://example.com/", "id": "k7m2p9qr"}"#);
    assert_eq!(again.send(&app).await.status, 201);
    assert_eq!(stats("").send(&app).await.body["total"], 0);
    let listed = Call::new("list-clicks").send(&app).await;
    assert_eq!(listed.body["data"][0]["clicks"], 0);
}

#[tokio::test]
async fn a_list_has_clicks_only_on_request() {
    let app = TestApp::start().await;
    let mut links = Vec::new();
    for number in 0..30_u64 {
        let link =
            app.link(json!({ "url": "https://example.com/", "id": format!("link-{number}") })).await.body;
        let mut line: Value = click("2026-11-22T21:42:00Z", None, "mobile", None);
        line["version"] = 2.into();
        line["birth"] = link["birth"].clone();
        links.extend((0..number).map(|_| line.clone()));
        // Bots are not listed.
        line["device"] = "bot".into();
        links.extend((0..number % 4).map(|_| line.clone()));
    }
    // The lines are spread over several log streams, and so over several shards.
    for (stream, lines) in links.chunks(40).enumerate() {
        Batch::new(&format!("stream {stream}"), lines.to_vec()).deliver(&app).await;
    }
    let listed = Call::new("list-clicks").send(&app).await;
    for link in listed.body["data"].as_array().unwrap() {
        let number: u64 = link["id"].as_str().unwrap().strip_prefix("link-").unwrap().parse().unwrap();
        assert_eq!(link["clicks"], number);
    }
    assert_eq!(listed.body["data"].as_array().unwrap().len(), 30);
    let plain = Call::new("list").send(&app).await;
    assert!(plain.body["data"][0].get("clicks").is_none());
    let unknown = Call::new("list").query("include=everything").send(&app).await;
    assert_eq!(unknown.is_problem(400, "invalid_query").faults(), [("include", "unknown_word")]);
    assert_eq!(listed.body["data"][0]["org_id"], ACME);
}
