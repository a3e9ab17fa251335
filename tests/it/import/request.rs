//! The request of an import: its file, its parameters, and who may send it.

use super::{done, import, results};
use crate::support::{Call, GLOBEX, TestApp};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};

const FILE: &str = "url,id\nhttps://example.com/a,launch\n";

#[tokio::test]
async fn a_dry_run_says_what_would_happen_and_writes_nothing() {
    let app = TestApp::start().await;
    let dry = done(&app, import("dry_run=true", FILE)).await;
    assert_eq!((&dry["dry_run"], &dry["import"]), (&json!(true), &Value::Null));
    assert_eq!((app.count().await, app.keys().await.len()), (0, 0));
    let history = Call::new("history").send(&app).await;
    assert_eq!(history.body["data"], json!([]));
    let tag = "imported-20261126-x4k2pq";
    let dry = done(&app, import(&format!("dry_run=true&import={tag}"), FILE)).await;
    let wet = done(&app, import(&format!("import={tag}"), FILE)).await;
    assert_eq!((&dry["results"], &dry["summary"]), (&wet["results"], &wet["summary"]));
    assert_eq!(wet["import"], tag);
}

#[tokio::test]
async fn the_file_is_read_whatever_its_media_type_and_also_in_base64() {
    let app = TestApp::start().await;
    for media_type in ["text/csv", "application/octet-stream", "application/x-www-form-urlencoded", "x", ""] {
        let call = import("", FILE).header("content-type", media_type);
        assert_eq!(done(&app, call).await["rows"], 1, "{media_type}");
    }
    let mut call = import("", &BASE64_STANDARD.encode(FILE)).without("content-type");
    call.event["isBase64Encoded"] = true.into();
    assert_eq!(results(&done(&app, call).await), [(2, "replayed", Some("launch"))]);
}

#[tokio::test]
async fn a_file_has_at_most_four_million_bytes() {
    let app = TestApp::start().await;
    let row = "https://example.com/a,launch\n";
    let mut file = "url,id\n".to_owned();
    while file.len() + row.len() <= 4_000_000 {
        file.push_str(row);
    }
    file.push_str(&"\n".repeat(4_000_000 - file.len()));
    let body = done(&app, import("limit=2&dry_run=true", &file)).await;
    assert!(body["rows"].as_u64().unwrap() > 100_000);
    let answer = import("", &(file + "\n")).send(&app).await;
    answer.is_problem(413, "payload_too_large");
    assert!(answer.body["detail"].as_str().unwrap().contains("Split it"), "{}", answer.text);
    assert_eq!(app.count().await, 0);
}

#[tokio::test]
async fn a_file_that_cannot_be_read_is_400_with_a_sentence() {
    let app = TestApp::start().await;
    for file in ["", " \r\n", "name,place\nMaya,Berlin\n"] {
        let answer = import("", file).send(&app).await;
        answer.is_problem(400, "unreadable_file");
        assert!(answer.body["detail"].as_str().unwrap().ends_with('.'), "{}", answer.text);
    }
}

#[tokio::test]
async fn all_parameters_that_break_a_rule_are_reported_at_once() {
    let app = TestApp::start().await;
    let query = "format=excel&dry_run=yes&from=0&limit=1001&import=mine&on_conflict=overwrite&disabled=no\
                 &prefix=-&tag=a%20b&page=2";
    let answer = import(query, FILE).send(&app).await;
    assert_eq!(
        answer.is_problem(400, "invalid_query").faults(),
        [
            ("format", "unknown_word"),
            ("dry_run", "unknown_word"),
            ("from", "out_of_range"),
            ("limit", "out_of_range"),
            ("import", "invalid_tag"),
            ("on_conflict", "unknown_word"),
            ("disabled", "unknown_word"),
            ("prefix", "invalid_prefix"),
            ("tag", "invalid_tag"),
            ("page", "unknown_parameter"),
        ]
    );
    let long = import(&format!("prefix={}", "a".repeat(33)), FILE).send(&app).await;
    assert_eq!(long.is_problem(400, "invalid_query").faults(), [("prefix", "too_long")]);
    // Scripts send variables that may be empty.
    let empty = "format=&from=&limit=&import=&on_conflict=&disabled=&prefix=&tag=";
    assert_eq!(done(&app, import(empty, FILE)).await["summary"]["created"], 1);
}

#[tokio::test]
async fn every_member_may_import_and_nobody_else() {
    let app = TestApp::start().await;
    for user in ["member", "colleague", "admin", "owner"] {
        let body = done(&app, import(&format!("prefix={user}-"), FILE).by(user)).await;
        assert_eq!(body["summary"]["created"], 1, "{user}");
    }
    for user in ["outsider", "stranger"] {
        import("", FILE).by(user).send(&app).await.is_problem(403, "forbidden");
    }
    import("", FILE).by("member").org(GLOBEX).send(&app).await.is_problem(403, "forbidden");
    import("", FILE).anonymous().send(&app).await.is_problem(401, "unauthenticated");
    // Another site cannot import with a member's cookie.
    let cross = import("", FILE).signed_in("member").header("sec-fetch-site", "cross-site");
    cross.send(&app).await.is_problem(401, "unauthenticated");
    let own = import("", FILE).signed_in("member").header("sec-fetch-site", "same-origin");
    assert_eq!(done(&app, own).await["summary"]["created"], 1);
}
