//! Handing a link over to another user.

use crate::history;
use crate::rename::{create, edit, links, records, rename};
use crate::support::{Answer, Call, TestApp};
use aws_sdk_dynamodb::types::AttributeValue;
use local::users::User;
use serde_json::{Value, json};

fn id_of(user: &str) -> &'static str {
    User::named(user).unwrap().id
}

fn hand_over(slug: &str, to: &str) -> Call {
    edit(slug, &json!({ "creator_user_id": id_of(to) })).by("admin")
}

/// The creator's id and name.
fn creator(answer: &Answer) -> Value {
    json!([answer.body["creator_user_id"], answer.body["creator_name"]])
}

#[tokio::test]
async fn the_new_creator_can_edit_the_link_and_the_old_one_no_longer_can() {
    let app = TestApp::start().await;
    let made = create(&app, "launch").await;
    assert_eq!(creator(&made), json!([id_of("member"), "Maya Rao"]));
    let handed = hand_over("launch", "colleague").send(&app).await;
    assert_eq!(handed.status, 200, "{}", handed.text);
    let mut expected = made.body.clone();
    expected["creator_user_id"] = id_of("colleague").into();
    expected["creator_name"] = json!(null);
    expected["version"] = 2.into();
    expected["updated_at"] = handed.body["updated_at"].clone();
    assert_eq!(handed.body, expected);
    edit("launch", &json!({ "title": "x" })).send(&app).await.is_problem(403, "forbidden");
    Call::new("delete").slug("launch").send(&app).await.is_problem(403, "forbidden");
    let edited = edit("launch", &json!({ "title": "Mine" })).by("colleague").send(&app).await;
    assert_eq!(edited.status, 200, "{}", edited.text);
    assert!(edited.body["creator_name"].is_string(), "an edit by the new creator makes their name known");
    let listed = Call::new("list").query(&format!("creator={}", id_of("colleague"))).send(&app).await;
    assert_eq!(listed.body["data"], json!([edited.body]));
    assert_eq!(Call::new("delete").slug("launch").by("colleague").send(&app).await.status, 200);
}

#[tokio::test]
async fn the_name_stays_unknown_until_the_new_creator_edits_the_link() {
    let app = TestApp::start().await;
    create(&app, "launch").await;
    hand_over("launch", "colleague").send(&app).await;
    let by_admin = edit("launch", &json!({ "title": "By an admin" })).by("admin").send(&app).await;
    assert_eq!(creator(&by_admin), json!([id_of("colleague"), null]));
    let unchanged = edit("launch", &json!({ "title": "By an admin" })).by("colleague").send(&app).await;
    assert_eq!(creator(&unchanged), json!([id_of("colleague"), null]), "nothing was written");
    let taken_over = hand_over("launch", "admin").send(&app).await;
    assert_eq!(taken_over.body["creator_user_id"], id_of("admin"));
    assert!(taken_over.body["creator_name"].is_string(), "the name of the editor is known");
}

#[tokio::test]
async fn only_who_manages_all_links_hands_them_over() {
    let app = TestApp::with_settings(&[("LINK_EDITORS", "Member")]).await;
    create(&app, "launch").await;
    for user in ["member", "colleague"] {
        for body in [
            json!({ "creator_user_id": id_of("colleague") }),
            json!({ "creator_user_id": id_of("admin"), "id": "other" }),
            json!({ "creator_user_id": id_of("colleague"), "title": "x" }),
        ] {
            let answer = edit("launch", &body).by(user).send(&app).await;
            answer.is_problem(403, "forbidden");
            assert_eq!(
                answer.body["detail"],
                "Only an organization admin can hand a link over to another user."
            );
        }
    }
    assert_eq!(Call::new("read").slug("launch").send(&app).await.body["version"], 1);
    hand_over("launch", "colleague").by("owner").send(&app).await;
    assert_eq!(Call::new("read").slug("launch").send(&app).await.body["version"], 2);
    hand_over("launch", "member").by("outsider").send(&app).await.is_problem(403, "forbidden");
}

#[tokio::test]
async fn a_member_can_send_back_the_creator_that_the_link_has() {
    let app = TestApp::start().await;
    create(&app, "launch").await;
    let same = json!({ "creator_user_id": id_of("member") });
    let unchanged = edit("launch", &same).send(&app).await;
    assert_eq!((unchanged.status, &unchanged.body["version"]), (200, &json!(1)), "{}", unchanged.text);
    assert!(records(&app).await.is_empty());
    let body = json!({ "creator_user_id": id_of("member"), "title": "New" });
    let edited = edit("launch", &body).send(&app).await;
    assert_eq!((edited.status, &edited.body["title"]), (200, &json!("New")), "{}", edited.text);
    assert_eq!(creator(&edited), json!([id_of("member"), "Maya Rao"]));
    assert_eq!(records(&app).await[0]["change"].as_s().unwrap(), "update");
    let answer = edit("launch", &same).by("colleague").send(&app).await;
    answer.is_problem(403, "forbidden");
    assert_eq!(answer.body["detail"], "Only the link's creator or an organization admin can do this.");
    edit("other", &same).send(&app).await.is_problem(404, "not_found");
}

