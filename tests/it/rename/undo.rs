//! Undoing renames, hand-overs, and deletions of links with aliases.

use super::{create, edit, follow, items, links, records, rename};
use crate::support::faulty::{Fault, Faulty};
use crate::support::{ACME, Answer, Call, TestApp};
use local::users::User;
use serde_json::json;
use shared::model::Timestamp;

/// Returns a call by acme's member that undoes the change in this response.
pub fn undo(change: &Answer) -> Call {
    let record = &change.headers["signpost-change"];
    let mut call = Call::new("history-undo").path(&format!("/{ACME}/-/history/{record}/undo"));
    call.event["pathParameters"]["record"] = record.as_str().into();
    call
}

async fn undone(app: &TestApp, change: &Answer) -> Answer {
    let answer = undo(change).send(app).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer
}

/// Returns the link without the fields that every change sets.
fn lasting(answer: &Answer) -> serde_json::Value {
    let mut body = answer.body.clone();
    for name in ["version", "updated_at"] {
        body.as_object_mut().unwrap().remove(name);
    }
    body
}

#[tokio::test]
async fn an_undone_rename_has_the_old_slug_and_frees_the_new_one() {
    let app = TestApp::start().await;
    let made = create(&app, "one").await;
    let renamed = rename(&app, "one", "two").await;
    let back = undone(&app, &renamed).await;
    assert_eq!(lasting(&back), lasting(&made));
    assert_eq!(back.body["version"], 3);
    assert_eq!(links(&app).await, [("one".to_owned(), [].into())].into());
    undo(&renamed).send(&app).await.is_problem(409, "already_undone");
    // Undoing the undo restores the renamed link.
    let again = undone(&app, &back).await;
    assert_eq!(lasting(&again), lasting(&renamed));
    for slug in ["one", "two"] {
        assert_eq!(follow(slug).send(&app).await.status, 302);
    }
    links(&app).await;
}

#[tokio::test]
async fn an_undone_rename_to_an_alias_restores_both() {
    let app = TestApp::start().await;
    create(&app, "one").await;
    let two = rename(&app, "one", "two").await;
    let one = rename(&app, "two", "one").await;
    assert_eq!(lasting(&undone(&app, &one).await), lasting(&two));
    assert_eq!(links(&app).await, [("two".to_owned(), ["one".to_owned()].into())].into());
}

#[tokio::test]
async fn an_undo_of_a_rename_after_other_changes_names_what_changed() {
    let app = TestApp::start().await;
    create(&app, "one").await;
    let renamed = rename(&app, "one", "two").await;
    let retitled = edit("two", &json!({ "title": "Later" })).send(&app).await;
    assert_eq!(retitled.status, 200);
    let again = rename(&app, "two", "three").await;
    let answer = undo(&renamed).send(&app).await;
    let mut faults = answer.is_problem(409, "changed_since").faults();
    faults.sort_unstable();
    assert_eq!(faults.iter().map(|(pointer, _)| *pointer).collect::<Vec<_>>(), ["/aliases", "/id"]);
    undone(&app, &again).await;
    let back = undone(&app, &renamed).await;
    assert_eq!((&back.body["id"], &back.body["title"]), (&json!("one"), &json!("Later")));
    // Freeing an alias counts as a change too, and another link can then take the slug.
    let renamed = rename(&app, "one", "two").await;
    let freed = Call::new("delete").slug("one").send(&app).await;
    let answer = undo(&renamed).send(&app).await;
    let faults = answer.is_problem(409, "changed_since").faults();
    assert_eq!(faults.iter().map(|(pointer, _)| *pointer).collect::<Vec<_>>(), ["/aliases"]);
    create(&app, "one").await;
    let answer = undo(&freed).send(&app).await;
    assert_eq!(answer.is_problem(409, "slug_taken").body["suggested_id"], "one-2");
    Call::new("delete").slug("one").send(&app).await;
    assert_eq!(undone(&app, &freed).await.body["aliases"], json!(["one"]));
    assert_eq!(follow("one").send(&app).await.status, 302);
    links(&app).await;
}

#[tokio::test]
async fn the_slug_of_an_undone_rename_can_be_another_links_by_now() {
    let app = TestApp::start().await;
    create(&app, "one").await;
    let renamed = rename(&app, "one", "two").await;
    let back = undone(&app, &renamed).await;
    create(&app, "two").await;
    let before = items(&app).await;
    let answer = undo(&back).send(&app).await;
    assert_eq!(answer.is_problem(409, "slug_taken").body["suggested_id"], "two-2");
    assert_eq!(items(&app).await, before);
}

