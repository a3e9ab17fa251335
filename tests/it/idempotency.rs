//! Retries of requests that create a link.

mod faults;

use crate::support::{ACME, Answer, Call, TestApp, signed};
use aws_lc_rs::digest::{SHA256, digest};
use aws_sdk_dynamodb::types::AttributeValue;
use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine};
use local::users::User;
use serde_json::{Value, json};
use shared::model::{Slug, Timestamp};
use std::sync::Arc;

fn create(key: &str, body: &Value) -> Call {
    Call::new("create").header("idempotency-key", key).body(&body.to_string())
}

fn is_replay_of(answer: &Answer, made: &Answer) {
    let replayed = answer.headers.get("idempotency-replayed").map(String::as_str);
    assert_eq!((answer.status, replayed), (200, Some("true")), "{}", answer.text);
    assert_eq!((&answer.body, &answer.headers["etag"]), (&made.body, &made.headers["etag"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_fifty_concurrent_creates_with_one_idempotency_key_one_makes_the_link_and_all_return_it() {
    let app = Arc::new(TestApp::start().await);
    let answers = Call::new("create-idempotent").race(&app, 50).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 1);
    for answer in &answers {
        let replayed = answer.headers.get("idempotency-replayed").map(String::as_str);
        assert_eq!(
            (answer.status == 201, answer.status == 200),
            (replayed.is_none(), replayed == Some("true"))
        );
        assert_eq!(answer.body, answers[0].body);
        assert_eq!(answer.headers["etag"], answers[0].headers["etag"]);
    }
    assert_eq!(app.count().await, 1);
}

#[tokio::test]
async fn a_replay_returns_the_link_in_its_current_state_and_a_different_body_is_refused() {
    let app = TestApp::start().await;
    let idempotent = Call::new("create-idempotent");
    let made = idempotent.send(&app).await;
    let slug = made.body["id"].as_str().unwrap();
    assert_eq!(slug.len(), 10);
    let edited = Call::new("update").slug(slug).send(&app).await;
    assert_eq!(edited.status, 200, "{}", edited.text);

    let replay = idempotent.send(&app).await;
    assert_eq!((replay.status, replay.headers["idempotency-replayed"].as_str()), (200, "true"));
    assert_eq!(replay.body, edited.body);

    let other = idempotent.clone().url("https://example.com/other").send(&app).await;
    other.is_problem(422, "idempotency_key_reused");
    let spaced = idempotent.event["body"].as_str().unwrap().replace(": ", ":");
    idempotent.clone().body(&spaced).send(&app).await.is_problem(422, "idempotency_key_reused");

    Call::new("delete").slug(slug).send(&app).await;
    let again = idempotent.send(&app).await;
    assert_eq!((again.status, again.body["id"].as_str()), (201, Some(slug)));
    assert_eq!(again.body["version"], 1);
}

#[tokio::test]
async fn a_key_belongs_to_one_user_and_organization() {
    let app = TestApp::start().await;
    let call = Call::new("create-idempotent");
    for (user, org) in [("member", ACME), ("colleague", ACME), ("colleague", crate::support::GLOBEX)] {
        assert_eq!(call.clone().by(user).org(org).send(&app).await.status, 201, "{user} {org}");
    }
    assert_eq!(call.clone().header("idempotency-key", "another").send(&app).await.status, 201);
    assert_eq!(app.count().await, 4);
}

#[tokio::test]
async fn an_idempotent_create_of_a_chosen_slug_is_recognized_whatever_is_sent_with_its_key() {
    let app = TestApp::start().await;
    let call = Call::new("create-chosen").header("idempotency-key", "key");
    let made = call.send(&app).await;
    assert_eq!(made.status, 201);
    let replay = call.send(&app).await;
    assert_eq!((replay.status, &replay.body), (200, &made.body));
    call.clone().by("colleague").send(&app).await.is_problem(409, "slug_taken");
    Call::new("create-chosen").send(&app).await.is_problem(409, "slug_taken");
    let other = made.body["url"].as_str().unwrap().replace("launch", "other");
    for body in [
        json!({ "id": "launch", "url": other }),
        json!({ "id": "another", "url": other }),
        json!({ "id": "another", "url": made.body["url"] }),
        json!({ "url": other }),
    ] {
        let answer = call.clone().body(&body.to_string()).send(&app).await;
        answer.is_problem(422, "idempotency_key_reused");
    }
    assert_eq!((app.count().await, app.keys().await.len()), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_concurrent_creates_with_one_key_and_two_chosen_slugs_one_succeeds() {
    let app = Arc::new(TestApp::start().await);
    let call = |number: usize| {
        let slug = if number.is_multiple_of(2) { "one" } else { "two" };
        create("key", &json!({ "url": "https://example.com/", "id": slug }))
    };
    let runners = (0..20).map(|number| {
        let (call, app) = (call(number), Arc::clone(&app));
        tokio::spawn(async move { call.send(&app).await.status })
    });
    let mut statuses = Vec::new();
    for runner in runners.collect::<Vec<_>>() {
        statuses.push(runner.await.unwrap());
    }
    let count = |status| statuses.iter().filter(|one| **one == status).count();
    assert_eq!((count(201), count(200), count(422)), (1, 9, 10), "{statuses:?}");
    assert_eq!((app.count().await, app.keys().await.len()), (1, 1));
}

#[tokio::test]
async fn a_replay_takes_precedence_over_every_rule_that_depends_on_time_or_settings() {
    let app = TestApp::start().await;
    let now = Timestamp::now();
    let at = |minutes: i64| Timestamp::try_from(now.millis() + minutes * 60_000).unwrap();
    let expires_at = at(10).whole_second().to_string();
    let expiring = json!({ "url": "https://example.com/", "expires_at": expires_at });
    let chosen = json!({ "url": "https://example.com/", "id": "chosen", "expires_at": expires_at });
    for (key, body) in [("drawn", expiring), ("chosen", chosen)] {
        let made = create(key, &body).send_at(&app, at(0)).await;
        assert_eq!(made.status, 201, "{}", made.text);
        is_replay_of(&create(key, &body).send_at(&app, at(20)).await, &made);
        // A different request with the same key is validated like any other request.
        let mut other = body.clone();
        other["title"] = "Two".into();
        let other = create(key, &other).send_at(&app, at(20)).await;
        assert_eq!(
            other.is_problem(422, "validation_failed").faults(),
            [("/expires_at", "not_in_the_future")]
        );
        create("new", &body).send_at(&app, at(20)).await.is_problem(422, "validation_failed");
    }
    let private = json!({ "url": "http://10.0.0.1/wiki" });
    let own = json!({ "url": "https://go.example.com/wiki" });
    let reserved = json!({ "url": "https://example.com/", "id": "docs" });
    let before = app.another_instance(&[("ALLOW_PRIVATE_TARGETS", "true")]);
    let after = app.another_instance(&[("SHORT_BASE_URL", "https://go.example.com"), ("ROOT_ORG", ACME)]);
    for body in [private, own, reserved] {
        let (call, fresh) = (create(&body.to_string().replace(' ', ""), &body), create("fresh", &body));
        let made = call.send_to(&before, now).await;
        assert_eq!(made.status, 201, "{}", made.text);
        let replay = call.send_to(&after, now).await;
        assert_eq!((replay.status, &replay.body["id"]), (200, &made.body["id"]), "{}", replay.text);
        fresh.send_to(&after, now).await.is_problem(422, "validation_failed");
    }
}

/// Returns the call with a token of acme's member. The token is valid for one minute, starting at `now`.
fn by_member_at(call: Call, now: Timestamp) -> Call {
    let token = signed("member", |claims| {
        claims["iat"] = now.seconds().into();
        claims["exp"] = (now.seconds() + 60).into();
    });
    call.header("authorization", &format!("Bearer {token}"))
}

#[tokio::test]
async fn a_key_is_reserved_for_a_day_and_then_free_even_if_its_item_still_exists() {
    let app = TestApp::start().await;
    let now = Timestamp::now().whole_second();
    let at = |seconds: i64| Timestamp::try_from(now.millis() + seconds * 1_000).unwrap();
    let send = async |seconds: i64, body: Value| {
        by_member_at(create("key", &body), at(seconds)).send_at(&app, at(seconds)).await
    };
    let body = || json!({ "url": "https://example.com/" });
    let made = send(0, body()).await;
    assert_eq!(made.status, 201, "{}", made.text);
    is_replay_of(&send(86_399, body()).await, &made);
    send(86_399, json!({ "url": "https://example.com/2" })).await.is_problem(422, "idempotency_key_reused");
    let again = send(86_400, json!({ "url": "https://example.com/2" })).await;
    assert_eq!(again.status, 201, "{}", again.text);
    assert_ne!(again.body["id"], made.body["id"]);
    send(86_401, body()).await.is_problem(422, "idempotency_key_reused");
    let keys = app.keys().await;
    assert_eq!(keys.len(), 1);
    assert_eq!(keys[0]["ttl"].as_n().unwrap(), &(now.seconds() + 2 * 86_400).to_string());
    // If a request's body has become invalid since the first attempt, a retry still succeeds, but only while the key is
    // reserved.
    let expiring = json!({ "url": "https://example.com/", "expires_at": at(3_600).to_string() });
    let call = |seconds| by_member_at(create("other", &expiring), at(seconds));
    assert_eq!(call(0).send_at(&app, at(0)).await.status, 201);
    assert_eq!(call(86_399).send_at(&app, at(86_399)).await.status, 200);
    call(86_400).send_at(&app, at(86_400)).await.is_problem(422, "validation_failed");
}

#[tokio::test]
async fn the_key_of_a_deleted_link_can_be_reused_even_if_another_link_has_its_slug() {
    for taken_again in [false, true] {
        let app = TestApp::start().await;
        let first = json!({ "url": "https://example.com/", "id": "first" });
        assert_eq!(create("key", &first).send(&app).await.status, 201);
        assert_eq!(Call::new("delete").slug("first").send(&app).await.status, 200);
        if taken_again {
            assert_eq!(Call::new("create").body(&first.to_string()).send(&app).await.status, 201);
            create("key", &first).send(&app).await.is_problem(409, "slug_taken");
        }
        let second = json!({ "url": "https://example.com/2", "id": "second" });
        let made = create("key", &second).send(&app).await;
        assert_eq!(made.status, 201, "{}", made.text);
        is_replay_of(&create("key", &second).send(&app).await, &made);
        create("key", &first).send(&app).await.is_problem(422, "idempotency_key_reused");
        assert_eq!((app.count().await, app.keys().await.len()), (1 + usize::from(taken_again), 1));
    }
}

#[tokio::test]
async fn no_route_shows_the_item_of_a_key() {
    let app = TestApp::start().await;
    let made = Call::new("create-idempotent").send(&app).await;
    let slug = made.body["id"].as_str().unwrap();
    let keys = app.keys().await;
    let [key] = keys.as_slice() else { panic!("{keys:?}") };
    for query in ["", "limit=1", "creator=me", "include=clicks"] {
        let listed = Call::new("list").query(query).send(&app).await;
        assert_eq!(crate::support::lists::slugs(&listed), [slug], "{query}");
        assert_eq!(listed.body["next_cursor"], json!(null));
    }
    let id = key["id"].as_s().unwrap().as_str();
    for name in ["read", "read-qr", "redirect", "open", "stats", "update", "delete"] {
        for slug in [id, &id.replace('@', "%40"), &id.replace('#', "%23"), "@key#"] {
            Call::new(name).by("owner").slug(slug).send(&app).await.is_problem(404, "not_found");
        }
    }
    assert_eq!(app.keys().await, keys);
    // The item reveals neither the key, nor its user, nor the body.
    let names: std::collections::BTreeSet<&str> = key.keys().map(String::as_str).collect();
    let expected = ["birth", "id", "org_id", "request_hash", "slug", "ttl"];
    assert_eq!(names.into_iter().collect::<Vec<_>>(), expected);
    assert_eq!(key["birth"].as_s().unwrap(), made.body["birth"].as_str().unwrap());
}

#[tokio::test]
async fn a_create_without_a_key_writes_no_key() {
    let app = TestApp::start().await;
    assert_eq!(Call::new("create").send(&app).await.status, 201);
    assert_eq!((app.count().await, app.keys().await.len()), (1, 0));
}

fn hash(text: &str) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(digest(&SHA256, text.as_bytes()))
}

/// Puts a link into the table as if it had been created with a key before keys had items of their own.
async fn put_keyed(app: &TestApp, scope: &str, slug: &str, body: &str) {
    let text = |value: &str| Some(AttributeValue::S(value.to_owned()));
    let newest = format!("001795383720000#{slug}");
    let (key, body) = (hash(scope), hash(body));
    let keyed = [("id", text(slug)), ("newest", text(&newest)), ("request_key", text(&key))];
    let keyed: Vec<_> = keyed.into_iter().chain([("request_hash", text(&body))]).collect();
    app.put(&keyed).await;
}

#[tokio::test]
async fn a_create_that_is_retried_across_the_update_to_key_items_makes_no_second_link() {
    let scope = format!("{ACME}\0{}\0key", User::named("member").unwrap().id);
    let slugs = [0, 1].map(|number| {
        let hash = digest(&SHA256, format!("{scope}\0{number}").as_bytes());
        Slug::derived(hash.as_ref().try_into().unwrap()).to_string()
    });
    let body = json!({ "url": "https://example.com/kept" });
    let chosen = json!({ "url": "https://example.com/kept", "id": "chosen" });
    // Three cases: the link has the first generated slug; another link has that slug, so the link has the second
    // generated one; or the link has a chosen slug.
    for (slug, body, first_is_taken) in
        [(slugs[0].as_str(), &body, false), (&slugs[1], &body, true), ("chosen", &chosen, false)]
    {
        let app = TestApp::start().await;
        if first_is_taken {
            put_keyed(&app, "another", &slugs[0], "another").await;
        }
        put_keyed(&app, &scope, slug, &body.to_string()).await;
        let links = app.count().await;
        let replay = create("key", body).send(&app).await;
        assert_eq!((replay.status, &replay.body["id"]), (200, &json!(slug)), "{}", replay.text);
        assert_eq!(replay.headers["etag"], "\"1795383720000-1\"");
        let mut other = body.clone();
        other["title"] = "Two".into();
        create("key", &other).send(&app).await.is_problem(422, "idempotency_key_reused");
        assert_eq!((app.count().await, app.keys().await.len()), (links, 0));
        // The key still works after an edit of the link.
        assert_eq!(Call::new("update").slug(slug).send(&app).await.status, 200);
        assert_eq!(create("key", body).send(&app).await.body["version"], 2);
    }
}

#[tokio::test]
async fn a_derived_slug_of_another_link_is_skipped() {
    let app = TestApp::start().await;
    let call = Call::new("create-idempotent");
    let first = call.send(&app).await.body["id"].as_str().unwrap().to_owned();
    // Another user's link takes the slug that would be generated from the key.
    Call::new("delete").slug(&first).send(&app).await;
    let text = |value: &str| Some(AttributeValue::S(value.to_owned()));
    app.put(&[("id", text(&first)), ("newest", text(&format!("001795383720000#{first}")))]).await;

    let made = call.send(&app).await;
    assert_eq!(made.status, 201);
    assert_ne!(made.body["id"], first.as_str());
    let replay = call.send(&app).await;
    assert_eq!((replay.status, &replay.body), (200, &made.body));
    let foreign = Call::new("redirect").slug(&first).send(&app).await;
    assert_eq!(foreign.headers["location"], "https://example.com/kept");
}

#[tokio::test]
async fn an_idempotency_key_is_1_to_255_visible_characters() {
    let app = TestApp::start().await;
    for key in ["", " ", "a b", "é", "a\u{7f}", &"k".repeat(256)] {
        let answer = Call::new("create").header("idempotency-key", key).send(&app).await;
        answer.is_problem(400, "invalid_header");
    }
    let longest = "k".repeat(255);
    assert_eq!(Call::new("create").header("idempotency-key", &longest).send(&app).await.status, 201);
}

#[tokio::test]
async fn a_retry_finds_its_link_after_a_rename_although_the_first_slug_is_free_or_another_links() {
    let app = TestApp::start().await;
    let create = |id: &str| {
        let call = Call::new("create").header("idempotency-key", "retried");
        call.body(&serde_json::json!({ "url": "https://example.com/", "id": id }).to_string())
    };
    let made = create("first").send(&app).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let rename = |slug: &str, id: &str| Call::new("update").slug(slug).body(&format!(r#"{{"id": "{id}"}}"#));
    assert_eq!(rename("first", "second").send(&app).await.status, 200);
    assert_eq!(Call::new("delete").slug("first").send(&app).await.status, 200);
    for _ in 0..2 {
        let again = create("first").send(&app).await;
        assert_eq!((again.status, &again.body["birth"]), (200, &made.body["birth"]), "{}", again.text);
        assert_eq!(again.body["id"], "second");
        create("other").send(&app).await.is_problem(422, "idempotency_key_reused");
        // Another link takes the slug `first`, which is therefore taken in the second round.
        Call::new("create").body(r#"{"url": "https://example.com/b", "id": "first"}"#).send(&app).await;
    }
    assert_eq!(app.count().await, 2);
    // Only the deletion of the link itself frees the key.
    assert_eq!(Call::new("delete").slug("second").send(&app).await.status, 200);
    assert_eq!(create("third").send(&app).await.status, 201);
}
