//! Clicks on the running stack, over HTTP: visited by many at once, and shown by the API a moment later.

#![allow(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test that panics has failed, as it should"
)]

use local::issuer::API_KEY;
use local::stack::{Options, Stack};
use local::users::{ACME, User};
use reqwest::Client;
use reqwest::redirect::Policy;
use serde_json::{Value, json};
use shared::settings::Settings;
use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

const LINKS: usize = 50;
const VISITORS: usize = 16;

async fn token(client: &Client, stack: &Stack, user: &str) -> String {
    let body = json!({ "user_id": User::named(user).unwrap().id, "duration_in_minutes": 5 });
    let request = client.post(format!("{}/api/backend/v1/access_token", stack.auth)).bearer_auth(API_KEY);
    let answer: Value = request.json(&body).send().await.unwrap().json().await.unwrap();
    answer["access_token"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn visits_of_fifty_links_by_sixteen_visitors_are_shown_exactly() {
    let options = Options {
        host: IpAddr::V4(Ipv4Addr::LOCALHOST),
        port: 0,
        auth_port: 0,
        dynamodb_port: 0,
        allow_hosts: Vec::new(),
        data_dir: None,
        overrides: Settings::default(),
    };
    let stack = Stack::start(options).await.unwrap();
    let client = Client::builder().redirect(Policy::none()).build().unwrap();
    let member = token(&client, &stack, "member").await;
    let links = format!("{}/{}/link", stack.api, ACME.id);
    for number in 0..LINKS {
        // Of every ten one is for members, and one has expired by the time it is visited.
        let mut body = json!({ "url": "https://example.com/", "id": format!("link-{number}") });
        if number.is_multiple_of(10) {
            body["access"] = "members".into();
        }
        if number % 10 == 1 {
            body["enabled"] = false.into();
        }
        let made = client.post(&links).bearer_auth(&member).json(&body).send().await.unwrap();
        assert_eq!(made.status(), 201);
    }

    let visits: usize = std::env::var("VISITS").map_or(1_600, |visits| visits.parse().unwrap());
    let visitors = (0..VISITORS).map(|visitor| {
        let (client, member) = (client.clone(), member.clone());
        let base = format!("{}/{}", stack.api, ACME.id);
        tokio::spawn(async move {
            let mut clicks = vec![0_u64; LINKS];
            for turn in 0..visits / VISITORS {
                let link = (turn * 7 + visitor * 3) % (LINKS + 2);
                let url = if link.is_multiple_of(10) && turn.is_multiple_of(2) {
                    format!("{base}/-/open/link-{link}")
                } else {
                    format!("{base}/link-{link}")
                };
                let kind = (turn / 3 + visitor) % 6;
                let request = match kind {
                    0 => client.head(&url),
                    1 => client.get(&url).header("sec-purpose", "prefetch"),
                    2 => client
                        .get(&url)
                        .header("user-agent", "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)"),
                    _ => client.get(&url).header("referer", "https://news.example/story"),
                };
                let answer = request.bearer_auth(&member).send().await.unwrap();
                let sent_on = answer
                    .headers()
                    .get("location")
                    .is_some_and(|location| location == "https://example.com/");
                if sent_on && kind > 1 {
                    clicks[link] += 1;
                }
            }
            clicks
        })
    });
    let mut clicks = vec![0_u64; LINKS];
    for visitor in visitors.collect::<Vec<_>>() {
        for (sum, one) in clicks.iter_mut().zip(visitor.await.unwrap()) {
            *sum += one;
        }
    }
    let all: u64 = clicks.iter().sum();
    assert!(all > visits as u64 / 4, "{all}");

    let shown = async |link: usize| -> Value {
        let request = client.get(format!("{links}/link-{link}/clicks")).bearer_auth(&member);
        request.send().await.unwrap().json().await.unwrap()
    };
    for (link, expected) in clicks.into_iter().enumerate() {
        // The last lines are still on their way; a loop, because a machine may be busy.
        let mut body = shown(link).await;
        for _ in 0..200 {
            if body["total"] == expected {
                break;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
            body = shown(link).await;
        }
        assert_eq!(body["total"], expected, "link-{link}");
        let series = body["series"].as_array().unwrap().iter().map(|point| point["clicks"].as_u64().unwrap());
        assert_eq!(series.sum::<u64>(), expected);
    }
}
