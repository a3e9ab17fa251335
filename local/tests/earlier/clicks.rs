//! The clicks that earlier versions counted.

use super::{Directory, PERSON, Running, Shown};
use aws_sdk_dynamodb::types::{AttributeDefinition, AttributeValue, BillingMode, KeySchemaElement, KeyType};
use local::engine::Engine;
use local::guard::AllowedHosts;
use local::stack::client;
use local::tables::{CLICKS, LINKS};
use local::users::{ACME, GLOBEX};
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap};

const DATABASE_WITH_BOTS: &[u8] = include_bytes!("bots.sqlite.gz");
const SHOWN_WITH_BOTS: &str = include_str!("bots.json");
const BOT: &str = "Mozilla/5.0 (compatible; Examplebot/2.1; +https://search.example/bot.html)";

#[tokio::test(flavor = "multi_thread")]
async fn the_clicks_of_its_organizations_are_those_of_their_links_from_the_first_start_on() {
    let directory = Directory::new();
    let mut running = directory.start().await;
    for _ in 0..2 {
        for (org, user) in [(ACME.id, "member"), (GLOBEX.id, "outsider")] {
            let overview = running.get(user, &format!("/{org}/-/clicks?from=2026-11-25&to=2026-11-27")).await;
            assert_eq!(overview.status, 200, "{overview:?}");
            let links = overview.body["links"].as_array().unwrap();
            let mut all = 0;
            for shown in Shown::all().into_iter().filter(|shown| shown.org() == org) {
                let clicks = format!("{}/clicks?from=2026-11-25&to=2026-11-27", shown.path());
                let of_link = running.get(user, &clicks).await.body;
                let series = of_link["series"].as_array().unwrap().iter();
                let people: u64 = series.map(|point| point["clicks"].as_u64().unwrap()).sum();
                all += people;
                let found = links.iter().find(|link| link["birth"] == shown.birth());
                let found = found.map(|link| (&link["id"], link["clicks"].as_u64().unwrap()));
                assert!(found.is_none_or(|(id, _)| id == shown.slug()), "{found:?}");
                assert_eq!(found.map_or(0, |(_, clicks)| clicks), people, "{}", shown.slug());
            }
            assert_eq!(overview.body["clicks"], all, "{overview:?}");
            assert!(all > 0 || org != ACME.id, "the earlier version has counted clicks");
        }
        running = running.restart().await;
    }
}

