//! Renaming a link: its old slug stays as an alias, and everything else about it stays.

mod clocks;
mod expired;
mod faults;
mod interleaved;
mod races;
mod undo;

use crate::support::faulty::Counting;
use crate::support::{ACME, Answer, Call, GLOBEX, TestApp};
use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Value, json};
use shared::model::Timestamp;
use std::collections::{BTreeMap, BTreeSet, HashMap};

type Attributes = HashMap<String, AttributeValue>;

/// An edit of the link with this slug or alias.
pub fn edit(slug: &str, body: &Value) -> Call {
    Call::new("update").slug(slug).body(&body.to_string())
}

/// Renames a link as acme's member.
pub async fn rename(app: &TestApp, slug: &str, new: &str) -> Answer {
    let answer = edit(slug, &json!({ "id": new })).send(app).await;
    assert_eq!(answer.status, 200, "{slug} to {new}: {}", answer.text);
    answer
}

/// Creates a link with this slug, as acme's member.
pub async fn create(app: &TestApp, slug: &str) -> Answer {
    app.link(json!({ "url": "https://example.com/kept", "id": slug })).await
}

pub fn follow(slug: &str) -> Call {
    Call::new("redirect").path(&format!("/{ACME}/{slug}"))
}

/// Returns the items of links and aliases, keyed by slug.
pub async fn items(app: &TestApp) -> BTreeMap<String, Attributes> {
    let answer = app.client.scan().table_name("links").send().await.unwrap();
    let items = answer.items.unwrap().into_iter().map(|item| (item["id"].as_s().unwrap().clone(), item));
    items.filter(|(slug, _)| !slug.starts_with('@')).collect()
}

/// Returns the key of acme's item with this slug.
fn item_key(slug: &str) -> Attributes {
    let pairs = [("org_id", ACME), ("id", slug)];
    pairs.map(|(name, value)| (name.to_owned(), AttributeValue::S(value.to_owned()))).into()
}

/// Asserts that each alias leads to its link, and that each link lists its aliases. Returns the links' slugs with their
/// aliases.
pub async fn links(app: &TestApp) -> BTreeMap<String, BTreeSet<String>> {
    let items = items(app).await;
    let mut aliases: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut links: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut births = BTreeSet::new();
    for (slug, item) in &items {
        if let Some(link) = item.get("alias_of") {
            let link = link.as_s().unwrap();
            assert_eq!(item["birth"], items[link]["birth"], "{slug}");
            assert_eq!(item.get("ttl"), items[link].get("ttl"), "{slug}");
            assert!(!item.contains_key("newest") && !item.contains_key("target"), "{item:?}");
            aliases.entry(link.clone()).or_default().insert(slug.clone());
        } else {
            let listed = item.get("aliases").map(|listed| listed.as_ss().unwrap().clone());
            links.insert(slug.clone(), listed.unwrap_or_default().into_iter().collect());
            let birth = item.get("birth").map_or_else(|| slug.clone(), |birth| birth.as_s().unwrap().clone());
            assert!(births.insert(birth), "two links have the birth of {slug}");
            let newest = item["newest"].as_s().unwrap();
            assert!(newest.ends_with(&format!("#{slug}")), "{newest}");
        }
    }
    let listed = links.iter().filter(|(_, listed)| !listed.is_empty());
    assert_eq!(aliases, listed.map(|(slug, listed)| (slug.clone(), listed.clone())).collect());
    links
}

/// Returns the records of the history, oldest first, without the records of creates.
pub async fn records(app: &TestApp) -> Vec<Attributes> {
    let answer = app.client.scan().table_name("history").send().await.unwrap();
    let mut records = answer.items.unwrap();
    records.retain(|record| record["change"].as_s().unwrap() != "create");
    records.sort_by_key(|record| record["version"].as_n().unwrap().parse::<u64>().unwrap());
    records
}

