//! Requests that create a link with an idempotency key, while the store fails.

use super::is_replay_of;
use crate::support::faulty::{Fault, Faulty};
use crate::support::{Call, TestApp};
use shared::model::Timestamp;

#[tokio::test]
async fn a_create_with_a_key_is_made_once_despite_transient_faults() {
    for fault in [
        Fault::Cancelled("TransactionConflict"),
        Fault::Cancelled("ThrottlingError"),
        Fault::Cancelled("ProvisionedThroughputExceeded"),
        Fault::Refused(400, "TransactionInProgressException"),
        Fault::Refused(400, "ThrottlingException"),
        Fault::Refused(500, "InternalServerError"),
        Fault::Broken,
        Fault::LostAnswer,
    ] {
        let app = TestApp::start().await;
        let faulty = Faulty::new(&[fault; 2]);
        let functions = faulty.functions(&app.url);
        let call = Call::new("create-idempotent");
        let made = call.send_to(&functions, Timestamp::now()).await;
        assert_eq!(made.status, 201, "{fault:?}: {}", made.text);
        assert!(!made.headers.contains_key("idempotency-replayed"));
        is_replay_of(&call.send_to(&functions, Timestamp::now()).await, &made);
        assert_eq!((app.count().await, app.keys().await.len()), (1, 1), "{fault:?}");
    }
}

#[tokio::test]
async fn a_create_with_a_key_that_the_store_refuses_writes_neither_link_nor_key() {
    for (fault, status, code) in [
        (Fault::Refused(400, "AccessDeniedException"), 500, "internal"),
        (Fault::Cancelled("ValidationError"), 500, "internal"),
        (Fault::Refused(400, "ThrottlingException"), 503, "unavailable"),
        (Fault::Broken, 503, "unavailable"),
    ] {
        let app = TestApp::start().await;
        let functions = Faulty::new(&[fault; 9]).functions(&app.url);
        let answer = Call::new("create-idempotent").send_to(&functions, Timestamp::now()).await;
        answer.is_problem(status, code);
        assert_eq!((app.count().await, app.keys().await.len()), (0, 0), "{fault:?}");
    }
}

/// The clock is paused, so the waits between the attempts take no real time.
#[tokio::test(start_paused = true)]
async fn a_create_with_a_key_that_keeps_conflicting_fails_after_three_and_a_half_seconds() {
    let faulty = Faulty::new(&[Fault::Cancelled("TransactionConflict"); 10_000]);
    let functions = faulty.functions("http://127.0.0.1:9");
    let begun = tokio::time::Instant::now();
    let answer = Call::new("create-idempotent").send_to(&functions, Timestamp::now()).await;
    answer.is_problem(503, "unavailable");
    assert_eq!(begun.elapsed().as_secs(), 3);
    assert!((8..500).contains(&faulty.calls()), "{}", faulty.calls());
}

#[tokio::test]
async fn a_replay_that_cannot_be_read_is_503_and_makes_nothing() {
    let app = TestApp::start().await;
    let call = Call::new("create-idempotent");
    let made = call.send(&app).await;
    let faulty = Faulty::new(&[Fault::Broken; 3]);
    // The transaction is cancelled because the key is taken; then reading the link fails.
    *faulty.spared.lock().unwrap() = 1;
    let functions = faulty.functions(&app.url);
    call.send_to(&functions, Timestamp::now()).await.is_problem(503, "unavailable");
    is_replay_of(&call.send_to(&functions, Timestamp::now()).await, &made);
    assert_eq!((app.count().await, app.keys().await.len()), (1, 1));
}
