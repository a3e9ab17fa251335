//! The clicks of a whole organization are exactly the sums of the clicks on its links.

mod range;

use crate::support::clicks::{Batch, click, roll};
use crate::support::faulty::{Fault, Faulty};
use crate::support::{ACME, Answer, Call, GLOBEX, TestApp, signed};
use serde_json::{Value, json};
use shared::model::Timestamp;
use std::collections::BTreeMap;

/// The time of the requests in these tests.
const TODAY: &str = "2026-11-26T12:00:00Z";

fn overview(query: &str) -> Call {
    by("member", Call::new("stats-organization").query(query))
}

fn today() -> Timestamp {
    Timestamp::from_rfc_3339(TODAY).unwrap()
}

/// Adds a user's token to a call. The token is valid at the time `TODAY`.
fn by(user: &str, call: Call) -> Call {
    let token = signed(user, |claims| {
        claims["iat"] = today().seconds().into();
        claims["exp"] = (today().seconds() + 1800).into();
    });
    call.header("authorization", &format!("Bearer {token}"))
}

async fn shown(app: &TestApp, call: Call) -> Value {
    let answer = call.send_at(app, today()).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.body
}

/// The identity of a created link: its organization, slug and `birth`.
#[derive(Clone)]
struct Made {
    org: &'static str,
    slug: String,
    birth: String,
}

async fn make(app: &TestApp, org: &'static str, slug: &str) -> Made {
    let user = if org == ACME { "member" } else { "outsider" };
    let body = json!({ "url": "https://example.com/", "id": slug, "title": format!("The title of {slug}") });
    let created = Call::new("create").by(user).org(org).body(&body.to_string()).send(app).await;
    assert_eq!(created.status, 201, "{}", created.text);
    Made { org, slug: slug.to_owned(), birth: created.body["birth"].as_str().unwrap().to_owned() }
}

/// Returns the log line of a click, as the redirect writes it.
fn line(link: &Made, at: &str, device: &str) -> Value {
    let mut line = click(at, Some("news.example"), device, Some("DE"));
    line.as_object_mut().unwrap().remove("created_at");
    line["version"] = 2.into();
    line["org_id"] = link.org.into();
    line["id"] = link.slug.as_str().into();
    line["birth"] = link.birth.as_str().into();
    line
}

/// Clicks by people and by bots.
type Sum = (u64, u64);

fn sum(body: &Value) -> Sum {
    (body["clicks"].as_u64().unwrap(), body["bots"].as_u64().unwrap())
}

fn add(all: Sum, one: Sum) -> Sum {
    (all.0 + one.0, all.1 + one.1)
}

