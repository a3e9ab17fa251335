//! A clean shutdown loses nothing: everything that was acknowledged before is still there afterwards.

#![allow(clippy::indexing_slicing, clippy::unwrap_used, reason = "tests fail by panicking")]

use local::issuer::API_KEY;
use local::stack::{Options, Stack};
use local::users::{ACME, User};
use reqwest::redirect::Policy;
use reqwest::{Client, Response};
use serde_json::{Value, json};
use shared::settings::Settings;
use std::net::{IpAddr, Ipv4Addr};
use std::path::Path;

/// A person's user agent.
const BROWSER: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0";

async fn start(directory: &Path) -> Stack {
    let options = Options {
        host: IpAddr::V4(Ipv4Addr::LOCALHOST),
        port: 0,
        auth_port: 0,
        dynamodb_port: 0,
        allow_hosts: Vec::new(),
        data_dir: Some(directory.to_owned()),
        overrides: Settings::default(),
    };
    Stack::start(options).await.unwrap()
}

fn client() -> Client {
    Client::builder().redirect(Policy::none()).build().unwrap()
}

async fn token(stack: &Stack) -> String {
    let body = json!({ "user_id": User::named("member").unwrap().id, "duration_in_minutes": 5 });
    let request = client().post(format!("{}/api/backend/v1/access_token", stack.auth)).bearer_auth(API_KEY);
    let answer: Value = request.json(&body).send().await.unwrap().json().await.unwrap();
    answer["access_token"].as_str().unwrap().to_owned()
}

async fn total(stack: &Stack, slug: &str) -> Value {
    let request = client().get(format!("{}/{}/link/{slug}/clicks", stack.api, ACME.id));
    let answer: Response = request.bearer_auth(token(stack).await).send().await.unwrap();
    answer.json::<Value>().await.unwrap()["total"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_click_is_counted_before_the_shutdown_ends() {
    let directory = std::env::temp_dir().join(format!("signpost-stop-{}", std::process::id()));
    let mut expected = 0;
    let stack = start(&directory).await;
    let body = json!({ "id": "counted", "url": "https://example.com/" });
    let made =
        client().post(format!("{}/{}/link", stack.api, ACME.id)).bearer_auth(token(&stack).await).json(&body);
    assert_eq!(made.send().await.unwrap().status(), 201);
    stack.stop().await.unwrap();

    // The stack stops immediately after one click, after two, and after forty concurrent clicks.
    for visits in [1, 2, 40] {
        let stack = start(&directory).await;
        let url = format!("{}/{}/counted", stack.api, ACME.id);
        let visitors: Vec<_> = (0..visits)
            .map(|_| {
                let url = url.clone();
                let visit = client().get(url).header("user-agent", BROWSER);
                tokio::spawn(async move { visit.send().await.unwrap().status().as_u16() })
            })
            .collect();
        for visitor in visitors {
            assert_eq!(visitor.await.unwrap(), 302);
            expected += 1;
        }
        stack.stop().await.unwrap();
        let stack = start(&directory).await;
        assert_eq!(total(&stack, "counted").await, expected);
        stack.stop().await.unwrap();
    }
    std::fs::remove_dir_all(&directory).unwrap();
}
