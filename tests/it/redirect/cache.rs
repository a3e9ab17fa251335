//! How long an instance caches a link, and how it responds while the link is cached.

use crate::support::{Call, TestApp};
use aws_sdk_dynamodb::types::AttributeValue;
use shared::model::Timestamp;

#[tokio::test]
async fn an_edit_and_a_delete_are_visible_after_the_cache_time() {
    let app = TestApp::start().await;
    app.put(&[]).await;
    let instance = app.another_instance(&[("LINK_CACHE_SECONDS", "5")]);
    let start = Timestamp::now();
    let at = |millis: i64| Timestamp::try_from(start.millis() + millis).unwrap();
    let location = async |millis: i64| {
        let answer = Call::new("redirect").send_to(&instance, at(millis)).await;
        answer.headers.get("location").cloned()
    };
    let (old, new) =
        (Some("https://example.com/kept".to_owned()), Some("https://example.com/edited".to_owned()));
    // Requests every 100 ms do not extend the cache time. In this test only the events' time advances.
    assert_eq!(location(0).await, old);
    Call::new("update").send(&app).await;
    for millis in (100..5_000).step_by(100) {
        assert_eq!(location(millis).await, old, "{millis}");
    }
    for millis in (5_000..9_900).step_by(100) {
        assert_eq!(location(millis).await, new, "{millis}");
    }
    Call::new("delete").send(&app).await;
    assert_eq!(location(9_999).await, new);
    assert_eq!(location(10_000).await, None);
    // A missing link is not cached.
    app.put(&[]).await;
    assert_eq!(location(10_001).await, old);
    // If the clock is set back, cached values are treated as too old, not as fresh.
    Call::new("update").send(&app).await;
    assert_eq!(location(9_000).await, new);
}

#[tokio::test]
async fn a_cached_link_needs_no_call_and_a_handle_one_in_five_minutes() {
    let app = TestApp::start().await;
    app.put(&[]).await;
    Call::new("handle").by("owner").send(&app).await;
    let counting = crate::support::faulty::Counting::with_settings(&app, &[("LINK_CACHE_SECONDS", "10")]);
    let start = Timestamp::now();
    let at = |millis: i64| Timestamp::try_from(start.millis() + millis).unwrap();
    for (event, millis, calls) in [
        ("redirect", 0, 1),
        ("redirect", 9_999, 1),
        ("redirect-upper-case", 9_999, 1),
        ("redirect-handle", 9_999, 2),
        ("redirect-handle", 10_000, 3),
        ("redirect-handle", 19_999, 3),
        ("redirect-handle", 309_998, 4),
        ("redirect-handle", 309_999, 5),
    ] {
        let answer = Call::new(event).send_to(&counting.functions, at(millis)).await;
        assert_eq!((answer.status, counting.calls()), (302, calls), "{event} {millis}");
    }
}

#[tokio::test]
async fn a_cached_link_expires_on_time() {
    let app = TestApp::start().await;
    let start = Timestamp::now().whole_second();
    let at = |millis: i64| Timestamp::try_from(start.millis() + millis).unwrap();
    let expires_at = (start.seconds() + 2).to_string();
    app.put(&[("expires_at", Some(AttributeValue::N(expires_at)))]).await;
    let instance = app.another_instance(&[("LINK_CACHE_SECONDS", "300")]);
    assert_eq!(Call::new("redirect").send_to(&instance, at(0)).await.status, 302);
    assert_eq!(Call::new("redirect").send_to(&instance, at(1_999)).await.status, 302);
    Call::new("redirect").send_to(&instance, at(2_000)).await.is_problem(410, "link_expired");
}

#[tokio::test]
async fn a_link_that_is_switched_off_can_be_switched_on_again() {
    let app = TestApp::start().await;
    app.put(&[]).await;
    for (enabled, status) in [(false, 410), (true, 302)] {
        Call::new("update").body(&format!(r#"{{"enabled": {enabled}}}"#)).send(&app).await;
        assert_eq!(Call::new("redirect").send(&app).await.status, status);
    }
}
