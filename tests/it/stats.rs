//! How clicks are shown.

use crate::house::{ACME, Call, GLOBEX, House};
use crate::tally::{Batch, click};
use serde_json::{Value, json};
use shared::model::{Day, Timestamp};

fn stats(query: &str) -> Call {
    Call::of("stats").query(query)
}

#[tokio::test]
async fn a_link_without_clicks_has_a_series_of_zeros() {
    let house = House::open().await;
    house.put(&[]).await;
    let answer = stats("from=2026-11-20&to=2026-11-22").send(&house).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let hours: Vec<Value> =
        (0..24).map(|hour| json!({ "name": format!("{hour:02}"), "clicks": 0 })).collect();
    assert_eq!(
        answer.body,
        json!({
            "total": 0, "bots": 0,
            "series": [
                { "at": "2026-11-20", "clicks": 0 }, { "at": "2026-11-21", "clicks": 0 },
                { "at": "2026-11-22", "clicks": 0 },
            ],
            "referrers": [], "devices": [], "countries": [], "hours": hours,
        })
    );
}

#[tokio::test]
async fn clicks_are_shown_by_day_and_hour_referrer_device_and_country() {
    let house = House::open().await;
    house.put(&[]).await;
    let lines = [
        click("2026-11-20T00:00:00Z", Some("news.example"), "mobile", Some("DE")),
        click("2026-11-20T23:59:59.999Z", Some("news.example"), "desktop", Some("FR")),
        click("2026-11-22T21:42:00Z", None, "bot", None),
        click("2026-11-22T21:59:00Z", Some("a.example"), "mobile", Some("DE")),
        click("2026-11-23T00:00:00Z", Some("late.example"), "tablet", Some("IT")),
    ];
    Batch::of("one", lines).deliver(&house).await;
    let body = stats("from=2026-11-20&to=2026-11-22").send(&house).await.body;
    // What is the link's is not the range's.
    assert_eq!((&body["total"], &body["bots"]), (&json!(5), &json!(1)));
    assert_eq!(
        body["series"],
        json!([
            { "at": "2026-11-20", "clicks": 2 }, { "at": "2026-11-21", "clicks": 0 },
            { "at": "2026-11-22", "clicks": 2 },
        ])
    );
    let counts = |pairs: &[(&str, u64)]| -> Value {
        pairs.iter().map(|(name, clicks)| json!({ "name": name, "clicks": clicks })).collect()
    };
    assert_eq!(body["referrers"], counts(&[("news.example", 2), ("a.example", 1), ("direct", 1)]));
    assert_eq!(body["devices"], counts(&[("mobile", 2), ("bot", 1), ("desktop", 1)]));
    assert_eq!(body["countries"], counts(&[("DE", 2), ("FR", 1)]));
    let hours = body["hours"].as_array().unwrap();
    assert_eq!(hours.len(), 24);
    assert_eq!(
        (&hours[0]["clicks"], &hours[21]["clicks"], &hours[23]["clicks"]),
        (&json!(1), &json!(2), &json!(1))
    );

    let by_hour = stats("from=2026-11-22&to=2026-11-22&by=hour").send(&house).await.body;
    let series = by_hour["series"].as_array().unwrap();
    assert_eq!(series.len(), 24);
    assert_eq!(series[21], json!({ "at": "2026-11-22T21:00:00.000Z", "clicks": 2 }));
    assert_eq!(series[22], json!({ "at": "2026-11-22T22:00:00.000Z", "clicks": 0 }));
}

#[tokio::test]
async fn without_a_range_the_last_thirty_days_are_shown() {
    let house = House::open().await;
    house.put(&[]).await;
    let now = Timestamp::now();
    let today = Day::of(now);
    for (query, first, last) in [
        (String::new(), today.plus(-29), today),
        (format!("from={}", today.plus(-1)), today.plus(-1), today),
        (format!("from={today}&by=day"), today, today),
        (format!("to={}", today.plus(-200)), today.plus(-229), today.plus(-200)),
        (format!("from={}", today.plus(-399)), today.plus(-399), today),
        (format!("from={}", today.plus(-30)), today.plus(-30), today),
    ] {
        let answer = stats(&query).send_at(&house, now).await;
        let series = answer.body["series"].as_array().unwrap();
        let shown: Vec<&str> = series.iter().map(|point| point["at"].as_str().unwrap()).collect();
        let expected: Vec<String> =
            (0..=first.days_until(last)).map(|days| first.plus(days).to_string()).collect();
        assert_eq!(shown, expected, "{query}");
    }
}

