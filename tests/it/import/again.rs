//! A file that is sent in parts, more than once, or by several people: each row becomes one link.

use super::{done, import, link, many, results};
use crate::history::{records, undo_of};
use crate::support::{Call, GLOBEX, TestApp};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::Arc;

#[tokio::test]
async fn an_import_goes_on_from_next_with_the_same_tag() {
    let app = TestApp::start().await;
    let file = many(25);
    let (mut from, mut import_tag, mut rows) = (Value::Null, String::new(), Vec::new());
    loop {
        let mut query = "limit=10".to_owned();
        if !from.is_null() {
            query.push_str(&format!("&from={from}&import={import_tag}"));
        }
        let body = done(&app, import(&query, &file)).await;
        assert_eq!(body["rows"], 25);
        let tag = body["import"].as_str().unwrap();
        assert!(import_tag.is_empty() || import_tag == tag);
        import_tag = tag.to_owned();
        rows.extend(body["results"].as_array().unwrap().iter().map(|row| row["row"].as_u64().unwrap()));
        from = body["next"].clone();
        if from.is_null() {
            break;
        }
    }
    assert_eq!(rows, (2..=26).collect::<Vec<_>>());
    assert_eq!(app.count().await, 25);
    let listed = Call::new("list").query(&format!("limit=100&tag={import_tag}")).send(&app).await;
    assert_eq!(listed.body["data"].as_array().unwrap().len(), 25);
    let body = done(&app, import("from=99", &file)).await;
    assert_eq!((&body["results"], &body["next"]), (&json!([]), &Value::Null));
}

