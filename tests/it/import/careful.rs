//! No import opens a link that was closed in another service, or makes a link twice, however the file is sent.

use super::{done, import, link, notes, results};
use crate::support::{Call, TestApp};
use serde_json::{Value, json};

/// The rows of a dry run as lines of JSON, as a client sends them back.
fn lines(plan: &Value) -> String {
    let rows = plan["results"].as_array().unwrap().iter();
    let line =
        |row: &Value| json!({ "source_id": row["source"], "id": row["id"], "url": row["url"] }).to_string();
    rows.map(line).collect::<Vec<_>>().join("\n")
}

#[tokio::test]
async fn rows_that_an_import_renamed_are_found_again_however_they_are_sent() {
    let app = TestApp::start().await;
    let taken =
        Call::new("create").body(r#"{"url":"https://example.com/other","id":"taken"}"#).send(&app).await;
    assert_eq!(taken.status, 201);
    let file = "url,id\nhttps://example.com/1,taken\nhttps://example.com/2,dup\nhttps://example.com/3,Dup\n";
    let plan = done(&app, import("dry_run=true&on_conflict=rename", file)).await;
    let slugs = [Some("taken-2"), Some("dup-2"), Some("dup-3")];
    let made = done(&app, import("format=plain", &lines(&plan))).await;
    assert_eq!(results(&made).iter().map(|row| row.2).collect::<Vec<_>>(), slugs);
    let count = app.count().await;
    for query in ["on_conflict=rename", "", "dry_run=true"] {
        let again = done(&app, import(query, file)).await;
        let found = results(&again);
        assert!(found.iter().all(|row| ["exists", "replayed"].contains(&row.1)), "{query}: {found:?}");
        assert_eq!(found.iter().map(|row| row.2).collect::<Vec<_>>(), slugs, "{query}");
    }
    assert_eq!(app.count().await, count);
}

#[tokio::test]
async fn a_row_with_two_answers_to_who_can_use_the_link_is_refused() {
    let app = TestApp::start().await;
    for file in [
        "url,password,Password\nhttps://example.com/1,,secret\n",
        "url,has password,has_password\nhttps://example.com/1,no,yes\n",
        "url,access,Access\nhttps://example.com/1,public,members\n",
        "url,enabled,Enabled\nhttps://example.com/1,true,false\n",
        "url,expires,Expires\nhttps://example.com/1,2099-01-01,2020-01-01\n",
        r#"[{"url":"https://example.com/1","archived":["true"]}]"#,
        r#"[{"url":"https://example.com/1","expires":{"date":"2020-01-01"}}]"#,
        "url,passwordHash\nhttps://example.com/1,abc\n",
        "url,Passwort\nhttps://example.com/1,geheim\n",
        "url,is_password_protected\nhttps://example.com/1,yes\n",
    ] {
        let body = done(&app, import("", file)).await;
        assert_eq!(results(&body)[0].1, "refused", "{file}");
    }
    assert_eq!(app.count().await, 0);
    // The first value that is not blank counts, even if it is in a later column of the same name.
    let body = done(&app, import("", "url,id,access,Access\nhttps://example.com/1,a,,members\n")).await;
    assert_eq!(body["results"][0]["access"], "members");
    let body = done(&app, import("", "url,id,archived\nhttps://example.com/2,b,true\n")).await;
    assert_eq!(
        (&body["results"][0]["enabled"], notes(&body["results"][0])),
        (&json!(false), vec!["switched_off"])
    );
}

#[tokio::test]
async fn short_rows_after_a_header_of_a_million_names_are_read_at_once() {
    let app = TestApp::start().await;
    let file = format!("url,{}\n{}", "id,".repeat(500_000), "https://example.com/\n".repeat(50_000));
    let answer = import("dry_run=true&limit=1", &file).send(&app).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
}

#[tokio::test]
async fn a_dry_run_without_a_value_is_a_mistake_and_writes_nothing() {
    let app = TestApp::start().await;
    for query in ["dry_run", "dry_run="] {
        import(query, "url\nhttps://example.com/\n").send(&app).await.is_problem(400, "invalid_query");
    }
    assert_eq!(app.count().await, 0);
}

#[tokio::test]
async fn a_row_whose_link_was_edited_says_that_it_leads_elsewhere() {
    let app = TestApp::start().await;
    let file = "url,id\nhttps://example.com/payroll,payroll\n";
    done(&app, import("", file)).await;
    let edit = Call::new("update").slug("payroll").body(r#"{"url":"https://example.com/new"}"#);
    assert_eq!(edit.send(&app).await.status, 200);
    let body = done(&app, import("", file)).await;
    assert_eq!(results(&body), [(2, "replayed", Some("payroll"))]);
    assert_eq!(notes(&body["results"][0]), ["target_changed"]);
}

#[tokio::test]
async fn the_tag_of_another_import_is_not_taken_over() {
    let app = TestApp::start().await;
    let body =
        done(&app, import("", "url,id,tags\nhttps://example.com/1,a,x|imported-20260101-abc123\n")).await;
    assert_eq!(body["results"][0]["tags"], json!([body["import"], "x"]));
}

#[tokio::test]
async fn rows_of_one_link_make_it_members_only_if_one_of_them_is() {
    let app = TestApp::start().await;
    let file = "url,id,access\nhttps://example.com/1,pay,public\nhttps://example.com/1,Pay,members\n\
                https://example.com/2,,public\nhttps://example.com/2,,members\n\
                https://example.com/3,open,public\nhttps://example.com/4,open,members\n";
    for query in ["dry_run=true&on_conflict=rename", "limit=1", "on_conflict=rename"] {
        let body = done(&app, import(query, file)).await;
        for row in body["results"].as_array().unwrap() {
            // The rows with different destinations are different links.
            let access = if row["url"] == "https://example.com/3" { "public" } else { "members" };
            assert_eq!(row["access"], access, "{query}: {row}");
        }
        let is_noted = body["results"][0]["result"] == "created";
        assert_eq!(notes(&body["results"][0]).contains(&"members_only"), is_noted, "{query}: {body}");
    }
    assert_eq!(link(&app, "pay").await.body["access"], "members");
    assert_eq!(app.count().await, 4);
}

#[tokio::test]
async fn a_public_row_is_closed_by_a_skipped_row_and_a_repeat_says_that_it_was_closed() {
    let app = TestApp::start().await;
    let file = "url,id,access,expires_at\nhttps://example.com/1,pay,public,\nhttps://example.com/1,pay,members,2020-01-01\n\
                https://example.com/2,plan,members,\nhttps://example.com/2,plan,public,\n";
    for query in ["dry_run=true", ""] {
        let body = done(&app, import(query, file)).await;
        let words: Vec<_> = results(&body).iter().map(|row| row.1).collect();
        assert_eq!(words, ["created", "skipped", "created", "exists"], "{query}");
        for (row, is_noted) in [(0, true), (2, false), (3, true)] {
            assert_eq!(body["results"][row]["access"], "members", "{query}: {row}");
            assert_eq!(notes(&body["results"][row]).contains(&"members_only"), is_noted, "{query}: {row}");
        }
    }
}
