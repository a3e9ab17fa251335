//! Requests that a browser sends for a front end on another origin.

#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

use local::stack::{Options, Stack};
use reqwest::header::{HeaderMap, ORIGIN};
use reqwest::{Client, Method, Response};
use std::net::{IpAddr, Ipv4Addr};

const LINKS: &str = "/1189c444-8a2d-4c41-8b4b-ae43ce79a492/link";

async fn stack(origins: &str) -> Result<Stack, String> {
    let host = IpAddr::V4(Ipv4Addr::LOCALHOST);
    let overrides = [("CORS_ORIGINS", origins)].into_iter().collect();
    Stack::start(Options {
        host,
        port: 0,
        auth_port: 0,
        dynamodb_port: 0,
        allow_hosts: Vec::new(),
        data_dir: None,
        overrides,
    })
    .await
}

async fn ask(stack: &Stack, method: Method, origin: &str) -> Response {
    let request = Client::new().request(method, format!("{}{LINKS}", stack.api)).header(ORIGIN, origin);
    let request = request.header("access-control-request-method", "PATCH");
    request.header("access-control-request-headers", "authorization,if-match").send().await.unwrap()
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).map(|value| value.to_str().unwrap())
}

#[tokio::test]
async fn a_page_on_an_allowed_origin_can_call_the_api_and_read_the_headers_it_needs() {
    let stack = stack("https://app.example.com, https://admin.example.com").await.unwrap();
    for origin in ["https://app.example.com", "https://admin.example.com"] {
        let preflight = ask(&stack, Method::OPTIONS, origin).await;
        assert!(preflight.status().is_success());
        let headers = preflight.headers();
        assert_eq!(header(headers, "access-control-allow-origin"), Some(origin));
        assert_eq!(header(headers, "access-control-allow-methods"), Some("DELETE,GET,PATCH,POST,PUT"));
        let allowed = "authorization,content-type,idempotency-key,if-match";
        assert_eq!(header(headers, "access-control-allow-headers"), Some(allowed));
        assert_eq!(header(headers, "access-control-max-age"), Some("3600"));

        let answer = ask(&stack, Method::GET, origin).await;
        assert_eq!(answer.status(), 401);
        assert_eq!(header(answer.headers(), "access-control-allow-origin"), Some(origin));
        let exposed = "etag,idempotency-replayed,link,location,signpost-change";
        assert_eq!(header(answer.headers(), "access-control-expose-headers"), Some(exposed));
        assert_eq!(header(answer.headers(), "access-control-allow-credentials"), None);
    }
}

#[tokio::test]
async fn no_other_origin_is_allowed_and_none_by_default() {
    let named = stack("https://app.example.com").await.unwrap();
    let none = stack("").await.unwrap();
    for (stack, origin) in [
        (&named, "https://evil.example"),
        (&named, "http://app.example.com"),
        (&named, "https://app.example.com.evil.example"),
        (&named, "null"),
        (&none, "https://app.example.com"),
    ] {
        for method in [Method::OPTIONS, Method::GET] {
            let answer = ask(stack, method, origin).await;
            assert_eq!(header(answer.headers(), "access-control-allow-origin"), None, "{origin}");
        }
    }
    for method in [Method::OPTIONS, Method::GET, Method::POST] {
        assert_eq!(ask(&none, method, "https://app.example.com").await.status(), 403);
    }
}

#[tokio::test]
async fn an_invalid_origin_stops_the_start_with_an_error_message() {
    for origins in [
        "*",
        "https://app.example.com,",
        "https://a\u{7}b",
        "localhost:5173",
        "http://localhost:5173/",
        "http://LOCALHOST:5173",
        "https://app.example.com:443",
    ] {
        let sentence = stack(origins).await.unwrap_err();
        assert!(sentence.starts_with("the setting CORS_ORIGINS "), "{sentence}");
    }
}
