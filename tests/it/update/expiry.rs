//! Edits of a link's expiry, before and after it has passed.

use super::{change_nothing, item, patch};
use crate::support::{Call, TestApp};
use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::json;
use shared::model::Timestamp;

/// Stores the link of [`TestApp::put`], with an expiry that has passed.
async fn put_expired(app: &TestApp, expires_at: &str) {
    let seconds = Timestamp::from_rfc_3339(expires_at).unwrap().seconds();
    let number = |seconds: i64| Some(AttributeValue::N(seconds.to_string()));
    app.put(&[("expires_at", number(seconds)), ("ttl", number(seconds + 30 * 24 * 60 * 60))]).await;
}

const PASSED: &str = "2026-11-23T00:00:00.000Z";

#[tokio::test]
async fn a_links_own_expiry_can_be_sent_back_after_it_has_passed() {
    let app = TestApp::start().await;
    put_expired(&app, PASSED).await;
    let stored = item(&app).await;
    let read = Call::new("read").send(&app).await;
    let same = [PASSED, "2026-11-23T01:00:00.9+01:00"].map(|time| json!({ "expires_at": time }));
    change_nothing(&app, &read, same.to_vec()).await;
    let whole = json!({
        "url": read.body["url"], "title": null, "tags": [], "access": "public", "enabled": true, "expires_at": PASSED,
    });
    change_nothing(&app, &read, vec![whole.clone()]).await;

    let mut form = whole;
    form["title"] = "Found again".into();
    let edit = patch(form).header("if-match", &read.headers["etag"]);
    let edited = edit.send(&app).await;
    assert_eq!((edited.status, &edited.body["title"]), (200, &json!("Found again")), "{}", edited.text);
    assert_eq!((&edited.body["expires_at"], &edited.body["version"]), (&json!(PASSED), &json!(2)));
    let after = item(&app).await;
    assert_eq!((&after["expires_at"], &after["ttl"]), (&stored["expires_at"], &stored["ttl"]));
    Call::new("redirect").send(&app).await.is_problem(410, "link_expired");
}

#[tokio::test]
async fn an_edit_with_the_links_own_passed_expiry_is_one_read_and_one_write() {
    let app = TestApp::start().await;
    let seconds = Timestamp::from_rfc_3339(PASSED).unwrap().seconds();
    let birth = Some(AttributeValue::S("V1StGXR8_Z5jdHi6".to_owned()));
    app.put(&[("birth", birth), ("expires_at", Some(AttributeValue::N(seconds.to_string())))]).await;
    let counting = crate::support::faulty::Counting::new(&app);
    let now = Timestamp::now();
    // The first edit also puts the link into the index and reads the organization's handle.
    patch(json!({ "title": "Zero" })).send_to(&counting.functions, now).await;
    for title in ["One", "Two"] {
        let before = counting.calls();
        let edit = patch(json!({ "title": title, "expires_at": PASSED }));
        let edited = edit.send_to(&counting.functions, now).await;
        assert_eq!((edited.status, &edited.body["title"]), (200, &json!(title)), "{}", edited.text);
        assert_eq!(counting.calls() - before, 2);
    }
}

#[tokio::test]
async fn any_other_expiry_in_the_past_is_a_fault_and_nothing_is_changed() {
    let app = TestApp::start().await;
    let fault = ("/expires_at", "not_in_the_future");
    for expires_at in [Some(PASSED), Some("2099-01-01T00:00:00.000Z"), None] {
        app.put(&[]).await;
        if let Some(expires_at) = expires_at {
            put_expired(&app, expires_at).await;
        }
        let before = item(&app).await;
        let etag = Call::new("read").send(&app).await.headers["etag"].clone();
        for edit in [
            json!({ "expires_at": "2026-11-23T00:00:01.000Z" }),
            json!({ "expires_at": "2026-11-22T23:59:59.999Z", "title": "Two" }),
        ] {
            for call in [patch(edit.clone()), patch(edit.clone()).header("if-match", &etag)] {
                let answer = call.send(&app).await;
                assert_eq!(answer.is_problem(422, "validation_failed").faults(), [fault], "{expires_at:?}");
                assert_eq!(answer.body["errors"][0]["message"], "an expiry must be in the future");
            }
            // Other reasons to reject the edit take precedence over the expiry.
            patch(edit.clone()).by("colleague").send(&app).await.is_problem(403, "forbidden");
            let other = patch(edit).header("if-match", "\"1-1\"").send(&app).await;
            other.is_problem(412, "precondition_failed");
        }
        assert_eq!(item(&app).await, before);
    }
}

#[tokio::test]
async fn with_other_faults_a_passed_expiry_is_reported_unless_it_is_the_links_own() {
    let app = TestApp::start().await;
    put_expired(&app, PASSED).await;
    let passed = ("/expires_at", "not_in_the_future");
    for (more, fault) in [
        (json!({ "title": "" }), ("/title", "invalid_title")),
        (json!({ "colour": 1 }), ("/colour", "unknown_field")),
    ] {
        let with = |expires_at: &str| {
            let mut body = more.clone();
            body["expires_at"] = expires_at.into();
            patch(body)
        };
        let own = with(PASSED).send(&app).await;
        assert_eq!(own.is_problem(422, "validation_failed").faults(), [fault]);
        for slug in ["k7m2p9qr", "nosuch"] {
            let answer = with("2026-11-22T00:00:00Z").slug(slug).send(&app).await;
            let faults = answer.is_problem(422, "validation_failed").faults();
            assert!(faults.len() == 2 && faults.contains(&fault) && faults.contains(&passed), "{faults:?}");
        }
        // The invalid edit is reported even if the store fails.
        let faulty = crate::support::faulty::Faulty::new(&[crate::support::faulty::Fault::Broken; 9]);
        let answer = with(PASSED).send_to(&faulty.functions(&app.url), Timestamp::now()).await;
        assert_eq!(answer.is_problem(422, "validation_failed").faults(), [fault]);
    }
}
