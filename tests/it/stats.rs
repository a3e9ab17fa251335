//! How clicks are reported.

use crate::house::{ACME, Answer, Call, GLOBEX, House, signed};
use crate::tally::{Batch, click};
use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Value, json};
use shared::model::{Day, Timestamp};

fn stats(query: &str) -> Call {
    Call::of("stats").query(query)
}

/// Noon of the day after most clicks of these tests.
const NOON: &str = "2026-11-23T12:00:00Z";

/// Requests the clicks of a link at the time `now`, with a token of that time.
async fn asked_of_at(house: &House, slug: &str, query: &str, now: &str) -> Answer {
    let now = Timestamp::from_rfc_3339(now).unwrap();
    let token = signed("member", |claims| {
        claims["iat"] = now.seconds().into();
        claims["exp"] = (now.seconds() + 1800).into();
    });
    let call = stats(query).slug(slug).header("authorization", &format!("Bearer {token}"));
    call.send_at(house, now).await
}

/// Requests the clicks of [`House::put`]'s link.
async fn asked_at(house: &House, query: &str, now: &str) -> Answer {
    asked_of_at(house, "k7m2p9qr", query, now).await
}

/// Requests the clicks of [`House::put`]'s link at noon of 2026-11-23.
pub async fn asked(house: &House, query: &str) -> Answer {
    asked_of(house, "k7m2p9qr", query).await
}

/// Requests the clicks of a link at noon of 2026-11-23.
pub async fn asked_of(house: &House, slug: &str, query: &str) -> Answer {
    let answer = asked_of_at(house, slug, query, NOON).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer
}

/// The response's first and last day, and the days of its series.
fn range(answer: &Answer) -> (Value, Value, Vec<String>) {
    let series = answer.body["series"].as_array().unwrap_or_else(|| panic!("{}", answer.text));
    let days = series.iter().map(|point| point["at"].as_str().unwrap()[..10].to_owned());
    let mut days: Vec<String> = days.collect();
    days.dedup();
    (answer.body["from"].clone(), answer.body["to"].clone(), days)
}

/// The days from `from` to `to`.
fn days(from: &str, to: &str) -> Vec<String> {
    let day = |text: &str| Day::try_from(text.to_owned()).unwrap();
    Day::all_of(&(day(from)..=day(to))).map(|day| day.to_string()).collect()
}

#[tokio::test]
async fn a_link_without_clicks_has_a_series_of_zeros() {
    let house = House::open().await;
    house.put(&[]).await;
    let answer = asked(&house, "from=2026-11-20&to=2026-11-22").await;
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
    let house = House::open().await;
    house.put(&[]).await;
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
    Batch::of("one", lines).deliver(&house).await;
    let body = asked(&house, "from=2026-11-20&to=2026-11-22").await.body;
    // The totals are the link's, not the range's.
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

    let listed = Call::of("list-clicks").send(&house).await;
    assert_eq!(listed.body["data"][0]["clicks"], 5);
}

