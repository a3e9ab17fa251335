//! Renames, hand-overs and other changes of links with aliases, whose calls fail or lose their responses.

use super::{Attributes, create, edit, items, links, records, rename};
use crate::faulty::{Fault, Faulty};
use crate::house::{Call, House};
use local::users::User;
use serde_json::json;
use shared::model::Timestamp;
use std::collections::BTreeMap;

/// The changes of a link `two` with the alias `one`, and the words of their records.
fn changes() -> [(Call, &'static str); 6] {
    let colleague = User::named("colleague").unwrap().id;
    [
        (edit("two", &json!({ "id": "three" })), "rename"),
        (edit("one", &json!({ "id": "one", "title": "Back" })), "rename"),
        (edit("one", &json!({ "creator_user_id": colleague })).by("admin"), "hand_over"),
        (edit("two", &json!({ "expires_at": "2099-01-01T00:00:00Z" })), "update"),
        (Call::of("delete").slug("one"), "update"),
        (Call::of("delete").slug("two"), "delete"),
    ]
}

async fn renamed() -> House {
    let house = House::open().await;
    create(&house, "one").await;
    rename(&house, "one", "two").await;
    house
}

/// The table without what differs from run to run.
async fn state(house: &House) -> BTreeMap<String, Attributes> {
    links(house).await;
    let mut items = items(house).await;
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

#[tokio::test]
async fn a_change_with_a_fault_in_any_call_is_made_once_and_answered_with_200() {
    for (call, word) in changes() {
        let house = renamed().await;
        let clean = call.send(&house).await;
        assert_eq!(clean.status, 200, "{}", clean.text);
        let expected = state(&house).await;
        for fault in [
            Fault::LostAnswer,
            Fault::HalfAnswer,
            Fault::Broken,
            Fault::Refused(400, "ThrottlingException"),
            Fault::Refused(500, "InternalServerError"),
            Fault::Cancelled("TransactionConflict"),
        ] {
            for spared in 0..4 {
                let house = renamed().await;
                let faulty = Faulty::new(&[fault]);
                *faulty.spared.lock().unwrap() = spared;
                let functions = faulty.functions(&house.url);
                let answer = call.send_to(&functions, Timestamp::now()).await;
                let case = format!("{word} {fault:?} after {spared} calls: {}", answer.text);
                assert_eq!(answer.status, 200, "{case}");
                assert_eq!(answer.body["version"], clean.body["version"], "{case}");
                assert_eq!(state(&house).await, expected, "{case}");
                let records = records(&house).await;
                assert_eq!(records.len(), 2, "{case}");
                assert!(records.iter().any(|record| record["change"].as_s().unwrap() == word), "{case}");
                let id = &answer.headers["signpost-change"];
                assert!(records.iter().any(|record| record["id"].as_s().unwrap() == id), "{case}");
            }
        }
    }
}

#[tokio::test]
async fn a_change_whose_calls_never_succeed_changes_nothing_and_is_503() {
    for (call, word) in changes() {
        let house = renamed().await;
        let expected = state(&house).await;
        for fault in [Fault::Broken, Fault::Refused(400, "ThrottlingException")] {
            let faulty = Faulty::new(&[fault; 40]);
            let functions = faulty.functions(&house.url);
            let answer = call.send_to(&functions, Timestamp::now()).await;
            answer.is_problem(503, "unavailable");
            assert_eq!(state(&house).await, expected, "{word} {fault:?}");
            assert_eq!(records(&house).await.len(), 1);
        }
    }
}
