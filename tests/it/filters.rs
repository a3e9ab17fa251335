//! Lists by creator, tag and the beginning of the slug.

use crate::house::{Call, House};
use crate::list::slugs;
use aws_sdk_dynamodb::types::AttributeValue;
use local::users::User;
use serde_json::json;
use std::collections::HashMap;

/// Puts many links without the cost of creating each through the API. `change` changes the item of the n-th.
pub async fn fill(house: &House, count: usize, change: impl Fn(usize, &mut HashMap<String, AttributeValue>)) {
    use aws_sdk_dynamodb::types::{PutRequest, WriteRequest};
    house.put(&[]).await;
    let model = house.client.scan().table_name("links").send().await.unwrap().items()[0].clone();
    Call::of("delete").send(house).await;
    for batch in (0..count).collect::<Vec<_>>().chunks(25) {
        let requests = batch.iter().map(|number| {
            let mut item = model.clone();
            let id = format!("link{number:05}");
            let millis = 1_795_383_720_000 + number / 3;
            item.insert("newest".to_owned(), AttributeValue::S(format!("{millis:015}#{id}")));
            item.insert("created_at".to_owned(), AttributeValue::N(millis.to_string()));
            item.insert("id".to_owned(), AttributeValue::S(id));
            change(*number, &mut item);
            let put = PutRequest::builder().set_item(Some(item)).build().unwrap();
            WriteRequest::builder().put_request(put).build()
        });
        let write = house.client.batch_write_item().request_items("links", requests.collect());
        assert!(write.send().await.unwrap().unprocessed_items().unwrap().is_empty());
    }
}

/// Walks all pages of a filtered list and returns the listed links, and the number of pages.
pub async fn walk_filtered(house: &House, filter: &str, limit: usize) -> (Vec<String>, usize) {
    let (mut listed, mut pages) = (Vec::new(), 0);
    let mut query = format!("{filter}&limit={limit}");
    loop {
        let page = Call::of("list").query(&query).send(house).await;
        assert_eq!(page.status, 200, "{}", page.text);
        let found = slugs(&page);
        assert!(found.len() <= limit);
        listed.extend(found);
        pages += 1;
        let Some(cursor) = page.body["next_cursor"].as_str() else { return (listed, pages) };
        query = format!("{filter}&limit={limit}&cursor={cursor}");
    }
}

#[tokio::test]
async fn a_list_has_the_links_that_match_the_filter_newest_first() {
    let house = House::open().await;
    let me = User::named("member").unwrap().id;
    for (user, id, tags) in [
        ("member", "launch-a", json!(["spring", "team"])),
        ("colleague", "launch-b", json!(["spring"])),
        ("member", "landing", json!([])),
        ("member", "other", json!(["springtime"])),
    ] {
        let body = json!({ "url": "https://example.com/", "id": id, "tags": tags }).to_string();
        assert_eq!(Call::of("create").by(user).body(&body).send(&house).await.status, 201);
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
        let page = Call::of("list").query(filter).send(&house).await;
        assert_eq!(slugs(&page), expected, "{filter}");
        assert!(page.body["next_cursor"].is_null());
        assert_eq!(walk_filtered(&house, filter, 1).await.0, expected, "{filter}");
    }
    assert_eq!(slugs(&Call::of("list-filtered").send(&house).await), ["launch-a"]);
}

#[tokio::test]
async fn an_invalid_filter_is_named_in_the_error() {
    let house = House::open().await;
    let query = format!("tag=a b&prefix=-a&creator={}", "x".repeat(256));
    let answer = Call::of("list").query(&query).send(&house).await;
    let faults = [("creator", "invalid_user"), ("tag", "invalid_tag"), ("prefix", "invalid_prefix")];
    assert_eq!(answer.is_problem(400, "invalid_query").faults(), faults);
    let answer = Call::of("list").query("creator=&tag=&prefix=").send(&house).await;
    assert_eq!(answer.is_problem(400, "invalid_query").faults(), faults);
}

#[tokio::test]
async fn a_cursor_works_only_with_the_filters_it_was_issued_for() {
    let house = House::open().await;
    fill(&house, 6, |_, _| {}).await;
    let page = Call::of("list").query("prefix=link&limit=2").send(&house).await;
    let cursor = page.body["next_cursor"].as_str().unwrap();
    for (filter, fits) in
        [("prefix=LINK", true), ("prefix=link0", false), ("", false), ("prefix=link&creator=me", false)]
    {
        let answer = Call::of("list").query(&format!("{filter}&limit=5&cursor={cursor}")).send(&house).await;
        if fits {
            assert_eq!(slugs(&answer).len(), 4);
        } else {
            answer.is_problem(400, "invalid_cursor");
        }
    }
}

#[tokio::test]
async fn ten_of_ten_thousand_links_are_all_found_and_no_page_reads_more_than_its_limit() {
    let house = House::open().await;
    let tags = AttributeValue::Ss(vec!["needle".to_owned(), "other".to_owned()]);
    fill(&house, 10_000, |number, item| {
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
            let counting = crate::faulty::Counting::of(&house);
            let (mut listed, mut cursor) = (Vec::new(), String::new());
            loop {
                let query = format!("{filter}&limit={limit}{cursor}");
                let call = Call::of("list").query(&query);
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
    let house = House::open().await;
    // The limit is reached on the last link, one before it and one after it.
    for count in [1_998, 1_999, 2_000, 2_001] {
        fill(&house, count, |_, _| {}).await;
        let page = Call::of("list").query("tag=needle").send(&house).await;
        assert_eq!(page.body["next_cursor"].is_null(), count <= 1_999, "{count}");
    }
}
