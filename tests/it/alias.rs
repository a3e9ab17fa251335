//! Aliases are the earlier slugs of a renamed link. They work in redirects, reads and edits.

use crate::support::faulty::{Counting, Faulty};
use crate::support::{ACME, Call, TestApp};
use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Value, json};
use shared::model::Timestamp;

const BIRTH: &str = "V1StGXR8_Z5jdHi6";

fn text(value: &str) -> AttributeValue {
    AttributeValue::S(value.to_owned())
}

/// Puts the item of an alias.
async fn put_alias(app: &TestApp, slug: &str, alias_of: &str, birth: &str) {
    let pairs = [("org_id", ACME), ("id", slug), ("alias_of", alias_of), ("birth", birth)];
    let mut put = app.client.put_item().table_name("links");
    for (name, value) in pairs {
        put = put.item(name, text(value));
    }
    put.send().await.unwrap();
}

/// Creates a link with the alias `launch`. Its creator is acme's member.
async fn renamed() -> TestApp {
    let app = TestApp::start().await;
    let aliases = AttributeValue::Ss(vec!["launch".to_owned()]);
    app.put(&[("birth", Some(text(BIRTH))), ("aliases", Some(aliases))]).await;
    put_alias(&app, "launch", "k7m2p9qr", BIRTH).await;
    app
}

fn follow(slug: &str) -> Call {
    Call::new("redirect").path(&format!("/{ACME}/{slug}"))
}

#[tokio::test]
async fn an_alias_redirects_at_the_cost_of_one_more_read() {
    let app = renamed().await;
    for (slug, reads) in [("k7m2p9qr", 1), ("launch", 2), ("LAUNCH", 2), ("missing", 1)] {
        let counting = Counting::new(&app);
        let answer = follow(slug).send_to(&counting.functions, Timestamp::now()).await;
        let status = if slug == "missing" { 404 } else { 302 };
        assert_eq!((answer.status, counting.calls()), (status, reads), "{slug}");
        let location = answer.headers.get("location").map(String::as_str);
        assert_eq!(location, (status == 302).then_some("https://example.com/kept"), "{slug}");
    }
}

#[tokio::test]
async fn a_cached_alias_costs_no_read() {
    let app = renamed().await;
    let counting = Counting::with_settings(&app, &[("LINK_CACHE_SECONDS", "10")]);
    let now = Timestamp::now();
    for _ in 0..3 {
        assert_eq!(follow("launch").send_to(&counting.functions, now).await.status, 302);
    }
    assert_eq!(counting.calls(), 2);
}

#[tokio::test]
async fn a_click_of_an_alias_counts_for_the_link_and_names_its_current_slug() {
    let app = renamed().await;
    let by = |slug: &str| Call::new("open").slug(slug);
    for call in [follow("k7m2p9qr"), follow("launch"), by("launch")] {
        assert_eq!(call.send(&app).await.status, 302);
    }
    let lines: Vec<Value> =
        app.click_lines().iter().map(|line| serde_json::from_str(&line.text).unwrap()).collect();
    assert_eq!(lines.len(), 3);
    for line in lines {
        assert_eq!((&line["birth"], &line["id"]), (&json!(BIRTH), &json!("k7m2p9qr")), "{line}");
    }
}

#[tokio::test]
async fn an_alias_obeys_what_its_link_says() {
    for (attribute, value, code) in [
        ("enabled", AttributeValue::Bool(false), "link_disabled"),
        ("expires_at", AttributeValue::N("1".to_owned()), "link_expired"),
    ] {
        let app = renamed().await;
        app.put(&[("birth", Some(text(BIRTH))), (attribute, Some(value))]).await;
        follow("launch").send(&app).await.is_problem(410, code);
    }
    let app = renamed().await;
    app.put(&[("birth", Some(text(BIRTH))), ("access", Some(text("members")))]).await;
    let answer = follow("launch").send(&app).await;
    assert_eq!(answer.headers["location"], format!("/{ACME}/-/open/k7m2p9qr"));
    let opened = Call::new("open").slug("launch").send(&app).await;
    assert_eq!(opened.headers["location"], "https://example.com/kept");
}

