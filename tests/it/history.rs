//! The history: every change has a record, and a record can be undone.

use crate::support::{ACME, Answer, Call, GLOBEX, TestApp};
use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Value, json};
use shared::model::Timestamp;

/// The call that undoes the change in this record.
pub fn undo_of(record: &str) -> Call {
    let mut call = Call::new("history-undo");
    call.event["pathParameters"]["record"] = record.into();
    call
}

/// The id of the record in the response to a change.
pub fn change_of(answer: &Answer) -> String {
    answer.headers.get("signpost-change").unwrap_or_else(|| panic!("{}", answer.text)).clone()
}

/// The records that a query finds, newest first.
pub async fn records(app: &TestApp, query: &str) -> Vec<Value> {
    let answer = Call::new("history").query(query).send(app).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.body["data"].as_array().unwrap().clone()
}

fn patch(slug: &str, body: Value) -> Call {
    Call::new("update").slug(slug).body(&body.to_string())
}

#[tokio::test]
async fn each_change_has_a_record_with_who_what_and_the_values_before_and_after() {
    let app = TestApp::start().await;
    let created =
        app.link(json!({ "url": "https://example.com/a", "id": "launch", "tags": ["b", "a"] })).await;
    let edit =
        json!({ "title": "New", "tags": ["a"], "expires_at": "2099-01-01T00:00:00Z", "enabled": true });
    let edited = patch("launch", edit).by("admin").send(&app).await;
    let deleted = Call::new("delete").slug("launch").send(&app).await;

    let found = records(&app, "").await;
    let changes: Vec<&str> = found.iter().map(|record| record["change"].as_str().unwrap()).collect();
    assert_eq!(changes, ["delete", "update", "create"]);
    for (record, answer) in found.iter().zip([&deleted, &edited, &created]) {
        assert_eq!(record["id"], change_of(answer));
        assert_eq!(record["link"], json!({ "id": "launch", "birth": created.body["birth"] }));
        assert_eq!((&record["undoes"], &record["undone_by"]), (&Value::Null, &Value::Null));
        assert_eq!(record["can_undo"], true);
    }
    let whole = |answer: &Answer| {
        let mut body = answer.body.clone();
        body.as_object_mut().unwrap().remove("short_url");
        body
    };
    assert_eq!((&found[2]["before"], &found[2]["after"]), (&Value::Null, &whole(&created)));
    assert_eq!((&found[0]["before"], &found[0]["after"]), (&whole(&deleted), &Value::Null));
    assert_eq!(found[1]["before"], json!({ "title": null, "tags": ["a", "b"], "expires_at": null }));
    let after = json!({ "title": "New", "tags": ["a"], "expires_at": "2099-01-01T00:00:00.000Z" });
    assert_eq!(found[1]["after"], after, "only what changed");
    let versions: Vec<&Value> = found.iter().map(|record| &record["version"]).collect();
    assert_eq!(versions, [2, 2, 1]);
    assert_eq!(found[1]["user_id"], "0f3f5a0e-0002-4000-8000-000000000002");
    assert_eq!(found[1]["at"], edited.body["updated_at"]);
}

#[tokio::test]
async fn what_changes_nothing_has_no_record() {
    let app = TestApp::start().await;
    app.link(json!({ "url": "https://example.com/a", "id": "launch" })).await;
    let same = patch("launch", json!({ "url": "https://example.com/a" })).send(&app).await;
    assert_eq!((same.status, same.headers.get("signpost-change")), (200, None));
    patch("launch", json!({ "url": "-" })).send(&app).await.is_problem(422, "validation_failed");
    patch("launch", json!({ "title": "x" })).by("colleague").send(&app).await.is_problem(403, "forbidden");
    assert_eq!(records(&app, "").await.len(), 1);
}

