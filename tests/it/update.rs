//! Edits: what they change, who may make them, and what they leave unchanged.

mod concurrent;
mod expiry;

use crate::support::{Answer, Call, GLOBEX, TestApp};
use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Value, json};
use shared::model::Timestamp;
use std::collections::HashMap;

fn patch(body: Value) -> Call {
    Call::new("update").body(&body.to_string())
}

#[tokio::test]
async fn an_edit_writes_the_sent_fields_and_nothing_else() {
    let app = TestApp::start().await;
    app.put(&[]).await;
    let before = Call::new("read").send(&app).await;
    let now = Timestamp::try_from(Timestamp::now().millis() + 5_000).unwrap();
    let after = Call::new("update").send_at(&app, now).await;
    assert_eq!(after.status, 200, "{}", after.text);
    let mut expected = before.body.clone();
    expected["url"] = "https://example.com/edited".into();
    expected["title"] = "Edited".into();
    expected["updated_at"] = now.to_string().into();
    expected["version"] = 2.into();
    assert_eq!(after.body, expected);
    assert_eq!(after.headers["etag"], "\"k7m2p9qr#1795383720000-2\"");
    assert_eq!(Call::new("read").send(&app).await.body, expected);
    assert_eq!(Call::new("redirect").send(&app).await.headers["location"], "https://example.com/edited");
}

#[tokio::test]
async fn every_editable_field_can_be_changed_and_null_clears() {
    let app = TestApp::start().await;
    app.put(&[]).await;
    let full = json!({
        "url": "https://example.com/2", "title": "Two", "tags": ["b", "a"], "access": "members", "enabled": false,
        "expires_at": "2030-01-31T23:59:59Z",
    });
    let edited = patch(full).send(&app).await;
    assert_eq!(edited.body["tags"], json!(["a", "b"]));
    assert_eq!(edited.body["expires_at"], "2030-01-31T23:59:59.000Z");
    assert_eq!((&edited.body["access"], &edited.body["enabled"]), (&json!("members"), &json!(false)));
    for empty in [json!({ "title": null, "tags": null, "expires_at": null }), json!({ "tags": [] })] {
        let cleared = patch(empty).send(&app).await;
        assert_eq!(cleared.status, 200, "{}", cleared.text);
        assert_eq!((&cleared.body["title"], &cleared.body["tags"]), (&json!(null), &json!([])));
        assert_eq!(cleared.body["expires_at"], json!(null));
        assert_eq!(cleared.body["url"], "https://example.com/2");
    }
    let item = app.client.scan().table_name("links").send().await.unwrap().items()[0].clone();
    assert!(["ttl", "tags", "title", "expires_at"].iter().all(|name| !item.contains_key(*name)), "{item:?}");
}

#[tokio::test]
async fn the_time_of_deletion_moves_with_the_expiry() {
    let app = TestApp::start().await;
    app.put(&[]).await;
    for (expires_at, ttl) in [("2030-01-31T22:59:59Z", "1898722799"), ("2030-01-31T23:59:59Z", "1898726399")]
    {
        patch(json!({ "expires_at": expires_at })).send(&app).await;
        patch(json!({ "title": "unrelated" })).send(&app).await;
        let item = app.client.scan().table_name("links").send().await.unwrap().items()[0].clone();
        assert_eq!(item["ttl"].as_n().unwrap(), ttl);
    }
}

#[tokio::test]
async fn the_media_type_of_merge_patches_is_accepted() {
    let app = TestApp::start().await;
    app.put(&[("title", Some(AttributeValue::S("Old".to_owned())))]).await;
    let answer = Call::new("update-merge-patch").send(&app).await;
    assert_eq!((answer.status, &answer.body["title"]), (200, &json!(null)), "{}", answer.text);
}

