//! Tests of the days that an overview counts, and of its response if there are more items than it can read.

use super::{Made, line, overview, shown, sum, sums, today};
use crate::support::clicks::Batch;
use crate::support::{ACME, TestApp};
use local::stack::sdk_config;
use serde_json::json;
use shared::http::{OverviewBody, ShortBase};
use shared::model::{Day, OrgId};
use shared::store::{ClickStore, Details, ReadLimit};
use std::time::Duration;

fn limited(app: &TestApp) -> ClickStore {
    ClickStore::connect(&sdk_config(&app.url), &app.settings).unwrap()
}

#[tokio::test]
async fn a_cut_overview_ends_with_a_whole_day_and_all_its_figures_are_of_the_days_from_there() {
    let app = TestApp::start().await;
    // There are three days with three items each, in several shards.
    for (number, day) in (20..23).flat_map(|day| [day; 3]).enumerate() {
        let made =
            Made { org: ACME, slug: format!("link-{}", number % 2), birth: format!("{:016}", number % 2) };
        let lines = vec![line(&made, &format!("2026-11-{day}T21:42:00Z"), "mobile"); number + 1];
        Batch::new(&format!("stream {number}"), lines).deliver(&app).await;
    }
    let (clicks, org) = (limited(&app), ACME.parse::<OrgId>().unwrap());
    let day = |text: &str| Day::try_from(text.to_owned()).unwrap();
    let (from, to) = (day("2026-11-19"), day("2026-11-23"));
    let long = Duration::from_secs(3600);
    for (items, time, first, people) in [
        (usize::MAX, long, "2026-11-19", 45),
        (10, long, "2026-11-19", 45),
        (9, long, "2026-11-20", 45),
        (7, long, "2026-11-20", 45),
        (6, long, "2026-11-21", 39),
        (4, long, "2026-11-21", 39),
        (3, long, "2026-11-22", 24),
        (1, long, "2026-11-22", 24),
        (0, long, "2026-11-23", 0),
        (usize::MAX, Duration::ZERO, "2026-11-23", 0),
    ] {
        let limit = ReadLimit { items, time };
        let overview = clicks.overview(&org, from, to, limit).await.unwrap();
        assert_eq!(overview.range, Some(day(first)..=to), "{items}");
        let body = OverviewBody::new(overview, &Details::default(), &[], &ShortBase::new(String::new()));
        let body = json!(body);
        assert_eq!(sum(&body), (people, 0), "{items}");
        assert_eq!((sums(&body["series"]), sums(&body["links"])), ((people, 0), (people, 0)), "{items}");
        assert_eq!(
            (&body["from"], &body["complete"]),
            (&json!(first), &json!(first == "2026-11-19")),
            "{items}"
        );
        assert_eq!(body["series"][0]["at"], first);
    }
}

#[tokio::test]
async fn without_a_range_the_last_thirty_days_are_shown_and_expired_or_future_days_are_cut() {
    let app = TestApp::with_settings(&[("CLICK_RETENTION_DAYS", "20")]).await;
    for (query, from, to) in [
        ("", "2026-11-06", "2026-11-26"),
        ("from=2026-11-20", "2026-11-20", "2026-11-26"),
        ("to=2026-11-10", "2026-11-06", "2026-11-10"),
        ("from=2026-11-20&to=2026-12-20&by=day", "2026-11-20", "2026-11-26"),
        ("from=&to=&by=", "2026-11-06", "2026-11-26"),
    ] {
        let body = shown(&app, overview(query)).await;
        let series = body["series"].as_array().unwrap();
        assert_eq!((&body["from"], &body["to"]), (&json!(from), &json!(to)), "{query}");
        assert_eq!(
            (&series[0]["at"], &series[series.len() - 1]["at"]),
            (&json!(from), &json!(to)),
            "{query}"
        );
        assert_eq!(
            (sum(&body), &body["links"], &body["complete"]),
            ((0, 0), &json!([]), &json!(true)),
            "{query}"
        );
    }
    for query in ["to=2026-11-01", "from=2026-12-01"] {
        let body = shown(&app, overview(query)).await;
        let nothing = json!({
            "from": null, "to": null, "clicks": 0, "bots": 0, "series": [], "links": [],
            "top": { "referrers": [], "devices": [], "countries": [] }, "complete": true,
        });
        assert_eq!(body, nothing, "{query}");
    }
}

#[tokio::test]
async fn an_invalid_range_is_reported_by_its_parameter() {
    let app = TestApp::start().await;
    for (query, faults) in [
        ("from=2026-11-22&to=2026-11-21", &[("from", "out_of_range")][..]),
        ("from=2026-10-22&to=2026-11-22", &[("from", "out_of_range")]),
        ("by=hour", &[("by", "unknown_word")]),
        ("from=2026-02-30&to=26-1-1", &[("to", "invalid_day"), ("from", "invalid_day")]),
        ("limit=1", &[("limit", "unknown_parameter")]),
        ("to=2026-11-22&to=2026-11-23", &[("to", "duplicate")]),
    ] {
        let answer = overview(query).send_at(&app, today()).await;
        assert_eq!(answer.is_problem(400, "invalid_query").faults(), faults, "{query}");
    }
    let whole = shown(&app, overview("from=2026-10-23&to=2026-11-22")).await;
    assert_eq!(whole["series"].as_array().unwrap().len(), 31);
}
