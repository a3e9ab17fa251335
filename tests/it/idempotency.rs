//! Creates that are sent again.

use crate::house::{ACME, Call, House};
use serde_json::json;
use std::sync::Arc;

#[tokio::test(flavor = "multi_thread")]
async fn of_fifty_creates_with_one_idempotency_key_at_once_one_makes_the_link_and_all_answer_it() {
    let house = Arc::new(House::open().await);
    let answers = Call::of("create-idempotent").race(&house, 50).await;
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
    assert_eq!(house.count().await, 1);
}

#[tokio::test]
async fn a_replay_answers_the_link_as_it_now_is_and_another_body_is_another_request() {
    let house = House::open().await;
    let idempotent = Call::of("create-idempotent");
    let made = idempotent.send(&house).await;
    let slug = made.body["id"].as_str().unwrap();
    assert_eq!(slug.len(), 10);
    let edited = Call::of("update").slug(slug).send(&house).await;
    assert_eq!(edited.status, 200, "{}", edited.text);

    let replay = idempotent.send(&house).await;
    assert_eq!((replay.status, replay.headers["idempotency-replayed"].as_str()), (200, "true"));
    assert_eq!(replay.body, edited.body);

    let other = idempotent.clone().url("https://example.com/other").send(&house).await;
    other.is_problem(422, "idempotency_key_reused");
    let spaced = idempotent.event["body"].as_str().unwrap().replace(": ", ":");
    idempotent.clone().body(&spaced).send(&house).await.is_problem(422, "idempotency_key_reused");

    Call::of("delete").slug(slug).send(&house).await;
    let again = idempotent.send(&house).await;
    assert_eq!((again.status, again.body["id"].as_str()), (201, Some(slug)));
    assert_eq!(again.body["version"], 1);
}

#[tokio::test]
async fn a_key_is_its_users_and_its_organizations_own() {
    let house = House::open().await;
    let call = Call::of("create-idempotent");
    for (user, org) in [("member", ACME), ("colleague", ACME), ("colleague", crate::house::GLOBEX)] {
        assert_eq!(call.clone().by(user).org(org).send(&house).await.status, 201, "{user} {org}");
    }
    assert_eq!(call.clone().header("idempotency-key", "another").send(&house).await.status, 201);
    assert_eq!(house.count().await, 4);
}

#[tokio::test]
async fn an_idempotent_create_of_a_chosen_slug_is_known_on_that_slug_alone() {
    let house = House::open().await;
    let call = Call::of("create-chosen").header("idempotency-key", "key");
    let made = call.send(&house).await;
    assert_eq!(made.status, 201);
    let replay = call.send(&house).await;
    assert_eq!((replay.status, &replay.body), (200, &made.body));
    call.clone().by("colleague").send(&house).await.is_problem(409, "slug_taken");
    Call::of("create-chosen").send(&house).await.is_problem(409, "slug_taken");
    let other = made.body["url"].as_str().unwrap().replace("launch", "other");
    let other = call.body(&json!({ "id": "launch", "url": other }).to_string()).send(&house).await;
    other.is_problem(422, "idempotency_key_reused");
}

#[tokio::test]
async fn a_derived_slug_that_is_another_links_is_passed_by() {
    let house = House::open().await;
    let call = Call::of("create-idempotent");
    let first = call.send(&house).await.body["id"].as_str().unwrap().to_owned();
    // Somebody else's link comes to stand where this key's would.
    Call::of("delete").slug(&first).send(&house).await;
    let text = |value: &str| Some(aws_sdk_dynamodb::types::AttributeValue::S(value.to_owned()));
    house.put(&[("id", text(&first)), ("newest", text(&format!("001795383720000#{first}")))]).await;

    let made = call.send(&house).await;
    assert_eq!(made.status, 201);
    assert_ne!(made.body["id"], first.as_str());
    let replay = call.send(&house).await;
    assert_eq!((replay.status, &replay.body), (200, &made.body));
    let foreign = Call::of("redirect").slug(&first).send(&house).await;
    assert_eq!(foreign.headers["location"], "https://example.com/kept");
}

#[tokio::test]
async fn an_idempotency_key_is_1_to_255_visible_characters() {
    let house = House::open().await;
    for key in ["", " ", "a b", "é", "a\u{7f}", &"k".repeat(256)] {
        let answer = Call::of("create").header("idempotency-key", key).send(&house).await;
        answer.is_problem(400, "invalid_header");
    }
    let longest = "k".repeat(255);
    assert_eq!(Call::of("create").header("idempotency-key", &longest).send(&house).await.status, 201);
}