#[tokio::test]
async fn a_series_by_hour_allows_days_of_any_time_zone() {
    let house = House::open().await;
    house.put(&[]).await;
    // Two hours around midnight in Kolkata, which is 5:30 ahead, and in UTC.
    let lines = [
        click("2026-11-20T18:29:59.999Z", None, "mobile", None),
        click("2026-11-20T18:30:00Z", None, "bot", None),
        click("2026-11-20T19:00:00Z", None, "desktop", None),
        click("2026-11-20T23:59:59.999Z", None, "bot", None),
        click("2026-11-21T00:00:00Z", None, "bot", None),
        click("2026-11-21T00:00:00.001Z", None, "mobile", None),
    ];
    Batch::of("one", lines).deliver(&house).await;
    let answer = asked(&house, "from=2026-11-20&to=2026-11-22&by=hour").await;
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
async fn without_a_range_the_last_thirty_days_are_shown() {
    let house = House::open().await;
    house.put(&[]).await;
    for (query, first, last) in [
        ("", "2026-10-25", "2026-11-23"),
        ("from=2026-11-22", "2026-11-22", "2026-11-23"),
        ("from=2026-11-23&by=day", "2026-11-23", "2026-11-23"),
        ("to=2026-05-07", "2026-04-08", "2026-05-07"),
        ("from=2025-10-20", "2025-10-20", "2026-11-23"),
        ("from=2026-10-24", "2026-10-24", "2026-11-23"),
        ("from=2026-10-01&by=hour", "2026-10-01", "2026-10-31"),
    ] {
        let answer = asked(&house, query).await;
        assert_eq!(range(&answer), (json!(first), json!(last), days(first, last)), "{query}");
    }
}

#[tokio::test]
async fn a_range_is_cut_to_the_days_from_the_oldest_kept_one_to_today() {
    for (retention, oldest) in [("400", "2025-10-19"), ("10", "2026-11-13"), ("3650", "2016-11-25")] {
        let house = House::with(&[("CLICK_RETENTION_DAYS", retention)]).await;
        house.put(&[]).await;
        let before = |days: i64| Day::try_from(oldest.to_owned()).unwrap().plus(-days).to_string();
        let (eve, long_ago) = (before(1), before(300));
        for (query, expected) in [
            // Inside, and exactly to both ends.
            (format!("from={oldest}&to={oldest}"), Some((oldest, oldest))),
            ("from=2026-11-23&to=2026-11-23".to_owned(), Some(("2026-11-23", "2026-11-23"))),
            // Beyond one end.
            (format!("from={eve}&to={oldest}"), Some((oldest, oldest))),
            (format!("from={long_ago}&to={oldest}"), Some((oldest, oldest))),
            (format!("from={eve}&to={oldest}&by=hour"), Some((oldest, oldest))),
            (format!("to={oldest}"), Some((oldest, oldest))),
            ("from=2026-11-22&to=2026-11-24".to_owned(), Some(("2026-11-22", "2026-11-23"))),
            ("from=2026-11-23&to=2027-11-23".to_owned(), Some(("2026-11-23", "2026-11-23"))),
            ("from=2026-11-23&to=2026-11-30&by=hour".to_owned(), Some(("2026-11-23", "2026-11-23"))),
            // Wholly outside.
            (format!("from={long_ago}&to={eve}"), None),
            (format!("from={eve}&to={eve}&by=hour"), None),
            (format!("to={eve}"), None),
            ("from=2026-11-24&to=2026-11-30".to_owned(), None),
            ("from=2026-11-24".to_owned(), None),
            ("from=1970-01-01&to=1970-01-31".to_owned(), None),
            ("to=1970-01-01".to_owned(), None),
            ("from=9999-12-31&to=9999-12-31&by=hour".to_owned(), None),
        ] {
            let answer = asked(&house, &query).await;
            let expected = match expected {
                Some((first, last)) => (json!(first), json!(last), days(first, last)),
                None => (Value::Null, Value::Null, Vec::new()),
            };
            assert_eq!(range(&answer), expected, "{query}, kept for {retention} days");
        }
    }
    // Both ends at once, and the longest possible range. Its length is checked before it is cut.
    let house = House::with(&[("CLICK_RETENTION_DAYS", "10")]).await;
    house.put(&[]).await;
    let answer = asked(&house, "from=2026-10-20&to=2027-11-23").await;
    assert_eq!(range(&answer), (json!("2026-11-13"), json!("2026-11-23"), days("2026-11-13", "2026-11-23")));
    for query in ["from=2026-10-19&to=2027-11-23", "from=2026-11-01&to=2026-12-02&by=hour"] {
        let answer = asked_at(&house, query, NOON).await;
        assert_eq!(answer.is_problem(400, "invalid_query").faults(), [("from", "out_of_range")], "{query}");
    }
    // Without a range, days that are not kept are cut off too.
    assert_eq!(range(&asked(&house, "").await).0, "2026-11-13");
}

#[tokio::test]
async fn a_cut_range_does_not_affect_the_totals_and_counts_no_day_that_is_cut_off() {
    let house = House::with(&[("CLICK_RETENTION_DAYS", "10")]).await;
    house.put(&[]).await;
    // DynamoDB deletes an expired day within days, not at once.
    let at = |day: &str, device| click(&format!("{day}T23:00:00Z"), None, device, None);
    let lines = ["2026-11-12", "2026-11-13", "2026-11-23", "2026-11-24"]
        .into_iter()
        .flat_map(|day| [at(day, "mobile"), at(day, "bot")]);
    Batch::of("one", lines).deliver(&house).await;
    let body = asked(&house, "from=2026-11-01&to=2026-11-30").await.body;
    assert_eq!((&body["total"], &body["bots"]), (&json!(4), &json!(4)));
    let sum = |name: &str| -> u64 {
        body["series"].as_array().unwrap().iter().map(|point| point[name].as_u64().unwrap()).sum()
    };
    assert_eq!((sum("clicks"), sum("bots")), (2, 2));
    assert_eq!(body["devices"], json!([{ "name": "mobile", "clicks": 2 }]));
    let body = asked(&house, "from=2026-11-24&to=2026-11-30").await.body;
    assert_eq!((&body["total"], &body["bots"]), (&json!(4), &json!(4)));
    assert_eq!((&body["series"], &body["devices"], &body["referrers"]), (&json!([]), &json!([]), &json!([])));
}

#[tokio::test]
async fn leap_days_are_days() {
    let house = House::open().await;
    house.put(&[]).await;
    Batch::of("one", [click("2028-02-29T12:00:00Z", None, "mobile", None)]).deliver(&house).await;
    for (query, first, last) in [
        ("from=2028-02-28&to=2028-03-01", "2028-02-28", "2028-03-01"),
        ("from=2028-02-29&to=2028-02-29", "2028-02-29", "2028-02-29"),
        // 2028-02-29 is the first of thirty days, and one of 400.
        ("to=2028-03-29", "2028-02-29", "2028-03-29"),
        ("from=2027-02-25&to=2028-03-30", "2027-02-25", "2028-03-30"),
    ] {
        let answer = asked_at(&house, query, "2028-03-30T00:00:00Z").await;
        assert_eq!(range(&answer), (json!(first), json!(last), days(first, last)), "{query}");
        let leap_day =
            answer.body["series"].as_array().unwrap().iter().find(|point| point["at"] == "2028-02-29");
        assert_eq!(leap_day, Some(&json!({ "at": "2028-02-29", "clicks": 1, "bots": 0 })), "{query}");
    }
    // 401 days with the leap day.
    let answer = asked_at(&house, "from=2027-02-24&to=2028-03-30", "2028-03-30T00:00:00Z").await;
    assert_eq!(answer.is_problem(400, "invalid_query").faults(), [("from", "out_of_range")]);
}

#[tokio::test]
async fn an_impossible_day_and_a_range_that_is_reversed_or_too_long_are_refused() {
    let house = House::open().await;
    house.put(&[]).await;
    for day in [
        "2026-02-30",
        "2026-02-29",
        "2100-02-29",
        "2026-11-31",
        "2026-00-10",
        "2026-13-01",
        "2026-01-00",
        "26-1-1",
        "2026-1-01",
        "2026-01-1",
        "+2026-01-01",
        "-2026-01-01",
        "12026-01-01",
        "1969-12-31",
        "0000-01-01",
        "2026-11-22T00:00:00Z",
        "%202026-11-22",
        "2026/11/22",
        "20261122",
        "today",
        "22.11.2026",
        "2026-11-2%D9%A2",
    ] {
        for name in ["from", "to"] {
            let answer = asked_at(&house, &format!("{name}={day}"), NOON).await;
            assert_eq!(answer.is_problem(400, "invalid_query").faults(), [(name, "invalid_day")], "{day}");
        }
    }
    for (query, faults) in [
        ("from=2026-11-22&to=2026-11-21", &[("from", "out_of_range")][..]),
        // Even if both are outside of the days that are kept.
        ("from=2030-11-22&to=2030-11-21", &[("from", "out_of_range")]),
        ("from=1970-11-22&to=1970-11-21", &[("from", "out_of_range")]),
        ("from=2025-10-18&to=2026-11-22", &[("from", "out_of_range")]),
        ("from=2026-10-22&to=2026-11-22&by=hour", &[("from", "out_of_range")]),
        (
            "from=22.11.2026&to=2026-02-30&by=week",
            &[("by", "unknown_word"), ("to", "invalid_day"), ("from", "invalid_day")],
        ),
        ("limit=1", &[("limit", "unknown_parameter")]),
        ("to=2026-11-22&to=2026-11-23", &[("to", "duplicate")]),
    ] {
        let answer = asked_at(&house, query, NOON).await;
        assert_eq!(answer.is_problem(400, "invalid_query").faults(), faults, "{query}");
    }
}

#[tokio::test]
async fn in_counts_of_an_earlier_version_people_are_all_clicks_without_those_of_bots() {
    let house = House::open().await;
    house.put(&[]).await;
    // Two shards of a total and of a day. Hours, countries and referrers include the bots: the hours are split by the sums.
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
        let mut put = house.client.put_item().table_name("clicks");
        put = put.item("link", AttributeValue::S(format!("{ACME}#k7m2p9qr#1795383720000")));
        put = put.item("bucket", AttributeValue::S(bucket.to_owned()));
        for (name, count) in counters {
            put = put.item(*name, AttributeValue::N(count.to_string()));
        }
        put.send().await.unwrap();
    }
    let body = asked(&house, "from=2026-11-22&to=2026-11-22").await.body;
    assert_eq!((&body["total"], &body["bots"]), (&json!(9), &json!(4)));
    assert_eq!(body["series"], json!([{ "at": "2026-11-22", "clicks": 9, "bots": 4 }]));
    assert_eq!(
        body["devices"],
        json!([{ "name": "mobile", "clicks": 6 }, { "name": "desktop", "clicks": 3 }])
    );
    // Ten referrers for nine people, so none came directly.
    assert_eq!(
        body["referrers"],
        json!([{ "name": "news.example", "clicks": 9 }, { "name": "other", "clicks": 1 }])
    );
    assert_eq!((&body["hours"][21]["clicks"], &body["hours"][9]["clicks"]), (&json!(6), &json!(3)));
    let by_hour = asked(&house, "from=2026-11-22&to=2026-11-22&by=hour").await.body;
    assert_eq!(by_hour["series"][21], json!({ "at": "2026-11-22T21:00:00.000Z", "clicks": 6, "bots": 4 }));
    assert_eq!(Call::of("list-clicks").send(&house).await.body["data"][0]["clicks"], 9);

    // Clicks after the update are counted separately.
    let lines = ["mobile", "bot", "bot"].map(|device| click("2026-11-22T21:42:00Z", None, device, None));
    Batch::of("one", lines).deliver(&house).await;
    let body = asked(&house, "from=2026-11-22&to=2026-11-22").await.body;
    assert_eq!((&body["total"], &body["bots"]), (&json!(10), &json!(6)));
    assert_eq!(body["series"], json!([{ "at": "2026-11-22", "clicks": 10, "bots": 6 }]));
    assert_eq!(body["hours"][21]["clicks"], 7);
    let by_hour = asked(&house, "from=2026-11-22&to=2026-11-22&by=hour").await.body;
    assert_eq!(by_hour["series"][21], json!({ "at": "2026-11-22T21:00:00.000Z", "clicks": 7, "bots": 6 }));

    // The referrers of bots hide nobody who comes on another day.
    let direct = click("2026-11-23T09:00:00Z", None, "mobile", None);
    Batch::of("two", [direct]).deliver(&house).await;
    let body = asked(&house, "from=2026-11-22&to=2026-11-23").await.body;
    assert!(
        body["referrers"].as_array().unwrap().contains(&json!({ "name": "direct", "clicks": 1 })),
        "{body}"
    );
}

#[tokio::test]
async fn a_deleted_links_clicks_are_gone_and_a_reused_slug_starts_at_zero() {
    let house = House::open().await;
    house.put(&[]).await;
    let lines = || [click("2026-11-22T21:42:00Z", None, "mobile", None)];
    Batch::of("one", lines()).deliver(&house).await;
    assert_eq!(stats("").send(&house).await.body["total"], 1);
    assert_eq!(Call::of("delete").send(&house).await.status, 200);
    // A late click does not bring the link back.
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
async fn a_list_has_clicks_only_on_request() {
    let house = House::open().await;
    let mut links = Vec::new();
    for number in 0..30_u64 {
        let link =
            house.link(json!({ "url": "https://example.com/", "id": format!("link-{number}") })).await.body;
        let mut line: Value = click("2026-11-22T21:42:00Z", None, "mobile", None);
        line["version"] = 2.into();
        line["birth"] = link["birth"].clone();
        links.extend((0..number).map(|_| line.clone()));
        // Bots are not listed.
        line["device"] = "bot".into();
        links.extend((0..number % 4).map(|_| line.clone()));
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
