//! `cargo run -- --demo`: the invented data, read over HTTP, and the output.

#![allow(clippy::indexing_slicing, clippy::unwrap_used, reason = "tests fail by panicking")]

use local::demo;
use local::issuer::API_KEY;
use local::stack::{Options, Stack};
use local::users::{ACME, GLOBEX, Organization, User};
use reqwest::Client;
use reqwest::redirect::Policy;
use serde_json::{Value, json};
use shared::model::{Day, Timestamp};
use shared::settings::Settings;
use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// A running stack with the demo's data, and a client.
struct Demo {
    stack: Stack,
    client: Client,
    now: Timestamp,
}

impl Demo {
    async fn start(seed: u64, now: Timestamp) -> Self {
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
        demo::fill(&stack, Settings::default(), seed, now).await.unwrap();
        Self { stack, client: Client::builder().redirect(Policy::none()).build().unwrap(), now }
    }

    async fn token(&self, user: &str) -> String {
        let body = json!({ "user_id": User::named(user).unwrap().id, "duration_in_minutes": 30 });
        let request = self.client.post(format!("{}/api/backend/v1/access_token", self.stack.auth));
        let answer: Value =
            request.bearer_auth(API_KEY).json(&body).send().await.unwrap().json().await.unwrap();
        answer["access_token"].as_str().unwrap().to_owned()
    }

    async fn get(&self, token: &str, organization: Organization, path: &str) -> Value {
        let url = format!("{}/{}/{path}", self.stack.api, organization.id);
        self.client.get(url).bearer_auth(token).send().await.unwrap().json().await.unwrap()
    }

    /// Acme's links, each with its clicks.
    async fn links(&self) -> Vec<(Value, Value)> {
        let token = self.token("member").await;
        let page = self.get(&token, ACME, "link?limit=100&include=clicks").await;
        assert_eq!(page["next_cursor"], Value::Null);
        let mut links = Vec::new();
        let today = Day::from_timestamp(self.now);
        for link in page["data"].as_array().unwrap() {
            let slug = link["id"].as_str().unwrap();
            let range = format!("link/{slug}/clicks?from={}&to={today}", today.plus(-100));
            links.push((link.clone(), self.get(&token, ACME, &range).await));
        }
        links
    }

    async fn status_and_location(&self, path: &str) -> (u16, String) {
        let answer = self.client.get(format!("{}{path}", self.stack.api)).send().await.unwrap();
        let location = answer.headers().get("location").map(|location| location.to_str().unwrap());
        (answer.status().as_u16(), location.unwrap_or_default().to_owned())
    }
}

fn sum(counts: &Value) -> u64 {
    sum_of(counts, "clicks")
}

fn sum_of(counts: &Value, member: &str) -> u64 {
    counts.as_array().unwrap().iter().map(|count| count[member].as_u64().unwrap()).sum()
}

#[tokio::test(flavor = "multi_thread")]
async fn acme_has_forty_links_with_consistent_clicks_globex_has_none_and_a_seed_is_reproducible() {
    let demo = Demo::start(demo::SEED, Timestamp::now()).await;
    let links = demo.links().await;
    assert_eq!(links.len(), 40);
    // There are clicks by bots, but fewer than by people.
    let all = |name: &str| links.iter().map(|(_, clicks)| clicks[name].as_u64().unwrap()).sum::<u64>();
    let (people, bots) = (all("total"), all("bots"));
    assert!(bots > people / 30 && bots < people / 5, "{bots} bots, {people} people");
    for (link, clicks) in &links {
        let slug = link["id"].as_str().unwrap();
        assert_eq!(link["short_url"], format!("{}/@acme/{slug}", demo.stack.api));
        assert_eq!(sum(&clicks["series"]), clicks["total"], "{slug}");
        assert_eq!(sum_of(&clicks["series"], "bots"), clicks["bots"], "{slug}");
        assert_eq!(sum(&clicks["hours"]), clicks["total"], "{slug}");
        assert_eq!(sum(&clicks["devices"]), clicks["total"], "{slug}");
        assert_eq!(sum(&clicks["referrers"]), clicks["total"], "{slug}");
        assert_eq!(sum(&clicks["countries"]), clicks["total"], "{slug}");
        assert_eq!(link["clicks"], clicks["total"], "{slug}");
        let created_on = &link["created_at"].as_str().unwrap()[..10];
        let early = clicks["series"].as_array().unwrap().iter().filter(|point| {
            point["clicks"].as_u64().unwrap() > 0 && point["at"].as_str().unwrap() < created_on
        });
        assert_eq!(early.count(), 0, "{slug} was followed before it was created");
    }

    // There is a link for each state that the console shows.
    let has = |is: &dyn Fn(&Value) -> bool| links.iter().filter(|(link, _)| is(link)).count();
    let now = demo.now.to_string();
    let next_week = Day::from_timestamp(demo.now).plus(7).to_string();
    let expires = |link: &Value| link["expires_at"].as_str().map(str::to_owned);
    assert!(has(&|link| expires(link).is_some_and(|at| at < now)) > 0, "expired");
    assert!(has(&|link| expires(link).is_some_and(|at| now < at && at < next_week)) > 0, "expires soon");
    assert!(has(&|link| link["enabled"] == false && link["version"] == 2) > 0, "switched off");
    assert!(has(&|link| link["access"] == "members") > 0, "members only");
    assert!(has(&|link| link["title"].is_null()) > 0, "without a title");
    assert!(has(&|link| link["clicks"] == 0) > 0, "never followed");
    assert!(has(&|link| link["clicks"].as_u64().unwrap() > 1_000) > 0, "followed often");
    let creators: BTreeSet<&str> =
        links.iter().map(|(link, _)| link["creator_user_id"].as_str().unwrap()).collect();
    assert_eq!(creators.len(), 4);

    let (status, location) = demo.status_and_location("/@acme/wiki").await;
    assert_eq!((status, location.as_str()), (302, "https://wiki.example.com/home"));
    assert_eq!(demo.status_and_location("/@acme/beta").await.0, 410, "switched off");
    assert_eq!(demo.status_and_location("/@acme/party").await.0, 410, "expired");
    let (status, location) = demo.status_and_location("/@acme/roadmap").await;
    assert_eq!((status, location), (302, format!("/{}/-/open/roadmap", ACME.id)));

    let outsider = demo.token("outsider").await;
    assert_eq!(demo.get(&outsider, GLOBEX, "link").await["data"], json!([]));
    assert_eq!(demo.get(&outsider, GLOBEX, "-/handle").await["handle"], Value::Null);

    let again = Demo::start(demo::SEED, demo.now).await.links().await;
    assert_eq!(repeatable(again), repeatable(links));
}

