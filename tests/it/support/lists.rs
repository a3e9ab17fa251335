//! Lists of links, read page by page.

use super::app::TestApp;
use super::call::{Answer, Call};
use aws_sdk_dynamodb::types::AttributeValue;
use std::collections::{HashMap, HashSet};

pub fn slugs(page: &Answer) -> Vec<String> {
    let links = page.body["data"].as_array().unwrap().iter();
    links.map(|link| link["id"].as_str().unwrap().to_owned()).collect()
}

/// Walks all pages of acme's list. Asserts that only the last page is short, and that no link occurs twice. A page that
/// fails with 503 is requested again.
pub async fn walk(app: &TestApp, limit: usize) -> Vec<String> {
    let mut listed = Vec::new();
    let mut query = format!("limit={limit}");
    let mut busy = 0;
    loop {
        let page = Call::new("list").query(&query).send(app).await;
        if page.status == 503 && busy < 50 {
            busy += 1;
            continue;
        }
        assert_eq!(page.status, 200, "{}", page.text);
        let found = slugs(&page);
        listed.extend(found.clone());
        match page.body["next_cursor"].as_str() {
            Some(cursor) => {
                assert_eq!(found.len(), limit);
                query = format!("limit={limit}&cursor={cursor}");
            }
            None => {
                assert!(page.body["next_cursor"].is_null());
                assert_eq!(listed.iter().collect::<HashSet<_>>().len(), listed.len());
                return listed;
            }
        }
    }
}

/// Puts many links into the table without creating each through the API, which would be slow. `change` changes the item
/// of the n-th link.
pub async fn fill(app: &TestApp, count: usize, change: impl Fn(usize, &mut HashMap<String, AttributeValue>)) {
    use aws_sdk_dynamodb::types::{PutRequest, WriteRequest};
    app.put(&[]).await;
    let model = app.client.scan().table_name("links").send().await.unwrap().items()[0].clone();
    Call::new("delete").send(app).await;
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
        let write = app.client.batch_write_item().request_items("links", requests.collect());
        assert!(write.send().await.unwrap().unprocessed_items().unwrap().is_empty());
    }
}

/// Walks all pages of a filtered list and returns the listed links, and the number of pages.
pub async fn walk_filtered(app: &TestApp, filter: &str, limit: usize) -> (Vec<String>, usize) {
    let (mut listed, mut pages) = (Vec::new(), 0);
    let mut query = format!("{filter}&limit={limit}");
    loop {
        let page = Call::new("list").query(&query).send(app).await;
        assert_eq!(page.status, 200, "{}", page.text);
        let found = slugs(&page);
        assert!(found.len() <= limit);
        listed.extend(found);
        pages += 1;
        let Some(cursor) = page.body["next_cursor"].as_str() else { return (listed, pages) };
        query = format!("{filter}&limit={limit}&cursor={cursor}");
    }
}
