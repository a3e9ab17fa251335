//! The suggestion for a slug that is taken.

use crate::support::faulty::{Counting, Fault, Faulty};
use crate::support::{ACME, Answer, Call, GLOBEX, TestApp};
use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::json;
use shared::model::{Slug, Timestamp};

fn create(slug: &str) -> Call {
    Call::new("create").body(&json!({ "url": "https://example.com/", "id": slug }).to_string())
}

async fn make(app: &TestApp, slugs: &[&str]) {
    for slug in slugs {
        assert_eq!(create(slug).send(app).await.status, 201, "{slug}");
    }
}

/// Returns the suggestion in a 409 response.
fn suggestion(answer: &Answer) -> Option<&str> {
    answer.is_problem(409, "slug_taken").body.get("suggested_id").map(|id| id.as_str().unwrap())
}

#[tokio::test]
async fn a_taken_slug_gets_the_next_free_number_as_a_suggestion() {
    let app = TestApp::start().await;
    let longest = "a".repeat(64);
    let cut = format!("{}-2", "a".repeat(62));
    for (made, taken, free) in [
        (&["wiki"][..], "wiki", "wiki-2"),
        (&["wiki-2"], "WIKI", "wiki-3"),
        (&[], "wiki-2", "wiki-3"),
        (&["wiki-3", "wiki-5"], "wiki", "wiki-4"),
        (&[], "wiki-5", "wiki-6"),
        (&["fair-2026"], "fair-2026", "fair-2026-2"),
        (&[&longest], &longest, &cut),
    ] {
        make(&app, made).await;
        let answer = create(taken).send(&app).await;
        assert_eq!(suggestion(&answer), Some(free), "{taken}");
        let members: Vec<&String> = answer.body.as_object().unwrap().keys().collect();
        assert_eq!(members, ["code", "detail", "errors", "status", "suggested_id", "title", "type"]);
    }
    assert_eq!(create("wiki-4").send(&app).await.status, 201);
    assert_eq!(suggestion(&create("wiki").send(&app).await), Some("wiki-6"));
}

#[tokio::test]
async fn with_an_idempotency_key_a_taken_slug_gets_the_same_suggestion() {
    let app = TestApp::start().await;
    make(&app, &["wiki"]).await;
    let call = create("wiki").header("idempotency-key", "one");
    for _ in 0..2 {
        assert_eq!(suggestion(&call.send(&app).await), Some("wiki-2"));
    }
    assert!(app.keys().await.is_empty());
}

#[tokio::test]
async fn a_suggestion_ignores_the_slugs_of_other_organizations() {
    let app = TestApp::start().await;
    make(&app, &["wiki"]).await;
    for slug in ["wiki", "wiki-2"] {
        assert_eq!(create(slug).by("outsider").org(GLOBEX).send(&app).await.status, 201);
    }
    assert_eq!(suggestion(&create("wiki").send(&app).await), Some("wiki-2"));
    let theirs = create("wiki").by("outsider").org(GLOBEX).send(&app).await;
    assert_eq!(suggestion(&theirs), Some("wiki-3"));
}

async fn put(app: &TestApp, slug: &Slug) {
    let text = |value: &str| Some(AttributeValue::S(value.to_owned()));
    app.put(&[("id", text(slug.as_str())), ("newest", text(&format!("001795383720000#{slug}")))]).await;
}

#[tokio::test]
async fn after_many_taken_numbers_the_suggestion_leaves_gaps_and_after_all_of_them_there_is_none() {
    let app = TestApp::start().await;
    let wiki: Slug = "wiki".parse().unwrap();
    put(&app, &wiki).await;
    let counting = Counting::new(&app);
    let now = Timestamp::now();
    for (count, slug) in wiki.successors().enumerate() {
        if [0, 19, 20, 27].contains(&count) {
            let before = counting.calls();
            let answer = create("wiki").send_to(&counting.functions, now).await;
            assert_eq!(suggestion(&answer), Some(slug.as_str()));
            assert_eq!(counting.calls() - before, 2, "one write and one read");
        }
        put(&app, &slug).await;
    }
    assert_eq!(suggestion(&create("wiki").send(&app).await), None);
    assert!(!create("wiki").send(&app).await.text.contains("suggested_id"));
}

#[tokio::test]
async fn a_taken_slug_is_409_in_time_without_a_suggestion_even_if_the_read_fails() {
    let app = TestApp::start().await;
    make(&app, &["wiki"]).await;
    for fault in [
        Fault::Hangs,
        Fault::TooLate,
        Fault::Broken,
        Fault::HalfAnswer,
        Fault::Refused(500, "InternalServerError"),
        Fault::Refused(400, "AccessDeniedException"),
        Fault::Refused(400, "ProvisionedThroughputExceededException"),
        Fault::Unprocessed(ACME, "wiki-2"),
    ] {
        let faulty = Faulty::new(&[fault; 3]);
        *faulty.spared.lock().unwrap() = 1;
        let answer = create("wiki").send_to(&faulty.functions(&app.url), Timestamp::now()).await;
        let suggested = matches!(fault, Fault::Unprocessed(..)).then_some("wiki-3");
        assert_eq!(suggestion(&answer), suggested, "{fault:?}");
        assert!(!answer.text.contains("secret"), "{}", answer.text);
    }
    assert_eq!(app.count().await, 1);
}
