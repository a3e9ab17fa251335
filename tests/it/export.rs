//! Exports: the list as CSV and as NDJSON. The pages of an export are one file when they are concatenated.

mod cells;
mod pages;

use crate::support::exports::{file, next_query, records};
use crate::support::faulty::Counting;
use crate::support::lists::{fill, slugs, walk};
use crate::support::{ACME, Call, GLOBEX, TestApp};
use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Value, json};
use shared::model::Timestamp;
use std::collections::HashSet;

const CSV: &str = "text/csv";
const NDJSON: &str = "application/x-ndjson";
const HEADER: &str = "id,url,title,tags,access,forward,enabled,expires_at,short_url,aliases,creator_user_id,creator_name,created_at,updated_at";

fn export(accept: &str) -> Call {
    Call::new("list").header("accept", accept)
}

/// Parses each line of an NDJSON file.
fn lines(file: &str) -> Vec<Value> {
    file.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[tokio::test]
async fn a_client_gets_an_export_only_if_it_asks_for_one_by_name() {
    let app = TestApp::start().await;
    app.link_by("member").await;
    let csv = "text/csv; charset=utf-8; header=present";
    for (accept, expected) in [
        ("text/csv", csv),
        ("TEXT/CSV;q=0.5", csv),
        ("text/csv, application/json;q=0.9", csv),
        ("text/csv, */*;q=0.1", csv),
        ("application/x-ndjson", NDJSON),
        ("application/x-ndjson, text/csv;q=0.9", NDJSON),
        ("application/json", "application/json"),
        ("text/csv, application/json", "application/json"),
        ("text/csv;q=0", "application/json"),
        ("text/*", "application/json"),
        ("*/*", "application/json"),
        ("", "application/json"),
        ("image/png", "application/json"),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "application/json"),
    ] {
        let answer = export(accept).send(&app).await;
        assert_eq!((answer.status, answer.headers["content-type"].as_str()), (200, expected), "{accept}");
        assert_eq!(answer.headers["vary"], "Accept", "{accept}");
        // No cache may store a response of the API, so no response is ever revalidated.
        assert_eq!(answer.headers["cache-control"], "no-store");
        assert!(!answer.headers.contains_key("etag") && !answer.headers.contains_key("content-encoding"));
        let file = answer.headers.get("content-disposition").map(String::as_str);
        let expected_file = match expected {
            NDJSON => Some("attachment; filename=\"links.ndjson\""),
            "application/json" => None,
            _ => Some("attachment; filename=\"links.csv\""),
        };
        assert_eq!(file, expected_file, "{accept}");
    }
    let answer = Call::new("list").without("accept").send(&app).await;
    assert_eq!(answer.headers["content-type"], "application/json");
}

#[tokio::test]
async fn an_export_of_no_links_is_a_header_or_nothing() {
    let app = TestApp::start().await;
    for (accept, query, expected) in [
        (CSV, "", format!("{HEADER}\r\n")),
        (CSV, "include=clicks", format!("{HEADER},clicks,bots\r\n")),
        (NDJSON, "include=clicks", String::new()),
    ] {
        let answer = export(accept).query(query).send(&app).await;
        assert_eq!((answer.status, answer.text, answer.headers.get("link")), (200, expected, None));
    }
}

#[tokio::test]
async fn a_line_of_ndjson_is_the_link_as_json() {
    let app = TestApp::start().await;
    for title in ["One", "\"Two\" – zwei"] {
        app.link(json!({ "url": "https://example.com/", "title": title, "tags": ["a"] })).await;
    }
    for query in ["", "include=clicks"] {
        let listed = Call::new("list").query(query).send(&app).await;
        let exported = export(NDJSON).query(query).send(&app).await;
        assert!(exported.text.ends_with("}\n"));
        assert_eq!(json!(lines(&exported.text)), listed.body["data"]);
    }
}

#[tokio::test]
async fn a_page_of_an_export_has_up_to_a_thousand_links_and_a_page_of_json_a_hundred() {
    let app = TestApp::start().await;
    for accept in [CSV, NDJSON] {
        for limit in ["1", "101", "1000", ""] {
            let answer = export(accept).query(&format!("limit={limit}")).send(&app).await;
            assert_eq!(answer.status, 200, "{limit}");
        }
        for limit in ["0", "1001", "-1", "+7", "1e3", "seven"] {
            let answer = export(accept).query(&format!("limit={limit}")).send(&app).await;
            answer.is_problem(400, "invalid_query");
            assert_eq!(answer.faults(), [("limit", "out_of_range")], "{limit}");
        }
    }
    let answer = Call::new("list").query("limit=101").send(&app).await;
    assert_eq!(answer.is_problem(400, "invalid_query").faults(), [("limit", "out_of_range")]);
}