#[tokio::test]
async fn a_deleted_link_comes_back_with_those_aliases_whose_slugs_are_free() {
    let app = TestApp::start().await;
    let made = create(&app, "one").await;
    for (old, new) in [("one", "two"), ("two", "three"), ("three", "four")] {
        rename(&app, old, new).await;
    }
    let deleted = Call::new("delete").slug("four").send(&app).await;
    assert_eq!(deleted.status, 200, "{}", deleted.text);
    create(&app, "one").await;
    create(&app, "three").await;
    let back = undone(&app, &deleted).await;
    assert_eq!(back.body["aliases"], json!(["two"]));
    assert_eq!(back.body["birth"], made.body["birth"]);
    assert_eq!(links(&app).await.len(), 3);
    // Undoing the undo deletes the link again, with its alias.
    undone(&app, &back).await;
    assert_eq!(links(&app).await.len(), 2);
    // The deleted link's own slug must be free.
    create(&app, "four").await;
    let restored = undo(&deleted).send(&app).await;
    restored.is_problem(409, "already_undone");
}

#[tokio::test]
async fn an_undone_hand_over_gives_the_link_and_the_name_back() {
    let app = TestApp::start().await;
    let made = create(&app, "one").await;
    let to = json!({ "creator_user_id": User::named("colleague").unwrap().id });
    let handed = edit("one", &to).by("admin").send(&app).await;
    assert_eq!(handed.status, 200, "{}", handed.text);
    // Neither the old nor the new creator can undo the hand-over.
    for user in ["member", "colleague"] {
        undo(&handed).by(user).send(&app).await.is_problem(403, "forbidden");
    }
    // The new creator's edit also stores the creator's name. The hand-over can be undone nevertheless.
    edit("one", &json!({ "title": "Mine" })).by("colleague").send(&app).await;
    let back = undo(&handed).by("owner").send(&app).await;
    assert_eq!(back.status, 200, "{}", back.text);
    for name in ["creator_user_id", "creator_name"] {
        assert_eq!(back.body[name], made.body[name]);
    }
    assert_eq!(back.body["title"], "Mine");
    assert_eq!(edit("one", &json!({ "title": "Back" })).send(&app).await.status, 200);
    let again = edit("one", &to).by("admin").send(&app).await;
    let to_owner = json!({ "creator_user_id": User::named("owner").unwrap().id });
    edit("one", &to_owner).by("owner").send(&app).await;
    let answer = undo(&again).by("owner").send(&app).await;
    assert_eq!(answer.is_problem(409, "changed_since").faults()[0].0, "/creator_user_id");
}

#[tokio::test]
async fn a_member_who_edits_all_links_undoes_a_colleagues_rename_but_no_hand_over() {
    let app = TestApp::with_settings(&[("LINK_EDITORS", "Member")]).await;
    create(&app, "one").await;
    let renamed = rename(&app, "one", "two").await;
    let to = json!({ "creator_user_id": User::named("admin").unwrap().id });
    let handed = edit("one", &to).by("admin").send(&app).await;
    let refused = undo(&handed).by("colleague").send(&app).await;
    let detail = "Only an organization admin can hand a link over to another user.";
    assert_eq!(refused.is_problem(403, "forbidden").body["detail"], detail);
    let back = undo(&renamed).by("colleague").send(&app).await;
    assert_eq!((back.status, &back.body["id"]), (200, &json!("one")), "{}", back.text);
    let history = Call::new("history").by("colleague").send(&app).await;
    let listed = |change: &str| {
        let data = history.body["data"].as_array().unwrap();
        data.iter().find(|record| record["change"] == change).unwrap().clone()
    };
    assert_eq!(listed("hand_over")["can_undo"], false, "{}", history.text);
    assert_eq!(listed("undo")["can_undo"], true);
    let record = listed("rename");
    assert_eq!(record["before"], json!({ "id": "one", "aliases": [] }));
    assert_eq!(record["after"], json!({ "id": "two", "aliases": ["one"] }));
}

#[tokio::test]
async fn an_undo_with_a_fault_in_any_call_is_made_once() {
    for word in ["rename", "hand_over", "delete"] {
        for fault in [Fault::LostAnswer, Fault::Refused(400, "ThrottlingException"), Fault::Broken] {
            for spared in 0..4 {
                let app = TestApp::start().await;
                create(&app, "one").await;
                rename(&app, "one", "two").await;
                let to = json!({ "creator_user_id": User::named("colleague").unwrap().id });
                let call = match word {
                    "rename" => edit("two", &json!({ "id": "three" })),
                    "hand_over" => edit("two", &to),
                    _ => Call::new("delete").slug("two"),
                };
                let before = Call::new("read").slug("two").send(&app).await;
                let change = call.by("admin").send(&app).await;
                assert_eq!(change.status, 200, "{}", change.text);
                let faulty = Faulty::new(&[fault]);
                *faulty.spared.lock().unwrap() = spared;
                let call = undo(&change).by("admin");
                let answer = call.send_to(&faulty.functions(&app.url), Timestamp::now()).await;
                let case = format!("{word} {fault:?} after {spared}: {}", answer.text);
                assert_eq!(answer.status, 200, "{case}");
                assert_eq!(lasting(&answer), lasting(&before), "{case}");
                assert_eq!(records(&app).await.len(), 3, "{case}");
                assert_eq!(Call::new("read").slug("one").send(&app).await.body, answer.body, "{case}");
                links(&app).await;
            }
        }
    }
}
