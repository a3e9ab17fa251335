use crate::house::{Call, House};
use serde_json::Value;

#[tokio::test]
async fn the_document_is_open_api_3_1_and_describes_every_problem_by_its_code() {
    let house = House::open().await;
    let answer = Call::of("docs-openapi").anonymous().send(&house).await;
    assert_eq!((answer.status, answer.headers["content-type"].as_str()), (200, "application/json"));
    assert!(answer.body["openapi"].as_str().unwrap().starts_with("3.1."));
    let codes =
        answer.body["components"]["schemas"]["Problem"]["properties"]["code"]["enum"].as_array().unwrap();
    let readme = include_str!("../../README.md");
    for code in codes.iter().map(|code| code.as_str().unwrap()) {
        assert!(readme.contains(&format!("`{code}`")), "the README does not name {code}");
    }
    assert_eq!(codes.len(), 19);
}

#[tokio::test]
async fn the_page_holds_the_document_and_all_it_needs() {
    let house = House::open().await;
    let page = Call::of("docs").anonymous().send(&house).await;
    assert_eq!((page.status, page.headers["content-type"].as_str()), (200, "text/html; charset=utf-8"));
    let policy = &page.headers["content-security-policy"];
    assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
    assert!(policy.contains("connect-src 'self'"));
    let embedded = page.text.split("id=\"document\">").nth(1).unwrap();
    let mut documents = serde_json::Deserializer::from_str(embedded).into_iter::<Value>();
    let document = documents.next().unwrap().unwrap();
    assert_eq!(document, Call::of("docs-openapi").send(&house).await.body);
    // API Gateway's limit on what a function answers.
    assert!(page.text.len() < 6_000_000);
}
