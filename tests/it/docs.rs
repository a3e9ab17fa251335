use crate::support::{Call, TestApp};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

#[tokio::test]
async fn the_document_is_open_api_3_1_and_describes_every_problem_by_its_code() {
    let app = TestApp::start().await;
    let answer = Call::new("docs-openapi").anonymous().send(&app).await;
    assert_eq!((answer.status, answer.headers["content-type"].as_str()), (200, "application/json"));
    assert!(answer.body["openapi"].as_str().unwrap().starts_with("3.1."));
    let codes =
        answer.body["components"]["schemas"]["Problem"]["properties"]["code"]["enum"].as_array().unwrap();
    let readme = include_str!("../../README.md");
    for code in codes.iter().map(|code| code.as_str().unwrap()) {
        assert!(readme.contains(&format!("`{code}`")), "the README does not list {code}");
    }
    assert_eq!(codes.len(), 29);
}

#[tokio::test]
async fn the_page_holds_the_document_and_all_it_needs() {
    let app = TestApp::start().await;
    let page = Call::new("docs").anonymous().send(&app).await;
    assert_eq!((page.status, page.headers["content-type"].as_str()), (200, "text/html; charset=utf-8"));
    let policy = &page.headers["content-security-policy"];
    assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
    assert!(policy.contains("connect-src 'self'"));
    let embedded = page.text.split("id=\"document\">").nth(1).unwrap();
    let mut documents = serde_json::Deserializer::from_str(embedded).into_iter::<Value>();
    let document = documents.next().unwrap().unwrap();
    assert_eq!(document, Call::new("docs-openapi").send(&app).await.body);
    // Lambda limits the size of a response, and base64 turns three bytes into four.
    assert!(page.text.len() < 6_000_000 && page.bytes.len() * 4 / 3 < 6_000_000);
}

#[tokio::test]
async fn the_page_and_the_document_are_gzipped_only_for_clients_that_accept_it() {
    let app = TestApp::start().await;
    for name in ["docs", "docs-openapi"] {
        let gzipped = Call::new(name).anonymous().send(&app).await;
        let plain = Call::new(name).anonymous().header("accept-encoding", "identity").send(&app).await;
        assert_eq!(gzipped.headers["content-encoding"], "gzip", "{name}");
        assert!(!plain.headers.contains_key("content-encoding"), "{name}");
        assert_eq!(gzipped.text, plain.text, "{name}");
        assert!(gzipped.bytes.len() * 3 < plain.bytes.len(), "{name}");
        assert_ne!(gzipped.headers["etag"], plain.headers["etag"], "{name}");
        for answer in [&gzipped, &plain] {
            assert_eq!(answer.headers["vary"], "Accept-Encoding", "{name}");
            assert_eq!(answer.headers["cache-control"], "public, max-age=300", "{name}");
        }
    }
}

#[tokio::test]
async fn a_cached_page_gets_304_and_head_gets_the_headers_of_get() {
    let app = TestApp::start().await;
    for name in ["docs", "docs-openapi"] {
        let get = Call::new(name).anonymous().send(&app).await;
        let head = Call::new(&format!("{name}-head")).anonymous().send(&app).await;
        assert_eq!((head.status, &head.headers, head.bytes.len()), (200, &get.headers, 0), "{name}");
        for method in [name.to_owned(), format!("{name}-head")] {
            let call = Call::new(&method).anonymous().header("if-none-match", &get.headers["etag"]);
            let unchanged = call.send(&app).await;
            assert_eq!((unchanged.status, unchanged.bytes.len()), (304, 0), "{method}");
            assert_eq!(unchanged.headers["etag"], get.headers["etag"], "{method}");
        }
    }
}

#[tokio::test]
async fn the_members_token_is_the_documents_first_security_scheme() {
    let app = TestApp::start().await;
    let document = Call::new("docs-openapi").anonymous().send(&app).await;
    let schemes = document.body["components"]["securitySchemes"].as_object().unwrap();
    assert_eq!(schemes.keys().next().unwrap(), "bearerAuth");
    let in_order = document.text.split_once("\"securitySchemes\":{").unwrap().1;
    assert!(in_order.starts_with("\"bearerAuth\""));
}

/// An interactive zsh passes a comment to the command as arguments.
#[test]
fn no_command_of_the_readme_is_followed_by_a_comment() {
    let readme = include_str!("../../README.md");
    let blocks: Vec<&str> =
        readme.split("```sh\n").skip(1).filter_map(|block| block.split("```").next()).collect();
    assert!(blocks.len() > 8, "the README has lost its commands");
    let mut commands = blocks.iter().flat_map(|block| block.lines());
    assert_eq!(commands.find(|line| line.starts_with('#') || line.contains(" # ")), None);
}

/// Collects the codes of all rules in the source files below this folder.
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
async fn the_document_lists_every_code_of_a_fault() {
    let app = TestApp::start().await;
    let document = Call::new("docs-openapi").send(&app).await.body;
    let listed = &document["components"]["schemas"]["Fault"]["properties"]["code"]["enum"];
    let listed: BTreeSet<String> = serde_json::from_value(listed.clone()).unwrap();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut codes = BTreeSet::new();
    for folder in ["shared/src", "functions"] {
        codes_below(&root.join(folder), &mut codes);
    }
    // Clients never see these codes in `errors` of a problem. Some of these codes have their own status, some appear only if
    // a function refuses to start, and the others are about clicks, ETags, names and rows of an imported file.
    for code in [
        "invalid_birth",
        "invalid_country",
        "invalid_referrer",
        "invalid_organization",
        "invalid_idempotency_key",
        "invalid_name",
        "invalid_slug_length",
        "invalid_row",
    ] {
        assert!(codes.remove(code), "{code}");
    }
    assert_eq!(listed, codes);
}