#[tokio::test]
async fn a_renamed_link_redirects_under_both_slugs_and_keeps_its_identity() {
    let app = TestApp::start().await;
    let made = create(&app, "launch").await.body;
    let renamed = rename(&app, "launch", "Launch-2026").await;
    let mut expected = made.clone();
    expected["id"] = "launch-2026".into();
    expected["short_url"] = made["short_url"].as_str().unwrap().replace("launch", "launch-2026").into();
    expected["aliases"] = json!(["launch"]);
    expected["version"] = 2.into();
    expected["updated_at"] = renamed.body["updated_at"].clone();
    assert_eq!(renamed.body, expected);
    assert_eq!(renamed.headers["etag"], format!("\"{}-2\"", made["birth"].as_str().unwrap()));
    for (slug, reads) in [("launch-2026", 1), ("launch", 2)] {
        let counting = Counting::new(&app);
        let answer = follow(slug).send_to(&counting.functions, Timestamp::now()).await;
        assert_eq!((answer.status, counting.calls()), (302, reads), "{slug}");
        assert_eq!(Call::new("read").slug(slug).send(&app).await.body, expected, "{slug}");
    }
    let lines = app.click_lines();
    assert!(lines.is_empty(), "these functions write their lines elsewhere");
    for slug in ["launch-2026", "launch"] {
        follow(slug).send(&app).await;
    }
    for line in app.click_lines() {
        let line: Value = serde_json::from_str(&line.text).unwrap();
        assert_eq!((&line["birth"], &line["id"]), (&made["birth"], &json!("launch-2026")));
    }
    let listed = Call::new("list").send(&app).await;
    assert_eq!(listed.body["data"], json!([expected]));
    assert_eq!(links(&app).await, [("launch-2026".to_owned(), ["launch".to_owned()].into())].into());
}

#[tokio::test]
async fn the_record_of_a_rename_has_both_slugs() {
    let app = TestApp::start().await;
    let made = create(&app, "launch").await.body;
    let renamed = edit("launch", &json!({ "id": "other", "title": "Other" })).send(&app).await;
    let records = records(&app).await;
    assert_eq!(records.len(), 1);
    let (record, text) = (&records[0], |name: &str| records[0][name].as_s().unwrap().clone());
    assert_eq!((text("change"), text("slug")), ("rename".to_owned(), "other".to_owned()));
    assert_eq!(text("birth"), made["birth"].as_str().unwrap());
    assert_eq!(renamed.headers["signpost-change"], text("id"));
    let (before, after) = (record["before"].as_m().unwrap(), record["after"].as_m().unwrap());
    assert_eq!(before["id"].as_s().unwrap(), "launch");
    assert!(!before.contains_key("aliases") && !before.contains_key("title"));
    assert_eq!(after["id"].as_s().unwrap(), "other");
    assert_eq!(after["aliases"].as_ss().unwrap(), &["launch"]);
    assert_eq!(after["title"].as_s().unwrap(), "Other");
    assert_eq!((before.len(), after.len()), (1, 3));
}

#[tokio::test]
async fn a_new_slug_obeys_the_rules_of_a_new_link() {
    let app = TestApp::with_settings(&[("ROOT_ORG", ACME)]).await;
    create(&app, "launch").await;
    for (id, fault) in [
        (json!("link"), "reserved_slug"),
        (json!("docs"), "reserved_slug"),
        (json!("a/b"), "invalid_slug"),
        (json!("-a"), "invalid_slug"),
        (json!(""), "invalid_slug"),
        (json!(null), "wrong_type"),
        (json!(7), "wrong_type"),
    ] {
        let answer = edit("launch", &json!({ "id": id, "title": "" })).send(&app).await;
        let faults = answer.is_problem(422, "validation_failed").faults();
        assert!(faults.contains(&("/id", fault)), "{id}: {faults:?}");
        assert!(faults.iter().any(|(pointer, _)| *pointer == "/title"), "all faults at once");
    }
    let same = rename(&app, "launch", "LAUNCH").await;
    assert_eq!((&same.body["version"], &same.body["aliases"]), (&json!(1), &json!([])));
    assert!(!same.headers.contains_key("signpost-change"));
    assert!(records(&app).await.is_empty());
}

