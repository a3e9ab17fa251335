//! Undoing renames, hand-overs, and deletions of links with aliases.

use super::{create, edit, follow, items, links, records, rename};
use crate::faulty::{Fault, Faulty};
use crate::house::{ACME, Answer, Call, House};
use local::users::User;
use serde_json::json;
use shared::model::Timestamp;

/// The undo of the change that this response reports, as acme's member.
fn undo(change: &Answer) -> Call {
    let record = &change.headers["signpost-change"];
    let mut call = Call::of("history-undo").path(&format!("/{ACME}/-/history/{record}/undo"));
    call.event["pathParameters"]["record"] = record.as_str().into();
    call
}

async fn undone(house: &House, change: &Answer) -> Answer {
    let answer = undo(change).send(house).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer
}

/// The link without what each change sets.
fn lasting(answer: &Answer) -> serde_json::Value {
    let mut body = answer.body.clone();
    for name in ["version", "updated_at"] {
        body.as_object_mut().unwrap().remove(name);
    }
    body
}

#[tokio::test]
async fn an_undone_rename_has_the_old_slug_and_frees_the_new_one() {
    let house = House::open().await;
    let made = create(&house, "one").await;
    let renamed = rename(&house, "one", "two").await;
    let back = undone(&house, &renamed).await;
    assert_eq!(lasting(&back), lasting(&made));
    assert_eq!(back.body["version"], 3);
    assert_eq!(links(&house).await, [("one".to_owned(), [].into())].into());
    undo(&renamed).send(&house).await.is_problem(409, "already_undone");
    // And again, as if it had never been undone.
    let again = undone(&house, &back).await;
    assert_eq!(lasting(&again), lasting(&renamed));
    for slug in ["one", "two"] {
        assert_eq!(follow(slug).send(&house).await.status, 302);
    }
    links(&house).await;
}

#[tokio::test]
async fn an_undone_rename_to_an_alias_restores_both() {
    let house = House::open().await;
    create(&house, "one").await;
    let two = rename(&house, "one", "two").await;
    let one = rename(&house, "two", "one").await;
    assert_eq!(lasting(&undone(&house, &one).await), lasting(&two));
    assert_eq!(links(&house).await, [("two".to_owned(), ["one".to_owned()].into())].into());
}

#[tokio::test]
async fn an_undo_of_a_rename_after_other_changes_names_what_changed() {
    let house = House::open().await;
    create(&house, "one").await;
    let renamed = rename(&house, "one", "two").await;
    let retitled = edit("two", &json!({ "title": "Later" })).send(&house).await;
    assert_eq!(retitled.status, 200);
    let again = rename(&house, "two", "three").await;
    let answer = undo(&renamed).send(&house).await;
    let mut faults = answer.is_problem(409, "changed_since").faults();
    faults.sort_unstable();
    assert_eq!(faults.iter().map(|(pointer, _)| *pointer).collect::<Vec<_>>(), ["/aliases", "/id"]);
    undone(&house, &again).await;
    let back = undone(&house, &renamed).await;
    assert_eq!((&back.body["id"], &back.body["title"]), (&json!("one"), &json!("Later")));
    // A freed alias has changed too, and its slug can be another link's.
    let renamed = rename(&house, "one", "two").await;
    let freed = Call::of("delete").slug("one").send(&house).await;
    let answer = undo(&renamed).send(&house).await;
    let faults = answer.is_problem(409, "changed_since").faults();
    assert_eq!(faults.iter().map(|(pointer, _)| *pointer).collect::<Vec<_>>(), ["/aliases"]);
    create(&house, "one").await;
    let answer = undo(&freed).send(&house).await;
    assert_eq!(answer.is_problem(409, "slug_taken").body["suggested_id"], "one-2");
    Call::of("delete").slug("one").send(&house).await;
    assert_eq!(undone(&house, &freed).await.body["aliases"], json!(["one"]));
    assert_eq!(follow("one").send(&house).await.status, 302);
    links(&house).await;
}

#[tokio::test]
async fn the_slug_of_an_undone_rename_can_be_another_links_by_now() {
    let house = House::open().await;
    create(&house, "one").await;
    let renamed = rename(&house, "one", "two").await;
    let back = undone(&house, &renamed).await;
    create(&house, "two").await;
    let before = items(&house).await;
    let answer = undo(&back).send(&house).await;
    assert_eq!(answer.is_problem(409, "slug_taken").body["suggested_id"], "two-2");
    assert_eq!(items(&house).await, before);
}

