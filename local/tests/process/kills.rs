//! Four users send requests while the process is killed again and again. The store must contain every change that was
//! acknowledged; the test keeps a model of these changes.
//!
//! `KILLS=20 KILL_SECONDS=60 cargo test -p local --test process outlives_a_kill` runs for 20 minutes.

use super::{Directory, Running, client};
use local::users::{ACME, GLOBEX};
use reqwest::header::{ETAG, HeaderMap, IF_MATCH, LOCATION};
use reqwest::{Client, Method, RequestBuilder};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::env;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use tokio::time::sleep;

/// If the store does not respond within this time, a function repeats the call, and may find that the first call
/// succeeded.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(1);

/// A link, with the values in the latest response about it.
struct Link {
    url: String,
    version: u64,
    etag: String,
    /// The number of requests sent to the link's short URL, including those that got no response.
    visits: u64,
}

struct Answer {
    status: u16,
    headers: HeaderMap,
    body: Value,
    /// The number of requests that were sent until this response arrived.
    attempts: u64,
}

/// A user who changes their own links, and the expected state of each of these links, keyed by slug.
struct User {
    client: Client,
    org: &'static str,
    api: String,
    token: String,
    links: BTreeMap<String, Link>,
    steps: usize,
}

impl User {
    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}/{}/{path}", self.api, self.org)).bearer_auth(&self.token)
    }

    /// Sends the request until it gets a whole response that is not a 5xx.
    async fn send(&self, request: RequestBuilder) -> Answer {
        let start = Instant::now();
        for attempts in 1.. {
            if let Ok(answer) = request.try_clone().unwrap().send().await
                && !answer.status().is_server_error()
            {
                let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
                if let Ok(text) = answer.text().await {
                    let body = serde_json::from_str(&text).unwrap_or_default();
                    return Answer { status, headers, body, attempts };
                }
            }
            assert!(
                start.elapsed() < Duration::from_secs(60),
                "{request:?} has had no response for a minute"
            );
            sleep(Duration::from_millis(50)).await;
        }
        unreachable!("the loop has no end")
    }

    async fn step(&mut self) {
        self.steps += 1;
        let slug = self.links.keys().nth(self.steps * 7 % self.links.len().max(1)).cloned();
        match (slug, self.steps % 8) {
            (None, _) | (_, 0..3) => self.create().await,
            (Some(slug), 3 | 4) => self.edit(&slug).await,
            (Some(slug), 5) => self.delete(&slug).await,
            (Some(slug), _) => self.follow(&slug).await,
        }
    }

    async fn create(&mut self) {
        let url = format!("https://example.com/{}", self.steps);
        let key = format!("step-{}", self.steps);
        let request = self.request(Method::POST, "link").header("idempotency-key", key);
        let answer = self.send(request.json(&json!({ "url": url }))).await;
        assert!(answer.status == 201 || answer.status == 200 && answer.attempts > 1, "{}", answer.body);
        let link = Link { url, version: 1, etag: etag(&answer), visits: 0 };
        let earlier = self.links.insert(answer.body["id"].as_str().unwrap().to_owned(), link);
        assert!(earlier.is_none(), "made twice: {}", answer.body);
    }

    async fn edit(&mut self, slug: &str) {
        let url = format!("https://example.com/{}", self.steps);
        let path = format!("link/{slug}");
        let request = self.request(Method::PATCH, &path).header(IF_MATCH, &self.links[slug].etag);
        let mut answer = self.send(request.json(&json!({ "url": url }))).await;
        if answer.status == 412 && answer.attempts > 1 {
            // An earlier attempt made the edit, but its response was lost.
            answer = self.send(self.request(Method::GET, &path)).await;
        }
        let link = self.links.get_mut(slug).unwrap();
        let expected = (200, &json!(url), &json!(link.version + 1));
        assert_eq!(
            (answer.status, &answer.body["url"], &answer.body["version"]),
            expected,
            "{}",
            answer.body
        );
        *link = Link { url, version: link.version + 1, etag: etag(&answer), visits: link.visits };
    }

    async fn delete(&mut self, slug: &str) {
        let path = format!("link/{slug}");
        let before = self.send(self.request(Method::GET, &path)).await;
        assert_eq!((before.status, etag(&before)), (200, self.links[slug].etag.clone()), "{}", before.body);
        let start = Instant::now();
        let answer = self.send(self.request(Method::DELETE, &path)).await;
        let repeated = answer.attempts > 1 || start.elapsed() > ATTEMPT_TIMEOUT;
        assert!(answer.status == 200 || answer.status == 404 && repeated, "{}", answer.body);
        self.links.remove(slug);
    }

    async fn follow(&mut self, slug: &str) {
        let answer = self.send(self.request(Method::GET, slug)).await;
        let link = self.links.get_mut(slug).unwrap();
        link.visits += answer.attempts;
        assert_eq!((answer.status, answer.headers[LOCATION].to_str().unwrap()), (302, link.url.as_str()));
    }

    /// Follows each link once and waits until this click is counted. No link has more clicks than it had requests.
    async fn clicks_are_counted(&mut self) {
        let slugs: Vec<String> = self.links.keys().cloned().collect();
        for slug in &slugs {
            self.follow(slug).await;
        }
        let start = Instant::now();
        for slug in &slugs {
            loop {
                let stats = self.send(self.request(Method::GET, &format!("link/{slug}/clicks"))).await.body;
                let clicks = stats["total"].as_u64().unwrap() + stats["bots"].as_u64().unwrap();
                assert!(clicks <= self.links[slug].visits, "{slug}: {stats}");
                if clicks > 0 {
                    break;
                }
                assert!(start.elapsed() < Duration::from_secs(60), "{slug}: {stats}");
                sleep(Duration::from_millis(100)).await;
            }
        }
    }

    async fn links_are_as_acknowledged(&self) {
        let mut found = BTreeMap::new();
        let mut query = "link?limit=100&creator=me".to_owned();
        loop {
            let page = self.send(self.request(Method::GET, &query)).await.body;
            for link in page["data"].as_array().unwrap() {
                found.insert(
                    link["id"].as_str().unwrap().to_owned(),
                    (link["url"].clone(), link["version"].clone()),
                );
            }
            let Some(cursor) = page["next_cursor"].as_str() else { break };
            query = format!("link?limit=100&creator=me&cursor={cursor}");
        }
        let expected =
            self.links.iter().map(|(slug, link)| (slug.clone(), (json!(link.url), json!(link.version))));
        assert_eq!(found, expected.collect());
    }
}