#[tokio::test]
async fn days_that_an_earlier_version_counted_get_their_keys_and_the_slugs_of_links_that_exist() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let engine = Engine::start(listener, None, AllowedHosts::default()).unwrap();
    let client = client(&engine.url());
    LINKS.create(&client).await.unwrap();
    let key =
        |name: &str, kind| KeySchemaElement::builder().attribute_name(name).key_type(kind).build().unwrap();
    let attribute =
        |name: &str| AttributeDefinition::builder().attribute_name(name).attribute_type("S".into()).build();
    let create = client.create_table().table_name("clicks").billing_mode(BillingMode::PayPerRequest);
    let create = create.key_schema(key("link", KeyType::Hash)).key_schema(key("bucket", KeyType::Range));
    let create = create.attribute_definitions(attribute("link").unwrap());
    create.attribute_definitions(attribute("bucket").unwrap()).send().await.unwrap();

    let text = |value: &str| AttributeValue::S(value.to_owned());
    let number = |value: &str| AttributeValue::N(value.to_owned());
    let item = |pairs: &[(&str, AttributeValue)]| -> HashMap<String, AttributeValue> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect()
    };
    let link = item(&[
        ("org_id", text("acme")),
        ("id", text("launch")),
        ("birth", text("V1StGXR8_Z5jdHi6")),
        ("url", text("https://example.com/")),
        ("access", text("public")),
        ("enabled", AttributeValue::Bool(true)),
        ("creator_user_id", text("somebody")),
        ("created_at", number("1795383720000")),
        ("updated_at", number("1795383720000")),
        ("version", number("1")),
        ("newest", text("001795383720000#launch")),
    ]);
    client.put_item().table_name("links").set_item(Some(link)).send().await.unwrap();
    let counts = [
        ("clicks", number("3")),
        ("bots", number("1")),
        ("h:21", number("3")),
        ("ttl", number("2000000000")),
    ];
    let keys = [
        ("acme#V1StGXR8_Z5jdHi6", "2026-11-22#0", Some("launch")),
        ("acme#V1StGXR8_Z5jdHi6", "2026-11-23#7", Some("launch")),
        ("acme#wiki#1795339800000", "2026-11-22#0", Some("wiki")),
        ("acme#0000000000000000", "2026-11-22#0", None),
        ("globex#V1StGXR8_Z5jdHi6", "2026-11-22#0", None),
        ("acme#V1StGXR8_Z5jdHi6", "total#0", None),
        ("acme#V1StGXR8_Z5jdHi6", "2026-11-22#referrers#0", None),
        ("@batch#0123", "@batch", None),
    ];
    for (link, bucket, _) in keys {
        let mut item = item(&counts);
        item.extend([("link".to_owned(), text(link)), ("bucket".to_owned(), text(bucket))]);
        client.put_item().table_name("clicks").set_item(Some(item)).send().await.unwrap();
    }
    // The second call has nothing left to do.
    for _ in 0..2 {
        CLICKS.create(&client).await.unwrap();
        let items = client.scan().table_name("clicks").send().await.unwrap().items.unwrap();
        assert_eq!(items.len(), keys.len());
        for (link, bucket, slug) in keys {
            let found =
                items.iter().find(|item| item["link"] == text(link) && item["bucket"] == text(bucket));
            let mut expected = item(&counts);
            expected.extend([("link".to_owned(), text(link)), ("bucket".to_owned(), text(bucket))]);
            expected.extend(slug.map(|slug| ("id".to_owned(), text(slug))));
            if bucket.starts_with("2026") && !bucket.contains("referrers") {
                let org = link.split('#').next().unwrap();
                expected.insert("org_day".to_owned(), text(&format!("{org}#{bucket}")));
            }
            assert_eq!(found, Some(&expected), "{link} {bucket}");
        }
        let query =
            client.query().table_name("clicks").index_name("days").key_condition_expression("org_day = :day");
        let found =
            query.expression_attribute_values(":day", text("acme#2026-11-22#0")).send().await.unwrap();
        let mut links: Vec<&str> =
            found.items().iter().map(|item| item["link"].as_s().unwrap().as_str()).collect();
        links.sort_unstable();
        assert_eq!(links, ["acme#0000000000000000", "acme#V1StGXR8_Z5jdHi6", "acme#wiki#1795339800000"]);
        let mut names: Vec<&str> = found.items()[0].keys().map(String::as_str).collect();
        names.sort_unstable();
        assert_eq!(names, ["bots", "bucket", "clicks", "link", "org_day"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn its_bots_are_separate_from_people_in_totals_series_and_devices_and_the_rest_is_unchanged() {
    let directory = Directory::with(DATABASE_WITH_BOTS);
    let mut running = directory.start().await;
    let before: Vec<Value> = serde_json::from_str(SHOWN_WITH_BOTS).unwrap();
    let number = |value: &Value| value.as_u64().unwrap();
    // Converts a list of counts to a map from name to count.
    let counts = |list: &Value| -> BTreeMap<String, u64> {
        let list = list.as_array().unwrap().iter();
        let pairs = list.map(|one| (one["name"].as_str().unwrap().to_owned(), number(&one["clicks"])));
        pairs.filter(|(_, clicks)| *clicks > 0).collect()
    };
    let clicks = async |running: &Running<'_>, slug: &str, range: &str| -> Value {
        running.get("member", &format!("/{}/link/{slug}/clicks{range}", ACME.id)).await.body
    };
    let listed = running.get("member", &format!("/{}/link?include=clicks", ACME.id)).await.body;
    let overview = format!("/{}/-/clicks?from=2026-11-26&to=2026-11-26", ACME.id);
    let overview = running.get("member", &overview).await.body;
    assert!(before.iter().map(|before| number(&before["bots"])).sum::<u64>() > 10);
    for before in &before {
        let slug = before["slug"].as_str().unwrap();
        let (bots, people) = (number(&before["bots"]), number(&before["total"]) - number(&before["bots"]));
        let now = clicks(&running, slug, "?from=2026-11-26&to=2026-11-26").await;
        assert_eq!((&now["total"], &now["bots"]), (&people.into(), &bots.into()), "{slug}");
        assert_eq!(now["series"], json!([{ "at": "2026-11-26", "clicks": people, "bots": bots }]), "{slug}");
        let mut links = overview["links"].as_array().unwrap().iter();
        let in_overview =
            links.find(|link| link["id"] == slug).unwrap_or_else(|| panic!("{slug}: {overview}"));
        assert_eq!((&in_overview["clicks"], &in_overview["bots"]), (&people.into(), &bots.into()), "{slug}");
        let mut devices = counts(&before["devices"]);
        devices.remove("bot");
        assert_eq!(counts(&now["devices"]), devices, "{slug}");
        assert_eq!(counts(&now["countries"]), counts(&before["countries"]), "{slug}");
        // The earlier version's counts by hour include both people and bots.
        let (hours, hours_before) = (counts(&now["hours"]), counts(&before["hours"]));
        assert_eq!(hours.values().sum::<u64>(), people, "{slug}");
        assert!(hours.iter().all(|(hour, clicks)| *clicks <= hours_before[hour]), "{slug}: {hours:?}");
        // The earlier version's counts by referrer may include bots. If people's clicks exceed the sum of these
        // counts, the difference is reported as direct clicks.
        let mut referrers = counts(&before["referrers"]);
        referrers.remove("direct");
        let direct = people.saturating_sub(referrers.values().sum());
        referrers.extend((direct > 0).then(|| ("direct".to_owned(), direct)));
        assert_eq!(counts(&now["referrers"]), referrers, "{slug}");
        let data = listed["data"].as_array().unwrap();
        assert_eq!(data.iter().find(|link| link["id"] == slug).unwrap()["clicks"], people, "{slug}");
    }

    for before in &before {
        let path = format!("/{}/{}", ACME.id, before["slug"].as_str().unwrap());
        for user_agent in [PERSON, BOT, BOT] {
            assert_eq!(running.follow_as(user_agent, &path).await.0, 302);
        }
    }
    running = running.restart().await;
    for before in &before {
        let slug = before["slug"].as_str().unwrap();
        let (bots, people) = (number(&before["bots"]), number(&before["total"]) - number(&before["bots"]));
        let now = clicks(&running, slug, "").await;
        assert_eq!((&now["total"], &now["bots"]), (&(people + 1).into(), &(bots + 2).into()), "{slug}");
    }
}
