//! The requested days: which ranges are allowed, and how a range that is too long is shortened.

use super::{days, range};
use crate::support::clicks::{Batch, NOON, asked, asked_of_at, click};
use crate::support::{Answer, TestApp};
use serde_json::{Value, json};
use shared::model::Day;

/// Requests the clicks of the link from [`TestApp::put`].
async fn asked_at(app: &TestApp, query: &str, now: &str) -> Answer {
    asked_of_at(app, "k7m2p9qr", query, now).await
}

#[tokio::test]
async fn without_a_range_the_last_thirty_days_are_shown() {
    let app = TestApp::start().await;
    app.put(&[]).await;
    for (query, first, last) in [
        ("", "2026-10-25", "2026-11-23"),
        ("from=2026-11-22", "2026-11-22", "2026-11-23"),
        ("from=2026-11-23&by=day", "2026-11-23", "2026-11-23"),
        ("to=2026-05-07", "2026-04-08", "2026-05-07"),
        ("from=2025-10-20", "2025-10-20", "2026-11-23"),
        ("from=2026-10-24", "2026-10-24", "2026-11-23"),
        ("from=2026-10-01&by=hour", "2026-10-01", "2026-10-31"),
    ] {
        let answer = asked(&app, query).await;
        assert_eq!(range(&answer), (json!(first), json!(last), days(first, last)), "{query}");
    }
}

#[tokio::test]
async fn a_range_is_cut_to_the_days_from_the_oldest_kept_one_to_today() {
    for (retention, oldest) in [("400", "2025-10-19"), ("10", "2026-11-13"), ("3650", "2016-11-25")] {
        let app = TestApp::with_settings(&[("CLICK_RETENTION_DAYS", retention)]).await;
        app.put(&[]).await;
        let before = |days: i64| Day::try_from(oldest.to_owned()).unwrap().plus(-days).to_string();
        let (eve, long_ago) = (before(1), before(300));
        for (query, expected) in [
            // The range contains only days that are kept, and includes the first or the last day that is kept.
            (format!("from={oldest}&to={oldest}"), Some((oldest, oldest))),
            ("from=2026-11-23&to=2026-11-23".to_owned(), Some(("2026-11-23", "2026-11-23"))),
            // The range extends beyond the first or the last of the days that are kept.
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
            let answer = asked(&app, &query).await;
            let expected = match expected {
                Some((first, last)) => (json!(first), json!(last), days(first, last)),
                None => (Value::Null, Value::Null, Vec::new()),
            };
            assert_eq!(range(&answer), expected, "{query}, kept for {retention} days");
        }
    }
    // This range has the maximum length, begins before the days that are kept, and ends after today. The length of a
    // range is checked before the range is reduced to the days that are kept.
    let app = TestApp::with_settings(&[("CLICK_RETENTION_DAYS", "10")]).await;
    app.put(&[]).await;
    let answer = asked(&app, "from=2026-10-20&to=2027-11-23").await;
    assert_eq!(range(&answer), (json!("2026-11-13"), json!("2026-11-23"), days("2026-11-13", "2026-11-23")));
    for query in ["from=2026-10-19&to=2027-11-23", "from=2026-11-01&to=2026-12-02&by=hour"] {
        let answer = asked_at(&app, query, NOON).await;
        assert_eq!(answer.is_problem(400, "invalid_query").faults(), [("from", "out_of_range")], "{query}");
    }
    // In the default range, days that are not kept are cut off too.
    assert_eq!(range(&asked(&app, "").await).0, "2026-11-13");
}

#[tokio::test]
async fn a_cut_range_does_not_affect_the_totals_and_counts_no_day_that_is_cut_off() {
    let app = TestApp::with_settings(&[("CLICK_RETENTION_DAYS", "10")]).await;
    app.put(&[]).await;
    // DynamoDB may keep the counts of a day for some time after they have expired.
    let at = |day: &str, device| click(&format!("{day}T23:00:00Z"), None, device, None);
    let lines = ["2026-11-12", "2026-11-13", "2026-11-23", "2026-11-24"]
        .into_iter()
        .flat_map(|day| [at(day, "mobile"), at(day, "bot")]);
    Batch::new("one", lines).deliver(&app).await;
    let body = asked(&app, "from=2026-11-01&to=2026-11-30").await.body;
    assert_eq!((&body["total"], &body["bots"]), (&json!(4), &json!(4)));
    let sum = |name: &str| -> u64 {
        body["series"].as_array().unwrap().iter().map(|point| point[name].as_u64().unwrap()).sum()
    };
    assert_eq!((sum("clicks"), sum("bots")), (2, 2));
    assert_eq!(body["devices"], json!([{ "name": "mobile", "clicks": 2 }]));
    let body = asked(&app, "from=2026-11-24&to=2026-11-30").await.body;
    assert_eq!((&body["total"], &body["bots"]), (&json!(4), &json!(4)));
    assert_eq!((&body["series"], &body["devices"], &body["referrers"]), (&json!([]), &json!([]), &json!([])));
}

#[tokio::test]
async fn leap_days_are_days() {
    let app = TestApp::start().await;
    app.put(&[]).await;
    Batch::new("one", [click("2028-02-29T12:00:00Z", None, "mobile", None)]).deliver(&app).await;
    for (query, first, last) in [
        ("from=2028-02-28&to=2028-03-01", "2028-02-28", "2028-03-01"),
        ("from=2028-02-29&to=2028-02-29", "2028-02-29", "2028-02-29"),
        // A range of thirty days that begins on 2028-02-29, and a range of 400 days that contains this day.
        ("to=2028-03-29", "2028-02-29", "2028-03-29"),
        ("from=2027-02-25&to=2028-03-30", "2027-02-25", "2028-03-30"),
    ] {
        let answer = asked_at(&app, query, "2028-03-30T00:00:00Z").await;
        assert_eq!(range(&answer), (json!(first), json!(last), days(first, last)), "{query}");
        let leap_day =
            answer.body["series"].as_array().unwrap().iter().find(|point| point["at"] == "2028-02-29");
        assert_eq!(leap_day, Some(&json!({ "at": "2028-02-29", "clicks": 1, "bots": 0 })), "{query}");
    }
    // This range has 401 days, including the leap day.
    let answer = asked_at(&app, "from=2027-02-24&to=2028-03-30", "2028-03-30T00:00:00Z").await;
    assert_eq!(answer.is_problem(400, "invalid_query").faults(), [("from", "out_of_range")]);
}

#[tokio::test]
async fn an_impossible_day_and_a_range_that_is_reversed_or_too_long_are_refused() {
    let app = TestApp::start().await;
    app.put(&[]).await;
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
            let answer = asked_at(&app, &format!("{name}={day}"), NOON).await;
            assert_eq!(answer.is_problem(400, "invalid_query").faults(), [(name, "invalid_day")], "{day}");
        }
    }
    for (query, faults) in [
        ("from=2026-11-22&to=2026-11-21", &[("from", "out_of_range")][..]),
        // The order is checked even if both days are outside of the days that are kept.
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
        let answer = asked_at(&app, query, NOON).await;
        assert_eq!(answer.is_problem(400, "invalid_query").faults(), faults, "{query}");
    }
}
