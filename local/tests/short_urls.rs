//! Variants of a short URL, as people type and paste them, over HTTP. `checks/deploy.py` also sends some of these
//! variants to the built function.

#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "tests fail by panicking")]

use local::issuer::API_KEY;
use local::stack::{Options, Stack};
use local::users::{ACME, GLOBEX, Organization, User};
use reqwest::{Client, Method, Response};
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, TcpStream};
use tokio::task::spawn_blocking;

const LAUNCH: &str = "https://example.com/launch";

async fn call(stack: &Stack, user: &str, method: Method, path: &str, body: Value) -> Response {
    let request = json!({ "user_id": User::named(user).unwrap().id, "duration_in_minutes": 5 });
    let mint = Client::new().post(format!("{}/api/backend/v1/access_token", stack.auth));
    let minted: Value = mint.bearer_auth(API_KEY).json(&request).send().await.unwrap().json().await.unwrap();
    let request = Client::new().request(method, format!("{}{path}", stack.api));
    request.bearer_auth(minted["access_token"].as_str().unwrap()).json(&body).send().await.unwrap()
}

async fn link(stack: &Stack, user: &str, org: Organization, slug: &str, url: &str) {
    let body = json!({ "id": slug, "url": url });
    let made = call(stack, user, Method::POST, &format!("/{}/link", org.id), body).await;
    assert_eq!(made.status(), 201, "{slug}");
}

/// A Signpost in which acme's link `launch` redirects to [`LAUNCH`], and all links with similar names redirect
/// elsewhere.
async fn stack() -> Stack {
    let host = IpAddr::V4(Ipv4Addr::LOCALHOST);
    let overrides = [("ROOT_ORG", ACME.id)].into_iter().collect();
    let options = Options {
        host,
        port: 0,
        auth_port: 0,
        dynamodb_port: 0,
        data_dir: None,
        allow_hosts: Vec::new(),
        overrides,
    };
    let stack = Stack::start(options).await.unwrap();
    link(&stack, "member", ACME, "launch", LAUNCH).await;
    for slug in ["l", "my", "html", "more", "evil", "https"] {
        link(&stack, "member", ACME, slug, "https://example.com/wrong").await;
    }
    link(&stack, "outsider", GLOBEX, "launch", "https://example.com/globex").await;
    for (user, org, handle) in [("owner", ACME, "acme"), ("outsider", GLOBEX, "globex")] {
        let body = json!({ "handle": handle });
        let path = format!("/{}/-/handle", org.id);
        assert_eq!(call(&stack, user, Method::PUT, &path, body).await.status(), 200, "{handle}");
    }
    stack
}

/// Requests a path that consists of exactly these bytes, and returns the status and the `Location` of the response.
async fn get(stack: &Stack, path: &str) -> (u16, Option<String>) {
    let address = stack.api.replace("http://", "");
    let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    let answer = spawn_blocking(move || {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    });
    let answer = answer.await.unwrap();
    let location = answer.lines().find_map(|line| line.strip_prefix("location: "));
    (answer[9..12].parse().unwrap(), location.map(str::to_owned))
}

/// Returns the variants in one part of the list, each with a description.
fn listed(part: &str) -> Vec<(String, String)> {
    let list: Value = serde_json::from_str(include_str!("../../tests/short-urls.json")).unwrap();
    let entries = list[part].as_array().unwrap().iter();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let path = |value: &Value| {
        let path = text(value).replace("{org}", ACME.id).replace("{globex}", GLOBEX.id);
        path.replace("{ORG}", &ACME.id.to_uppercase())
    };
    entries.map(|entry| (text(&entry["what"]), path(&entry["path"]))).collect()
}

#[tokio::test]
async fn every_pasted_form_of_a_short_url_leads_to_its_link() {
    let stack = stack().await;
    let forms = listed("lead");
    assert!(forms.len() >= 60, "{}", forms.len());
    let mut lost = Vec::new();
    for (what, path) in forms {
        let answer = get(&stack, &path).await;
        if answer != (302, Some(LAUNCH.to_owned())) {
            lost.push(format!("{what}: {path}: {answer:?}"));
        }
    }
    assert!(lost.is_empty(), "{lost:#?}");
}

#[tokio::test]
async fn every_form_of_a_preview_shows_the_destination_without_a_redirect() {
    let stack = stack().await;
    let forms = listed("preview");
    assert!(forms.len() >= 8, "{}", forms.len());
    for (what, path) in forms {
        assert_eq!(get(&stack, &path).await, (200, None), "{what}: {path}");
        let page = reqwest::get(format!("{}{path}", stack.api)).await.unwrap().text().await.unwrap();
        assert!(page.contains(&format!("href=\"{LAUNCH}\"")), "{what}: {path}: {page}");
    }
}

#[tokio::test]
async fn look_alikes_of_a_short_url_lead_nowhere() {
    let stack = stack().await;
    for (what, path) in listed("elsewhere") {
        assert_eq!(get(&stack, &path).await, (404, None), "{what}: {path}");
    }
}

#[tokio::test]
async fn unencoded_characters_in_a_path_are_the_same_as_encoded_ones() {
    let stack = stack().await;
    for tail in ["\"", "|", "\\", "}", "]", "^", "”", "。", "\u{a0}", "\u{200b}", "🚀"] {
        let path = format!("/{}/launch{tail}", ACME.id);
        assert_eq!(get(&stack, &path).await, (302, Some(LAUNCH.to_owned())), "{tail:?}");
    }
}
