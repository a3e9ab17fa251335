//! Rows whose slug is taken, by a link or by another row.

use super::{done, import, link, notes, results};
use crate::support::{Call, TestApp};
use serde_json::{Value, json};

#[tokio::test]
async fn a_link_with_the_same_slug_and_destination_exists_also_under_an_alias() {
    let app = TestApp::start().await;
    app.link(json!({ "url": "https://example.com/a", "id": "launch", "title": "Ours" })).await;
    let file = "url,id,title\nhttps://example.com/a,Launch,Theirs\n";
    let body = done(&app, import("", file)).await;
    assert_eq!(results(&body), [(2, "exists", Some("launch"))]);
    assert_eq!(body["results"][0]["title"], "Ours");
    Call::new("update").slug("launch").body(r#"{"id": "launched"}"#).send(&app).await;
    let body = done(&app, import("", file)).await;
    assert_eq!(results(&body), [(2, "exists", Some("launched"))]);
    assert_eq!(app.count().await, 2, "a link and its alias");
    assert!(app.keys().await.is_empty());
}

#[tokio::test]
async fn a_slug_that_leads_elsewhere_is_a_conflict_with_a_suggestion_that_no_row_has() {
    let app = TestApp::start().await;
    for id in ["wiki", "wiki-2"] {
        app.link(json!({ "url": "https://example.com/ours", "id": id })).await;
    }
    let file = "url,id\nhttps://example.com/theirs,wiki\nhttps://example.com/3,wiki-3\n";
    for query in ["dry_run=true", ""] {
        let body = done(&app, import(query, file)).await;
        assert_eq!(results(&body), [(2, "conflict", Some("wiki")), (3, "created", Some("wiki-3"))]);
        let row = &body["results"][0];
        assert_eq!((&row["suggested_id"], &row["short_url"]), (&json!("wiki-4"), &Value::Null));
        assert_eq!(row["url"], "https://example.com/theirs");
    }
    assert_eq!(link(&app, "wiki").await.body["url"], "https://example.com/ours");
}

#[tokio::test]
async fn with_rename_a_row_gets_the_suggested_slug_and_keeps_it_when_it_is_sent_again() {
    let app = TestApp::start().await;
    app.link(json!({ "url": "https://example.com/ours", "id": "wiki" })).await;
    let file = "url,id\nhttps://example.com/theirs,Wiki\n";
    let dry = done(&app, import("on_conflict=rename&dry_run=true", file)).await;
    let body = done(&app, import("on_conflict=rename", file)).await;
    for body in [&dry, &body] {
        assert_eq!(results(body), [(2, "created", Some("wiki-2"))]);
        assert_eq!(notes(&body["results"][0]), ["slug_changed"]);
    }
    let again = done(&app, import("on_conflict=rename", file)).await;
    assert_eq!(results(&again), [(2, "replayed", Some("wiki-2"))]);
    assert_eq!(notes(&again["results"][0]), ["slug_changed"]);
    assert_eq!(app.count().await, 2);
}

#[tokio::test]
async fn two_rows_that_differ_only_in_case_and_lead_elsewhere_are_both_conflicts() {
    let app = TestApp::start().await;
    let file =
        "url,id\nhttps://example.com/1,aB3xK\nhttps://example.com/2,ab3xk\nhttps://example.com/3,other\n";
    for query in ["dry_run=true", "", "limit=1", "from=3&limit=1"] {
        let body = done(&app, import(query, file)).await;
        for row in body["results"].as_array().unwrap().iter().filter(|row| row["row"] != 4) {
            assert_eq!((&row["result"], &row["id"]), (&json!("conflict"), &json!("ab3xk")), "{query}");
        }
        let suggested: Vec<_> =
            body["results"].as_array().unwrap().iter().map(|row| row["suggested_id"].as_str()).collect();
        assert_eq!(suggested[0], Some("ab3xk-2"));
        assert!(suggested.len() == 1 || suggested == [Some("ab3xk-2"), Some("ab3xk-3"), None]);
    }
    let body = done(&app, import("on_conflict=rename", file)).await;
    assert_eq!(
        results(&body),
        [(2, "created", Some("ab3xk-2")), (3, "created", Some("ab3xk-3")), (4, "replayed", Some("other"))]
    );
    link(&app, "ab3xk").await.is_problem(404, "not_found");
}

#[tokio::test]
async fn of_two_rows_in_dispute_the_one_that_is_here_already_exists() {
    let app = TestApp::start().await;
    app.link(json!({ "url": "https://example.com/1", "id": "wiki" })).await;
    let file = "url,id\nhttps://example.com/1,Wiki\nhttps://example.com/2,wiki\n";
    let body = done(&app, import("", file)).await;
    assert_eq!(results(&body), [(2, "exists", Some("wiki")), (3, "conflict", Some("wiki"))]);
}

#[tokio::test]
async fn a_row_that_repeats_another_exists_once_it_does() {
    let app = TestApp::start().await;
    let file = "url,id\nhttps://example.com/1,Wiki\nhttps://example.com/1,wiki\nhttps://example.com/2,\n\
                https://example.com/2,\nhttps://example.com/2,two\n";
    for query in ["dry_run=true", ""] {
        let body = done(&app, import(query, file)).await;
        let words: Vec<&str> = results(&body).iter().map(|(_, result, _)| *result).collect();
        assert_eq!(words, ["created", "exists", "created", "exists", "created"], "{query}");
        assert_eq!(body["results"][2]["id"], body["results"][3]["id"]);
    }
    assert_eq!(app.count().await, 3);
    // Row 3 repeats a row in an earlier part of the file.
    let body = done(&app, import("from=3&limit=1", file)).await;
    assert_eq!(results(&body), [(3, "exists", Some("wiki"))]);
    let body = done(&app, import("from=3", file)).await;
    let words: Vec<&str> = results(&body).iter().map(|(_, result, _)| *result).collect();
    assert_eq!(words, ["exists", "replayed", "exists", "replayed"]);
    assert_eq!(app.count().await, 3);
}
