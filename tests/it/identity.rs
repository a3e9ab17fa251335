//! How a link differs from an earlier one with the same slug: in its ETag, its clicks and the table. The tests also
//! cover links that were created before the attribute `birth` existed.

use crate::support::clicks::Batch;
use crate::support::faulty::{Fault, Faulty};
use crate::support::{Answer, Call, TestApp};
use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Value, json};
use shared::model::Timestamp;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// The `birth` of the link that [`TestApp::put`] writes. It is derived from the slug and the creation time, because the
/// link's item has no attribute `birth`.
const DERIVED: &str = "k7m2p9qr#1795383720000";

fn text(value: &str) -> Option<AttributeValue> {
    Some(AttributeValue::S(value.to_owned()))
}

fn patch(title: &str) -> Call {
    Call::new("update").body(&json!({ "title": title }).to_string())
}

async fn item(app: &TestApp) -> HashMap<String, AttributeValue> {
    app.client.scan().table_name("links").send().await.unwrap().items()[0].clone()
}

/// A person's browser.
const BROWSER: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0";

/// Follows a link as a person and counts the click. Returns the log line.
async fn click(app: &TestApp, slug: &str, batch: usize) -> Value {
    let call = Call::new("redirect").slug(slug).header("user-agent", BROWSER);
    assert_eq!(call.send(app).await.status, 302);
    let lines: Vec<String> = app.click_lines().into_iter().map(|line| line.text).collect();
    let [line] = lines.as_slice() else { panic!("{lines:?}") };
    Batch::from_texts("one", [line.clone()]).numbered(batch).deliver(app).await;
    serde_json::from_str(line).unwrap()
}

async fn total(app: &TestApp, slug: &str) -> Value {
    Call::new("stats").slug(slug).send(app).await.body["total"].clone()
}