#[tokio::test]
async fn the_identity_of_a_link_cannot_change() {
    let app = TestApp::start().await;
    app.put(&[]).await;
    let answer = Call::new("update-identity").send(&app).await;
    let places = ["/org_id", "/birth", "/creator_name", "/version"].map(|place| (place, "immutable"));
    assert_eq!(answer.is_problem(422, "validation_failed").faults(), places);
    assert_eq!(
        answer.body["errors"][0]["message"],
        "this field cannot be changed; create a new link instead"
    );
    for (body, fault) in [
        (json!({ "url": null }), ("/url", "wrong_type")),
        (json!({ "enabled": null }), ("/enabled", "wrong_type")),
        (json!({ "colour": 1 }), ("/colour", "unknown_field")),
        (json!({ "birth": "V1StGXR8_Z5jdHi6" }), ("/birth", "immutable")),
        (json!([]), ("", "wrong_type")),
    ] {
        let answer = patch(body).send(&app).await;
        assert_eq!(answer.is_problem(422, "validation_failed").faults(), [fault]);
    }
    assert_eq!(Call::new("read").send(&app).await.body["version"], 1);
}

#[tokio::test]
async fn a_member_edits_only_their_own_links_and_an_admin_any() {
    for (user, status) in
        [("member", 200), ("colleague", 403), ("admin", 200), ("owner", 200), ("outsider", 403)]
    {
        let app = TestApp::start().await;
        app.put(&[]).await;
        let answer = Call::new("update").by(user).send(&app).await;
        assert_eq!(answer.status, status, "{user}: {}", answer.text);
        let version = if status == 200 { 2 } else { 1 };
        assert_eq!(Call::new("read").send(&app).await.body["version"], version, "{user}");
    }
}

#[tokio::test]
async fn an_edit_does_not_bring_back_a_deleted_link() {
    let app = TestApp::start().await;
    Call::new("update").send(&app).await.is_problem(404, "not_found");
    Call::new("update").by("owner").send(&app).await.is_problem(404, "not_found");
    Call::new("update")
        .header("if-match", "\"1795383720000-1\"")
        .send(&app)
        .await
        .is_problem(404, "not_found");
    Call::new("update").header("if-match", "*").send(&app).await.is_problem(404, "not_found");
    assert_eq!(app.count().await, 0);
    app.put(&[]).await;
    Call::new("update").by("outsider").org(GLOBEX).send(&app).await.is_problem(404, "not_found");
    Call::new("update").slug("@handles").send(&app).await.is_problem(404, "not_found");
}

async fn item(app: &TestApp) -> HashMap<String, AttributeValue> {
    app.client.scan().table_name("links").send().await.unwrap().items()[0].clone()
}

/// Sends edits that leave the link unchanged, both without preconditions and with preconditions that are met.
async fn change_nothing(app: &TestApp, link: &Answer, edits: Vec<Value>) {
    let before = item(app).await;
    for edit in edits {
        for if_match in [None, Some("*"), Some(link.headers["etag"].as_str())] {
            let call = patch(edit.clone());
            let call = if_match.map_or(call.clone(), |tag| call.header("if-match", tag));
            let now = Timestamp::try_from(Timestamp::now().millis() + 5_000).unwrap();
            let answer = call.send_at(app, now).await;
            assert_eq!((answer.status, &answer.body), (200, &link.body), "{edit}: {}", answer.text);
            assert_eq!(answer.headers["etag"], link.headers["etag"], "{edit}");
        }
    }
    assert_eq!(item(app).await, before);
}

#[tokio::test]
async fn an_edit_that_changes_nothing_writes_nothing_however_it_is_spelled() {
    let app = TestApp::start().await;
    app.put(&[]).await;
    let bare = Call::new("read").send(&app).await;
    let cleared = json!({ "title": null, "tags": null, "expires_at": null });
    let defaults = json!({ "access": "public", "enabled": true });
    change_nothing(&app, &bare, vec![json!({}), cleared, json!({ "tags": [] }), defaults]).await;

    let full = json!({
        "url": "https://example.com/a%20b", "title": "Two", "tags": ["b", "a"], "access": "members", "enabled": false,
        "expires_at": "2030-01-31T22:59:59Z",
    });
    let edited = patch(full.clone()).send(&app).await;
    assert_eq!(edited.body["version"], 2, "{}", edited.text);
    let edits = vec![
        full,
        json!({}),
        json!({ "title": "Two" }),
        json!({ "url": " HTTPS://EXAMPLE.com:443/x/../a b" }),
        json!({ "tags": ["a", "B", "b", "A"] }),
        json!({ "expires_at": "2030-01-31T23:59:59.999+01:00" }),
    ];
    change_nothing(&app, &edited, edits).await;
}