fn etag(answer: &Answer) -> String {
    answer.headers[ETAG].to_str().unwrap().to_owned()
}

fn number(name: &str, default: u64) -> u64 {
    env::var(name).map_or(default, |text| text.parse().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn every_acknowledged_link_and_every_token_outlives_a_kill() {
    let directory = Directory::new();
    let mut running = Running::on_any_ports(&directory.0);
    let ports = running.ports();
    let restart = |mut running: Running| {
        running.child.kill().unwrap();
        running.child.wait().unwrap();
        Running::start(&directory.0, [&ports[0], &ports[1], &ports[2]])
    };
    let stop = Arc::new(AtomicBool::new(false));
    let users = [("owner", ACME.id), ("member", ACME.id), ("colleague", GLOBEX.id), ("outsider", GLOBEX.id)];
    let users = users.map(|(name, org)| {
        let (api, token) = (running.api.clone(), running.token(name));
        let mut user = User { client: client(), org, api, token, links: BTreeMap::new(), steps: 0 };
        let stop = Arc::clone(&stop);
        tokio::spawn(async move {
            while !stop.load(Ordering::Relaxed) {
                user.step().await;
                sleep(Duration::from_millis(20)).await;
            }
            user
        })
    });
    for _ in 0..number("KILLS", 3) {
        sleep(Duration::from_secs(number("KILL_SECONDS", 1))).await;
        running = restart(running);
    }
    stop.store(true, Ordering::Relaxed);
    let mut done = Vec::new();
    for user in users {
        let mut user = user.await.unwrap();
        user.clicks_are_counted().await;
        done.push(user);
    }
    // After a restart, no response comes from a cache. The users still have their tokens from the beginning.
    let _running = restart(running);
    for user in &done {
        user.links_are_as_acknowledged().await;
        println!("{} steps, {} links as acknowledged", user.steps, user.links.len());
    }
}
