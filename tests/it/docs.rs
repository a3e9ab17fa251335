use crate::house::{Call, House};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

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
    assert_eq!(codes.len(), 20);
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

/// The codes of all rules that the sources below this folder name.
fn codes_below(folder: &Path, codes: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            codes_below(&path, codes);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(path).unwrap();
            for rule in text.split("Invalid::new(").skip(1) {
                let code = rule.trim_start().strip_prefix('"').and_then(|rule| rule.split('"').next());
                codes.extend(code.map(str::to_owned));
            }
        }
    }
}

#[tokio::test]
async fn the_document_lists_every_code_that_a_single_fault_may_bear() {
    let house = House::open().await;
    let document = Call::of("docs-openapi").send(&house).await.body;
    let listed = &document["components"]["schemas"]["Fault"]["properties"]["code"]["enum"];
    let listed: BTreeSet<String> = serde_json::from_value(listed.clone()).unwrap();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut codes = BTreeSet::new();
    for folder in ["shared/src", "functions"] {
        codes_below(&root.join(folder), &mut codes);
    }
    // These become a status of their own, stop the start, or belong to clicks and ETags, where no client sees them.
    for code in [
        "invalid_birth",
        "invalid_country",
        "invalid_referrer",
        "invalid_organization",
        "invalid_idempotency_key",
        "invalid_slug_length",
    ] {
        assert!(codes.remove(code), "{code}");
    }
    assert_eq!(listed, codes);
}