#[tokio::test]
async fn a_taken_slug_is_refused_and_a_free_one_suggested() {
    let app = TestApp::start().await;
    for slug in ["launch", "wiki", "plan"] {
        create(&app, slug).await;
    }
    rename(&app, "plan", "roadmap").await;
    let before = items(&app).await;
    for (taken, free) in [("wiki", "wiki-2"), ("plan", "plan-2"), ("roadmap", "roadmap-2")] {
        let answer = edit("launch", &json!({ "id": taken })).send(&app).await;
        assert_eq!(answer.is_problem(409, "slug_taken").body["suggested_id"], free);
    }
    assert_eq!(items(&app).await, before);
    // The same slug is still free in another organization.
    let body = json!({ "url": "https://example.com/", "id": "elsewhere" }).to_string();
    let made = Call::new("create").by("outsider").org(GLOBEX).body(&body).send(&app).await;
    assert_eq!(made.status, 201, "{}", made.text);
    rename(&app, "launch", "elsewhere").await;
}

#[tokio::test]
async fn a_link_has_at_most_five_aliases_and_can_always_be_renamed_back() {
    let app = TestApp::start().await;
    create(&app, "s0").await;
    for number in 1..=5 {
        let renamed = rename(&app, &format!("s{}", number - 1), &format!("s{number}")).await;
        assert_eq!(renamed.body["aliases"].as_array().unwrap().len(), number);
    }
    edit("s5", &json!({ "id": "s6" })).send(&app).await.is_problem(409, "alias_limit");
    for slug in ["s0", "s1", "s2", "s3", "s4", "s5"] {
        assert_eq!(follow(slug).send(&app).await.status, 302, "{slug}");
    }
    let back = rename(&app, "s5", "s0").await;
    assert_eq!(back.body["aliases"], json!(["s1", "s2", "s3", "s4", "s5"]));
    assert_eq!(links(&app).await.len(), 1);
    let freed = Call::new("delete").slug("s3").send(&app).await;
    assert_eq!(freed.body["aliases"], json!(["s1", "s2", "s4", "s5"]), "{}", freed.text);
    assert_eq!(rename(&app, "s4", "s6").await.body["aliases"], json!(["s0", "s1", "s2", "s4", "s5"]));
    links(&app).await;
}

#[tokio::test]
async fn aliases_expire_with_their_link() {
    let app = TestApp::start().await;
    let body = json!({ "url": "https://example.com/", "id": "one", "expires_at": "2099-01-01T00:00:00Z" });
    app.link(body).await;
    rename(&app, "one", "two").await;
    rename(&app, "two", "three").await;
    for (change, has_ttl) in [
        (json!({ "expires_at": "2098-01-01T00:00:00Z" }), true),
        (json!({ "title": "No change of the expiry" }), true),
        (json!({ "expires_at": null }), false),
        (json!({ "expires_at": "2097-01-01T00:00:00Z", "id": "four" }), true),
    ] {
        let answer = edit("one", &change).send(&app).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        links(&app).await;
        let items = items(&app).await;
        assert!(items.values().all(|item| item.contains_key("ttl") == has_ttl), "{change}: {items:?}");
    }
}

