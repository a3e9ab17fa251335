//! The creator's name in a link.

use crate::support::{Answer, Call, TestApp, signed};
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue};
use serde_json::{Value, json};

/// Returns a create request by acme's member, with a changed token.
fn create(change: impl FnOnce(&mut Value)) -> Call {
    Call::new("create").header("authorization", &format!("Bearer {}", signed("member", change)))
}

fn rename(claims: &mut Value) {
    claims["first_name"] = "Mara".into();
    claims["last_name"] = "Stone".into();
}

#[tokio::test]
async fn a_link_has_its_creators_name_from_the_token() {
    let app = TestApp::start().await;
    let cases = [
        (json!({}), json!("Maya Rao")),
        (json!({ "last_name": null }), json!("Maya")),
        (json!({ "first_name": " ", "last_name": "\u{200b}" }), json!("member@signpost.test")),
        (json!({ "first_name": "", "last_name": "", "email": "" }), json!("member")),
        (json!({ "first_name": 7, "last_name": [], "email": {}, "username": null }), json!(null)),
        (json!({ "first_name": "Ma\u{202e}ya\n", "last_name": "\tRao\u{7}" }), json!("Maya Rao")),
        (json!({ "first_name": "é".repeat(5_000) }), json!(format!("{}…", "é".repeat(99)))),
    ];
    for (change, name) in cases {
        let call =
            create(|claims| claims.as_object_mut().unwrap().extend(change.as_object().unwrap().clone()));
        let created = call.send(&app).await;
        assert_eq!((created.status, &created.body["creator_name"]), (201, &name), "{}", created.text);
        let slug = created.body["id"].as_str().unwrap();
        assert_eq!(Call::new("read").slug(slug).send(&app).await.body, created.body);
        assert_eq!(Call::new("list").query("limit=1").send(&app).await.body["data"][0], created.body);
        let session = Call::new("session");
        let session =
            session.header("authorization", call.event["headers"]["authorization"].as_str().unwrap());
        assert_eq!(session.send(&app).await.body["name"], name);
        assert_eq!(Call::new("delete").slug(slug).send(&app).await.body, created.body);
    }
}

#[tokio::test]
async fn a_provider_description_names_the_claims_with_the_name_and_an_empty_list_stores_none() {
    for (paths, name) in [
        (json!([["nick"], ["email"]]), json!("member@signpost.test")),
        (json!([["nick"], ["username"], ["email"]]), json!("member")),
        (json!([]), json!(null)),
    ] {
        let organizations = json!([{ "kind": "map", "at": ["org_id_to_org_member_info"] }]);
        let claims =
            json!({ "user": ["user_id"], "name": paths, "organizations": organizations }).to_string();
        let app = TestApp::with_settings(&[("AUTH_PROVIDER", "custom"), ("AUTH_CLAIMS", &claims)]).await;
        let created = Call::new("create").send(&app).await;
        assert_eq!((created.status, &created.body["creator_name"]), (201, &name), "{}", created.text);
    }
}

#[tokio::test]
async fn a_name_cannot_be_chosen_or_edited_and_an_edit_keeps_it() {
    let app = TestApp::start().await;
    let body = json!({ "url": "https://example.com/", "creator_name": "Somebody Else" });
    let refused = Call::new("create").body(&body.to_string()).send(&app).await;
    let places = [("/creator_name", "unknown_field")];
    assert_eq!(refused.is_problem(422, "validation_failed").faults(), places);

    let slug = app.link_by("member").await;
    for name in [json!("Somebody Else"), json!("Maya Rao"), json!(null)] {
        let body = json!({ "title": "Two", "creator_name": name });
        let refused = Call::new("update").slug(&slug).body(&body.to_string()).send(&app).await;
        let places = [("/creator_name", "immutable")];
        assert_eq!(refused.is_problem(422, "validation_failed").faults(), places);
    }
    let edited = Call::new("update").slug(&slug).by("admin").send(&app).await;
    assert_eq!((edited.status, &edited.body["creator_name"]), (200, &json!("Maya Rao")), "{}", edited.text);
    assert_eq!(Call::new("read").slug(&slug).send(&app).await.body["creator_name"], "Maya Rao");
}

