//! Imports while the store fails: after a lost response no second link is made, and after a failure no row is missing.

use super::{done, done_by, import, many, results};
use crate::support::TestApp;
use crate::support::faulty::{Fault, Faulty};
use serde_json::json;
use shared::model::Timestamp;

#[tokio::test]
async fn each_link_is_made_once_despite_lost_answers_and_conflicts() {
    for fault in [
        Fault::LostAnswer,
        Fault::HalfAnswer,
        Fault::Broken,
        Fault::Cancelled("TransactionConflict"),
        Fault::Cancelled("ThrottlingError"),
        Fault::Refused(400, "TransactionInProgressException"),
        Fault::Refused(500, "InternalServerError"),
    ] {
        let app = TestApp::start().await;
        let faulty = Faulty::new(&[]);
        faulty.of_transactions.lock().unwrap().extend([fault; 2]);
        let functions = faulty.functions(&app.url);
        let body = done_by(&functions, import("", &many(5))).await;
        assert_eq!(body["summary"]["created"], 5, "{fault:?}: {body}");
        assert_eq!(done_by(&functions, import("", &many(5))).await["summary"]["replayed"], 5);
        assert_eq!((app.count().await, app.keys().await.len()), (5, 5), "{fault:?}");
    }
}

#[tokio::test]
async fn rows_before_a_failure_are_reported_and_the_failed_row_is_next() {
    let app = TestApp::start().await;
    let faulty = Faulty::new(&[]);
    let functions = faulty.functions(&app.url);
    let file = many(40);
    faulty.of_transactions.lock().unwrap().push_back(Fault::Refused(400, "AccessDeniedException"));
    let first = import("limit=1", &file).send_to(&functions, Timestamp::now()).await;
    first.is_problem(500, "internal");
    assert_eq!(app.count().await, 0);
    let body = done_by(&functions, import("limit=20", &file)).await;
    assert_eq!(body["next"], 22);
    faulty.of_transactions.lock().unwrap().extend([Fault::Refused(400, "AccessDeniedException"); 40]);
    // The first twenty rows are replayed, which needs no transaction.
    let body = done_by(&functions, import("", &file)).await;
    assert_eq!((&body["summary"]["replayed"], &body["next"]), (&json!(20), &json!(22)));
    let failed = import("from=22", &file).send_to(&functions, Timestamp::now()).await;
    failed.is_problem(500, "internal");
    faulty.of_transactions.lock().unwrap().clear();
    let body = done_by(&functions, import("from=22", &file)).await;
    assert_eq!((&body["summary"]["created"], &body["next"]), (&json!(20), &serde_json::Value::Null));
    assert_eq!(app.count().await, 40);
}

#[tokio::test]
async fn a_store_that_cannot_be_read_is_503_and_nothing_is_written() {
    let app = TestApp::start().await;
    let faulty = Faulty::new(&[Fault::Broken; 60]);
    let answer = import("", &many(3)).send_to(&faulty.functions(&app.url), Timestamp::now()).await;
    answer.is_problem(503, "unavailable");
    assert_eq!(app.count().await, 0);
}

#[tokio::test]
async fn a_process_that_is_killed_in_the_middle_leaves_nothing_that_a_second_try_makes_twice() {
    let app = TestApp::start().await;
    let faulty = Faulty::new(&[]);
    // All transactions are applied, but their responses never arrive.
    faulty.of_transactions.lock().unwrap().extend([Fault::TooLate; 100]);
    let (functions, stuck) = (faulty.functions(&app.url), std::sync::Arc::clone(&faulty.stuck));
    let file = many(30);
    let call = import("", &file);
    tokio::select! {
        _ = call.send_to(&functions, Timestamp::now()) => panic!("the import must not be answered"),
        () = stuck.notified() => {}
    }
    let made = app.count().await;
    assert!((1..=16).contains(&made), "{made}");
    let body = done(&app, import("", &file)).await;
    let replayed = results(&body).iter().filter(|(_, result, _)| *result == "replayed").count();
    assert!(replayed >= made, "{replayed} {made}");
    assert_eq!((app.count().await, app.keys().await.len()), (30, 30));
}
