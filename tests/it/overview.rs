//! The clicks of a whole organization: their sums are exactly those of its links.

use crate::exact::roll;
use crate::faulty::{Fault, Faulty};
use crate::house::{ACME, Answer, Call, GLOBEX, House, signed};
use crate::tally::{Batch, click};
use local::stack::sdk_config;
use serde_json::{Value, json};
use shared::http::{OverviewBody, ShortBase};
use shared::model::{Day, OrgId, Timestamp};
use shared::store::{ClickStore, Details, ReadLimit};
use std::collections::BTreeMap;
use std::time::Duration;

/// The time of the requests in these tests.
const TODAY: &str = "2026-11-26T12:00:00Z";

fn overview(query: &str) -> Call {
    by("member", Call::of("stats-organization").query(query))
}

fn today() -> Timestamp {
    Timestamp::from_rfc_3339(TODAY).unwrap()
}

/// The same call by a user whose token is valid on that day.
fn by(user: &str, call: Call) -> Call {
    let token = signed(user, |claims| {
        claims["iat"] = today().seconds().into();
        claims["exp"] = (today().seconds() + 1800).into();
    });
    call.header("authorization", &format!("Bearer {token}"))
}

async fn shown(house: &House, call: Call) -> Value {
    let answer = call.send_at(house, today()).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.body
}

/// The identity of a created link: its organization, slug and birth.
#[derive(Clone)]
struct Made {
    org: &'static str,
    slug: String,
    birth: String,
}

async fn make(house: &House, org: &'static str, slug: &str) -> Made {
    let user = if org == ACME { "member" } else { "outsider" };
    let body = json!({ "url": "https://example.com/", "id": slug, "title": format!("The title of {slug}") });
    let created = Call::of("create").by(user).org(org).body(&body.to_string()).send(house).await;
    assert_eq!(created.status, 201, "{}", created.text);
    Made { org, slug: slug.to_owned(), birth: created.body["birth"].as_str().unwrap().to_owned() }
}

/// The line of a click, as the redirect writes it.
fn line(link: &Made, at: &str, device: &str) -> Value {
    let mut line = click(at, Some("news.example"), device, Some("DE"));
    line.as_object_mut().unwrap().remove("created_at");
    line["version"] = 2.into();
    line["org_id"] = link.org.into();
    line["id"] = link.slug.as_str().into();
    line["birth"] = link.birth.as_str().into();
    line
}

