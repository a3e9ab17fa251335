//! Lists: their order, their pages and their cursors.

use crate::support::lists::{slugs, walk};
use crate::support::{ACME, Call, DOMAIN, GLOBEX, TestApp};
use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::json;
use std::collections::HashSet;
use std::sync::Arc;

#[tokio::test]
async fn links_are_listed_newest_first() {
    let app = TestApp::start().await;
    let mut made = Vec::new();
    for _ in 0..5 {
        made.push(app.link_by("member").await);
        tokio::time::sleep(std::time::Duration::from_millis(2)).await;
    }
    made.reverse();
    let page = Call::new("list").by("colleague").send(&app).await;
    assert_eq!(page.status, 200);
    assert_eq!(slugs(&page), made);
    assert!(page.body["next_cursor"].is_null());
    assert_eq!(page.body.as_object().unwrap().len(), 3);
}

#[tokio::test]
async fn a_listed_link_equals_the_created_link() {
    let app = TestApp::start().await;
    let created = Call::new("create").send(&app).await;
    assert_eq!(Call::new("list").send(&app).await.body["data"][0], created.body);
}

#[tokio::test]
async fn an_organization_without_links_has_an_empty_list() {
    let app = TestApp::start().await;
    let page = Call::new("list").send(&app).await;
    let short_base = format!("https://{DOMAIN}/{ACME}");
    assert_eq!(page.body, json!({ "data": [], "next_cursor": null, "short_base": short_base }));
}

#[tokio::test]
async fn every_short_url_of_a_list_begins_with_its_short_base() {
    let go = "https://go.acme.com";
    for (settings, handle, expected) in [
        (&[("SHORT_BASE_URL", "https://go.acme.com/")][..], false, format!("{go}/{ACME}")),
        (&[("SHORT_BASE_URL", go)], true, format!("{go}/@acme")),
        (&[("SHORT_BASE_URL", go), ("ROOT_ORG", ACME)], true, go.to_owned()),
    ] {
        let app = TestApp::with_settings(settings).await;
        // `/docs` is the path of the API reference, so this link's short URL contains the organization.
        app.put(&[("id", Some(AttributeValue::S("docs".to_owned())))]).await;
        app.link_by("member").await;
        if handle {
            assert_eq!(Call::new("handle").by("owner").send(&app).await.status, 200);
        }
        let page = Call::new("list").send(&app).await;
        assert_eq!(page.body["short_base"], expected);
        let links = page.body["data"].as_array().unwrap();
        assert_eq!(links.len(), 2);
        let begins = |url: &str| url.starts_with(&format!("{expected}/"));
        assert!(links.iter().all(|link| begins(link["short_url"].as_str().unwrap())), "{}", page.text);
    }
}

#[tokio::test]
async fn pages_are_full_and_the_cursor_is_null_only_at_the_end() {
    let app = TestApp::start().await;
    for _ in 0..14 {
        app.link_by("member").await;
    }
    for limit in [1, 7, 13, 14, 15, 100] {
        assert_eq!(walk(&app, limit).await.len(), 14, "limit {limit}");
    }
    let first = Call::new("list-limit").send(&app).await;
    assert_eq!(slugs(&first).len(), 7);
}

#[tokio::test]
async fn a_page_has_fifty_links_by_default() {
    let app = TestApp::start().await;
    for _ in 0..51 {
        app.link_by("member").await;
    }
    let page = Call::new("list").send(&app).await;
    assert_eq!(slugs(&page).len(), 50);
    assert!(page.body["next_cursor"].is_string());
}

#[tokio::test]
async fn links_created_in_one_millisecond_are_each_listed_once() {
    let app = TestApp::start().await;
    let text = |value: String| Some(AttributeValue::S(value));
    for number in 0..20 {
        let id = format!("same{number:02}");
        let newest = format!("001795383720000#{id}");
        app.put(&[("id", text(id)), ("newest", text(newest))]).await;
    }
    assert_eq!(walk(&app, 3).await.len(), 20);
}

#[tokio::test]
async fn a_cursor_still_works_if_its_link_was_deleted() {
    let app = TestApp::start().await;
    for _ in 0..6 {
        app.link_by("member").await;
    }
    let all = walk(&app, 100).await;
    let page = Call::new("list").query("limit=3").send(&app).await;
    Call::new("delete").slug(&all[2]).send(&app).await;
    let cursor = page.body["next_cursor"].as_str().unwrap();
    let next = Call::new("list").query(&format!("limit=100&cursor={cursor}")).send(&app).await;
    assert_eq!(slugs(&next), all[3..]);
}

