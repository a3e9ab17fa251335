//! The pages of an export, and the address of the next one.

use super::{CSV, HEADER, NDJSON, export, lines};
use crate::support::exports::{next_query, pages, records};
use crate::support::lists::fill;
use crate::support::{ACME, TestApp};
use aws_sdk_dynamodb::types::AttributeValue;
use std::collections::HashSet;

#[tokio::test]
async fn all_pages_together_are_one_file_with_each_of_2500_links_once() {
    let app = TestApp::start().await;
    fill(&app, 2_500, |_, _| {}).await;
    let newest_first: Vec<String> = (0..2_500).map(|number| format!("link{number:05}")).rev().collect();
    for (limit, sizes) in [("", vec![1_000, 1_000, 500]), ("limit=834", vec![834, 834, 832])] {
        let found = pages(&app, CSV, limit).await;
        let of_pages: Vec<usize> = found.iter().map(|page| page.text.matches("\r\n").count()).collect();
        assert_eq!((of_pages[0] - 1, &of_pages[1..]), (sizes[0], &sizes[1..]));
        for (index, page) in found.iter().enumerate() {
            let header = if index == 0 { "present" } else { "absent" };
            assert_eq!(page.headers["content-type"], format!("text/csv; charset=utf-8; header={header}"));
            assert_eq!(page.text.starts_with(HEADER), index == 0);
        }
        let file: String = found.into_iter().map(|page| page.text).collect();
        let ids: Vec<String> = records(&file).iter().map(|record| record["id"].clone()).collect();
        assert_eq!(ids, newest_first);

        let found = pages(&app, NDJSON, limit).await;
        assert_eq!(found.iter().map(|page| page.text.lines().count()).collect::<Vec<_>>(), sizes);
        let file: String = found.into_iter().map(|page| page.text).collect();
        let ids: Vec<String> =
            lines(&file).iter().map(|link| link["id"].as_str().unwrap().to_owned()).collect();
        assert_eq!(ids, newest_first);
    }
}

#[tokio::test]
async fn the_next_page_has_the_same_parameters_and_another_cursor() {
    let app = TestApp::start().await;
    fill(&app, 4, |_, item| {
        item.insert("title".to_owned(), AttributeValue::S("Ü & co".to_owned()));
    })
    .await;
    let parameters = "q=%C3%BC+%26&state=on&limit=1&include=clicks&creator=me";
    let first = export(CSV).query(&format!("cursor=&{parameters}")).send(&app).await;
    assert!(first.headers["link"].starts_with(&format!("</{ACME}/link?{parameters}&cursor=")));
    let second = export(CSV).query(&next_query(&first).unwrap()).send(&app).await;
    let next = next_query(&second).unwrap();
    assert!(next.starts_with(&format!("{parameters}&cursor=")) && next_query(&first).unwrap() != next);
    // API Gateway does not encode a character that the client has left unencoded.
    let first = export(NDJSON).query("limit=1&q=ü <\">").send(&app).await;
    assert_eq!(first.headers.get("link"), None);
    let first = export(NDJSON).query("limit=1&q=ü").send(&app).await;
    assert!(first.headers["link"].starts_with(&format!("</{ACME}/link?limit=1&q=%C3%BC&cursor=")));
    assert_eq!(export(NDJSON).query("limit=4").send(&app).await.headers.get("link"), None);
}

#[tokio::test]
async fn a_page_that_lambda_would_refuse_ends_early_and_the_next_one_continues() {
    let app = TestApp::start().await;
    // A backslash in a URL's query is kept. It takes two bytes in JSON, and four if that JSON is quoted as a string.
    let url = format!("https://example.com/?{}", "\\".repeat(2_027));
    fill(&app, 1_000, |_, item| {
        item.insert("url".to_owned(), AttributeValue::S(url.clone()));
    })
    .await;
    for (accept, expected) in [(CSV, 1), (NDJSON, 2)] {
        let found = pages(&app, accept, "").await;
        let sizes: Vec<usize> =
            found.iter().map(|page| serde_json::to_string(&page.text).unwrap().len()).collect();
        assert!(sizes.iter().all(|size| *size <= 5_000_000), "{sizes:?}");
        assert_eq!(found.len(), expected, "{sizes:?}");
        let file: String = found.into_iter().map(|page| page.text).collect();
        let ids: Vec<String> = match accept {
            CSV => records(&file).iter().map(|record| record["id"].clone()).collect(),
            _ => lines(&file).iter().map(|link| link["id"].as_str().unwrap().to_owned()).collect(),
        };
        assert_eq!((ids.len(), ids.iter().collect::<HashSet<_>>().len()), (1_000, 1_000));
    }
}
