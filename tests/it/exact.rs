//! Every click is counted exactly once, separately for people and bots, whatever fails and however often a batch is
//! delivered.
//!
//! `CLICKS=200000 cargo test -p tests --test it exact` counts 200,000 clicks instead of 10,000.

mod visits;

use crate::support::clicks::{Batch, asked, click, faulty, items, roll};
use crate::support::faulty::Fault;
use crate::support::{ACME, Call, TestApp, tally};
use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Value, json};
use shared::model::Timestamp;
use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

/// The number of clicks in the long tests.
fn many() -> usize {
    std::env::var("CLICKS").map_or(10_000, |clicks| clicks.parse().unwrap())
}

/// The clicks of a link, added up from their log lines, independently of the code under test.
#[derive(Debug, Default, PartialEq, Eq)]
struct Sums {
    people: u64,
    bots: u64,
    /// Clicks by people and by bots in each hour, such as `2026-11-22T21`.
    hours: BTreeMap<String, [u64; 2]>,
    /// Clicks by people, for each device, country and referrer.
    kinds: [BTreeMap<String, u64>; 3],
}

const KINDS: [&str; 3] = ["devices", "countries", "referrers"];

impl Sums {
    fn add(&mut self, line: &Value) {
        let is_bot = line["device"] == "bot";
        let hour = line["timestamp"].as_str().unwrap()[..13].to_owned();
        self.hours.entry(hour).or_default()[usize::from(is_bot)] += 1;
        if is_bot {
            self.bots += 1;
            return;
        }
        self.people += 1;
        let names =
            [line["device"].as_str(), line["country"].as_str(), line["referrer"].as_str().or(Some("direct"))];
        for (kind, name) in self.kinds.iter_mut().zip(names) {
            if let Some(name) = name {
                *kind.entry(name.to_owned()).or_default() += 1;
            }
        }
    }

    /// Asserts that the responses by day and by hour contain exactly these counts. The range must include all clicks.
    #[track_caller]
    fn assert_shown(&self, by_day: &Value, by_hour: &Value) {
        for body in [by_day, by_hour] {
            assert_eq!((&body["total"], &body["bots"]), (&self.people.into(), &self.bots.into()));
            for (kind, expected) in KINDS.into_iter().zip(&self.kinds) {
                assert_eq!(named(&body[kind]), *expected, "{kind}");
            }
            let mut hours = BTreeMap::<String, u64>::new();
            for (hour, [people, _]) in &self.hours {
                *hours.entry(hour[11..].to_owned()).or_default() += people;
            }
            let shown = named(&body["hours"]).into_iter().filter(|(_, clicks)| *clicks > 0);
            hours.retain(|_, clicks| *clicks > 0);
            assert_eq!(shown.collect::<BTreeMap<_, _>>(), hours);
        }
        let mut days = BTreeMap::<String, [u64; 2]>::new();
        for (hour, counts) in &self.hours {
            let day = days.entry(hour[..10].to_owned()).or_default();
            *day = [day[0] + counts[0], day[1] + counts[1]];
        }
        assert_eq!(points(by_day, 10), days);
        assert_eq!(points(by_hour, 13), self.hours);
    }
}

/// Returns the entries of a list, keyed by name, and asserts that each name occurs once.
fn named(list: &Value) -> BTreeMap<String, u64> {
    let list = list.as_array().unwrap();
    let pair = |one: &Value| (one["name"].as_str().unwrap().to_owned(), one["clicks"].as_u64().unwrap());
    let named: BTreeMap<String, u64> = list.iter().map(pair).collect();
    assert_eq!(named.len(), list.len());
    named
}

/// Returns those points of a series that have clicks. The key of a point is the start of its period.
fn points(body: &Value, length: usize) -> BTreeMap<String, [u64; 2]> {
    let points = body["series"].as_array().unwrap().iter().map(|point| {
        let counts = ["clicks", "bots"].map(|name| point[name].as_u64().unwrap());
        (point["at"].as_str().unwrap()[..length].to_owned(), counts)
    });
    points.filter(|(_, counts)| *counts != [0, 0]).collect()
}