/// Removes the stack's address and the random part of each link's identity, and returns the links.
fn repeatable(mut links: Vec<(Value, Value)>) -> Vec<(Value, Value)> {
    for (link, _) in &mut links {
        for name in ["birth", "short_url"] {
            link.as_object_mut().unwrap().remove(name).unwrap();
        }
    }
    links
}

fn signpost(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_local"));
    command.args(arguments).stdin(Stdio::null()).env_remove("AUTH_ISSUER");
    for proxy in ["ALL_PROXY", "HTTP_PROXY"] {
        command.env_remove(proxy).env_remove(proxy.to_lowercase());
    }
    command
}

const ANY_PORTS: [&str; 7] = ["--demo", "--port", "0", "--auth-port", "0", "--dynamodb-port", "0"];

#[test]
fn it_prints_its_address_keeps_nothing_and_stops_at_ctrl_c() {
    let directory: PathBuf = std::env::temp_dir().join(format!("signpost-demo-{}", std::process::id()));
    std::fs::create_dir_all(&directory).unwrap();
    let mut child = signpost(&ANY_PORTS).current_dir(&directory).stdout(Stdio::piped()).spawn().unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    let mut printed = String::new();
    while !printed.ends_with("Signpost is ready\n") {
        assert_ne!(stdout.read_line(&mut printed).unwrap(), 0, "Signpost ended early: {printed}");
    }
    let lines: Vec<&str> = printed.lines().collect();
    assert!(!printed.contains("\"mutation\""), "{printed}");
    let short = |line: &&str| line.len() <= 80 || line.starts_with('{');
    assert!(lines.iter().all(short), "{printed}");
    let word = |label: &str| {
        let line = lines.iter().find(|line| line.starts_with(label)).unwrap();
        line.split_whitespace().nth(1).unwrap().to_owned()
    };
    assert!(printed.contains(&format!("\nOpen {} and pick a person.", word("console"))), "{printed}");
    let port = word("sign-in").rsplit(':').next().unwrap().to_owned();
    assert!(signpost(&["token", "member", "--auth-port", &port]).output().unwrap().status.success());
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    assert!(child.wait().unwrap().success());
    assert_eq!(std::fs::read_dir(&directory).unwrap().count(), 0);
    std::fs::remove_dir(&directory).unwrap();
}

#[test]
fn contradicting_settings_are_an_error_message() {
    let sentence = |command: &mut Command| {
        let output = command.output().unwrap();
        assert!(!output.status.success());
        String::from_utf8(output.stderr).unwrap()
    };
    let told = sentence(&mut signpost(&["--demo", "--data-dir", "kept"]));
    assert!(told.contains("'--demo' cannot be used with '--data-dir <DIR>'"), "{told}");
    let told = sentence(signpost(&ANY_PORTS).env("AUTH_PROVIDER", "keycloak"));
    assert!(
        told.ends_with("error: --demo needs the issuer of this machine; unset the AUTH_ settings\n"),
        "{told}"
    );
}
