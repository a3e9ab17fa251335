//! A link and its records agree, whichever calls to the store fail during a change.

use crate::history::{change_of, records, undo_of};
use crate::support::faulty::{Fault, Faulty};
use crate::support::{Answer, Call, TestApp};
use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::json;
use shared::model::Timestamp;
use std::collections::HashMap;
use std::sync::Arc;

/// The names of the changes. `prepared` brings the link `launch` into the state that each change needs.
const CHANGES: [&str; 6] = ["create", "update", "delete", "undo create", "undo update", "undo delete"];

/// Prepares the fixture for a change. Returns the call that makes the change, and the number of calls to the store that
/// precede the change's transaction.
async fn prepared(app: &TestApp, change: &str) -> (Call, usize) {
    let new = json!({ "url": "https://example.com/a", "id": "launch" });
    if change == "create" {
        return (Call::new("create").body(&new.to_string()), 0);
    }
    let created = app.link(new).await;
    let update = Call::new("update").slug("launch").body(r#"{"title": "Edited"}"#);
    let delete = Call::new("delete").slug("launch");
    match change {
        "update" => (update, 1),
        "delete" => (delete, 1),
        "undo create" => (undo_of(&change_of(&created)), 2),
        "undo update" => (undo_of(&change_of(&update.send(app).await)), 2),
        _ => (undo_of(&change_of(&delete.send(app).await)), 1),
    }
}

async fn items(app: &TestApp, table: &str) -> Vec<HashMap<String, AttributeValue>> {
    app.client.scan().table_name(table).send().await.unwrap().items.unwrap_or_default()
}

/// Asserts that the newest record of each link shows the link's current state, that no record or version is missing,
/// and that each undone record contains the id of its undo. Returns the number of records.
async fn assert_agreement(app: &TestApp) -> usize {
    let links = items(app, "links").await;
    let mut history = items(app, "history").await;
    history.sort_by(|a, b| a["id"].as_s().unwrap().cmp(b["id"].as_s().unwrap()));
    let text = |item: &HashMap<String, AttributeValue>, name: &str| item[name].as_s().unwrap().clone();
    let version =
        |item: &HashMap<String, AttributeValue>| item["version"].as_n().unwrap().parse::<u64>().unwrap();
    let mut newest: HashMap<String, &HashMap<String, AttributeValue>> = HashMap::new();
    for record in &history {
        let before = newest.insert(text(record, "birth"), record);
        let expected = match before {
            // A delete keeps the version, and a restored link gets the next version.
            Some(before) if record.contains_key("after") => version(before) + 1,
            Some(before) => version(before),
            None => 1,
        };
        assert_eq!(version(record), expected, "{history:?}");
        if let Some(undoes) = record.get("undoes") {
            let undone = history.iter().find(|other| other["id"] == *undoes).unwrap();
            assert_eq!(undone["undone_by"], record["id"]);
        }
        if let Some(undone_by) = record.get("undone_by") {
            assert!(history.iter().any(|other| other["id"] == *undone_by && other["undoes"] == record["id"]));
        }
    }
    let alive = newest.values().filter(|record| record.contains_key("after")).count();
    assert_eq!(alive, links.len(), "{history:?} {links:?}");
    for link in &links {
        let record = newest[&text(link, "birth")];
        assert_eq!(version(link), version(record));
        assert!(text(record, "id").ends_with(&format!("-{}", text(link, "write_id"))));
    }
    history.len()
}

async fn send(app: &TestApp, call: &Call, spared: usize, faults: &[Fault]) -> (Answer, Faulty) {
    let faulty = Faulty::new(faults);
    *faulty.spared.lock().unwrap() = spared;
    let answer = call.send_to(&faulty.functions(&app.url), Timestamp::now()).await;
    (answer, faulty)
}

#[tokio::test]
async fn a_change_whose_answer_was_lost_succeeds_and_is_made_once() {
    for change in CHANGES {
        for fault in [Fault::LostAnswer, Fault::HalfAnswer] {
            let app = TestApp::start().await;
            let (call, before) = prepared(&app, change).await;
            let number = items(&app, "history").await.len();
            let (answer, faulty) = send(&app, &call, before, &[fault]).await;
            assert!(answer.status < 300, "{change} {fault:?}: {}", answer.text);
            assert_eq!(assert_agreement(&app).await, number + 1, "{change}");
            assert_eq!(records(&app, "").await[0]["id"], change_of(&answer));
            // The SDK sends the same token with all attempts of one transaction: the id of the write. A new transaction
            // has a different token.
            let tokens = faulty.tokens.lock().unwrap().clone();
            assert!(change_of(&answer).ends_with(&tokens[0]), "{change} {tokens:?}");
            assert!(tokens.iter().all(|token| token.starts_with(&tokens[0])), "{change} {tokens:?}");
        }
    }
}

#[tokio::test]
async fn a_change_that_conflicts_or_is_throttled_is_made_once() {
    let faults = [
        Fault::Cancelled("TransactionConflict"),
        Fault::Cancelled("ThrottlingError"),
        Fault::Cancelled("ProvisionedThroughputExceeded"),
        Fault::Refused(400, "TransactionInProgressException"),
        Fault::Refused(400, "ThrottlingException"),
        Fault::Refused(500, "InternalServerError"),
        Fault::Broken,
    ];
    for change in CHANGES {
        for fault in faults {
            let app = TestApp::start().await;
            let (call, before) = prepared(&app, change).await;
            let number = items(&app, "history").await.len();
            let (answer, _) = send(&app, &call, before, &[fault]).await;
            assert!(answer.status < 300, "{change} {fault:?}: {}", answer.text);
            assert_eq!(assert_agreement(&app).await, number + 1, "{change} {fault:?}");
        }
    }
}

#[tokio::test]
async fn an_attempt_that_was_applied_after_all_is_recognized_by_its_record() {
    // The first transaction is applied, but its response is lost, and the SDK's retry reports a conflict. The next
    // transaction has another token, so DynamoDB does not recognize the write.
    for change in CHANGES {
        let app = TestApp::start().await;
        let (call, before) = prepared(&app, change).await;
        let number = items(&app, "history").await.len();
        let lost = [Fault::LostAnswer, Fault::Refused(400, "TransactionInProgressException")];
        let (answer, _) = send(&app, &call, before, &lost).await;
        assert!(answer.status < 300, "{change}: {}", answer.text);
        assert_eq!(assert_agreement(&app).await, number + 1, "{change}");
        assert_eq!(records(&app, "").await[0]["id"], change_of(&answer), "{change}");
    }
}

#[tokio::test]
async fn a_change_that_is_killed_between_any_two_calls_is_whole_or_not_made() {
    for change in CHANGES {
        for answered in 0..4 {
            for fault in [Fault::Hangs, Fault::TooLate] {
                let app = TestApp::start().await;
                let (call, _) = prepared(&app, change).await;
                let faulty = Faulty::new(&[fault]);
                *faulty.spared.lock().unwrap() = answered;
                let functions = faulty.functions(&app.url);
                tokio::select! {
                    _ = call.send_to(&functions, Timestamp::now()) => {}
                    () = faulty.stuck.notified() => {}
                }
                assert_agreement(&app).await;
                let again = call.send(&app).await;
                assert!(again.status < 500, "{change}: {}", again.text);
                assert_agreement(&app).await;
            }
        }
    }
}

#[tokio::test]
async fn a_lasting_conflict_is_503_and_leaves_nothing_half_done() {
    for change in CHANGES {
        let app = TestApp::start().await;
        let (call, _) = prepared(&app, change).await;
        let number = items(&app, "history").await.len();
        let links = items(&app, "links").await;
        let conflicts = vec![Fault::Cancelled("TransactionConflict"); 200];
        let faulty = Faulty::new(&[]);
        let functions = faulty.functions(&app.url);
        *faulty.of_transactions.lock().unwrap() = conflicts.into();
        let answer = call.send_to(&functions, Timestamp::now()).await;
        answer.is_problem(503, "unavailable");
        assert_eq!(assert_agreement(&app).await, number, "{change}");
        assert_eq!(items(&app, "links").await, links, "{change}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_concurrent_undos_of_one_change_one_succeeds() {
    for change in ["undo create", "undo update", "undo delete"] {
        let app = Arc::new(TestApp::start().await);
        let (call, _) = prepared(&app, change).await;
        let undos: Vec<_> = (0..8)
            .map(|_| {
                let (app, call) = (Arc::clone(&app), call.clone());
                tokio::spawn(async move { call.send(&app).await })
            })
            .collect();
        let mut statuses = Vec::new();
        for undo in undos {
            let answer = undo.await.unwrap();
            if answer.status != 200 {
                answer.is_problem(409, "already_undone");
            }
            statuses.push(answer.status);
        }
        assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{change}");
        assert_agreement(&app).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_undo_of_a_delete_and_a_create_of_the_slug_have_one_winner() {
    for _ in 0..8 {
        let app = Arc::new(TestApp::start().await);
        let (undo, _) = prepared(&app, "undo delete").await;
        let create = Call::new("create").body(r#"{"url": "https://example.com/b", "id": "launch"}"#);
        let (undone, created) = tokio::join!(undo.send(&app), create.send(&app));
        let statuses = [undone.status, created.status];
        assert!(statuses == [200, 409] || statuses == [409, 201], "{statuses:?}");
        let url = Call::new("read").slug("launch").send(&app).await.body["url"].clone();
        assert_eq!(url == "https://example.com/a", undone.status == 200);
        assert_agreement(&app).await;
    }
}