/// Returns a random click: by a person with any kind of device, or by a bot; from one of twelve sites, or from none; in
/// one of three countries, or in an unknown one; at any second of two days.
fn anyones(number: usize) -> Value {
    let pick = |salt: usize, words: &[&'static str]| words[roll(number * 8 + salt, words.len())];
    let device = pick(0, &["bot", "mobile", "desktop", "tablet", "other", "mobile", "bot"]);
    let host = format!("h{}.example", roll(number * 8 + 1, 12));
    let referrer = Some(host.as_str()).filter(|_| roll(number * 8 + 2, 3) > 0);
    let country = Some(pick(3, &["DE", "FR", "US", ""])).filter(|country| !country.is_empty());
    let second = roll(number * 8 + 4, 2 * 24 * 60 * 60);
    let (day, second) = (21 + second / 86_400, second % 86_400);
    let time = format!("{:02}:{:02}:{:02}", second / 3600, second / 60 % 60, second % 60);
    click(&format!("2026-11-{day}T{time}.{:03}Z", roll(number * 8 + 5, 1000)), referrer, device, country)
}

#[tokio::test(flavor = "multi_thread")]
async fn many_clicks_of_one_link_from_two_hundred_streams_under_faults_are_counted_exactly() {
    let app = Arc::new(TestApp::start().await);
    app.put(&[]).await;
    let mut sums = Sums::default();
    let mut batches = Vec::new();
    let mut counted = 0;
    while counted < many() {
        let size = (many() - counted).min(1 + roll(batches.len(), 50));
        let lines: Vec<Value> = (counted..counted + size).map(anyones).collect();
        lines.iter().for_each(|line| sums.add(line));
        let batch = Batch::new(&format!("stream {}", batches.len() % 200), lines);
        batches.push(batch.numbered(batches.len()));
        counted += size;
    }
    let number = batches.len();
    let batches = Arc::new(Mutex::new(batches));
    let (calls, redeliveries) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let workers = (0..16).map(|worker| {
        let (app, batches) = (Arc::clone(&app), Arc::clone(&batches));
        let (calls, redeliveries) = (Arc::clone(&calls), Arc::clone(&redeliveries));
        tokio::spawn(async move {
            let (functions, faulty) = faulty(&app, &[]);
            let mut turn = worker;
            while let Some(batch) = { batches.lock().unwrap().pop() } {
                turn += 16;
                let faults = [
                    Fault::Cancelled("TransactionConflict"),
                    Fault::Cancelled("ThrottlingError"),
                    Fault::Refused(400, "ProvisionedThroughputExceededException"),
                    Fault::LostAnswer,
                ];
                let injected = (0..roll(turn, 3)).map(|index| faults[roll(turn + index, 4)]);
                faulty.faults.lock().unwrap().extend(injected);
                let event = batch.event();
                tally(&functions, &event, Timestamp::now()).await.unwrap();
                // One batch in four is delivered again.
                if roll(turn, 4) == 0 {
                    redeliveries.fetch_add(1, Ordering::Relaxed);
                    tally(&functions, &event, Timestamp::now()).await.unwrap();
                }
            }
            calls.fetch_add(faulty.calls(), Ordering::Relaxed);
        })
    });
    for worker in workers.collect::<Vec<_>>() {
        worker.await.unwrap();
    }

    let range = "from=2026-11-01&to=2026-11-23";
    let by_day = asked(&app, range).await.body;
    sums.assert_shown(&by_day, &asked(&app, &format!("{range}&by=hour")).await.body);
    assert!(sums.people > sums.bots && sums.bots > sums.people / 5, "{} {}", sums.people, sums.bots);
    assert_eq!(Call::new("list-clicks").send(&app).await.body["data"][0]["clicks"], sums.people);
    assert_days_are_indexed(&app, &sums).await;
    println!(
        "{} clicks, {} of them by bots, in {number} batches and {} redeliveries, by {} calls",
        sums.people + sums.bots,
        sums.bots,
        redeliveries.load(Ordering::Relaxed),
        calls.load(Ordering::Relaxed)
    );
}

/// Asserts that exactly the items with the counts of a day contain the organization, day, shard and slug, and that
/// these counts add up to all clicks.
async fn assert_days_are_indexed(app: &TestApp, sums: &Sums) {
    let number = |item: &HashMap<String, AttributeValue>, name: &str| -> u64 {
        item.get(name).map_or(0, |count| count.as_n().unwrap().parse().unwrap())
    };
    let (mut clicks, mut bots) = (0, 0);
    for item in items(app).await {
        let bucket = item["bucket"].as_s().unwrap();
        let is_day = bucket.len() == "2026-11-22#3".len() && bucket.starts_with("2026-");
        let org_day = AttributeValue::S(format!("{ACME}#{bucket}"));
        assert_eq!(item.get("org_day"), is_day.then_some(&org_day), "{bucket}");
        assert_eq!(item.contains_key("id"), is_day, "{bucket}");
        if is_day {
            assert_eq!(item["id"].as_s().unwrap(), "k7m2p9qr");
            clicks += number(&item, "clicks");
            bots += number(&item, "bots");
        }
    }
    assert_eq!((clicks, bots), (sums.people + sums.bots, sums.bots));
}

#[tokio::test]
async fn forged_referrers_leave_each_item_small_and_two_hundred_hosts_a_day() {
    let app = TestApp::start().await;
    app.put(&[]).await;
    let long = "a".repeat(230);
    let mut sums = Sums::default();
    for batch in 0..many() / 500 {
        // Every fifth click is by a bot. Clicks by bots do not use up space for people's referring sites.
        let is_bot = |number: usize| number.is_multiple_of(5);
        let host =
            |number| format!("{}{long}{batch}-{number}.example", if is_bot(number) { "bot." } else { "" });
        let device = |number| if is_bot(number) { "bot" } else { "mobile" };
        let line = |number| click("2026-11-22T21:42:00Z", Some(&host(number)), device(number), None);
        let lines: Vec<Value> = (0..500).map(line).collect();
        lines.iter().for_each(|line| sums.add(line));
        Batch::new(&format!("stream {}", batch % 200), lines).numbered(batch).deliver(&app).await;
    }
    let size =
        |item: &HashMap<String, AttributeValue>| -> usize { item.keys().map(|name| name.len() + 16).sum() };
    let items = items(&app).await;
    let of_link = items.iter().filter(|item| !item["link"].as_s().unwrap().starts_with('@'));
    let of_link: Vec<_> = of_link.collect();
    assert_eq!(of_link.len(), 24, "a total, a day and the day's referrers, each in eight shards");
    assert!(
        of_link.iter().all(|item| size(item) < 8_192),
        "{:?}",
        of_link.iter().map(|item| size(item)).max()
    );
    assert!(!of_link.iter().any(|item| item.keys().any(|name| name.starts_with("r:bot."))));
    let body = asked(&app, "from=2026-11-22&to=2026-11-22").await.body;
    assert_eq!((sums.people, sums.bots), (many() as u64 / 5 * 4, many() as u64 / 5));
    assert_eq!((&body["total"], &body["bots"]), (&sums.people.into(), &sums.bots.into()));
    assert_eq!(body["series"], json!([{ "at": "2026-11-22", "clicks": sums.people, "bots": sums.bots }]));
    let referrers = body["referrers"].as_array().unwrap();
    assert_eq!(referrers.len(), 201);
    assert_eq!(referrers[0], json!({ "name": "other", "clicks": sums.people - 200 }));
    assert_eq!(named(&body["referrers"]).values().sum::<u64>(), sums.people);
}