fn sums(values: &Value) -> Sum {
    values.as_array().unwrap().iter().map(sum).fold((0, 0), add)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sums_equal_those_of_the_links_despite_repeated_deliveries_deletions_and_reused_slugs() {
    for seed in 0..2 {
        let app = TestApp::start().await;
        let mut made = Vec::new();
        for number in 0..24 {
            let org = if number % 6 == 5 { GLOBEX } else { ACME };
            made.push(make(&app, org, &format!("link-{number}")).await);
        }
        // Before any click arrives, six links are deleted, and new links get the slugs of three of them.
        for number in 0..6 {
            let slug = format!("link-{number}");
            let owner = made[number].org;
            let user = if owner == ACME { "member" } else { "outsider" };
            let delete = Call::new("delete").without("if-match").by(user).org(owner).slug(&slug);
            assert_eq!(delete.send(&app).await.status, 200);
            if number % 2 == 0 {
                made.push(make(&app, owner, &slug).await);
            }
        }
        let random = |number: usize, most| roll(seed * 1_000_000 + number, most);
        let mut model: BTreeMap<(String, String, String), Sum> = BTreeMap::new();
        let mut batches = Vec::new();
        for batch in 0..16 {
            let mut lines = Vec::new();
            for number in (batch * 100)..(batch * 100 + 25) {
                // Some links get many clicks.
                let link = &made[random(number, made.len()) * random(number + 50, 2)];
                let day = format!("2026-11-{:02}", 14 + random(number + 60, 12));
                let is_bot = random(number + 70, 3) == 0;
                lines.push(line(link, &format!("{day}T21:42:00Z"), if is_bot { "bot" } else { "mobile" }));
                let counted = model.entry((link.org.to_owned(), link.birth.clone(), day)).or_default();
                *counted = add(*counted, if is_bot { (0, 1) } else { (1, 0) });
            }
            batches.push(Batch::new(&format!("stream {}", random(batch, 20)), lines).numbered(batch));
        }
        for batch in batches.iter().rev().chain(&batches) {
            batch.deliver(&app).await;
        }
        for (from, to) in
            [("2026-11-14", "2026-11-25"), ("2026-11-18", "2026-11-20"), ("2026-10-30", "2026-11-26")]
        {
            for (org, user) in [(ACME, "colleague"), (GLOBEX, "outsider")] {
                let query = format!("from={from}&to={to}");
                let body = shown(&app, by(user, overview(&query).org(org))).await;
                let expected = |of: &dyn Fn(&str, &str) -> bool| {
                    let within = |day: &str| from <= day && day <= to;
                    let fitting = model
                        .iter()
                        .filter(|((of_org, birth, day), _)| of_org == org && within(day) && of(birth, day));
                    fitting.map(|(_, sum)| *sum).fold((0, 0), add)
                };
                assert_eq!(sum(&body), expected(&|_, _| true), "{seed} {query}");
                assert_eq!(
                    (&body["complete"], &body["from"], &body["to"]),
                    (&json!(true), &json!(from), &json!(to))
                );
                let days = body["series"].as_array().unwrap();
                for point in days {
                    assert_eq!(sum(point), expected(&|_, day| point["at"] == day), "{seed} {query} {point}");
                }
                let links = body["links"].as_array().unwrap();
                assert_eq!(
                    sums(&body["links"]),
                    sum(&body),
                    "with fewer than a hundred links, the list contains all of them"
                );
                for link in links {
                    assert_eq!(
                        sum(link),
                        expected(&|birth, _| link["birth"] == birth),
                        "{seed} {query} {link}"
                    );
                    let Some(slug) = link["id"].as_str() else { continue };
                    let stats = by(user, Call::new("stats").org(org).slug(slug).query(&query));
                    assert_eq!(sums(&shown(&app, stats).await["series"]), sum(link), "{seed} {query} {link}");
                }
                for kind in ["devices", "countries", "referrers"] {
                    let people: u64 = body["top"][kind]
                        .as_array()
                        .unwrap()
                        .iter()
                        .map(|one| one["clicks"].as_u64().unwrap())
                        .sum();
                    assert_eq!(people, sum(&body).0, "{seed} {query} {kind}");
                }
            }
        }
    }
}

#[tokio::test]
async fn a_deleted_link_is_shown_without_its_name_even_if_its_slug_is_reused() {
    let app = TestApp::start().await;
    let (kept, gone, taken) =
        (make(&app, ACME, "kept").await, make(&app, ACME, "gone").await, make(&app, ACME, "taken").await);
    for slug in ["gone", "taken"] {
        assert_eq!(Call::new("delete").without("if-match").slug(slug).send(&app).await.status, 200);
    }
    let again = make(&app, ACME, "taken").await;
    let at = "2026-11-22T21:42:00Z";
    let lines = [(&kept, 5), (&gone, 4), (&taken, 3), (&again, 2)];
    let lines = lines.iter().flat_map(|(link, number)| vec![line(link, at, "mobile"); *number]);
    Batch::new("one", lines).deliver(&app).await;
    Batch::new("two", [line(&again, at, "bot"), line(&again, at, "desktop")]).deliver(&app).await;
    let body = shown(&app, overview("from=2026-11-21&to=2026-11-23")).await;
    let named = |made: &Made, clicks: u64, bots: u64| {
        json!({
            "id": made.slug, "short_url": format!("https://a1b2c3d4e5.execute-api.eu-central-1.amazonaws.com/{ACME}/{}", made.slug),
            "title": format!("The title of {}", made.slug), "clicks": clicks, "bots": bots, "birth": made.birth,
        })
    };
    let unnamed = |made: &Made, clicks: u64| json!({ "id": null, "short_url": null, "title": null, "clicks": clicks, "bots": 0, "birth": made.birth });
    let kinds = |name: &str, clicks: u64| json!({ "name": name, "clicks": clicks });
    let point = |at: &str, clicks: u64, bots: u64| json!({ "at": at, "clicks": clicks, "bots": bots });
    let mut links = body["links"].as_array().unwrap().clone();
    // Links with equal counts are ordered by birth, and births are random.
    links[2..].sort_by_key(|link| link["id"].is_string());
    assert_eq!(links, [named(&kept, 5, 0), unnamed(&gone, 4), unnamed(&taken, 3), named(&again, 3, 1)]);
    assert_eq!(body["links"][2], named(&again, 3, 1), "more clicks by bots come first");
    let rest: serde_json::Map<String, Value> =
        body.as_object().unwrap().clone().into_iter().filter(|(name, _)| name != "links").collect();
    assert_eq!(
        Value::from(rest),
        json!({
            "from": "2026-11-21", "to": "2026-11-23", "clicks": 15, "bots": 1,
            "series": [point("2026-11-21", 0, 0), point("2026-11-22", 15, 1), point("2026-11-23", 0, 0)],
            "top": {
                "referrers": [kinds("news.example", 15)],
                "devices": [kinds("mobile", 14), kinds("desktop", 1)],
                "countries": [kinds("DE", 15)],
            },
            "complete": true,
        })
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_hundred_most_clicked_links_are_shown_and_the_sums_are_of_all() {
    let app = TestApp::start().await;
    let mut model = Vec::new();
    for number in 0..130 {
        // Clicks on a link that no longer exists still count.
        let made = Made { org: ACME, slug: format!("link-{number}"), birth: format!("{number:016}") };
        let (people, bots) = (1 + roll(number, 12), roll(number + 500, 3));
        let mut lines = vec![line(&made, "2026-11-22T21:42:00Z", "mobile"); people];
        lines.extend(vec![line(&made, "2026-11-23T21:42:00Z", "bot"); bots]);
        Batch::new(&format!("stream {}", number % 9), lines).numbered(number).deliver(&app).await;
        model.push((people as u64, bots as u64, made.birth));
    }
    let body = shown(&app, overview("")).await;
    let all = model.iter().map(|(people, bots, _)| (*people, *bots)).fold((0, 0), add);
    assert_eq!(sum(&body), all);
    model.sort_by(|one, other| (other.0, other.1, &one.2).cmp(&(one.0, one.1, &other.2)));
    let shown = body["links"].as_array().unwrap().iter();
    let shown: Vec<(u64, u64, String)> =
        shown.map(|link| (sum(link).0, sum(link).1, link["birth"].as_str().unwrap().to_owned())).collect();
    assert_eq!(shown, model[..100]);
    let of_shown: u64 = shown.iter().map(|(people, ..)| people).sum();
    assert_eq!(body["top"]["devices"], json!([{ "name": "mobile", "clicks": of_shown }]));
}

#[tokio::test]
async fn a_slug_is_found_in_any_item_that_has_it_or_in_the_birth() {
    let app = TestApp::start().await;
    app.put(&[]).await;
    let made = make(&app, ACME, "launch").await;
    let mut unnamed = line(&made, "2026-11-22T21:42:00Z", "mobile");
    unnamed.as_object_mut().unwrap().remove("id");
    Batch::new("one", [unnamed]).deliver(&app).await;
    // This link has no stored birth.
    Batch::new("one", vec![click("2026-11-22T21:42:00Z", None, "mobile", None); 2])
        .numbered(1)
        .deliver(&app)
        .await;
    let ids = async || {
        let body = shown(&app, overview("")).await;
        body["links"].as_array().unwrap().iter().map(|link| link["id"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(ids().await, [json!("k7m2p9qr"), Value::Null]);
    Batch::new("two", [line(&made, "2026-11-20T21:42:00Z", "bot")]).deliver(&app).await;
    assert_eq!(ids().await, [json!("k7m2p9qr"), json!("launch")]);
}

#[tokio::test]
async fn only_members_see_it_and_it_never_contains_a_destination() {
    let app = TestApp::start().await;
    let made = make(&app, ACME, "launch").await;
    Batch::new("one", [line(&made, "2026-11-22T21:42:00Z", "mobile")]).deliver(&app).await;
    overview("").anonymous().send_at(&app, today()).await.is_problem(401, "unauthenticated");
    by("outsider", overview("")).send_at(&app, today()).await.is_problem(403, "forbidden");
    by("stranger", overview("")).send_at(&app, today()).await.is_problem(403, "forbidden");
    overview("").org("@acme").send_at(&app, today()).await.is_problem(400, "invalid_organization");
    for user in ["owner", "admin", "member", "colleague"] {
        let answer = by(user, overview("")).send_at(&app, today()).await;
        assert_eq!((answer.status, sum(&answer.body)), (200, (1, 0)), "{user}");
        assert!(!answer.text.contains("example.com"), "{}", answer.text);
    }
    let signed_in =
        Call::new("stats-organization").signed_in("member").header("sec-fetch-site", "same-origin");
    assert_eq!(signed_in.send(&app).await.status, 200);
}

/// Creates a fixture with a link that has clicks. Each test needs its own fixture, because calls in one region share
/// a retry budget.
async fn clicked() -> TestApp {
    let app = TestApp::start().await;
    let made = make(&app, ACME, "launch").await;
    Batch::new("one", [line(&made, "2026-11-22T21:42:00Z", "mobile")]).deliver(&app).await;
    app
}

/// Requests the overview, with these faults after `spared` successful calls to the store, and counts the calls.
async fn send(app: &TestApp, faults: &[Fault], spared: usize) -> (Answer, usize) {
    let faulty = Faulty::new(faults);
    *faulty.spared.lock().unwrap() = spared;
    let call = overview("from=2026-11-22&to=2026-11-22");
    let answer = call.send_to(&faulty.functions(&app.url), today()).await;
    (answer, faulty.calls())
}

#[tokio::test]
async fn a_transient_fault_is_never_seen_a_lasting_one_is_503_and_a_refusal_500() {
    let app = clicked().await;
    let (whole, calls) = send(&app, &[], 0).await;
    // The calls read eight shards, the link's days, the link, and the organization's handle.
    assert_eq!((whole.status, calls), (200, 11), "{}", whole.text);
    assert_eq!(whole.body["links"][0]["id"], "launch");
    let (answer, calls) = send(&app, &[Fault::Unprocessed(ACME, "launch")], 9).await;
    assert_eq!((answer.body, calls), (whole.body, 12));
    for spared in [0, 7, 8, 9] {
        for fault in [Fault::Broken, Fault::Refused(400, "ThrottlingException")] {
            let (answer, _) = send(&clicked().await, &[fault; 2], spared).await;
            assert_eq!((answer.status, sum(&answer.body)), (200, (1, 0)), "{spared} {fault:?}");
            let (answer, _) = send(&clicked().await, &[fault; 40], spared).await;
            assert_eq!(
                answer.is_problem(503, "unavailable").headers["retry-after"],
                "1",
                "{spared} {fault:?}"
            );
        }
        let (answer, _) = send(&app, &[Fault::Refused(400, "AccessDeniedException"); 40], spared).await;
        answer.is_problem(500, "internal");
    }
}
