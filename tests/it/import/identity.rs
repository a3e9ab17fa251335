//! An export that is imported into an empty organization: the same links, apart from the tag of the import.

use super::done;
use crate::support::exports::{file, is_formula, records};
use crate::support::lists::walk;
use crate::support::{ACME, Call, GLOBEX, TestApp};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// The fields of a link that an export and an import carry over.
const CARRIED: [&str; 7] = ["url", "title", "tags", "access", "forward", "enabled", "expires_at"];

/// The codes of the notes that a link can have although it is exactly as in the file.
const SAME: [&str; 2] = ["same_target", "switched_off"];

/// The fields of each link, by slug.
type Links = BTreeMap<String, Map<String, Value>>;

/// Generates what people and attackers put into links. Some of it is refused when the link is created.
fn link() -> impl Strategy<Value = Value> {
    let title = prop_oneof![
        3 => "[-'=+@\",;|a1 ü日]{1,8}",
        1 => "\\PC{1,30}",
        1 => "(''?)?[-=+@]\\PC{0,200}",
        1 => Just(String::new()),
    ];
    let tag = prop_oneof!["[a-z0-9_-]{1,6}", "[-_]{1,3}", "[A-Z0-9_-]{32}"];
    (
        "[a-z0-9][a-z0-9_-]{0,12}",
        "https?://[a-z]{1,5}\\.example(:8443)?/([-a-zA-Z0-9,;|'\"\\\\ü日%=+@ ]{0,12}/){0,2}(\\?[ -~]{0,20})?(#[ -~ü]{0,9})?",
        title,
        proptest::collection::vec(tag, 0..10),
        prop_oneof![Just("public"), Just("members")],
        prop_oneof![Just("none"), Just("query"), Just("path")],
        any::<bool>(),
        proptest::option::of(1_900_000_000_000_i64..250_000_000_000_000),
    )
        .prop_map(|(id, url, title, tags, access, forward, enabled, expires_at)| {
            let expires_at =
                expires_at.map(|millis| shared::model::Timestamp::try_from(millis).unwrap().to_string());
            json!({
                "id": id, "url": url, "title": Some(title).filter(|title| !title.is_empty()), "tags": tags,
                "access": access, "forward": forward, "enabled": enabled, "expires_at": expires_at,
            })
        })
}

/// Returns the links of an organization. Tags that begin with `imported-` are left out, and titles are trimmed.
async fn links(app: &TestApp, user: &str, org: &str) -> Links {
    let mut links = Links::new();
    let mut query = "limit=100".to_owned();
    loop {
        let page = Call::new("list").by(user).org(org).query(&query).send(app).await;
        for link in page.body["data"].as_array().unwrap() {
            let mut fields: Map<_, _> =
                CARRIED.iter().map(|name| ((*name).to_owned(), link[*name].clone())).collect();
            let tags = fields["tags"].as_array().unwrap().iter();
            let tags: Value =
                tags.filter(|tag| !tag.as_str().unwrap().starts_with("imported-")).cloned().collect();
            fields.insert("tags".to_owned(), tags);
            // An import removes white space at the ends of a title.
            if let Some(title) = link["title"].as_str() {
                fields.insert("title".to_owned(), title.trim().into());
            }
            assert!(links.insert(link["id"].as_str().unwrap().to_owned(), fields).is_none());
        }
        let Some(cursor) = page.body["next_cursor"].as_str() else { return links };
        query = format!("limit=100&cursor={cursor}");
    }
}

#[tokio::test]
async fn an_export_that_is_imported_elsewhere_makes_the_same_links() {
    // A seed makes a failure repeatable.
    let config = Config { failure_persistence: None, ..Config::default() };
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[23; 32]);
    let mut runner = TestRunner::new_with_rng(config, rng);
    let app = TestApp::start().await;
    let mut made = 0;
    for _ in 0..150 {
        let body = link().new_tree(&mut runner).unwrap().current();
        let created = Call::new("create").body(&body.to_string()).send(&app).await;
        assert!([201, 409, 422].contains(&created.status), "{body}: {}", created.text);
        made += usize::from(created.status == 201);
    }
    assert!(made > 75, "{made}");
    let ours = links(&app, "member", ACME).await;
    assert_eq!(ours.len(), made);

    let csv = file(&app, "text/csv", "include=clicks&limit=50").await;
    for record in records(&csv) {
        assert!(!record.values().any(|cell| is_formula(cell)), "{record:?}");
    }
    let ndjson = file(&app, "application/x-ndjson", "limit=50").await;
    let other = TestApp::start().await;
    for (app, org, export) in [(&app, GLOBEX, csv), (&other, GLOBEX, ndjson)] {
        let call = Call::new("import").by("outsider").org(org).query("").body(&export);
        let report = done(app, call).await;
        assert_eq!((&report["format"], &report["next"]), (&json!("plain"), &Value::Null));
        for row in report["results"].as_array().unwrap() {
            assert_eq!((&row["result"], &row["errors"]), (&json!("created"), &json!([])), "{row}");
            let notes = row["notes"].as_array().unwrap();
            // These notes report no difference from the file.
            assert!(notes.iter().all(|note| SAME.contains(&note["code"].as_str().unwrap())), "{row}");
        }
        let theirs = links(app, "outsider", org).await;
        assert_eq!(theirs.len(), made);
        for (id, fields) in &ours {
            assert_eq!(theirs.get(id), Some(fields), "{id}");
        }
    }
    // Nothing was added to the organization whose links were exported.
    assert_eq!(walk(&app, 100).await.len(), made);
}