#[tokio::test]
async fn an_export_contains_only_the_organizations_links_and_only_members_get_it() {
    let app = TestApp::start().await;
    app.link(json!({ "url": "https://example.com/", "id": "ours" })).await;
    let foreign = Call::new("create").by("outsider").org(GLOBEX).send(&app).await;
    assert_eq!(foreign.status, 201, "{}", foreign.text);
    for accept in [CSV, NDJSON] {
        let ours = export(accept).by("colleague").send(&app).await;
        assert!(ours.text.contains("ours") && !ours.text.contains(foreign.body["id"].as_str().unwrap()));
        export(accept).by("outsider").send(&app).await.is_problem(403, "forbidden");
        export(accept).org(GLOBEX).send(&app).await.is_problem(403, "forbidden");
        export(accept).anonymous().send(&app).await.is_problem(401, "unauthenticated");
    }
}

#[tokio::test]
async fn a_cursor_works_in_every_format_of_its_own_list_only() {
    let app = TestApp::start().await;
    for _ in 0..3 {
        app.link_by("member").await;
    }
    let all = walk(&app, 100).await;
    let first = export(CSV).query("limit=1").send(&app).await;
    let next = next_query(&first).unwrap();
    assert_eq!(slugs(&Call::new("list").query(&next).send(&app).await), all[1..2]);
    let second = export(NDJSON).query(&next).send(&app).await;
    assert_eq!(lines(&second.text)[0]["id"], all[1].as_str());
    for call in [
        export(CSV).by("outsider").org(GLOBEX).query(&next),
        export(CSV).query(&format!("{next}&state=on")),
        export(CSV).query("cursor=x"),
    ] {
        call.send(&app).await.is_problem(400, "invalid_cursor");
    }
}

#[tokio::test]
async fn an_export_with_a_filter_has_each_link_that_matches_once() {
    let app = TestApp::start().await;
    let tagged = AttributeValue::Ss(vec!["needle".to_owned()]);
    // Several pages reach the maximum number of reads, and return only what they have found by then.
    fill(&app, 4_500, |number, item| {
        if number % 1_500 == 7 || number < 5 {
            item.insert("tags".to_owned(), tagged.clone());
        }
    })
    .await;
    let ids = |links: &[Value]| links.iter().map(|link| link["id"].clone()).collect::<Vec<_>>();
    let expected: Vec<String> = [3_007, 1_507, 7, 4, 3, 2, 1, 0].map(|n| format!("link{n:05}")).into();
    for query in ["tag=needle", "tag=needle&limit=3", "q=link0&tag=needle&include=clicks"] {
        let csv = file(&app, CSV, query).await;
        assert_eq!(csv.matches("id,url").count(), 1, "{query}");
        let found: Vec<String> = records(&csv).iter().map(|record| record["id"].clone()).collect();
        assert_eq!(found, expected, "{query}");
        assert_eq!(json!(ids(&lines(&file(&app, NDJSON, query).await))), json!(expected), "{query}");
    }
}

#[tokio::test]
async fn an_export_with_clicks_has_the_clicks_of_people_and_of_bots_of_each_of_a_thousand_links() {
    let app = TestApp::start().await;
    fill(&app, 1_001, |_, _| {}).await;
    // Every fiftieth link has clicks in two shards: `number` clicks by people, and up to two by bots.
    let count = |number: usize| AttributeValue::N(number.to_string());
    for number in (0..1_001).step_by(50) {
        let millis = 1_795_383_720_000 + number / 3;
        for (shard, people, bots) in [(0, number - number / 2, number / 50 % 3), (7, number / 2, 0)] {
            let put = app.client.put_item().table_name("clicks");
            let put = put
                .item("link", AttributeValue::S(format!("{ACME}#link{number:05}#{millis}")))
                .item("bucket", AttributeValue::S(format!("total#{shard}")))
                .item("clicks", count(people + bots))
                .item("bots", count(bots));
            put.send().await.unwrap();
        }
    }
    let counting = Counting::new(&app);
    let call = export(CSV).query("include=clicks");
    let page = call.send_to(&counting.functions, Timestamp::now()).await;
    let links = records(&page.text);
    assert_eq!((page.status, links.len()), (200, 1_000));
    for link in &links {
        let number: usize = link["id"].strip_prefix("link").unwrap().parse().unwrap();
        let expected = if number.is_multiple_of(50) { (number, number / 50 % 3) } else { (0, 0) };
        let found = ["clicks", "bots"].map(|column| link[column].parse().unwrap());
        assert_eq!((found[0], found[1]), expected, "{number}");
    }
    // Here at most two queries read a page of links, one call reads the handle, and 80 calls read the clicks of 1,000
    // links.
    assert!(counting.calls() <= 83, "{}", counting.calls());

    let event = Call::new("list-export").send(&app).await;
    assert_eq!(event.text, page.text);
    let json = Call::new("list").query("include=clicks&limit=1").send(&app).await;
    assert_eq!((&json.body["data"][0]["clicks"], &json.body["data"][0]["bots"]), (&json!(1_000), &json!(2)));
    let without = export(CSV).query("limit=2").send(&app).await;
    assert_eq!(without.text.lines().next(), Some(HEADER));
    let ndjson = export(NDJSON).query("include=clicks&limit=1").send(&app).await;
    assert_eq!(lines(&ndjson.text)[0], json.body["data"][0]);
    assert_eq!(links.iter().map(|link| &link["id"]).collect::<HashSet<_>>().len(), 1_000);
}
