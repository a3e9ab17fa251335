//! DynamoDB has deleted the item of an expired alias before that of its link, and another link has taken the slug.

use super::{create, edit, item_key, items, links, records, rename};
use crate::history::{change_of, undo_of};
use crate::support::{Answer, Call, TestApp};
use serde_json::{Value, json};

/// The link `three` still lists the aliases `one` and `two`, but `one` is another link. Returns the fixture, and
/// the responses to the create and to the last rename of the link `three`.
async fn with_lost_alias() -> (TestApp, Answer, Answer) {
    let app = TestApp::start().await;
    let made = create(&app, "one").await;
    rename(&app, "one", "two").await;
    let renamed = rename(&app, "two", "three").await;
    take_alias(&app).await;
    (app, made, renamed)
}

/// Deletes the item of the alias `one`, and creates a link with this slug.
async fn take_alias(app: &TestApp) {
    app.client.delete_item().table_name("links").set_key(Some(item_key("one"))).send().await.unwrap();
    let other = app.link(json!({ "url": "https://example.com/other", "id": "one" })).await;
    assert_eq!(other.status, 201, "{}", other.text);
}

/// Asserts that the other link is unchanged, and that the first link has this slug and these aliases.
async fn assert_links(app: &TestApp, slug: &str, aliases: &[&str]) {
    let aliases = aliases.iter().map(ToString::to_string).collect();
    let expected = [("one".to_owned(), [].into()), (slug.to_owned(), aliases)].into();
    assert_eq!(links(app).await, expected);
    assert_other(app).await;
}

async fn assert_other(app: &TestApp) {
    let other = Call::new("read").slug("one").send(app).await;
    assert_eq!(
        (&other.body["url"], &other.body["version"]),
        (&json!("https://example.com/other"), &json!(1))
    );
}

#[tokio::test]
async fn an_edit_succeeds_and_the_link_no_longer_lists_the_alias() {
    let expiry = json!({ "expires_at": "2099-01-01T00:00:00Z", "title": "New" });
    let cases: [(Value, &str, &[&str]); 3] = [
        (expiry, "three", &["two"]),
        (json!({ "id": "four" }), "four", &["three", "two"]),
        (json!({ "id": "two" }), "two", &["three"]),
    ];
    for (body, slug, aliases) in cases {
        let (app, ..) = with_lost_alias().await;
        let edited = edit("three", &body).send(&app).await;
        assert_eq!((edited.status, &edited.body["version"]), (200, &json!(4)), "{body}: {}", edited.text);
        assert_eq!(edited.body["aliases"], json!(aliases), "{body}");
        assert_links(&app, slug, aliases).await;
    }
}

/// The edit did not take the alias away, so its record does not contain the alias, and its undo does not need the slug.
#[tokio::test]
async fn the_edit_can_be_undone() {
    let (app, ..) = with_lost_alias().await;
    let edited = edit("three", &json!({ "expires_at": "2099-01-01T00:00:00Z" })).send(&app).await;
    let record = records(&app).await.pop().unwrap();
    assert_eq!(record["id"].as_s().unwrap(), &change_of(&edited));
    for side in ["before", "after"] {
        assert!(!record[side].as_m().unwrap().contains_key("aliases"), "{record:?}");
    }
    let undone = undo_of(&change_of(&edited)).send(&app).await;
    assert_eq!((undone.status, &undone.body["expires_at"]), (200, &json!(null)), "{}", undone.text);
    assert_links(&app, "three", &["two"]).await;
}

#[tokio::test]
async fn a_rename_to_the_alias_is_a_conflict_with_the_other_link() {
    let (app, ..) = with_lost_alias().await;
    let renamed = edit("three", &json!({ "id": "one" })).send(&app).await;
    renamed.is_problem(409, "slug_taken");
    assert_other(&app).await;
    assert_eq!(items(&app).await["three"]["version"].as_n().unwrap(), "3");
}

#[tokio::test]
async fn an_undo_that_would_rename_the_link_to_the_alias_is_a_conflict_with_the_other_link() {
    let app = TestApp::start().await;
    create(&app, "one").await;
    let renamed = rename(&app, "one", "two").await;
    take_alias(&app).await;
    undo_of(&change_of(&renamed)).send(&app).await.is_problem(409, "slug_taken");
    assert_other(&app).await;
    assert_eq!(items(&app).await["two"]["version"].as_n().unwrap(), "2");
}

#[tokio::test]
async fn a_delete_deletes_the_link_and_its_other_aliases() {
    let (app, ..) = with_lost_alias().await;
    let deleted = Call::new("delete").slug("three").send(&app).await;
    assert_eq!(deleted.status, 200, "{}", deleted.text);
    assert_eq!(items(&app).await.into_keys().collect::<Vec<_>>(), ["one"]);
    assert_other(&app).await;
    let restored = undo_of(&change_of(&deleted)).send(&app).await;
    assert_eq!(restored.status, 200, "{}", restored.text);
    assert_links(&app, "three", &["two"]).await;
}

#[tokio::test]
async fn an_undo_of_an_earlier_change_succeeds() {
    let (app, made, renamed) = with_lost_alias().await;
    let undone = undo_of(&change_of(&renamed)).send(&app).await;
    assert_eq!((undone.status, &undone.body["id"]), (200, &json!("two")), "{}", undone.text);
    assert_links(&app, "two", &[]).await;
    let undone = undo_of(&change_of(&made)).send(&app).await;
    assert_eq!(undone.status, 200, "{}", undone.text);
    assert_other(&app).await;

    let (app, made, _) = with_lost_alias().await;
    let undone = undo_of(&change_of(&made)).send(&app).await;
    assert_eq!(undone.status, 200, "{}", undone.text);
    assert_eq!(items(&app).await.into_keys().collect::<Vec<_>>(), ["one"]);
    assert_other(&app).await;
}
