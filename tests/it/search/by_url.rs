//! Finding links by their destination (`url`), and the index for this.

use super::{leading_to, link, query, text};
use crate::support::faulty::Counting;
use crate::support::lists::{fill, slugs, walk_filtered};
use crate::support::{ACME, Call, DOMAIN, TestApp};
use serde_json::{Value, json};
use shared::model::Timestamp;
use std::sync::Arc;

#[tokio::test]
async fn a_url_finds_the_links_that_lead_exactly_there_newest_first_and_reads_no_others() {
    let app = TestApp::start().await;
    fill(&app, 300, |_, _| {}).await;
    let target = "https://example.com/M%C3%BCnchen?from=flyer";
    link(&app, "first", target).await;
    link(&app, "second", target).await;
    link(&app, "third", "https://example.com/M%C3%BCnchen?from=mail").await;
    link(&app, "fourth", "HTTPS://EXAMPLE.com:443/München?from=flyer").await;
    let counting = Counting::new(&app);
    for url in [
        target,
        "https://Example.com/München?from=flyer",
        " https://example.com:443/M%C3%BCnchen?from=flyer\n",
    ] {
        let call = Call::new("list").query(&query(&[("url", url)]));
        let page = call.send_to(&counting.functions, Timestamp::now()).await;
        assert_eq!(slugs(&page), ["fourth", "second", "first"], "{url}");
        assert_eq!((counting.items_read(), &page.body["next_cursor"]), (3, &Value::Null));
    }
    // Each request makes one query. The first request also reads the handle, which is cached from then on.
    assert_eq!(counting.calls(), 3 + 1);
    for (url, expected) in [
        ("https://example.com/M%C3%BCnchen?from=mail", vec!["third"]),
        ("https://example.com/M%C3%BCnchen", vec![]),
        ("http://example.com/M%C3%BCnchen?from=flyer", vec![]),
        ("https://example.com/m%C3%BCnchen?from=flyer", vec![]),
        ("https://example.com/M%C3%BCnchen?from=flyer#", vec![]),
    ] {
        assert_eq!(leading_to(&app, url).await, expected, "{url}");
    }
    let filter = query(&[("url", target)]);
    for limit in [1, 2, 3, 100] {
        assert_eq!(walk_filtered(&app, &filter, limit).await.0, ["fourth", "second", "first"], "{limit}");
    }
    link(&app, "launch", "https://example.com/launch?from=flyer").await;
    assert_eq!(slugs(&Call::new("list-url").send(&app).await), ["launch"]);
}

#[tokio::test]
async fn a_url_that_the_rules_of_this_deployment_forbid_is_still_looked_up() {
    let lenient = TestApp::with_settings(&[("ALLOW_PRIVATE_TARGETS", "true")]).await;
    link(&lenient, "printer", "http://192.168.0.7/").await;
    let strict = lenient.another_instance(&[]);
    for (url, expected) in [
        ("http://192.168.0.7", vec!["printer"]),
        ("http://localhost:3000/", vec![]),
        (&format!("https://{DOMAIN}/{ACME}/launch"), vec![]),
    ] {
        let call = Call::new("list").query(&query(&[("url", url)]));
        let page = call.send_to(&strict, Timestamp::now()).await;
        assert_eq!(
            (page.status, slugs(&page)),
            (200, expected.iter().map(|id| (*id).to_owned()).collect()),
            "{url}"
        );
    }
}