#[tokio::test]
async fn a_create_that_is_retried_after_a_name_change_is_a_replay_with_the_old_name() {
    let app = TestApp::start().await;
    let body = json!({ "url": "https://example.com/", "id": "launch" }).to_string();
    let made = create(|_| {}).header("idempotency-key", "one").body(&body).send(&app).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let again = create(rename).header("idempotency-key", "one").body(&body).send(&app).await;
    assert_eq!((again.status, again.headers["idempotency-replayed"].as_str()), (200, "true"));
    assert_eq!((&again.body, &again.headers["etag"]), (&made.body, &made.headers["etag"]));
    let other = create(rename).send(&app).await;
    assert_eq!(other.body["creator_name"], "Mara Stone");
    assert_eq!(app.count().await, 2);
}

async fn read(app: &TestApp) -> Answer {
    Call::new("read").send(app).await
}

#[tokio::test]
async fn a_link_without_a_stored_name_has_none_even_after_an_edit() {
    let app = TestApp::start().await;
    app.put(&[]).await;
    let name = |link: &Value| link.as_object().unwrap().get("creator_name").cloned();
    assert_eq!(name(&read(&app).await.body), Some(json!(null)));
    assert_eq!(name(&Call::new("list").send(&app).await.body["data"][0]), Some(json!(null)));
    assert_eq!(name(&Call::new("update").send(&app).await.body), Some(json!(null)));
}

/// Sends the same update as `docs/links.py remove-name`.
#[tokio::test]
async fn an_operator_can_remove_a_name_and_nothing_else_of_the_link_changes() {
    let app = TestApp::start().await;
    app.put(&[("creator_name", Some(AttributeValue::S("Maya Rao".to_owned())))]).await;
    let before = read(&app).await;
    assert_eq!(before.body["creator_name"], "Maya Rao");
    let [org, id] = ["org_id", "id"].map(|name| before.body[name].as_str().unwrap().to_owned());
    let remove = app.client.update_item().table_name("links").key("org_id", AttributeValue::S(org));
    let remove = remove.key("id", AttributeValue::S(id)).update_expression("REMOVE creator_name");
    let user = AttributeValue::S(before.body["creator_user_id"].as_str().unwrap().to_owned());
    let remove = remove.condition_expression("creator_user_id = :user AND attribute_exists(creator_name)");
    let remove = remove.expression_attribute_values(":user", user).return_values(ReturnValue::AllNew);
    let item = remove.send().await.unwrap().attributes.unwrap();
    assert!(!item.values().any(|value| value.as_s().is_ok_and(|text| text.contains("Maya"))), "{item:?}");

    let after = read(&app).await;
    let mut expected = before.body.clone();
    expected["creator_name"] = json!(null);
    assert_eq!((&after.body, &after.headers["etag"]), (&expected, &before.headers["etag"]));
    let edited = Call::new("update").header("if-match", &before.headers["etag"]).send(&app).await;
    assert_eq!((edited.status, &edited.body["creator_name"]), (200, &json!(null)), "{}", edited.text);
    let mine = Call::new("list").query("creator=me").send(&app).await;
    assert_eq!(mine.body["data"][0], edited.body);
}

/// The redirect does not read the creator's name, so it works even if an operator has made the name invalid.
#[tokio::test]
async fn a_redirect_does_not_read_the_name() {
    let app = TestApp::start().await;
    app.put(&[("creator_name", Some(AttributeValue::Bool(true)))]).await;
    assert_eq!(Call::new("redirect").send(&app).await.status, 302);
    read(&app).await.is_problem(500, "internal");
}