#[tokio::test]
async fn a_limit_is_a_number_from_1_to_100() {
    let app = TestApp::start().await;
    for limit in
        ["0", "-1", "101", "1000000000000000000000", "7.0", "1e1", "+7", " 7", "seven", "٧", "%00", "0x7"]
    {
        let answer = Call::new("list").query(&format!("limit={limit}")).send(&app).await;
        answer.is_problem(400, "invalid_query");
        assert_eq!(answer.faults(), [("limit", "out_of_range")], "{limit}");
    }
}

#[tokio::test]
async fn all_faults_of_a_query_string_are_named_at_once() {
    let app = TestApp::start().await;
    let answer = Call::new("list-invalid").send(&app).await;
    assert_eq!(
        answer.is_problem(400, "invalid_query").faults(),
        [("limit", "out_of_range"), ("colour", "unknown_parameter")]
    );
    let answer = Call::new("list").query("limit=7&limit=8").send(&app).await;
    assert_eq!(answer.is_problem(400, "invalid_query").faults(), [("limit", "duplicate")]);
}

#[tokio::test]
async fn a_cursor_from_another_list_is_refused() {
    let app = TestApp::start().await;
    for _ in 0..3 {
        app.link_by("member").await;
    }
    let page = Call::new("list").query("limit=1").send(&app).await;
    let cursor = page.body["next_cursor"].as_str().unwrap();

    let call = Call::new("list").by("outsider").org(GLOBEX);
    let foreign = call.query(&format!("cursor={cursor}")).send(&app).await;
    foreign.is_problem(400, "invalid_cursor");
    let doctored = [
        "x",
        "null",
        &cursor[1..],
        &format!("{cursor}A"),
        &format!("{cursor}="),
        &cursor.to_uppercase(),
        "%00",
        "AAAA",
    ];
    for cursor in doctored {
        let answer = Call::new("list").query(&format!("cursor={cursor}")).send(&app).await;
        answer.is_problem(400, "invalid_cursor");
    }
}

#[tokio::test]
async fn an_item_that_is_not_a_link_fails_the_list_and_is_not_skipped() {
    let app = TestApp::start().await;
    app.link_by("member").await;
    app.put(&[("version", Some(AttributeValue::S("two".to_owned())))]).await;
    let answer = Call::new("list").send(&app).await;
    answer.is_problem(500, "internal");
    assert!(!answer.text.contains("version") && !answer.text.contains(ACME), "{}", answer.text);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_existing_link_is_listed_once_while_a_thousand_others_are_created_and_deleted() {
    let app = Arc::new(TestApp::start().await);
    crate::support::lists::fill(&app, 300, |_, _| {}).await;
    let before: HashSet<String> = walk(&app, 100).await.into_iter().collect();
    assert_eq!(before.len(), 300);
    let now = shared::model::Timestamp::now();
    let makers: Vec<_> = (0..8)
        .map(|maker| {
            let app = Arc::clone(&app);
            // All requests use one token, so their simulated times must be close to the start of the test.
            let create = Call::new("create");
            tokio::spawn(async move {
                for number in 0..125 {
                    // Eight creators share one clock, so many links are created in the same millisecond.
                    let at = now.millis() + number / 10;
                    let at = shared::model::Timestamp::try_from(at).unwrap();
                    let created = create.send_at(&app, at).await;
                    assert_eq!(created.status, 201, "{}", created.text);
                    if number % 2 == maker % 2 {
                        let slug = created.body["id"].as_str().unwrap();
                        Call::new("delete").slug(slug).send(&app).await;
                    }
                }
            })
        })
        .collect();
    while !makers.iter().all(tokio::task::JoinHandle::is_finished) {
        // The walk itself asserts that there are no duplicates.
        let listed: HashSet<String> = walk(&app, 29).await.into_iter().collect();
        assert!(listed.is_superset(&before));
    }
    for maker in makers {
        maker.await.unwrap();
    }
    let deleted: usize = (0..8).map(|maker| (0..125).filter(|number| number % 2 == maker % 2).count()).sum();
    assert_eq!(walk(&app, 100).await.len(), 300 + 1_000 - deleted);
}