#[tokio::test]
async fn a_delete_by_an_alias_frees_the_alias_and_keeps_the_link() {
    let app = TestApp::start().await;
    create(&app, "launch").await;
    let renamed = rename(&app, "launch", "other").await;
    let free = || Call::new("delete").slug("launch");
    free().by("colleague").send(&app).await.is_problem(403, "forbidden");
    free().by("outsider").send(&app).await.is_problem(403, "forbidden");
    let old = format!("\"{}-1\"", renamed.body["birth"].as_str().unwrap());
    free().header("if-match", &old).send(&app).await.is_problem(412, "precondition_failed");
    let freed = free().header("if-match", &renamed.headers["etag"]).send(&app).await;
    let mut expected = renamed.body.clone();
    expected["aliases"] = json!([]);
    expected["version"] = 3.into();
    expected["updated_at"] = freed.body["updated_at"].clone();
    assert_eq!((freed.status, &freed.body), (200, &expected), "{}", freed.text);
    let records = records(&app).await;
    let record = records.last().unwrap();
    assert_eq!(record["id"].as_s().unwrap(), &freed.headers["signpost-change"]);
    assert_eq!(record["change"].as_s().unwrap(), "update");
    assert_eq!(record["before"].as_m().unwrap()["aliases"].as_ss().unwrap(), &["launch"]);
    assert!(record["after"].as_m().unwrap().is_empty());
    follow("launch").send(&app).await.is_problem(404, "not_found");
    assert_eq!(follow("other").send(&app).await.status, 302);
    free().send(&app).await.is_problem(404, "not_found");
    create(&app, "launch").await;
    assert_eq!(links(&app).await.len(), 2);
}

#[tokio::test]
async fn a_delete_of_the_link_frees_its_aliases_too() {
    let app = TestApp::start().await;
    create(&app, "one").await;
    rename(&app, "one", "two").await;
    rename(&app, "two", "three").await;
    let deleted = Call::new("delete").slug("three").send(&app).await;
    assert_eq!((deleted.status, &deleted.body["aliases"]), (200, &json!(["one", "two"])), "{}", deleted.text);
    assert!(items(&app).await.is_empty());
    for slug in ["one", "two", "three"] {
        follow(slug).send(&app).await.is_problem(404, "not_found");
        create(&app, slug).await;
    }
}

#[tokio::test]
async fn an_edit_by_an_alias_edits_the_link() {
    let app = TestApp::start().await;
    create(&app, "launch").await;
    let renamed = rename(&app, "launch", "other").await;
    let call =
        edit("launch", &json!({ "title": "By its alias" })).header("if-match", &renamed.headers["etag"]);
    let edited = call.send(&app).await;
    assert_eq!((edited.status, &edited.body["id"]), (200, &json!("other")), "{}", edited.text);
    assert_eq!((&edited.body["title"], &edited.body["version"]), (&json!("By its alias"), &json!(3)));
    edit("launch", &json!({ "title": "x" })).by("colleague").send(&app).await.is_problem(403, "forbidden");
    assert_eq!(links(&app).await, [("other".to_owned(), ["launch".to_owned()].into())].into());
}

#[tokio::test]
async fn a_link_of_an_earlier_version_keeps_its_identity_and_unknown_attributes() {
    let app = TestApp::start().await;
    let text = |value: &str| Some(AttributeValue::S(value.to_owned()));
    app.put(&[("request_key", text("a key")), ("request_hash", text("a hash"))]).await;
    let before = Call::new("read").send(&app).await;
    let renamed = rename(&app, "k7m2p9qr", "other").await;
    assert_eq!(renamed.body["birth"], "k7m2p9qr#1795383720000");
    assert_eq!(renamed.body["birth"], before.body["birth"]);
    assert_eq!(renamed.body["created_at"], before.body["created_at"]);
    links(&app).await;
    let item = &items(&app).await["other"];
    assert_eq!(item["request_key"].as_s().unwrap(), "a key");
    assert!(item.contains_key("target"));
    // The old entity tag is that of the version before the rename.
    let call = edit("other", &json!({ "title": "x" })).header("if-match", &before.headers["etag"]);
    call.send(&app).await.is_problem(412, "precondition_failed");
}

#[tokio::test]
async fn a_retry_of_the_create_finds_the_renamed_link() {
    let app = TestApp::start().await;
    let call = Call::new("create-idempotent");
    let made = call.send(&app).await;
    let slug = made.body["id"].as_str().unwrap();
    let renamed = rename(&app, slug, "other").await;
    let replay = call.send(&app).await;
    assert_eq!((replay.status, &replay.body), (200, &renamed.body), "{}", replay.text);
    assert_eq!(links(&app).await.len(), 1);
}