/// A caller without permission learns that the permission is missing, and not whether the version matches.
#[tokio::test]
async fn the_permission_to_hand_over_is_checked_before_the_version() {
    let app = TestApp::start().await;
    create(&app, "launch").await;
    let other = format!("\"{}-7\"", "B".repeat(16));
    let handed = hand_over("launch", "colleague").header("if-match", &other);
    handed.clone().by("member").send(&app).await.is_problem(403, "forbidden");
    handed.send(&app).await.is_problem(412, "precondition_failed");
}

#[tokio::test]
async fn an_id_that_no_user_can_have_is_a_fault_of_the_field() {
    let app = TestApp::start().await;
    create(&app, "launch").await;
    for (id, code) in [
        (json!("colleague"), "invalid_user"),
        (json!(""), "invalid_user"),
        (json!(null), "wrong_type"),
        (json!(7), "wrong_type"),
    ] {
        let answer =
            edit("launch", &json!({ "creator_user_id": id, "url": "x" })).by("admin").send(&app).await;
        let faults = answer.is_problem(422, "validation_failed").faults();
        assert!(faults.contains(&("/creator_user_id", code)), "{id}: {faults:?}");
        assert!(faults.iter().any(|(pointer, _)| *pointer == "/url"), "{faults:?}");
    }
}

#[tokio::test]
async fn the_record_has_both_creators_and_a_link_that_stays_its_creators_has_none() {
    let app = TestApp::start().await;
    create(&app, "launch").await;
    let same = hand_over("launch", "member").send(&app).await;
    assert_eq!((same.status, &same.body["version"]), (200, &json!(1)), "{}", same.text);
    assert!(records(&app).await.is_empty());
    let handed = hand_over("launch", "colleague").send(&app).await;
    let records = records(&app).await;
    assert_eq!(records.len(), 1);
    let record = &records[0];
    assert_eq!(record["id"].as_s().unwrap(), &handed.headers["signpost-change"]);
    assert_eq!(record["change"].as_s().unwrap(), "hand_over");
    assert_eq!(record["user_id"].as_s().unwrap(), id_of("admin"));
    let (before, after) = (record["before"].as_m().unwrap(), record["after"].as_m().unwrap());
    assert_eq!(before["creator_user_id"].as_s().unwrap(), id_of("member"));
    assert_eq!(before["creator_name"].as_s().unwrap(), "Maya Rao");
    assert_eq!(after["creator_user_id"].as_s().unwrap(), id_of("colleague"));
    assert_eq!(after["handed_over"], AttributeValue::Bool(true));
    assert_eq!((before.len(), after.len()), (2, 2));
}

#[tokio::test]
async fn a_link_is_renamed_and_handed_over_in_one_edit() {
    let app = TestApp::start().await;
    create(&app, "launch").await;
    rename(&app, "launch", "other").await;
    let body = json!({ "id": "third", "creator_user_id": id_of("colleague"), "title": "New" });
    let answer = edit("launch", &body).by("owner").send(&app).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(answer.body["aliases"], json!(["launch", "other"]));
    assert_eq!(creator(&answer), json!([id_of("colleague"), null]));
    let records = records(&app).await;
    assert_eq!(records.last().unwrap()["change"].as_s().unwrap(), "rename");
    assert_eq!(records.len(), 2);
    links(&app).await;
}

#[tokio::test]
async fn the_history_finds_each_hand_over_even_if_the_link_was_renamed_too() {
    let app = TestApp::start().await;
    create(&app, "launch").await;
    let both = json!({ "id": "other", "creator_user_id": id_of("colleague"), "title": "New" });
    let both = edit("launch", &both).by("admin").send(&app).await;
    let renamed = edit("other", &json!({ "id": "third" })).by("admin").send(&app).await;
    let handed = hand_over("third", "member").send(&app).await;
    let undone = history::undo_of(&history::change_of(&handed)).by("admin").send(&app).await;
    edit("third", &json!({ "title": "x" })).by("admin").send(&app).await;
    let [both, renamed, handed, undone] =
        [both, renamed, handed, undone].map(|answer| history::change_of(&answer));
    let birth = Call::new("read").slug("third").send(&app).await.body["birth"].as_str().unwrap().to_owned();
    for (query, expected) in [
        ("change=hand_over", vec![&handed, &both]),
        ("change=rename", vec![&renamed, &both]),
        ("change=undo", vec![&undone]),
        (&*format!("change=hand_over&link={birth}"), vec![&handed, &both]),
        (&*format!("change=hand_over&creator={}", id_of("admin")), vec![&handed, &both]),
        (&*format!("change=hand_over&creator={}", id_of("member")), vec![]),
    ] {
        let found = history::records(&app, query).await;
        let ids: Vec<&str> = found.iter().map(|record| record["id"].as_str().unwrap()).collect();
        assert_eq!(ids, expected, "{query}");
    }
}
