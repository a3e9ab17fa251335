//! Preconditions, concurrent edits, and edits by machines whose clocks differ.

use super::patch;
use crate::support::{Answer, Call, TestApp};
use serde_json::json;
use shared::model::Timestamp;
use std::sync::Arc;

#[tokio::test]
async fn if_match_allows_an_edit_or_a_delete_only_of_that_version() {
    for name in ["update", "delete"] {
        for (if_match, holds) in [
            ("\"1795383720000-1\"", true),
            ("*", true),
            ("\"1-1\", \"1795383720000-1\"", true),
            ("\"1795383720000-2\"", false),
            ("\"1795383720001-1\"", false),
            ("W/\"1795383720000-1\"", false),
            ("\"something\"", false),
            ("", false),
        ] {
            let app = TestApp::start().await;
            app.put(&[]).await;
            let answer = Call::new(name).header("if-match", if_match).send(&app).await;
            if holds {
                assert_eq!(answer.status, 200, "{name} {if_match}: {}", answer.text);
            } else {
                answer.is_problem(412, "precondition_failed");
                assert_eq!(Call::new("read").send(&app).await.body["version"], 1);
            }
            // The creator is checked before the version.
            app.put(&[]).await;
            let colleague = Call::new(name).header("if-match", "\"1-1\"").by("colleague").send(&app).await;
            colleague.is_problem(403, "forbidden");
        }
    }
}

#[tokio::test]
async fn an_invalid_precondition_is_reported_and_nothing_is_changed() {
    let app = TestApp::start().await;
    app.put(&[]).await;
    for name in ["update", "delete"] {
        for if_match in ["1795383720000-1", "\"unclosed", "*, *"] {
            let answer = Call::new(name).header("if-match", if_match).send(&app).await;
            answer.is_problem(400, "invalid_header");
        }
    }
    assert_eq!(Call::new("read").send(&app).await.body["version"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_fifty_concurrent_edits_of_one_version_one_succeeds() {
    let app = Arc::new(TestApp::start().await);
    app.put(&[]).await;
    let answers = Call::new("update").header("if-match", "\"1795383720000-1\"").race(&app, 50).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1);
    for answer in answers.iter().filter(|answer| answer.status != 200) {
        answer.is_problem(412, "precondition_failed");
    }
    assert_eq!(Call::new("read").send(&app).await.body["version"], 2);
}

/// Sends these calls concurrently, and returns their responses.
async fn at_once(app: &Arc<TestApp>, calls: impl IntoIterator<Item = Call>) -> Vec<Answer> {
    let send = |call: Call| {
        let app = Arc::clone(app);
        tokio::spawn(async move { call.send(&app).await })
    };
    let sent: Vec<_> = calls.into_iter().map(send).collect();
    let mut answers = Vec::new();
    for answer in sent {
        answers.push(answer.await.unwrap());
    }
    answers
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_concurrent_edits_without_a_precondition_are_twenty_versions() {
    let app = Arc::new(TestApp::start().await);
    app.put(&[]).await;
    let calls = (0..20).map(|number| patch(json!({ "title": format!("Title {number}") })));
    let answers = at_once(&app, calls).await;
    assert!(answers.iter().all(|answer| answer.status == 200));
    assert_eq!(Call::new("read").send(&app).await.body["version"], 21);
}

/// Sends an edit, and repeats it while the response is 503, as a client does. After a 503 because of conflicts, the
/// edit was not made.
async fn send_until_made(app: &TestApp, edit: &Call, now: Timestamp) {
    for _ in 0..20 {
        let answer = edit.send_at(app, now).await;
        if answer.status == 200 {
            return;
        }
        answer.is_problem(503, "unavailable");
    }
    panic!("the edit was never made");
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_concurrent_edits_are_fifty_versions_even_if_some_have_to_be_sent_again() {
    let app = Arc::new(TestApp::start().await);
    app.put(&[]).await;
    let edits = (0..50).map(|number| {
        let app = Arc::clone(&app);
        let edit = patch(json!({ "title": format!("Title {number}") }));
        tokio::spawn(async move { send_until_made(&app, &edit, Timestamp::now()).await })
    });
    for edit in edits.collect::<Vec<_>>() {
        edit.await.unwrap();
    }
    assert_eq!(Call::new("read").send(&app).await.body["version"], 51);
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_equal_concurrent_edits_are_one_version_which_all_of_them_return() {
    let app = Arc::new(TestApp::start().await);
    app.put(&[]).await;
    let answers = Call::new("update").race(&app, 50).await;
    for answer in &answers {
        assert_eq!((answer.status, &answer.body), (200, &answers[0].body), "{}", answer.text);
    }
    assert_eq!(Call::new("read").send(&app).await.body["version"], 2);
}

#[tokio::test]
async fn updated_at_never_goes_back_whatever_the_instances_clocks_say() {
    let app = TestApp::start().await;
    app.put(&[]).await;
    let now = Timestamp::now().millis();
    let at = |millis: i64| Timestamp::try_from(now + millis).unwrap();
    // The last of these times is even before the link's creation.
    for (number, (clock, shown)) in
        [(5_000, 5_000), (1_000, 5_000), (4_999, 5_000), (5_000, 5_000), (5_001, 5_001), (-2_000, 5_001)]
            .into_iter()
            .enumerate()
    {
        let edit = patch(json!({ "title": format!("Title {number}") }));
        let etag = Call::new("read").send(&app).await.headers["etag"].clone();
        let edit = if number % 2 == 0 { edit } else { edit.header("if-match", &etag) };
        let edited = edit.send_at(&app, at(clock)).await;
        assert_eq!(edited.body["version"], number + 2, "{}", edited.text);
        assert_eq!(edited.body["updated_at"], at(shown).to_string(), "{clock}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_edits_by_different_clocks_all_succeed_and_the_latest_time_is_kept() {
    let app = Arc::new(TestApp::start().await);
    app.put(&[]).await;
    let now = Timestamp::now().millis();
    let runners = (0..30_i64).map(|number| {
        let app = Arc::clone(&app);
        let clock = Timestamp::try_from(now + number * 7_919 % 30 * 100).unwrap();
        let call = patch(json!({ "title": format!("Title {number}") }));
        tokio::spawn(async move { send_until_made(&app, &call, clock).await })
    });
    for runner in runners.collect::<Vec<_>>() {
        runner.await.unwrap();
    }
    let link = Call::new("read").send(&app).await;
    let latest = Timestamp::try_from(now + 2_900).unwrap().to_string();
    assert_eq!((&link.body["version"], &link.body["updated_at"]), (&json!(31), &json!(latest)));
}
