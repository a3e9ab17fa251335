//! Clicks on the running stack, over HTTP: many people and bots click concurrently, and a moment later the API reports
//! the clicks.
//!
//! `VISITS=5000 cargo test -p local --test clicks` makes 5,000 visits instead of 1,600.

#![allow(clippy::indexing_slicing, clippy::unwrap_used, reason = "tests fail by panicking")]

use local::issuer::API_KEY;
use local::stack::{Options, Stack};
use local::users::{ACME, User};
use reqwest::redirect::Policy;
use reqwest::{Client, RequestBuilder};
use serde_json::{Value, json};
use std::cmp::Reverse;
use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

const LINKS: usize = 50;
const VISITORS: usize = 16;
/// The link that gets visits with forged referrers.
const FORGED: usize = 3;

const PHONE: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.1 Mobile/15E148 Safari/604.1";
const LAPTOP: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0";
const PREVIEW: &str = "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)";

/// A kind of visit.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Visit {
    Head,
    Prefetch,
    Preview,
    Script,
    Phone,
    Laptop,
    Forger,
}

const VISITS: [Visit; 7] =
    [Visit::Head, Visit::Phone, Visit::Prefetch, Visit::Preview, Visit::Laptop, Visit::Script, Visit::Forger];

impl Visit {
    fn headers(self, request: RequestBuilder, number: usize) -> RequestBuilder {
        let country =
            |request: RequestBuilder, country: &str| request.header("cloudfront-viewer-country", country);
        match self {
            Self::Head | Self::Laptop => request.header("user-agent", LAPTOP),
            Self::Prefetch => request.header("user-agent", LAPTOP).header("sec-purpose", "prefetch"),
            Self::Preview => country(request.header("user-agent", PREVIEW), "US"),
            Self::Script => country(request.header("user-agent", "curl/8.11.1"), "DE")
                .header("referer", "https://script.example/"),
            Self::Phone => country(request.header("user-agent", PHONE), "DE")
                .header("referer", "https://news.example/story"),
            // Each of these visits has a referring site of its own, and no valid country.
            Self::Forger => country(request.header("user-agent", PHONE), "Nowhere")
                .header("referer", format!("https://{}.forged{number}.example/", "a".repeat(60))),
        }
    }
}

/// The expected clicks of a link.
#[derive(Default)]
struct Sums {
    bots: u64,
    phones: u64,
    laptops: u64,
    forgers: u64,
}

impl Sums {
    fn add(&mut self, visit: Visit) {
        match visit {
            Visit::Head | Visit::Prefetch => {}
            Visit::Preview | Visit::Script => self.bots += 1,
            Visit::Phone => self.phones += 1,
            Visit::Laptop => self.laptops += 1,
            Visit::Forger => self.forgers += 1,
        }
    }

    fn people(&self) -> u64 {
        self.phones + self.laptops + self.forgers
    }
}

/// Returns the sum of one field over all entries of a list.
fn sum(list: &Value, member: &str) -> u64 {
    list.as_array().unwrap().iter().map(|one| one[member].as_u64().unwrap()).sum()
}

/// Returns these kinds, most frequent first. Kinds without clicks are left out.
fn kinds(kinds: &[(&str, u64)]) -> Value {
    let mut kinds: Vec<_> = kinds.iter().filter(|(_, clicks)| *clicks > 0).collect();
    kinds.sort_by_key(|(name, clicks)| (Reverse(*clicks), *name));
    kinds.into_iter().map(|(name, clicks)| json!({ "name": name, "clicks": clicks })).collect()
}