#[tokio::test]
async fn a_range_that_is_none_is_told_by_its_parameter() {
    let house = House::open().await;
    house.put(&[]).await;
    for (query, faults) in [
        ("from=2026-11-22&to=2026-11-21", &[("from", "out_of_range")][..]),
        ("from=2025-10-18&to=2026-11-22", &[("from", "out_of_range")]),
        ("from=2026-10-22&to=2026-11-22&by=hour", &[("from", "out_of_range")]),
        (
            "from=22.11.2026&to=2026-02-30&by=week",
            &[("by", "unknown_word"), ("to", "invalid_day"), ("from", "invalid_day")],
        ),
        ("limit=1", &[("limit", "unknown_parameter")]),
        ("to=2026-11-22&to=2026-11-23", &[("to", "duplicate")]),
    ] {
        let answer = stats(query).send(&house).await;
        assert_eq!(answer.is_problem(400, "invalid_query").faults(), faults, "{query}");
    }
}

#[tokio::test]
async fn the_clicks_of_a_deleted_link_are_nobodys_and_a_slug_taken_again_starts_at_nothing() {
    let house = House::open().await;
    house.put(&[]).await;
    let lines = || [click("2026-11-22T21:42:00Z", None, "mobile", None)];
    Batch::of("one", lines()).deliver(&house).await;
    assert_eq!(stats("").send(&house).await.body["total"], 1);
    assert_eq!(Call::of("delete").send(&house).await.status, 200);
    // A click that was on its way makes no link, and shows none.
    Batch::of("two", lines()).deliver(&house).await;
    assert_eq!(house.count().await, 0);
    stats("").send(&house).await.is_problem(404, "not_found");
    for user in ["colleague", "outsider"] {
        stats("").by(user).org(GLOBEX).send(&house).await.is_problem(404, "not_found");
    }
    stats("").by("outsider").send(&house).await.is_problem(403, "forbidden");

    let again = Call::of("create").body(r#"{"url": "https://example.com/", "id": "k7m2p9qr"}"#);
    assert_eq!(again.send(&house).await.status, 201);
    assert_eq!(stats("").send(&house).await.body["total"], 0);
    let listed = Call::of("list-clicks").send(&house).await;
    assert_eq!(listed.body["data"][0]["clicks"], 0);
}

#[tokio::test]
async fn a_list_shows_clicks_only_where_it_is_asked_for_them() {
    let house = House::open().await;
    let mut links = Vec::new();
    for number in 0..30_u64 {
        let link =
            house.link(json!({ "url": "https://example.com/", "id": format!("link-{number}") })).await.body;
        let mut line: Value = click("2026-11-22T21:42:00Z", None, "mobile", None);
        line["version"] = 2.into();
        line["birth"] = link["birth"].clone();
        links.extend((0..number).map(|_| line.clone()));
    }
    // Over several log streams, and so over several shards.
    for (stream, lines) in links.chunks(40).enumerate() {
        Batch::of(&format!("stream {stream}"), lines.to_vec()).deliver(&house).await;
    }
    let listed = Call::of("list-clicks").send(&house).await;
    for link in listed.body["data"].as_array().unwrap() {
        let number: u64 = link["id"].as_str().unwrap().strip_prefix("link-").unwrap().parse().unwrap();
        assert_eq!(link["clicks"], number);
    }
    assert_eq!(listed.body["data"].as_array().unwrap().len(), 30);
    let plain = Call::of("list").send(&house).await;
    assert!(plain.body["data"][0].get("clicks").is_none());
    let unknown = Call::of("list").query("include=everything").send(&house).await;
    assert_eq!(unknown.is_problem(400, "invalid_query").faults(), [("include", "unknown_word")]);
    assert_eq!(listed.body["data"][0]["org_id"], ACME);
}