/// People's and bots' clicks.
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
        let house = House::open().await;
        let mut made = Vec::new();
        for number in 0..24 {
            let org = if number % 6 == 5 { GLOBEX } else { ACME };
            made.push(make(&house, org, &format!("link-{number}")).await);
        }
        // Half of these slugs belong to another link before any click arrives.
        for number in 0..6 {
            let slug = format!("link-{number}");
            let owner = made[number].org;
            let user = if owner == ACME { "member" } else { "outsider" };
            let delete = Call::of("delete").without("if-match").by(user).org(owner).slug(&slug);
            assert_eq!(delete.send(&house).await.status, 200);
            if number % 2 == 0 {
                made.push(make(&house, owner, &slug).await);
            }
        }
        let random = |number: usize, most| roll(seed * 1_000_000 + number, most);
        let mut model: BTreeMap<(String, String, String), Sum> = BTreeMap::new();
        let mut batches = Vec::new();
        for batch in 0..16 {
            let mut lines = Vec::new();
            for number in (batch * 100)..(batch * 100 + 25) {
                // Some links are followed often.
                let link = &made[random(number, made.len()) * random(number + 50, 2)];
                let day = format!("2026-11-{:02}", 14 + random(number + 60, 12));
                let is_bot = random(number + 70, 3) == 0;
                lines.push(line(link, &format!("{day}T21:42:00Z"), if is_bot { "bot" } else { "mobile" }));
                let counted = model.entry((link.org.to_owned(), link.birth.clone(), day)).or_default();
                *counted = add(*counted, if is_bot { (0, 1) } else { (1, 0) });
            }
            batches.push(Batch::of(&format!("stream {}", random(batch, 20)), lines).numbered(batch));
        }
        for batch in batches.iter().rev().chain(&batches) {
            batch.deliver(&house).await;
        }
        for (from, to) in
            [("2026-11-14", "2026-11-25"), ("2026-11-18", "2026-11-20"), ("2026-10-30", "2026-11-26")]
        {
            for (org, user) in [(ACME, "colleague"), (GLOBEX, "outsider")] {
                let query = format!("from={from}&to={to}");
                let body = shown(&house, by(user, overview(&query).org(org))).await;
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
                assert_eq!(sums(&body["links"]), sum(&body), "fewer than a hundred links are all of them");
                for link in links {
                    assert_eq!(
                        sum(link),
                        expected(&|birth, _| link["birth"] == birth),
                        "{seed} {query} {link}"
                    );
                    let Some(slug) = link["id"].as_str() else { continue };
                    let stats = by(user, Call::of("stats").org(org).slug(slug).query(&query));
                    assert_eq!(
                        sums(&shown(&house, stats).await["series"]),
                        sum(link),
                        "{seed} {query} {link}"
                    );
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
    let house = House::open().await;
    let (kept, gone, taken) = (
        make(&house, ACME, "kept").await,
        make(&house, ACME, "gone").await,
        make(&house, ACME, "taken").await,
    );
    for slug in ["gone", "taken"] {
        assert_eq!(Call::of("delete").without("if-match").slug(slug).send(&house).await.status, 200);
    }
    let again = make(&house, ACME, "taken").await;
    let at = "2026-11-22T21:42:00Z";
    let lines = [(&kept, 5), (&gone, 4), (&taken, 3), (&again, 2)];
    let lines = lines.iter().flat_map(|(link, number)| vec![line(link, at, "mobile"); *number]);
    Batch::of("one", lines).deliver(&house).await;
    Batch::of("two", [line(&again, at, "bot"), line(&again, at, "desktop")]).deliver(&house).await;
    let body = shown(&house, overview("from=2026-11-21&to=2026-11-23")).await;
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
    // Ties are ordered by birth, and births are random.
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
    let house = House::open().await;
    let mut model = Vec::new();
    for number in 0..130 {
        // A link need not exist to be counted.
        let made = Made { org: ACME, slug: format!("link-{number}"), birth: format!("{number:016}") };
        let (people, bots) = (1 + roll(number, 12), roll(number + 500, 3));
        let mut lines = vec![line(&made, "2026-11-22T21:42:00Z", "mobile"); people];
        lines.extend(vec![line(&made, "2026-11-23T21:42:00Z", "bot"); bots]);
        Batch::of(&format!("stream {}", number % 9), lines).numbered(number).deliver(&house).await;
        model.push((people as u64, bots as u64, made.birth));
    }
    let body = shown(&house, overview("")).await;
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
    let house = House::open().await;
    house.put(&[]).await;
    let made = make(&house, ACME, "launch").await;
    let mut unnamed = line(&made, "2026-11-22T21:42:00Z", "mobile");
    unnamed.as_object_mut().unwrap().remove("id");
    Batch::of("one", [unnamed]).deliver(&house).await;
    // This link has no stored birth.
    Batch::of("one", vec![click("2026-11-22T21:42:00Z", None, "mobile", None); 2])
        .numbered(1)
        .deliver(&house)
        .await;
    let ids = async || {
        let body = shown(&house, overview("")).await;
        body["links"].as_array().unwrap().iter().map(|link| link["id"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(ids().await, [json!("k7m2p9qr"), Value::Null]);
    Batch::of("two", [line(&made, "2026-11-20T21:42:00Z", "bot")]).deliver(&house).await;
    assert_eq!(ids().await, [json!("k7m2p9qr"), json!("launch")]);
}

fn limited(house: &House) -> ClickStore {
    ClickStore::connect(&sdk_config(&house.url), &house.settings).unwrap()
}

#[tokio::test]
async fn a_cut_overview_ends_with_a_whole_day_and_all_its_figures_are_of_the_days_from_there() {
    let house = House::open().await;
    // Three days of three items each, in several shards.
    for (number, day) in (20..23).flat_map(|day| [day; 3]).enumerate() {
        let made =
            Made { org: ACME, slug: format!("link-{}", number % 2), birth: format!("{:016}", number % 2) };
        let lines = vec![line(&made, &format!("2026-11-{day}T21:42:00Z"), "mobile"); number + 1];
        Batch::of(&format!("stream {number}"), lines).deliver(&house).await;
    }
    let (clicks, org) = (limited(&house), ACME.parse::<OrgId>().unwrap());
    let day = |text: &str| Day::try_from(text.to_owned()).unwrap();
    let (from, to) = (day("2026-11-19"), day("2026-11-23"));
    let long = Duration::from_secs(3600);
    for (items, time, first, people) in [
        (usize::MAX, long, "2026-11-19", 45),
        (10, long, "2026-11-19", 45),
        (9, long, "2026-11-20", 45),
        (7, long, "2026-11-20", 45),
        (6, long, "2026-11-21", 39),
        (4, long, "2026-11-21", 39),
        (3, long, "2026-11-22", 24),
        (1, long, "2026-11-22", 24),
        (0, long, "2026-11-23", 0),
        (usize::MAX, Duration::ZERO, "2026-11-23", 0),
    ] {
        let limit = ReadLimit { items, time };
        let overview = clicks.overview(&org, from, to, limit).await.unwrap();
        assert_eq!(overview.range, Some(day(first)..=to), "{items}");
        let body = OverviewBody::new(overview, &Details::default(), &[], &ShortBase::new(String::new()));
        let body = json!(body);
        assert_eq!(sum(&body), (people, 0), "{items}");
        assert_eq!((sums(&body["series"]), sums(&body["links"])), ((people, 0), (people, 0)), "{items}");
        assert_eq!(
            (&body["from"], &body["complete"]),
            (&json!(first), &json!(first == "2026-11-19")),
            "{items}"
        );
        assert_eq!(body["series"][0]["at"], first);
    }
}

#[tokio::test]
async fn without_a_range_the_last_thirty_days_are_shown_and_expired_or_future_days_are_cut() {
    let house = House::with(&[("CLICK_RETENTION_DAYS", "20")]).await;
    for (query, from, to) in [
        ("", "2026-11-06", "2026-11-26"),
        ("from=2026-11-20", "2026-11-20", "2026-11-26"),
        ("to=2026-11-10", "2026-11-06", "2026-11-10"),
        ("from=2026-11-20&to=2026-12-20&by=day", "2026-11-20", "2026-11-26"),
        ("from=&to=&by=", "2026-11-06", "2026-11-26"),
    ] {
        let body = shown(&house, overview(query)).await;
        let series = body["series"].as_array().unwrap();
        assert_eq!((&body["from"], &body["to"]), (&json!(from), &json!(to)), "{query}");
        assert_eq!(
            (&series[0]["at"], &series[series.len() - 1]["at"]),
            (&json!(from), &json!(to)),
            "{query}"
        );
        assert_eq!(
            (sum(&body), &body["links"], &body["complete"]),
            ((0, 0), &json!([]), &json!(true)),
            "{query}"
        );
    }
    for query in ["to=2026-11-01", "from=2026-12-01"] {
        let body = shown(&house, overview(query)).await;
        let nothing = json!({
            "from": null, "to": null, "clicks": 0, "bots": 0, "series": [], "links": [],
            "top": { "referrers": [], "devices": [], "countries": [] }, "complete": true,
        });
        assert_eq!(body, nothing, "{query}");
    }
}

#[tokio::test]
async fn an_invalid_range_is_reported_by_its_parameter() {
    let house = House::open().await;
    for (query, faults) in [
        ("from=2026-11-22&to=2026-11-21", &[("from", "out_of_range")][..]),
        ("from=2026-10-22&to=2026-11-22", &[("from", "out_of_range")]),
        ("by=hour", &[("by", "unknown_word")]),
        ("from=2026-02-30&to=26-1-1", &[("to", "invalid_day"), ("from", "invalid_day")]),
        ("limit=1", &[("limit", "unknown_parameter")]),
        ("to=2026-11-22&to=2026-11-23", &[("to", "duplicate")]),
    ] {
        let answer = overview(query).send_at(&house, today()).await;
        assert_eq!(answer.is_problem(400, "invalid_query").faults(), faults, "{query}");
    }
    let whole = shown(&house, overview("from=2026-10-23&to=2026-11-22")).await;
    assert_eq!(whole["series"].as_array().unwrap().len(), 31);
}

#[tokio::test]
async fn only_members_see_it_and_it_never_contains_a_destination() {
    let house = House::open().await;
    let made = make(&house, ACME, "launch").await;
    Batch::of("one", [line(&made, "2026-11-22T21:42:00Z", "mobile")]).deliver(&house).await;
    overview("").anonymous().send_at(&house, today()).await.is_problem(401, "unauthenticated");
    by("outsider", overview("")).send_at(&house, today()).await.is_problem(403, "forbidden");
    by("stranger", overview("")).send_at(&house, today()).await.is_problem(403, "forbidden");
    overview("").org("@acme").send_at(&house, today()).await.is_problem(400, "invalid_organization");
    for user in ["owner", "admin", "member", "colleague"] {
        let answer = by(user, overview("")).send_at(&house, today()).await;
        assert_eq!((answer.status, sum(&answer.body)), (200, (1, 0)), "{user}");
        assert!(!answer.text.contains("example.com"), "{}", answer.text);
    }
    let signed_in =
        Call::of("stats-organization").signed_in("member").header("sec-fetch-site", "same-origin");
    assert_eq!(signed_in.send(&house).await.status, 200);
}

/// A fixture of its own, because calls in one region share a retry budget, and a link with clicks.
async fn clicked() -> House {
    let house = House::open().await;
    let made = make(&house, ACME, "launch").await;
    Batch::of("one", [line(&made, "2026-11-22T21:42:00Z", "mobile")]).deliver(&house).await;
    house
}

/// Requests the overview with these faults after `spared` successful calls, and counts the calls.
async fn send(house: &House, faults: &[Fault], spared: usize) -> (Answer, usize) {
    let faulty = Faulty::new(faults);
    *faulty.spared.lock().unwrap() = spared;
    let call = overview("from=2026-11-22&to=2026-11-22");
    let answer = call.send_to(&faulty.functions(&house.url), today()).await;
    (answer, faulty.calls())
}

#[tokio::test]
async fn a_transient_fault_is_never_seen_a_lasting_one_is_503_and_a_refusal_500() {
    let house = clicked().await;
    let (whole, calls) = send(&house, &[], 0).await;
    // Eight shards, the link's days, the link, the organization's handle.
    assert_eq!((whole.status, calls), (200, 11), "{}", whole.text);
    assert_eq!(whole.body["links"][0]["id"], "launch");
    let (answer, calls) = send(&house, &[Fault::Unprocessed(ACME, "launch")], 9).await;
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
        let (answer, _) = send(&house, &[Fault::Refused(400, "AccessDeniedException"); 40], spared).await;
        answer.is_problem(500, "internal");
    }
}
