//! The session cookie, sent through the local gateway, which has API Gateway's limits.

#![allow(clippy::indexing_slicing, clippy::unwrap_used, reason = "tests fail by panicking")]

use local::issuer::API_KEY;
use local::stack::{Options, Stack};
use local::users::{ACME, User};
use reqwest::header::{ACCEPT, COOKIE, HeaderMap, HeaderValue, LOCATION, USER_AGENT};
use reqwest::{Client, Method, RequestBuilder, Response, redirect};
use serde_json::{Value, json};
use shared::settings::Settings;
use std::net::{IpAddr, Ipv4Addr};

/// The size of the largest token that sign-in stores, in bytes.
const MAX_TOKEN: usize = 3_900;
/// A length in bytes that no `User-Agent` of a browser or an in-app browser reaches.
const LARGE_USER_AGENT: usize = 2_048;

struct Browser {
    stack: Stack,
    client: Client,
    token: String,
}

impl Browser {
    /// A browser, and a running Signpost in which the link `kept` is for members only and `open` is public.
    async fn start() -> Self {
        let host = IpAddr::V4(Ipv4Addr::LOCALHOST);
        let stack = Stack::start(Options {
            host,
            port: 0,
            auth_port: 0,
            dynamodb_port: 0,
            allow_hosts: Vec::new(),
            data_dir: None,
            overrides: Settings::default(),
        });
        let stack = stack.await.unwrap();
        let client = Client::builder().redirect(redirect::Policy::none()).build().unwrap();
        let request = json!({ "user_id": User::named("member").unwrap().id, "duration_in_minutes": 5 });
        let mint = client.post(format!("{}/api/backend/v1/access_token", stack.auth)).bearer_auth(API_KEY);
        let minted: Value = mint.json(&request).send().await.unwrap().json().await.unwrap();
        let token = minted["access_token"].as_str().unwrap().to_owned();
        let browser = Self { stack, client, token };
        for (slug, access) in [("kept", "members"), ("open", "public")] {
            let url = format!("https://example.com/{slug}");
            let body = json!({ "id": slug, "access": access, "url": url });
            let created =
                browser.request(Method::POST, "/link").json(&body).header("sec-fetch-site", "same-origin");
            assert_eq!(browser.with_session(created).send().await.unwrap().status(), 201);
        }
        browser
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}/{}{path}", self.stack.api, ACME.id))
    }

    fn with_session(&self, request: RequestBuilder) -> RequestBuilder {
        request.header(COOKIE, format!("signpost={}", self.token))
    }
}

/// The headers that a browser sends with a navigation from another site.
fn navigation() -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in [
        ("accept-encoding", "gzip, deflate, br, zstd"),
        ("accept-language", "en-GB,en-US;q=0.9,en;q=0.8,de;q=0.7"),
        ("sec-ch-ua", r#""Chromium";v="142", "Google Chrome";v="142", "Not_A Brand";v="99""#),
        ("sec-ch-ua-mobile", "?0"),
        ("sec-ch-ua-platform", r#""Linux""#),
        ("sec-fetch-dest", "document"),
        ("sec-fetch-mode", "navigate"),
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-user", "?1"),
        ("upgrade-insecure-requests", "1"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.insert(ACCEPT, HeaderValue::from_static("text/html,application/xhtml+xml,*/*;q=0.8"));
    headers.insert(
        "referer",
        HeaderValue::from_str(&format!("https://mail.example.com/{}", "x".repeat(1_000))).unwrap(),
    );
    headers.insert(USER_AGENT, HeaderValue::from_str(&"M".repeat(LARGE_USER_AGENT)).unwrap());
    headers
}

fn location(answer: &Response) -> &str {
    answer.headers()[LOCATION].to_str().unwrap()
}

#[tokio::test]
async fn the_largest_cookie_and_a_large_user_agent_pass_the_gateway() {
    let browser = Browser::start().await;
    let cookie = format!("signpost={}; signpost-tried=1", "x".repeat(MAX_TOKEN));
    let visit = |path: &str| {
        browser.request(Method::GET, path).headers(navigation()).header(COOKIE, cookie.as_str()).send()
    };
    let public = visit("/open").await.unwrap();
    assert_eq!((public.status().as_u16(), location(&public)), (302, "https://example.com/open"));
    let members = visit("/-/open/kept").await.unwrap();
    assert!([302, 401].contains(&members.status().as_u16()), "{}", members.status());
    let list = visit("/link").await.unwrap();
    assert_eq!(list.status(), 401);
    let problem: Value = list.json().await.unwrap();
    assert!(problem["detail"].as_str().unwrap().contains("session"), "{problem}");
}

#[tokio::test]
async fn a_session_opens_members_only_links_and_the_api_and_counts_once() {
    let browser = Browser::start().await;
    let visit = browser.request(Method::GET, "/-/open/kept").headers(navigation());
    let opened = browser.with_session(visit).send().await.unwrap();
    assert_eq!((opened.status().as_u16(), location(&opened)), (302, "https://example.com/kept"));

    let list = || browser.request(Method::GET, "/link").header("sec-fetch-site", "same-origin");
    assert_eq!(browser.with_session(list()).send().await.unwrap().status(), 200);
    for (case, cookies) in [
        ("two headers", vec![format!("signpost={}", browser.token); 2]),
        ("after a Unicode space", vec![format!("\u{2000}signpost={}", browser.token)]),
        ("with https's name", vec![format!("__Host-Http-signpost={}", browser.token)]),
    ] {
        let request = cookies.iter().fold(list(), |request, cookie| {
            request.header(COOKIE, HeaderValue::from_bytes(cookie.as_bytes()).unwrap())
        });
        assert_eq!(request.send().await.unwrap().status(), 401, "{case}");
    }
}
