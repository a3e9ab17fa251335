//! Lists that are filtered by creator, by tag or by the beginning of the slug.

use crate::support::lists::{fill, slugs, walk_filtered};
use crate::support::{Call, TestApp};
use aws_sdk_dynamodb::types::AttributeValue;
use local::users::User;
use serde_json::json;

#[tokio::test]
async fn a_list_has_the_links_that_match_the_filter_newest_first() {
    let app = TestApp::start().await;
    let me = User::named("member").unwrap().id;
    for (user, id, tags) in [
        ("member", "launch-a", json!(["spring", "team"])),
        ("colleague", "launch-b", json!(["spring"])),
        ("member", "landing", json!([])),
        ("member", "other", json!(["springtime"])),
    ] {
        let body = json!({ "url": "https://example.com/", "id": id, "tags": tags }).to_string();
        assert_eq!(Call::new("create").by(user).body(&body).send(&app).await.status, 201);
        tokio::time::sleep(std::time::Duration::from_millis(2)).await;
    }
    for (filter, expected) in [
        ("tag=spring", vec!["launch-b", "launch-a"]),
        ("tag=SPRING", vec!["launch-b", "launch-a"]),
        ("tag=spr", vec![]),
        ("prefix=launch", vec!["launch-b", "launch-a"]),
        ("prefix=LA", vec!["landing", "launch-b", "launch-a"]),
        ("prefix=link", vec![]),
        ("creator=me", vec!["other", "landing", "launch-a"]),
        (&format!("creator={me}"), vec!["other", "landing", "launch-a"]),
        ("creator=0f3f5a0e-0004-4000-8000-00000000ffff", vec![]),
        ("creator=me&tag=spring&prefix=la", vec!["launch-a"]),
        ("", vec!["other", "landing", "launch-b", "launch-a"]),
    ] {
        let page = Call::new("list").query(filter).send(&app).await;
        assert_eq!(slugs(&page), expected, "{filter}");
        assert!(page.body["next_cursor"].is_null());
        assert_eq!(walk_filtered(&app, filter, 1).await.0, expected, "{filter}");
    }
    assert_eq!(slugs(&Call::new("list-filtered").send(&app).await), ["launch-a"]);
}

#[tokio::test]
async fn an_invalid_filter_is_named_in_the_error() {
    let app = TestApp::start().await;
    let query = format!("tag=a b&prefix=-a&creator={}", "x".repeat(256));
    let answer = Call::new("list").query(&query).send(&app).await;
    let faults = [("creator", "invalid_user"), ("tag", "invalid_tag"), ("prefix", "invalid_prefix")];
    assert_eq!(answer.is_problem(400, "invalid_query").faults(), faults);
    let answer = Call::new("list").query("creator=&tag=&prefix=").send(&app).await;
    assert_eq!(answer.is_problem(400, "invalid_query").faults(), faults);
}

#[tokio::test]
async fn a_cursor_works_only_with_the_filters_it_was_issued_for() {
    let app = TestApp::start().await;
    fill(&app, 6, |_, _| {}).await;
    let page = Call::new("list").query("prefix=link&limit=2").send(&app).await;
    let cursor = page.body["next_cursor"].as_str().unwrap();
    for (filter, fits) in
        [("prefix=LINK", true), ("prefix=link0", false), ("", false), ("prefix=link&creator=me", false)]
    {
        let answer = Call::new("list").query(&format!("{filter}&limit=5&cursor={cursor}")).send(&app).await;
        if fits {
            assert_eq!(slugs(&answer).len(), 4);
        } else {
            answer.is_problem(400, "invalid_cursor");
        }
    }
}

#[tokio::test]
async fn ten_of_ten_thousand_links_are_all_found_and_no_page_reads_more_than_its_limit() {
    let app = TestApp::start().await;
    let tags = AttributeValue::Ss(vec!["needle".to_owned(), "other".to_owned()]);
    fill(&app, 10_000, |number, item| {
        if number % 1_000 == 7 {
            item.insert("tags".to_owned(), tags.clone());
            item.insert("id".to_owned(), AttributeValue::S(format!("needle{number}")));
            let millis = 1_795_383_720_000 + number / 3;
            item.insert("newest".to_owned(), AttributeValue::S(format!("{millis:015}#needle{number}")));
        }
    })
    .await;
    let expected: Vec<String> = (0..10).rev().map(|number| format!("needle{}", number * 1_000 + 7)).collect();
    for filter in ["tag=needle", "prefix=needle", "tag=needle&prefix=needle&creator=me"] {
        for limit in [3, 100] {
            let counting = crate::support::faulty::Counting::new(&app);
            let (mut listed, mut cursor) = (Vec::new(), String::new());
            loop {
                let query = format!("{filter}&limit={limit}{cursor}");
                let call = Call::new("list").query(&query);
                let page = call.send_to(&counting.functions, shared::model::Timestamp::now()).await;
                assert_eq!(page.status, 200, "{}", page.text);
                assert!(counting.items_read() <= 2_000, "{query}");
                listed.extend(slugs(&page));
                let Some(next) = page.body["next_cursor"].as_str() else { break };
                cursor = format!("&cursor={next}");
            }
            assert_eq!(listed, expected, "{filter} {limit}");
        }
    }
}

#[tokio::test]
async fn the_cursor_of_a_filtered_list_is_null_only_at_the_end() {
    let app = TestApp::start().await;
    // A page reads at most 2,000 items. The number of links is below this limit, at the limit, or above it.
    for count in [1_998, 1_999, 2_000, 2_001] {
        fill(&app, count, |_, _| {}).await;
        let page = Call::new("list").query("tag=needle").send(&app).await;
        assert_eq!(page.body["next_cursor"].is_null(), count <= 1_999, "{count}");
    }
}
