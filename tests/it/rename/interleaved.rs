//! Renames, freed aliases and hand-overs are undone after other such changes.

use super::undo::undo;
use super::{create, edit, follow, items, links, rename};
use crate::support::{Answer, Call, TestApp};
use local::users::User;
use serde_json::json;

/// Hands the link `one` over to the user `to`. The user `by` sends the request.
async fn hand_over(app: &TestApp, to: &str, by: &str) -> Answer {
    let body = json!({ "creator_user_id": User::named(to).unwrap().id });
    let answer = edit("one", &body).by(by).send(app).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer
}

#[tokio::test]
async fn an_alias_that_has_become_the_slug_again_is_not_also_an_alias_after_an_undo() {
    let app = TestApp::start().await;
    create(&app, "one").await;
    rename(&app, "one", "two").await;
    let freed = Call::new("delete").slug("one").send(&app).await;
    rename(&app, "two", "one").await;
    Call::new("delete").slug("two").send(&app).await;
    let before = items(&app).await;
    let answer = undo(&freed).send(&app).await;
    assert_eq!(answer.is_problem(409, "changed_since").faults()[0].0, "/id");
    assert_eq!(items(&app).await, before);
    assert_eq!(links(&app).await, [("one".to_owned(), [].into())].into());
    assert_eq!(follow("one").send(&app).await.status, 302);
}

#[tokio::test]
async fn an_undone_hand_over_to_a_creator_without_a_name_does_not_keep_another_creators_name() {
    let app = TestApp::start().await;
    create(&app, "one").await;
    hand_over(&app, "colleague", "admin").await;
    // The admin takes the link, so the admin's name is known at once.
    let taken = hand_over(&app, "admin", "admin").await;
    assert_eq!(taken.body["creator_name"], "Adam Novak");
    let back = undo(&taken).by("admin").send(&app).await;
    assert_eq!(back.body["creator_user_id"], User::named("colleague").unwrap().id);
    assert_eq!(back.body["creator_name"], json!(null));
    // After the undo, the creator's name becomes known with the creator's first edit.
    let edited = edit("one", &json!({ "title": "Mine" })).by("colleague").send(&app).await;
    assert_eq!(edited.body["creator_name"], "Cole Hayes");
}

#[tokio::test]
async fn a_name_that_became_known_after_a_hand_over_goes_with_its_undo() {
    let app = TestApp::start().await;
    create(&app, "one").await;
    hand_over(&app, "colleague", "admin").await;
    let handed = hand_over(&app, "owner", "admin").await;
    let edited = edit("one", &json!({ "title": "Mine" })).by("owner").send(&app).await;
    assert_eq!(edited.body["creator_name"], "Olivia Berg");
    let back = undo(&handed).by("admin").send(&app).await;
    assert_eq!(back.body["creator_user_id"], User::named("colleague").unwrap().id);
    assert_eq!(back.body["creator_name"], json!(null));
    let edited = edit("one", &json!({ "title": "Cole's" })).by("colleague").send(&app).await;
    assert_eq!(edited.body["creator_name"], "Cole Hayes");
}