#[tokio::test]
async fn a_file_that_is_sent_twice_makes_each_link_once_whoever_sends_it() {
    let app = TestApp::start().await;
    let file = "url,id\nhttps://example.com/1,one\nhttps://example.com/2,\n";
    let first = done(&app, import("", file)).await;
    for user in ["member", "colleague", "owner"] {
        let again = done(&app, import("", file).by(user)).await;
        assert_eq!(again["summary"]["replayed"], 2, "{user}");
        for (row, made) in
            again["results"].as_array().unwrap().iter().zip(first["results"].as_array().unwrap())
        {
            assert_eq!(
                (&row["id"], &row["tags"], &row["short_url"]),
                (&made["id"], &made["tags"], &made["short_url"])
            );
        }
        let dry = done(&app, import("dry_run=true", file).by(user)).await;
        assert_eq!((&dry["summary"]["replayed"], &dry["import"]), (&json!(2), &Value::Null));
    }
    assert_eq!((app.count().await, app.keys().await.len()), (2, 2));
    // The keys are kept until their links are deleted, and contain no user id.
    for key in app.keys().await {
        let names: BTreeSet<&str> = key.keys().map(String::as_str).collect();
        assert_eq!(names, BTreeSet::from(["org_id", "id", "slug", "birth", "request_hash"]));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn people_who_import_the_same_file_at_once_make_each_link_once() {
    let app = Arc::new(TestApp::start().await);
    let file = many(60) + "https://example.com/drawn,\n";
    let runners: Vec<_> = ["member", "colleague", "owner"]
        .into_iter()
        .map(|user| {
            let (app, call) = (Arc::clone(&app), import("", &file).by(user));
            tokio::spawn(async move { done(&app, call).await })
        })
        .collect();
    let mut created = BTreeSet::new();
    for runner in runners {
        let body = runner.await.unwrap();
        for (row, result, slug) in results(&body) {
            match result {
                "created" => assert!(created.insert(row), "row {row} was made twice"),
                "replayed" => assert!(slug.is_some()),
                other => panic!("row {row}: {other}"),
            }
        }
    }
    assert_eq!((created.len(), app.count().await), (61, 61));
    assert_eq!(records_of_imports(&app).await, 61);
}

async fn records_of_imports(app: &TestApp) -> usize {
    records(app, "change=import&limit=100").await.len()
}

#[tokio::test]
async fn a_row_whose_link_was_deleted_is_imported_again() {
    let app = TestApp::start().await;
    let file = "url,id\nhttps://example.com/1,one\nhttps://example.com/2,\n";
    let first = done(&app, import("", file)).await;
    for row in first["results"].as_array().unwrap() {
        Call::new("delete").slug(row["id"].as_str().unwrap()).send(&app).await;
    }
    assert_eq!(done(&app, import("dry_run=true", file)).await["summary"]["created"], 2);
    let second = done(&app, import("", file)).await;
    assert_eq!(second["summary"]["created"], 2);
    // The same is true after the import was undone.
    for record in records(&app, "change=import&limit=2").await {
        assert_eq!(undo_of(record["id"].as_str().unwrap()).send(&app).await.status, 200);
    }
    assert_eq!(done(&app, import("", file)).await["summary"]["created"], 2);
    assert_eq!(done(&app, import("", file)).await["summary"]["replayed"], 2);
    assert_eq!((app.count().await, app.keys().await.len()), (2, 2));
}

#[tokio::test]
async fn a_row_whose_link_was_renamed_or_edited_is_replayed_with_its_current_values() {
    let app = TestApp::start().await;
    let file = "url,id\nhttps://example.com/1,one\n";
    done(&app, import("", file)).await;
    let edit = r#"{"id": "renamed", "url": "https://example.com/edited", "title": "New"}"#;
    assert_eq!(Call::new("update").slug("one").body(edit).send(&app).await.status, 200);
    let body = done(&app, import("", file)).await;
    assert_eq!(results(&body), [(2, "replayed", Some("renamed"))]);
    let row = &body["results"][0];
    assert_eq!((&row["url"], &row["title"]), (&json!("https://example.com/edited"), &json!("New")));
    assert_eq!(super::notes(row), ["target_changed"], "the old address still works");
    // The result is the same after the alias was freed.
    assert_eq!(Call::new("delete").slug("one").send(&app).await.status, 200);
    let body = done(&app, import("", file)).await;
    assert_eq!(results(&body), [(2, "replayed", Some("renamed"))]);
    assert_eq!(super::notes(&body["results"][0]), ["slug_changed", "target_changed"]);
    assert_eq!(app.count().await, 1);
}

#[tokio::test]
async fn a_row_is_recognized_whatever_the_options_are_unless_they_change_its_slug() {
    let app = TestApp::start().await;
    let file = "url,id\nhttps://example.com/1,one\nhttps://example.com/2,\n";
    let first = done(&app, import("", file)).await;
    let drawn = first["results"][1]["id"].as_str();
    let body = done(&app, import("disabled=keep&tag=again&on_conflict=rename", file)).await;
    assert_eq!(results(&body), [(2, "replayed", Some("one")), (3, "replayed", drawn)]);
    let body = done(&app, import("prefix=old-", file)).await;
    assert_eq!(results(&body), [(2, "created", Some("old-one")), (3, "replayed", drawn)]);
    assert_eq!(super::notes(&body["results"][0]), ["same_target"]);
}

#[tokio::test]
async fn the_rows_of_a_dry_run_can_be_sent_back_and_are_recognized_as_those_of_the_file() {
    let app = TestApp::start().await;
    let file = "url,id,title,tags\nhttps://example.com/1,One.Two,\"A, b\",x|y\nhttps://example.com/2,\u{ad6c}\u{ae00},,\nhttps://example.com/3,,,\n";
    let plan = done(&app, import("dry_run=true&prefix=old-", file)).await;
    let lines = plan["results"].as_array().unwrap().iter().map(|row| {
        let mut line = json!({});
        for (name, member) in
            [("source", "source_id"), ("id", "id"), ("url", "url"), ("title", "title"), ("tags", "tags")]
        {
            if !row[name].is_null() {
                line[member] = row[name].clone();
            }
        }
        line.to_string()
    });
    let lines: Vec<String> = lines.collect();
    let body = done(&app, import("format=plain", &lines.join("\n"))).await;
    let rows = body["results"].as_array().unwrap();
    assert_eq!((&rows[0]["id"], &rows[0]["source"]), (&json!("old-one-two"), &json!("One.Two")));
    assert_eq!((&rows[0]["title"], super::notes(&rows[0])), (&json!("A, b"), vec!["slug_changed"]));
    assert_eq!(
        (&rows[1]["source"], super::notes(&rows[1])),
        (&json!("\u{ad6c}\u{ae00}"), vec!["slug_drawn"])
    );
    assert_eq!(body["summary"]["created"], 3);
    // An import of the original file finds the links that its rows became.
    let body = done(&app, import("prefix=old-", file)).await;
    assert_eq!(body["summary"]["replayed"], 3, "{body}");
    assert_eq!(app.count().await, 3);
}

#[tokio::test]
async fn another_organization_imports_the_same_file_for_itself() {
    let app = TestApp::start().await;
    let file = "url,id\nhttps://example.com/1,one\n";
    let ours = done(&app, import("", file).by("colleague")).await;
    let theirs = done(&app, import("", file).by("colleague").org(GLOBEX)).await;
    assert_eq!(results(&theirs), [(2, "created", Some("one"))]);
    assert_ne!(ours["results"][0]["short_url"], theirs["results"][0]["short_url"]);
    assert_eq!(theirs["results"][0]["notes"], json!([]), "no note mentions the other organization's link");
    assert_eq!(Call::new("delete").by("colleague").slug("one").org(GLOBEX).send(&app).await.status, 200);
    assert_eq!(link(&app, "one").await.status, 200);
}
