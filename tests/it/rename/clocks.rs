//! A link is found by the slug that it had earlier, even if the clocks of the functions that changed it differ.

use super::{create, edit, rename};
use crate::history::{change_of, undo_of};
use crate::support::{Call, TestApp};
use serde_json::json;
use shared::model::Timestamp;

/// The time on a clock that is five minutes ahead.
fn ahead() -> Timestamp {
    (Timestamp::now().millis() + 5 * 60 * 1000).try_into().unwrap()
}

#[tokio::test]
async fn an_undo_finds_a_renamed_link_whose_first_change_has_a_later_time_than_its_rename() {
    let app = TestApp::start().await;
    create(&app, "one").await;
    let titled = edit("one", &json!({ "title": "New" })).send_at(&app, ahead()).await;
    rename(&app, "one", "two").await;
    assert_eq!(Call::new("delete").slug("one").send(&app).await.status, 200, "the alias is freed");
    let undone = undo_of(&change_of(&titled)).send(&app).await;
    assert_eq!((undone.status, &undone.body["id"]), (200, &json!("two")), "{}", undone.text);
    assert_eq!(undone.body["title"], json!(null));
}

#[tokio::test]
async fn a_repeated_create_finds_the_renamed_link_whose_create_has_a_later_time_than_its_rename() {
    let app = TestApp::start().await;
    let new = json!({ "url": "https://example.com/a", "id": "one" }).to_string();
    let call = Call::new("create").body(&new).header("idempotency-key", "first");
    let created = call.send_at(&app, ahead()).await;
    assert_eq!(created.status, 201, "{}", created.text);
    rename(&app, "one", "two").await;
    assert_eq!(Call::new("delete").slug("one").send(&app).await.status, 200, "the alias is freed");
    let again = call.send(&app).await;
    assert_eq!((again.status, &again.body["id"]), (200, &json!("two")), "{}", again.text);
    assert_eq!(again.body["birth"], created.body["birth"]);
}

#[tokio::test]
async fn the_newest_of_many_renames_is_found_whatever_the_times_of_the_others() {
    let app = TestApp::start().await;
    create(&app, "one").await;
    let titled = edit("one", &json!({ "title": "New" })).send(&app).await;
    let slugs = ["one", "two", "three", "four", "five"];
    for (index, pair) in slugs.windows(2).enumerate() {
        let minutes = i64::try_from(slugs.len() - index).unwrap();
        let now = (Timestamp::now().millis() + minutes * 60_000).try_into().unwrap();
        let renamed = edit(pair[0], &json!({ "id": pair[1] })).send_at(&app, now).await;
        assert_eq!(renamed.status, 200, "{}", renamed.text);
        let freed = Call::new("delete").slug(pair[0]).send_at(&app, now).await;
        assert_eq!(freed.status, 200, "{}", freed.text);
    }
    let undone = undo_of(&change_of(&titled)).send(&app).await;
    assert_eq!((undone.status, &undone.body["id"]), (200, &json!("five")), "{}", undone.text);
}