#[tokio::test]
async fn two_links_with_one_slug_created_in_one_millisecond_share_neither_etag_nor_clicks() {
    let app = TestApp::start().await;
    let now = Timestamp::now();
    let create = Call::new("create").body(r#"{"url": "https://example.com/", "id": "launch"}"#);
    let mut births = HashSet::new();
    let mut before: Option<Answer> = None;
    for number in 0..3 {
        let made = create.send_at(&app, now).await;
        assert_eq!(made.status, 201, "{}", made.text);
        assert!(births.insert(made.body["birth"].as_str().unwrap().to_owned()));
        if let Some(before) = before {
            assert_eq!(made.body["created_at"], before.body["created_at"]);
            for name in ["update", "delete"] {
                let call = Call::new(name).slug("launch").header("if-match", &before.headers["etag"]);
                call.send(&app).await.is_problem(412, "precondition_failed");
            }
        }
        assert_eq!(total(&app, "launch").await, 0);
        let line = click(&app, "launch", number).await;
        assert_eq!((&line["version"], &line["birth"]), (&json!(2), &made.body["birth"]));
        assert_eq!(line["id"], "launch");
        assert_eq!(total(&app, "launch").await, 1);
        let deleted =
            Call::new("delete").slug("launch").header("if-match", &made.headers["etag"]).send(&app).await;
        assert_eq!((deleted.status, &deleted.body), (200, &made.body));
        before = Some(made);
    }
}

#[tokio::test]
async fn a_link_without_a_birth_keeps_its_etag_until_its_first_edit_and_its_clicks_through_it() {
    let app = TestApp::start().await;
    app.put(&[]).await;
    let link = Call::new("read").send(&app).await;
    assert_eq!(link.headers["etag"], "\"1795383720000-1\"");
    assert_eq!(link.body["birth"], DERIVED);
    let line = click(&app, "k7m2p9qr", 0).await;
    assert_eq!((&line["version"], &line["id"]), (&json!(1), &json!("k7m2p9qr")));
    assert_eq!((&line["created_at"], line.get("birth")), (&json!(1_795_383_720_000_i64), None));
    let unchanged = Call::new("update").body("{}").send(&app).await;
    assert_eq!(unchanged.headers["etag"], "\"1795383720000-1\"");

    let edited = patch("Two").header("if-match", &link.headers["etag"]).send(&app).await;
    assert_eq!(edited.status, 200, "{}", edited.text);
    assert_eq!(edited.headers["etag"], format!("\"{DERIVED}-2\""));
    assert_eq!((&edited.body["birth"], &edited.body["version"]), (&json!(DERIVED), &json!(2)));
    assert_eq!(item(&app).await["birth"].as_s().unwrap(), DERIVED);
    assert_eq!(item(&app).await["newest"].as_s().unwrap(), "001795383720000#k7m2p9qr");

    assert_eq!(total(&app, "k7m2p9qr").await, 1);
    assert_eq!(click(&app, "k7m2p9qr", 1).await["version"], 1);
    assert_eq!(total(&app, "k7m2p9qr").await, 2);
    let listed = Call::new("list-clicks").send(&app).await;
    assert_eq!(
        (&listed.body["data"][0]["clicks"], &listed.body["data"][0]["birth"]),
        (&json!(2), &json!(DERIVED))
    );
    let open = Call::new("open").slug("k7m2p9qr").send(&app).await;
    assert_eq!(open.status, 302);
    let line: Value = serde_json::from_str(&app.click_lines()[0].text).unwrap();
    assert_eq!(line["created_at"], 1_795_383_720_000_i64);
}

#[tokio::test]
async fn a_batch_delivered_again_after_a_links_first_edit_counts_once() {
    let app = TestApp::start().await;
    app.put(&[]).await;
    let line = crate::support::clicks::click("2026-11-22T21:42:00Z", None, "mobile", None);
    let batch = Batch::new("one", [line.clone(), line]);
    batch.deliver(&app).await;
    assert_eq!(patch("Two").send(&app).await.status, 200);
    batch.deliver(&app).await;
    assert_eq!(total(&app, "k7m2p9qr").await, 2);
}

#[tokio::test]
async fn a_precondition_matches_its_link_in_either_form_and_no_other_link() {
    let random = "V1StGXR8_Z5jdHi6";
    let births = [None, text(DERIVED), text(random)];
    for (tag, holds) in [
        ("1795383720000-1", [true, true, false]),
        ("k7m2p9qr#1795383720000-1", [true, true, false]),
        ("V1StGXR8_Z5jdHi6-1", [false, false, true]),
        ("other#1795383720000-1", [false, false, false]),
        ("k7m2p9qr#1795383720001-1", [false, false, false]),
        ("1795383720001-1", [false, false, false]),
        ("1795383720000-2", [false, false, false]),
        ("k7m2p9qr#1795383720000-2", [false, false, false]),
        ("V1StGXR8_Z5jdHi6-2", [false, false, false]),
        ("V1StGXR8_Z5jdHi7-1", [false, false, false]),
    ] {
        for (birth, holds) in births.iter().zip(holds) {
            for call in [Call::new("delete"), Call::new("update"), Call::new("update").body("{}")] {
                // The header also contains entity tags of other links, in all forms.
                let several = format!("\"aaaaaaaaaaaaaaaa-1\", \"{tag}\", \"a#1-1\", \"2-1\", \"b#1-1\"");
                for if_match in [format!("\"{tag}\""), several] {
                    let app = TestApp::start().await;
                    app.put(&[("birth", birth.clone())]).await;
                    let answer = call.clone().header("if-match", &if_match).send(&app).await;
                    let expected = if holds { 200 } else { 412 };
                    assert_eq!(answer.status, expected, "{if_match} {birth:?}: {}", answer.text);
                }
            }
        }
    }
}

#[tokio::test]
async fn the_first_edit_of_a_link_without_a_birth_is_made_once_whichever_response_was_lost() {
    for spared in 0..2 {
        for fault in [Fault::LostAnswer, Fault::Broken, Fault::Refused(400, "ThrottlingException")] {
            let app = TestApp::start().await;
            app.put(&[]).await;
            let faulty = Faulty::new(&[fault]);
            *faulty.spared.lock().unwrap() = spared;
            let functions = faulty.functions(&app.url);
            let answer = patch("Two").send_to(&functions, Timestamp::now()).await;
            assert_eq!((answer.status, &answer.body["version"]), (200, &2.into()), "{}", answer.text);
            assert_eq!(Call::new("read").send(&app).await.body, answer.body);
        }
    }
}

#[tokio::test]
async fn an_edit_never_stores_the_birth_of_an_earlier_link_with_the_same_slug() {
    let later = Some(AttributeValue::N("1795383720001".to_owned()));
    let newest = ("newest", text("001795383720001#k7m2p9qr"));
    for (birth, expected) in [
        (text("V1StGXR8_Z5jdHi6"), "V1StGXR8_Z5jdHi6"),
        // This link was created by an instance that has not been updated yet.
        (None, "k7m2p9qr#1795383720001"),
    ] {
        let app = TestApp::start().await;
        app.put(&[]).await;
        // The first attempt finds that the link has no stored `birth`. Before the second attempt arrives, another link
        // takes the slug.
        let faulty = Faulty::new(&[Fault::Hangs]);
        *faulty.spared.lock().unwrap() = 1;
        let functions = faulty.functions(&app.url);
        let edit = patch("Two");
        let meanwhile = async {
            faulty.stuck.notified().await;
            app.put(&[("birth", birth), ("created_at", later.clone()), newest.clone()]).await;
        };
        let (edited, ()) = tokio::join!(edit.send_to(&functions, Timestamp::now()), meanwhile);
        assert_eq!((edited.status, &edited.body["birth"]), (200, &json!(expected)), "{}", edited.text);
        assert_eq!(item(&app).await["birth"].as_s().unwrap(), expected);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_edits_of_a_link_without_a_birth_all_succeed_and_store_one_birth() {
    let app = Arc::new(TestApp::start().await);
    app.put(&[]).await;
    let runners = (0..20).map(|number| {
        let app = Arc::clone(&app);
        tokio::spawn(async move { patch(&format!("Title {number}")).send(&app).await.status })
    });
    for runner in runners.collect::<Vec<_>>() {
        assert_eq!(runner.await.unwrap(), 200);
    }
    let link = Call::new("read").send(&app).await;
    assert_eq!((&link.body["version"], &link.body["birth"]), (&json!(21), &json!(DERIVED)));
    assert_eq!(link.headers["etag"], format!("\"{DERIVED}-21\""));
}

#[tokio::test]
async fn an_invalid_stored_birth_is_a_500_on_every_route_that_reads_it() {
    for birth in [text(""), text("a\"b"), text("1795383720000"), Some(AttributeValue::N("1".to_owned()))] {
        for name in ["read", "redirect", "open", "stats", "list", "update"] {
            let app = TestApp::start().await;
            app.put(&[("birth", birth.clone())]).await;
            Call::new(name).send(&app).await.is_problem(500, "internal");
        }
    }
}

#[tokio::test]
async fn a_list_continues_past_a_link_that_got_its_birth_meanwhile() {
    let app = TestApp::start().await;
    for number in 0..3 {
        let slug = format!("old-{number}");
        let newest = format!("00179538372000{number}#{slug}");
        let made = Some(AttributeValue::N(format!("179538372000{number}")));
        app.put(&[("id", text(&slug)), ("newest", text(&newest)), ("created_at", made)]).await;
    }
    let first = Call::new("list").query("limit=2").send(&app).await;
    assert_eq!(crate::support::lists::slugs(&first), ["old-2", "old-1"]);
    for slug in ["old-1", "old-0"] {
        assert_eq!(patch("Two").slug(slug).send(&app).await.status, 200);
    }
    let cursor = first.body["next_cursor"].as_str().unwrap();
    let rest = Call::new("list").query(&format!("limit=2&cursor={cursor}")).send(&app).await;
    assert_eq!(crate::support::lists::slugs(&rest), ["old-0"]);
    assert_eq!(crate::support::lists::walk(&app, 1).await, ["old-2", "old-1", "old-0"]);
}