#[tokio::test]
async fn the_history_is_found_by_link_user_and_change_and_read_in_pages() {
    let app = TestApp::start().await;
    for slug in ["a1", "b1", "c1"] {
        app.link(json!({ "url": "https://example.com/", "id": slug })).await;
        patch(slug, json!({ "title": "By an admin" })).by("admin").send(&app).await;
    }
    let birth = Call::new("read").slug("b1").send(&app).await.body["birth"].as_str().unwrap().to_owned();
    Call::new("delete").slug("b1").send(&app).await;
    let slugs = |found: &[Value]| -> Vec<String> {
        found.iter().map(|record| record["link"]["id"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(slugs(&records(&app, "").await), ["b1", "c1", "c1", "b1", "b1", "a1", "a1"]);
    for link in [birth.as_str(), "b1", "B1"] {
        assert_eq!(records(&app, &format!("link={link}")).await.len(), 3, "{link}");
    }
    // Another link takes the slug.
    app.link(json!({ "url": "https://example.com/", "id": "b1" })).await;
    assert_eq!(records(&app, "link=b1").await.len(), 1);
    assert_eq!(records(&app, &format!("link={birth}&change=delete")).await.len(), 1);
    assert_eq!(records(&app, "link=nothing").await, Vec::<Value>::new());
    assert_eq!(slugs(&records(&app, "change=update").await), ["c1", "b1", "a1"]);
    assert_eq!(records(&app, "creator=me&change=update").await.len(), 0);
    assert_eq!(records(&app, "creator=0f3f5a0e-0002-4000-8000-000000000002").await.len(), 3);
    // Reads pages of two records, with and without filters.
    for (filter, number) in [("", 8), ("&change=update", 3), ("&link=c1", 2), ("&creator=me", 5)] {
        let (mut found, mut cursor) = (Vec::new(), String::new());
        loop {
            let page =
                Call::new("history").query(&format!("limit=2{filter}&cursor={cursor}")).send(&app).await;
            assert_eq!(page.status, 200, "{}", page.text);
            found.extend(page.body["data"].as_array().unwrap().clone());
            match page.body["next_cursor"].as_str() {
                Some(next) => next.clone_into(&mut cursor),
                None => break,
            }
        }
        assert_eq!(found, records(&app, &filter.replacen('&', "", 1)).await);
        assert_eq!(found.len(), number, "{filter}");
    }
    let page = Call::new("history").query("limit=2").send(&app).await;
    let cursor = page.body["next_cursor"].as_str().unwrap();
    let other = Call::new("history").query(&format!("change=create&cursor={cursor}")).send(&app).await;
    other.is_problem(400, "invalid_cursor");
    for query in ["change=Create", "link=", "link=%20", "creator=nobody", "limit=0", "from=1"] {
        Call::new("history").query(query).send(&app).await.is_problem(400, "invalid_query");
    }
}

#[tokio::test]
async fn another_organizations_history_is_neither_seen_nor_undone() {
    let app = TestApp::start().await;
    let created = app.link(json!({ "url": "https://example.com/", "id": "launch" })).await;
    Call::new("history").by("outsider").send(&app).await.is_problem(403, "forbidden");
    let own = Call::new("history").by("outsider").org(GLOBEX);
    for query in ["", "link=launch", &format!("link={}", created.body["birth"].as_str().unwrap())] {
        assert_eq!(own.clone().query(query).send(&app).await.body["data"], json!([]), "{query}");
    }
    let undo = undo_of(&change_of(&created)).by("outsider");
    undo.clone().send(&app).await.is_problem(403, "forbidden");
    undo.org(GLOBEX).send(&app).await.is_problem(404, "not_found");
    for record in ["", "x", "001795383720000-V1StGXR8_Z5jdHi6B-myT"] {
        undo_of(record).send(&app).await.is_problem(404, "not_found");
    }
}

#[tokio::test]
async fn a_deleted_link_comes_back_as_it_was_and_its_version_goes_on() {
    let app = TestApp::start().await;
    let created = app.link(json!({ "url": "https://example.com/a", "id": "launch", "title": "T" })).await;
    let deleted = Call::new("delete").slug("launch").send(&app).await;
    let restored = undo_of(&change_of(&deleted)).send(&app).await;
    assert_eq!((restored.status, &restored.body["version"]), (200, &json!(2)), "{}", restored.text);
    assert_eq!(restored.headers["etag"], format!("\"{}-2\"", created.body["birth"].as_str().unwrap()));
    for field in ["birth", "id", "url", "title", "created_at", "creator_user_id", "creator_name", "tags"] {
        assert_eq!(restored.body[field], created.body[field], "{field}");
    }
    assert_eq!(Call::new("read").slug("launch").send(&app).await.body, restored.body);
    assert_eq!(Call::new("redirect").slug("launch").send(&app).await.status, 302);
    assert_eq!(Call::new("list").send(&app).await.body["data"][0], restored.body);
    let found = records(&app, "").await;
    assert_eq!((&found[0]["change"], &found[0]["undoes"]), (&json!("undo"), &json!(change_of(&deleted))));
    assert_eq!((&found[0]["id"], &found[1]["undone_by"]), (&json!(change_of(&restored)), &found[0]["id"]));
    assert_eq!((&found[0]["can_undo"], &found[1]["can_undo"]), (&json!(true), &json!(false)));
    undo_of(&change_of(&deleted)).send(&app).await.is_problem(409, "already_undone");
    // An undo can be undone, too.
    let gone = undo_of(&change_of(&restored)).send(&app).await;
    assert_eq!((gone.status, &gone.body), (200, &restored.body));
    assert_eq!(app.count().await, 0);
    let back = undo_of(&change_of(&gone)).send(&app).await;
    assert_eq!((back.status, &back.body["version"]), (200, &json!(3)));
}

#[tokio::test]
async fn a_deleted_link_cannot_come_back_to_a_taken_slug_or_after_thirty_days() {
    let app = TestApp::start().await;
    app.link(json!({ "url": "https://example.com/a", "id": "launch" })).await;
    let deleted = Call::new("delete").slug("launch").send(&app).await;
    let taken = app.link(json!({ "url": "https://example.com/b", "id": "launch" })).await;
    let undo = undo_of(&change_of(&deleted));
    let refused = undo.send(&app).await;
    refused.is_problem(409, "slug_taken");
    assert_eq!(refused.body["suggested_id"], "launch-2");
    assert_eq!(Call::new("read").slug("launch").send(&app).await.body, taken.body);
    Call::new("delete").slug("launch").send(&app).await;
    let days = |days: i64| Timestamp::try_from(Timestamp::now().millis() + days * 86_400_000).unwrap();
    // A token that is valid for 60 days.
    let bearer = crate::support::signed("member", |claims| {
        claims["exp"] = (days(60).millis() / 1000).into();
    });
    let undo = undo.header("authorization", &format!("Bearer {bearer}"));
    undo.send_at(&app, days(30)).await.is_problem(410, "undo_expired");
    let history = Call::new("history").header("authorization", &format!("Bearer {bearer}"));
    let later = history.send_at(&app, days(30)).await;
    assert!(
        later.body["data"]
            .as_array()
            .unwrap()
            .iter()
            .all(|record| { record["can_undo"] == (record["change"] != "delete") })
    );
    assert_eq!(undo.send_at(&app, days(29)).await.status, 200);
}

#[tokio::test]
async fn an_edit_is_undone_field_by_field_unless_one_of_them_was_changed_since() {
    let app = TestApp::start().await;
    let body = json!({ "url": "https://example.com/a", "id": "launch", "tags": ["x", "y"], "title": "One" });
    app.link(body).await;
    let edit = json!({ "url": "https://example.com/b", "tags": ["z"], "title": null, "access": "members" });
    let edited = patch("launch", edit).send(&app).await;
    patch("launch", json!({ "enabled": false })).send(&app).await;
    let undone = undo_of(&change_of(&edited)).send(&app).await;
    assert_eq!(undone.status, 200, "{}", undone.text);
    let expected = [
        ("url", json!("https://example.com/a")),
        ("tags", json!(["x", "y"])),
        ("title", json!("One")),
        ("access", json!("public")),
        ("enabled", json!(false)),
        ("version", json!(4)),
    ];
    for (field, value) in expected {
        assert_eq!(undone.body[field], value, "{field}");
    }
    // The index `target` has been updated too.
    let by_url = Call::new("list").query("url=https://example.com/a").send(&app).await;
    assert_eq!(by_url.body["data"][0], undone.body);

    let edited = patch("launch", json!({ "url": "https://example.com/c", "title": "Two" })).send(&app).await;
    patch("launch", json!({ "title": "Three" })).by("admin").send(&app).await;
    let refused = undo_of(&change_of(&edited)).send(&app).await;
    refused.is_problem(409, "changed_since");
    let message = "this value has been changed since then";
    assert_eq!(
        refused.body["errors"],
        json!([{ "pointer": "/title", "code": "changed", "message": message }])
    );
    assert_eq!(Call::new("read").slug("launch").send(&app).await.body["url"], "https://example.com/c");
    Call::new("delete").slug("launch").send(&app).await;
    undo_of(&change_of(&edited)).send(&app).await.is_problem(409, "link_missing");
}

#[tokio::test]
async fn an_expiry_that_is_set_back_does_not_make_dynamodb_delete_the_link() {
    let app = TestApp::start().await;
    let month_ago = Timestamp::now().seconds() - 40 * 86_400;
    let number = |seconds: i64| Some(AttributeValue::N(seconds.to_string()));
    app.put(&[("expires_at", number(month_ago)), ("ttl", number(month_ago + 30 * 86_400))]).await;
    let edited = Call::new("update").body(r#"{"expires_at": null}"#).send(&app).await;
    let undone = undo_of(&change_of(&edited)).send(&app).await;
    assert_eq!(undone.status, 200, "{}", undone.text);
    let item = app.client.scan().table_name("links").send().await.unwrap().items.unwrap().remove(0);
    assert_eq!(item["expires_at"], AttributeValue::N(month_ago.to_string()));
    let ttl: i64 = item["ttl"].as_n().unwrap().parse().unwrap();
    assert!(ttl >= Timestamp::now().seconds() + 29 * 86_400, "{ttl}");
}

#[tokio::test]
async fn a_create_is_undone_by_deleting() {
    let app = TestApp::start().await;
    let created = app.link(json!({ "url": "https://example.com/a", "id": "launch" })).await;
    let undone = undo_of(&change_of(&created)).body("{}").send(&app).await;
    assert_eq!((undone.status, &undone.body), (200, &created.body), "{}", undone.text);
    assert_eq!(app.count().await, 0);
    undo_of(&change_of(&created)).send(&app).await.is_problem(409, "already_undone");
}

#[tokio::test]
async fn a_member_cannot_undo_changes_of_a_colleagues_link_and_an_admin_can() {
    let app = TestApp::start().await;
    let created = app.link(json!({ "url": "https://example.com/a", "id": "launch" })).await;
    let edited = patch("launch", json!({ "title": "x" })).by("admin").send(&app).await;
    let deleted = Call::new("delete").slug("launch").by("admin").send(&app).await;
    for answer in [&deleted, &edited, &created] {
        undo_of(&change_of(answer)).by("colleague").send(&app).await.is_problem(403, "forbidden");
    }
    let seen = Call::new("history").by("colleague").send(&app).await;
    assert!(seen.body["data"].as_array().unwrap().iter().all(|record| record["can_undo"] == false));
    // The creator can undo what an admin did to their link.
    assert_eq!(undo_of(&change_of(&deleted)).send(&app).await.status, 200);
    assert_eq!(undo_of(&change_of(&edited)).by("admin").send(&app).await.status, 200);
    let anonymous = undo_of(&change_of(&created)).anonymous().send(&app).await;
    anonymous.is_problem(401, "unauthenticated");
}

#[tokio::test]
async fn a_link_from_before_births_were_stored_is_edited_deleted_and_brought_back() {
    let app = TestApp::start().await;
    app.put(&[]).await;
    let derived = "k7m2p9qr#1795383720000";
    let deleted = Call::new("delete").send(&app).await;
    let restored = undo_of(&change_of(&deleted)).send(&app).await;
    assert_eq!((&restored.body["birth"], &restored.body["version"]), (&json!(derived), &json!(2)));
    let edited = Call::new("update").send(&app).await;
    let undone = undo_of(&change_of(&edited)).send(&app).await;
    assert_eq!((undone.status, &undone.body["version"]), (200, &json!(4)), "{}", undone.text);
    assert_eq!(records(&app, &format!("link={}", derived.replace('#', "%23"))).await.len(), 4);
    let item = app.client.scan().table_name("history").send().await.unwrap().items.unwrap().remove(0);
    assert_eq!(item["org_link"].as_s().unwrap(), &format!("{ACME}#{derived}"));
    let ttl: i64 = item["ttl"].as_n().unwrap().parse().unwrap();
    assert!((399..=400).contains(&((ttl - Timestamp::now().seconds()) / 86_400)), "{ttl}");
}

#[tokio::test]
async fn an_undo_takes_no_body_and_no_parameters() {
    let app = TestApp::start().await;
    let created = app.link(json!({ "url": "https://example.com/a" })).await;
    let undo = undo_of(&change_of(&created));
    undo.clone().body(r#"{"id": "x"}"#).send(&app).await.is_problem(422, "validation_failed");
    undo.clone().body("{").send(&app).await.is_problem(415, "unsupported_media_type");
    undo.query("a=b").send(&app).await.is_problem(400, "invalid_query");
    assert_eq!(app.count().await, 1);
}
