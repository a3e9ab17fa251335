use super::*;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use flate2::read::GzDecoder;
use serde_json::{Value, json};
use shared::lambda::invoke;
use std::io::Read;

async fn answer(method: &str, path: &str, headers: Value) -> Value {
    let context = json!({ "http": { "method": method, "path": path } });
    let event = json!({ "headers": headers, "requestContext": context });
    let event = serde_json::value::to_raw_value(&event).unwrap();
    json!(invoke(&Docs, &event, Timestamp::now()).await)
}

async fn plain(path: &str) -> Value {
    answer("GET", path, json!({})).await
}

async fn gzipped(path: &str) -> Value {
    answer("GET", path, json!({ "accept-encoding": "gzip, deflate, br" })).await
}

#[tokio::test]
async fn the_document_is_json_and_the_page_is_html_and_caches_keep_both_for_five_minutes() {
    let (document, page) = (plain("/openapi.json").await, plain("/docs").await);
    assert_eq!((&document["statusCode"], &page["statusCode"]), (&json!(200), &json!(200)));
    assert_eq!(document["headers"]["content-type"], "application/json");
    assert_eq!(page["headers"]["content-type"], "text/html; charset=utf-8");
    for answer in [&document, &page] {
        assert_eq!(answer["headers"]["cache-control"], "public, max-age=300");
        assert_eq!(answer["headers"]["vary"], "Accept-Encoding");
        assert_eq!(answer["headers"].get("content-encoding"), None);
        assert_eq!(answer["isBase64Encoded"], false);
    }
    let body: Value = serde_json::from_str(document["body"].as_str().unwrap()).unwrap();
    assert_eq!(body, openapi::document().unwrap());
}

#[tokio::test]
async fn who_accepts_gzip_gets_the_same_text_in_a_third_of_the_bytes() {
    for path in ["/docs", "/openapi.json"] {
        let (plain, gzipped) = (plain(path).await, gzipped(path).await);
        assert_eq!(gzipped["headers"]["content-encoding"], "gzip", "{path}");
        assert_eq!(gzipped["headers"]["vary"], "Accept-Encoding", "{path}");
        assert_eq!(gzipped["isBase64Encoded"], true, "{path}");
        let bytes = BASE64_STANDARD.decode(gzipped["body"].as_str().unwrap()).unwrap();
        let mut text = String::new();
        GzDecoder::new(&*bytes).read_to_string(&mut text).unwrap();
        assert_eq!(plain["body"], text, "{path}");
        assert!(bytes.len() * 3 < text.len(), "{path}: {} of {} bytes", bytes.len(), text.len());
    }
}

#[tokio::test]
async fn each_text_has_an_entity_tag_for_either_coding_and_who_sends_it_gets_304() {
    let mut tags = Vec::new();
    for path in ["/docs", "/openapi.json"] {
        for coding in ["gzip", "identity"] {
            let first = answer("GET", path, json!({ "accept-encoding": coding })).await;
            let tag = first["headers"]["etag"].as_str().unwrap().to_owned();
            assert!(tag.starts_with('"') && tag.ends_with('"'), "{tag}");
            for sent in [tag.clone(), format!("W/{tag}"), format!("\"other\", {tag}"), "*".to_owned()] {
                for method in ["GET", "HEAD"] {
                    let headers = json!({ "accept-encoding": coding, "if-none-match": sent });
                    let again = answer(method, path, headers).await;
                    assert_eq!((&again["statusCode"], &again["body"]), (&json!(304), &json!("")), "{sent}");
                    for name in ["etag", "cache-control", "vary"] {
                        assert_eq!(again["headers"][name], first["headers"][name], "{sent} {name}");
                    }
                    assert!(again["headers"].get("content-type").is_none(), "{sent}");
                }
            }
            tags.push(tag);
        }
    }
    for (index, tag) in tags.iter().enumerate() {
        let headers = json!({ "accept-encoding": "gzip", "if-none-match": tag });
        assert_eq!(answer("GET", "/docs", headers).await["statusCode"], if index == 0 { 304 } else { 200 });
    }
    for other in ["", "\"\"", "docs", tags[0].trim_matches('"')] {
        let headers = json!({ "accept-encoding": "gzip", "if-none-match": other });
        assert_eq!(answer("GET", "/docs", headers).await["statusCode"], 200, "{other}");
    }
}

#[tokio::test]
async fn head_says_what_get_says_without_the_body() {
    for path in ["/docs", "/openapi.json"] {
        for coding in ["gzip", "identity"] {
            let headers = json!({ "accept-encoding": coding });
            let (get, head) =
                (answer("GET", path, headers.clone()).await, answer("HEAD", path, headers).await);
            assert_eq!(
                (&head["statusCode"], &head["headers"]),
                (&get["statusCode"], &get["headers"]),
                "{path}"
            );
            assert_eq!((&head["body"], &head["isBase64Encoded"]), (&json!(""), &json!(false)), "{path}");
        }
    }
}

#[tokio::test]
async fn the_page_is_one_file_and_its_policy_lets_nothing_else_in() {
    let page = plain("/docs").await;
    let html = page["body"].as_str().unwrap();
    assert!(html.len() < 4_000_000, "{} bytes: a response from Lambda is at most 6 MB", html.len());
    assert_eq!(html.matches("</script").count(), 2);
    assert_eq!(html.matches("<script").count(), 2);
    assert_eq!((html.matches("<style>").count(), html.matches("</style").count()), (1, 1));
    assert!(!html.contains("{{"), "a placeholder that was not filled");
    for outside in
        ["src=\"http", "src=\"//", "src='http", "url(http", "url(\"http", "url(//", "sourceMappingURL"]
    {
        assert!(!html.contains(outside), "{outside}");
    }
    let links = html.split("<body>").next().unwrap().matches("href=").count();
    assert_eq!(links, html.matches("href=\"data:").count(), "a page that loads only its icon");
    assert!(html.contains("SmartBear"), "a page with Swagger UI's notice");

    let policy = page["headers"]["content-security-policy"].as_str().unwrap();
    assert!(policy.starts_with("default-src 'none'; script-src 'sha256-"), "{policy}");
    assert!(!policy.contains("unsafe") && !policy.contains("http") && !policy.contains('*'), "{policy}");
}

#[tokio::test]
async fn the_page_holds_the_document_itself() {
    let page = plain("/docs").await;
    let html = page["body"].as_str().unwrap();
    let document = html.split_once(r#"id="document">"#).unwrap().1.split_once("</script>").unwrap().0;
    assert!(!document.contains('<'));
    assert_eq!(serde_json::from_str::<Value>(document).unwrap(), openapi::document().unwrap());
}