#[tokio::test]
async fn a_deleted_link_comes_back_with_those_aliases_whose_slugs_are_free() {
    let house = House::open().await;
    let made = create(&house, "one").await;
    for (old, new) in [("one", "two"), ("two", "three"), ("three", "four")] {
        rename(&house, old, new).await;
    }
    let deleted = Call::of("delete").slug("four").send(&house).await;
    assert_eq!(deleted.status, 200, "{}", deleted.text);
    create(&house, "one").await;
    create(&house, "three").await;
    let back = undone(&house, &deleted).await;
    assert_eq!(back.body["aliases"], json!(["two"]));
    assert_eq!(back.body["birth"], made.body["birth"]);
    assert_eq!(links(&house).await.len(), 3);
    // Undoing the undo deletes it again, with its alias.
    undone(&house, &back).await;
    assert_eq!(links(&house).await.len(), 2);
    // Its own slug must be free.
    create(&house, "four").await;
    let restored = undo(&deleted).send(&house).await;
    restored.is_problem(409, "already_undone");
}

#[tokio::test]
async fn an_undone_hand_over_gives_the_link_and_the_name_back() {
    let house = House::open().await;
    let made = create(&house, "one").await;
    let to = json!({ "creator_user_id": User::named("colleague").unwrap().id });
    let handed = edit("one", &to).by("admin").send(&house).await;
    assert_eq!(handed.status, 200, "{}", handed.text);
    // Neither the old nor the new creator can take it back.
    for user in ["member", "colleague"] {
        undo(&handed).by(user).send(&house).await.is_problem(403, "forbidden");
    }
    // The new creator's edit stores their name, which is not a change of what was handed over.
    edit("one", &json!({ "title": "Mine" })).by("colleague").send(&house).await;
    let back = undo(&handed).by("owner").send(&house).await;
    assert_eq!(back.status, 200, "{}", back.text);
    for name in ["creator_user_id", "creator_name"] {
        assert_eq!(back.body[name], made.body[name]);
    }
    assert_eq!(back.body["title"], "Mine");
    assert_eq!(edit("one", &json!({ "title": "Back" })).send(&house).await.status, 200);
    let again = edit("one", &to).by("admin").send(&house).await;
    let to_owner = json!({ "creator_user_id": User::named("owner").unwrap().id });
    edit("one", &to_owner).by("owner").send(&house).await;
    let answer = undo(&again).by("owner").send(&house).await;
    assert_eq!(answer.is_problem(409, "changed_since").faults()[0].0, "/creator_user_id");
}

#[tokio::test]
async fn a_member_who_edits_all_links_undoes_a_colleagues_rename_but_no_hand_over() {
    let house = House::with(&[("LINK_EDITORS", "Member")]).await;
    create(&house, "one").await;
    let renamed = rename(&house, "one", "two").await;
    let to = json!({ "creator_user_id": User::named("admin").unwrap().id });
    let handed = edit("one", &to).by("admin").send(&house).await;
    let refused = undo(&handed).by("colleague").send(&house).await;
    let detail = "Only an organization admin can hand a link over to another user.";
    assert_eq!(refused.is_problem(403, "forbidden").body["detail"], detail);
    let back = undo(&renamed).by("colleague").send(&house).await;
    assert_eq!((back.status, &back.body["id"]), (200, &json!("one")), "{}", back.text);
    let history = Call::of("history").by("colleague").send(&house).await;
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
                let house = House::open().await;
                create(&house, "one").await;
                rename(&house, "one", "two").await;
                let to = json!({ "creator_user_id": User::named("colleague").unwrap().id });
                let call = match word {
                    "rename" => edit("two", &json!({ "id": "three" })),
                    "hand_over" => edit("two", &to),
                    _ => Call::of("delete").slug("two"),
                };
                let before = Call::of("read").slug("two").send(&house).await;
                let change = call.by("admin").send(&house).await;
                assert_eq!(change.status, 200, "{}", change.text);
                let faulty = Faulty::new(&[fault]);
                *faulty.spared.lock().unwrap() = spared;
                let call = undo(&change).by("admin");
                let answer = call.send_to(&faulty.functions(&house.url), Timestamp::now()).await;
                let case = format!("{word} {fault:?} after {spared}: {}", answer.text);
                assert_eq!(answer.status, 200, "{case}");
                assert_eq!(lasting(&answer), lasting(&before), "{case}");
                assert_eq!(records(&house).await.len(), 3, "{case}");
                assert_eq!(Call::of("read").slug("one").send(&house).await.body, answer.body, "{case}");
                links(&house).await;
            }
        }
    }
}