#[tokio::test]
async fn an_alias_never_leads_to_a_link_that_took_the_slug_later() {
    for birth in [None, Some("another-birth-16"), Some("k7m2p9qr#1795383720000")] {
        let app = renamed().await;
        app.put(&[("birth", birth.map(text))]).await;
        follow("launch").send(&app).await.is_problem(404, "not_found");
        for name in ["read", "read-qr", "stats", "open"] {
            Call::new(name).slug("launch").send(&app).await.is_problem(404, "not_found");
        }
        assert_eq!(follow("k7m2p9qr").send(&app).await.status, 302);
    }
}

#[tokio::test]
async fn an_alias_without_its_link_leads_nowhere() {
    let app = TestApp::start().await;
    put_alias(&app, "launch", "k7m2p9qr", BIRTH).await;
    follow("launch").send(&app).await.is_problem(404, "not_found");
    Call::new("read").slug("launch").send(&app).await.is_problem(404, "not_found");
}

/// The link was renamed twice. The first read is eventually consistent, and returns the state before the second rename.
#[tokio::test]
async fn a_link_that_is_renamed_during_the_reads_is_still_found() {
    let app = TestApp::start().await;
    app.put(&[("id", Some(text("third"))), ("birth", Some(text(BIRTH)))]).await;
    put_alias(&app, "first", "second", BIRTH).await;
    put_alias(&app, "second", "third", BIRTH).await;
    assert_eq!(follow("first").send(&app).await.headers["location"], "https://example.com/kept");
    let read = Call::new("read").slug("first").send(&app).await;
    assert_eq!((read.status, &read.body["id"]), (200, &json!("third")), "{}", read.text);
    // The link was renamed back to `first`.
    app.put(&[("id", Some(text("first"))), ("birth", Some(text(BIRTH)))]).await;
    put_alias(&app, "second", "first", BIRTH).await;
    assert_eq!(follow("second").send(&app).await.status, 302);
}

#[tokio::test]
async fn aliases_that_lead_to_each_other_end_in_a_bounded_number_of_reads() {
    let app = TestApp::start().await;
    put_alias(&app, "one", "two", BIRTH).await;
    put_alias(&app, "two", "one", BIRTH).await;
    for call in [follow("one"), Call::new("read").slug("one")] {
        let faulty = Faulty::new(&[]);
        let answer = call.send_to(&faulty.functions(&app.url), Timestamp::now()).await;
        answer.is_problem(404, "not_found");
        assert!(faulty.calls() <= 4, "{}", faulty.calls());
    }
}

#[tokio::test]
async fn reading_by_an_alias_returns_the_link_with_its_aliases() {
    let app = renamed().await;
    let current = Call::new("read").send(&app).await;
    assert_eq!(current.body["aliases"], json!(["launch"]));
    let by_alias = Call::new("read").slug("launch").send(&app).await;
    assert_eq!((by_alias.status, &by_alias.body), (200, &current.body));
    assert_eq!(by_alias.headers["etag"], current.headers["etag"]);
    // The QR code contains the current short URL, because an alias can be freed.
    let codes = ["k7m2p9qr", "launch"].map(|slug| Call::new("read-qr").slug(slug));
    assert_eq!(codes[0].send(&app).await.bytes, codes[1].send(&app).await.bytes);
    let clicks = Call::new("stats").slug("launch").send(&app).await;
    assert_eq!(clicks.status, 200, "{}", clicks.text);
}

#[tokio::test]
async fn an_alias_takes_its_slug_and_is_not_a_link_of_the_list() {
    let app = renamed().await;
    let body = json!({ "url": "https://example.com/", "id": "launch" }).to_string();
    let taken = Call::new("create").body(&body).send(&app).await;
    assert_eq!(taken.is_problem(409, "slug_taken").body["suggested_id"], "launch-2");
    let listed = Call::new("list").send(&app).await;
    assert_eq!(listed.body["data"].as_array().unwrap().len(), 1, "{}", listed.text);
    assert_eq!(listed.body["data"][0]["aliases"], json!(["launch"]));
    // A search matches the current slug, not the earlier ones.
    let found = Call::new("list").query("q=launch").send(&app).await;
    assert_eq!(found.body["data"], json!([]));
}