async fn token(client: &Client, stack: &Stack, user: &str) -> String {
    let body = json!({ "user_id": User::named(user).unwrap().id, "duration_in_minutes": 5 });
    let request = client.post(format!("{}/api/backend/v1/access_token", stack.auth)).bearer_auth(API_KEY);
    let answer: Value = request.json(&body).send().await.unwrap().json().await.unwrap();
    answer["access_token"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn visits_of_fifty_links_are_counted_exactly_for_people_and_bots_separately() {
    let options = Options {
        host: IpAddr::V4(Ipv4Addr::LOCALHOST),
        port: 0,
        auth_port: 0,
        dynamodb_port: 0,
        allow_hosts: Vec::new(),
        data_dir: None,
        overrides: [("TRUST_CDN_HEADERS", "true")].into_iter().collect(),
    };
    let stack = Stack::start(options).await.unwrap();
    let client = Client::builder().redirect(Policy::none()).build().unwrap();
    let member = token(&client, &stack, "member").await;
    let links = format!("{}/{}/link", stack.api, ACME.id);
    for number in 0..LINKS {
        // One link in ten is for members only, and one in ten has expired by the time of the visits.
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
            let mut clicks = Vec::new();
            for turn in 0..visits / VISITORS {
                let visit = VISITS[(turn / 3 + visitor) % VISITS.len()];
                let link =
                    if visit == Visit::Forger { FORGED } else { (turn * 7 + visitor * 3) % (LINKS + 2) };
                let url = if link.is_multiple_of(10) && turn.is_multiple_of(2) {
                    format!("{base}/-/open/link-{link}")
                } else {
                    format!("{base}/link-{link}")
                };
                let request = if visit == Visit::Head { client.head(&url) } else { client.get(&url) };
                let request = visit.headers(request, turn * VISITORS + visitor);
                let answer = request.bearer_auth(&member).send().await.unwrap();
                let location = answer.headers().get("location");
                if location.is_some_and(|location| location == "https://example.com/") {
                    clicks.push((link, visit));
                }
            }
            clicks
        })
    });
    let mut clicks: Vec<Sums> = (0..LINKS).map(|_| Sums::default()).collect();
    for visitor in visitors.collect::<Vec<_>>() {
        for (link, visit) in visitor.await.unwrap() {
            clicks[link].add(visit);
        }
    }
    let all: u64 = clicks.iter().map(Sums::people).sum();
    let bots: u64 = clicks.iter().map(|clicks| clicks.bots).sum();
    assert!(all > visits as u64 / 4 && bots > visits as u64 / 8, "{all} {bots}");
    println!("{visits} visits: {all} clicks of people, {bots} of bots");

    let shown = async |link: usize| -> Value {
        let request = client.get(format!("{links}/link-{link}/clicks")).bearer_auth(&member);
        request.send().await.unwrap().json().await.unwrap()
    };
    for (link, expected) in clicks.iter().enumerate() {
        // The last log lines may not have been delivered yet; the loop allows for a busy machine.
        let mut body = shown(link).await;
        for _ in 0..200 {
            if (&body["total"], &body["bots"]) == (&expected.people().into(), &expected.bots.into()) {
                break;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
            body = shown(link).await;
        }
        let (people, bots) = (expected.people(), expected.bots);
        assert_eq!((&body["total"], &body["bots"]), (&people.into(), &bots.into()), "link-{link}");
        let series = &body["series"];
        assert_eq!((sum(series, "clicks"), sum(series, "bots")), (people, bots), "link-{link}");
        assert_eq!(sum(&body["hours"], "clicks"), people);
        let Sums { phones, laptops, forgers, .. } = *expected;
        assert_eq!(
            body["devices"],
            kinds(&[("mobile", phones + forgers), ("desktop", laptops)]),
            "link-{link}"
        );
        assert_eq!(body["countries"], kinds(&[("DE", phones)]), "link-{link}");
        if link == FORGED {
            // At most 200 forged sites have a count of their own, and no click is lost.
            assert!(forgers > 200, "{forgers}");
            assert!(body["referrers"].as_array().unwrap().len() <= 202);
            assert_eq!(sum(&body["referrers"], "clicks"), people);
        } else {
            assert_eq!(
                body["referrers"],
                kinds(&[("news.example", phones), ("direct", laptops)]),
                "link-{link}"
            );
        }
    }
    let listed = client.get(format!("{links}?include=clicks&limit=100")).bearer_auth(&member);
    let listed: Value = listed.send().await.unwrap().json().await.unwrap();
    for link in listed["data"].as_array().unwrap() {
        let number: usize = link["id"].as_str().unwrap().strip_prefix("link-").unwrap().parse().unwrap();
        assert_eq!(link["clicks"], clicks[number].people(), "{link}");
    }
}