#[tokio::test]
async fn an_edit_that_changes_nothing_needs_the_same_permissions() {
    let app = TestApp::start().await;
    let edits = [json!({}), json!({ "url": "https://example.com/kept" })];
    for edit in &edits {
        patch(edit.clone()).send(&app).await.is_problem(404, "not_found");
    }
    app.put(&[]).await;
    for edit in edits {
        for if_match in ["\"1795383720000-2\"", "\"something\"", ""] {
            let call = patch(edit.clone()).header("if-match", if_match);
            call.send(&app).await.is_problem(412, "precondition_failed");
            call.by("colleague").send(&app).await.is_problem(403, "forbidden");
        }
        patch(edit.clone()).by("colleague").send(&app).await.is_problem(403, "forbidden");
        patch(edit.clone()).by("outsider").send(&app).await.is_problem(403, "forbidden");
        assert_eq!(patch(edit).by("admin").send(&app).await.status, 200);
    }
    assert_eq!(Call::new("read").send(&app).await.body["version"], 1);
}

#[tokio::test]
async fn one_field_of_many_that_differs_is_a_new_version() {
    let app = TestApp::start().await;
    app.put(&[]).await;
    let same = json!({ "url": "https://example.com/kept", "title": null, "tags": [], "access": "public", "enabled": true });
    for (number, (field, value)) in [
        ("url", json!("https://example.com/other")),
        ("title", json!("Two")),
        ("tags", json!(["a"])),
        ("access", json!("members")),
        ("enabled", json!(false)),
        ("expires_at", json!("2030-01-31T22:59:59.000Z")),
    ]
    .into_iter()
    .enumerate()
    {
        let mut edit = same.clone();
        edit[field] = value.clone();
        let edited = patch(edit).send(&app).await;
        assert_eq!(
            (&edited.body["version"], &edited.body[field]),
            (&json!(2 * number + 2), &value),
            "{field}"
        );
        let mut back = same.clone();
        back["expires_at"] = json!(null);
        assert_eq!(patch(back).send(&app).await.body["version"], 2 * number + 3, "{field}");
    }
}

#[tokio::test]
async fn a_reused_slug_is_another_link() {
    let app = TestApp::start().await;
    let first = Call::new("create-chosen").send(&app).await;
    tokio::time::sleep(std::time::Duration::from_millis(2)).await;
    let patched = Call::new("update").slug("launch").send(&app).await;
    let newer = app.link_by("member").await;
    let page = Call::new("list").query("limit=1").send(&app).await;
    assert_eq!(crate::support::lists::slugs(&page), [newer.as_str()]);
    Call::new("delete").slug("launch").send(&app).await;
    tokio::time::sleep(std::time::Duration::from_millis(2)).await;
    let second = Call::new("create-chosen").send(&app).await;
    assert_eq!((second.status, &second.body["version"]), (201, &json!(1)));
    for etag in [&first.headers["etag"], &patched.headers["etag"]] {
        for name in ["update", "delete"] {
            let answer = Call::new(name).slug("launch").header("if-match", etag).send(&app).await;
            answer.is_problem(412, "precondition_failed");
        }
    }
    // The old cursor still works. Its page is empty: the link that followed the cursor no longer exists, and the new
    // link comes before the cursor.
    let cursor = page.body["next_cursor"].as_str().unwrap();
    let rest = Call::new("list").query(&format!("limit=1&cursor={cursor}")).send(&app).await;
    assert_eq!((crate::support::lists::slugs(&rest).len(), &rest.body["next_cursor"]), (0, &Value::Null));
    assert_eq!(crate::support::lists::walk(&app, 1).await, ["launch", newer.as_str()]);
}