#[tokio::test]
async fn a_link_is_found_by_its_url_from_creation_through_each_edit_until_it_is_deleted() {
    let app = TestApp::start().await;
    let (one, two) = ("https://example.com/one", "https://example.com/two");
    let keyed = Call::new("create-idempotent").body(&json!({ "id": "keyed", "url": one }).to_string());
    assert_eq!(keyed.send(&app).await.status, 201);
    link(&app, "plain", one).await;
    assert_eq!(leading_to(&app, one).await, ["plain", "keyed"]);
    let edit = async |body: Value| {
        let edited = Call::new("update").slug("plain").body(&body.to_string()).send(&app).await;
        assert_eq!(edited.status, 200, "{}", edited.text);
    };
    edit(json!({ "url": two })).await;
    assert_eq!(
        (leading_to(&app, one).await, leading_to(&app, two).await),
        (vec!["keyed".into()], vec!["plain".into()])
    );
    edit(json!({ "title": "Two", "enabled": false })).await;
    assert_eq!(leading_to(&app, two).await, ["plain"]);
    let page = Call::new("list").query(&query(&[("url", two)])).send(&app).await;
    assert_eq!(page.body["data"][0], Call::new("read").slug("plain").send(&app).await.body);
    assert_eq!(Call::new("delete").slug("plain").send(&app).await.status, 200);
    assert_eq!(leading_to(&app, two).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_link_that_is_not_in_the_index_gets_there_with_its_next_write() {
    let app = TestApp::start().await;
    let url = "https://example.com/kept";
    for (birth, body, expected) in [
        (None, r#"{"title": "New"}"#, url),
        (Some("V1StGXR8_Z5jdHi6"), r#"{"title": "New"}"#, url),
        (Some("V1StGXR8_Z5jdHi6"), r#"{"expires_at": "2099-01-01T00:00:00Z"}"#, url),
        (None, r#"{"url": "https://example.com/new"}"#, "https://example.com/new"),
        (Some("V1StGXR8_Z5jdHi6"), r#"{"url": "https://example.com/new"}"#, "https://example.com/new"),
    ] {
        let birth: Vec<_> = birth.iter().map(|birth| ("birth", text(birth))).collect();
        app.put(&birth).await;
        assert_eq!(leading_to(&app, url).await, Vec::<String>::new());
        // An edit that changes nothing does not write to the store.
        let unchanged = Call::new("update").body(&json!({ "url": url }).to_string()).send(&app).await;
        assert_eq!((unchanged.status, &unchanged.body["version"]), (200, &json!(1)));
        assert_eq!(leading_to(&app, url).await, Vec::<String>::new());
        let edited = Call::new("update").body(body).send(&app).await;
        assert_eq!((edited.status, &edited.body["version"]), (200, &json!(2)), "{}", edited.text);
        assert_eq!(leading_to(&app, expected).await, ["k7m2p9qr"], "{body}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_concurrent_edits_of_an_unindexed_link_the_index_has_the_last_url() {
    for _ in 0..10 {
        let app = Arc::new(TestApp::start().await);
        app.put(&[]).await;
        let edits = (0..8).map(|number| match number % 2 {
            0 => json!({ "url": format!("https://example.com/{number}") }),
            _ => json!({ "title": format!("Title {number}") }),
        });
        let edits: Vec<_> = edits
            .map(|body| {
                let app = Arc::clone(&app);
                tokio::spawn(
                    async move { Call::new("update").body(&body.to_string()).send(&app).await.status },
                )
            })
            .collect();
        for edit in edits {
            assert_eq!(edit.await.unwrap(), 200);
        }
        let link = Call::new("read").send(&app).await;
        assert_eq!(leading_to(&app, link.body["url"].as_str().unwrap()).await, ["k7m2p9qr"]);
    }
}

#[tokio::test]
async fn an_item_under_another_urls_index_key_is_not_listed() {
    let app = TestApp::start().await;
    let url = "https://example.com/kept";
    let target = format!("{ACME}#73301c8e4147ca63f4a948a40513385b");
    app.put(&[("target", text(&target))]).await;
    assert_eq!(leading_to(&app, url).await, ["k7m2p9qr"]);
    // If a version of Signpost without this index edits a link, the edit changes the URL, but not the index key.
    app.put(&[("target", text(&target)), ("url", text("https://example.com/other"))]).await;
    assert_eq!(leading_to(&app, url).await, Vec::<String>::new());
}
