//! Links with aliases are renamed, handed over and changed while calls fail or responses are lost.

use super::{Attributes, create, edit, items, links, records, rename};
use crate::support::faulty::{Fault, Faulty};
use crate::support::{Answer, Call, TestApp};
use local::users::User;
use serde_json::json;
use shared::model::Timestamp;
use std::collections::BTreeMap;

/// Changes to a link `two` that has the alias `one`. Returns for each change the request, the action in the change's
/// record, and the number of reads before the transaction.
fn changes() -> [(Call, &'static str, usize); 6] {
    let colleague = User::named("colleague").unwrap().id;
    [
        (edit("two", &json!({ "id": "three" })), "rename", 1),
        (edit("one", &json!({ "id": "one", "title": "Back" })), "rename", 2),
        (edit("one", &json!({ "creator_user_id": colleague })).by("admin"), "hand_over", 2),
        (edit("two", &json!({ "expires_at": "2099-01-01T00:00:00Z" })), "update", 1),
        (Call::new("delete").slug("one"), "update", 2),
        (Call::new("delete").slug("two"), "delete", 1),
    ]
}

async fn renamed() -> TestApp {
    let app = TestApp::start().await;
    create(&app, "one").await;
    rename(&app, "one", "two").await;
    app
}

/// Returns the table's items without the values that differ from run to run.
async fn state(app: &TestApp) -> BTreeMap<String, Attributes> {
    links(app).await;
    let mut items = items(app).await;
    for item in items.values_mut() {
        for name in ["birth", "created_at", "newest", "updated_at", "write_id"] {
            item.remove(name);
        }
        for value in item.values_mut() {
            if let aws_sdk_dynamodb::types::AttributeValue::Ss(texts) = value {
                texts.sort();
            }
        }
    }
    items
}

/// Makes the change. The first `spared` calls to the store succeed, and the next call fails with this fault.
async fn with_fault(app: &TestApp, call: &Call, fault: Fault, spared: usize) -> Answer {
    let faulty = Faulty::new(&[fault]);
    *faulty.spared.lock().unwrap() = spared;
    call.send_to(&faulty.functions(&app.url), Timestamp::now()).await
}

#[tokio::test]
async fn a_change_with_a_fault_in_any_call_is_made_once_and_answered_with_200() {
    for (call, word, reads) in changes() {
        let app = renamed().await;
        let clean = call.send(&app).await;
        assert_eq!(clean.status, 200, "{}", clean.text);
        let expected = state(&app).await;
        let faults = [
            Fault::LostAnswer,
            Fault::Refused(400, "ThrottlingException"),
            Fault::Refused(500, "InternalServerError"),
            Fault::Refused(400, "TransactionInProgressException"),
            Fault::Cancelled("TransactionConflict"),
        ];
        for (index, fault) in faults.into_iter().enumerate() {
            // Only a transaction can fail with the last two faults.
            for spared in if index < 3 { 0..=reads } else { reads..=reads } {
                let app = renamed().await;
                let answer = with_fault(&app, &call, fault, spared).await;
                let case = format!("{word} {fault:?} after {spared} calls: {}", answer.text);
                assert_eq!(answer.status, 200, "{case}");
                assert_eq!(answer.body["version"], clean.body["version"], "{case}");
                assert_eq!(state(&app).await, expected, "{case}");
                let records = records(&app).await;
                assert_eq!(records.len(), 2, "{case}");
                assert!(records.iter().any(|record| record["change"].as_s().unwrap() == word), "{case}");
                let id = &answer.headers["signpost-change"];
                assert!(records.iter().any(|record| record["id"].as_s().unwrap() == id), "{case}");
            }
        }
    }
}

/// The change fails if the response to a read is garbled. It does not fail if the response to the transaction is
/// garbled, because the record shows that the transaction was applied.
#[tokio::test]
async fn a_change_whose_response_is_garbled_is_made_wholly_or_not_at_all() {
    for (call, word, reads) in changes() {
        let before = state(&renamed().await).await;
        let app = renamed().await;
        assert_eq!(call.send(&app).await.status, 200);
        let after = state(&app).await;
        for spared in 0..=reads {
            let app = renamed().await;
            let answer = with_fault(&app, &call, Fault::HalfAnswer, spared).await;
            let is_made = spared == reads;
            assert_eq!(answer.status, if is_made { 200 } else { 503 }, "{word} {spared}: {}", answer.text);
            assert_eq!(state(&app).await, if is_made { &after } else { &before }.clone(), "{word} {spared}");
            assert_eq!(records(&app).await.len(), if is_made { 2 } else { 1 });
        }
    }
}

#[tokio::test]
async fn a_change_whose_calls_never_succeed_changes_nothing_and_is_503() {
    for (call, word, _) in changes() {
        let app = renamed().await;
        let expected = state(&app).await;
        let faulty = Faulty::new(&[Fault::Broken; 40]);
        let answer = call.send_to(&faulty.functions(&app.url), Timestamp::now()).await;
        answer.is_problem(503, "unavailable");
        assert_eq!(state(&app).await, expected, "{word}");
        assert_eq!(records(&app).await.len(), 1);
    }
}
