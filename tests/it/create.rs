//! Creating links: the fields, slugs and destinations of new links.

mod body;

use crate::support::{ACME, Call, DOMAIN, TestApp};
use local::users::User;
use serde_json::json;
use shared::model::Timestamp;
use std::collections::HashSet;
use std::sync::Arc;

#[tokio::test]
async fn a_member_creates_a_link_and_gets_all_seventeen_fields() {
    let app = TestApp::start().await;
    let now = Timestamp::try_from(1_795_383_720_123).unwrap();
    let token = crate::support::signed("member", |claims| {
        claims["iat"] = now.seconds().into();
        claims["exp"] = (now.seconds() + 60).into();
    });
    let created =
        Call::new("create").header("authorization", &format!("Bearer {token}")).send_at(&app, now).await;

    assert_eq!(created.status, 201);
    let [id, birth] = ["id", "birth"].map(|name| created.body[name].as_str().unwrap());
    assert_eq!(birth.len(), 16);
    assert_eq!(
        created.body,
        json!({
            "org_id": ACME,
            "id": id,
            "birth": birth,
            "short_url": format!("https://{DOMAIN}/{ACME}/{id}"),
            "url": "https://example.com/a/very/long/page?from=the#beginning",
            "title": null,
            "tags": [],
            "access": "public",
            "forward": "none",
            "enabled": true,
            "expires_at": null,
            "creator_user_id": User::named("member").unwrap().id,
            "creator_name": "Maya Rao",
            "created_at": "2026-11-22T21:42:00.123Z",
            "updated_at": "2026-11-22T21:42:00.123Z",
            "version": 1,
            "aliases": [],
        })
    );
    assert_eq!(created.headers["location"], format!("/{ACME}/link/{id}"));
    assert_eq!(created.headers["etag"], format!("\"{birth}-1\""));
    assert_eq!(created.headers["content-type"], "application/json");
    assert_eq!(created.headers["cache-control"], "no-store");
}

#[tokio::test]
async fn all_fields_that_a_creator_sets_are_stored_in_canonical_form() {
    let app = TestApp::start().await;
    let created = Call::new("create-chosen").send(&app).await;
    assert_eq!(created.status, 201, "{}", created.text);
    assert_eq!(created.headers["location"], format!("/{ACME}/link/launch"));
    let expected = json!({
        "id": "launch",
        "short_url": format!("https://{DOMAIN}/{ACME}/launch"),
        "url": "https://example.com/launch",
        "title": "The launch",
        "tags": ["spring", "team-a"],
        "access": "members",
        "enabled": false,
        "expires_at": "2030-01-31T22:59:59.000Z",
    });
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(&created.body[name], value, "{name}");
    }
    assert_eq!(Call::new("read").slug("launch").send(&app).await.body, created.body);
    assert_eq!(Call::new("list").send(&app).await.body["data"][0], created.body);
}

#[tokio::test]
async fn an_expired_link_has_a_ttl_thirty_days_after_its_expiry() {
    let app = TestApp::start().await;
    Call::new("create-chosen").send(&app).await;
    let item = app.client.scan().table_name("links").send().await.unwrap().items()[0].clone();
    assert_eq!(item["expires_at"].as_n().unwrap(), "1896130799");
    assert_eq!(item["ttl"].as_n().unwrap(), "1898722799");
}

#[tokio::test]
async fn a_null_field_counts_as_absent_if_it_is_nullable() {
    let app = TestApp::start().await;
    let body = json!({ "url": "https://example.com/", "title": null, "tags": null, "expires_at": null });
    let created = app.link(body).await;
    assert_eq!((&created.body["title"], &created.body["tags"]), (&json!(null), &json!([])));
    assert_eq!(created.body["expires_at"], json!(null));
}

#[tokio::test]
async fn tags_are_sorted_and_without_duplicates() {
    let app = TestApp::start().await;
    let created =
        app.link(json!({ "url": "https://example.com/", "tags": ["b", "A", "a", "B", "_-9"] })).await;
    assert_eq!(created.body["tags"], json!(["_-9", "a", "b"]));
}

#[tokio::test]
async fn an_expiry_is_in_the_future_once_its_fraction_is_cut() {
    let app = TestApp::start().await;
    let now = Timestamp::now().whole_second();
    let at = |millis: i64| Timestamp::try_from(now.millis() + millis).unwrap();
    let expiring = |time: Timestamp| {
        Call::new("create")
            .body(&json!({ "url": "https://example.com/", "expires_at": time.to_string() }).to_string())
    };
    let answer = expiring(at(999)).send_at(&app, at(0)).await;
    assert_eq!(answer.is_problem(422, "validation_failed").faults(), [("/expires_at", "not_in_the_future")]);
    assert_eq!(expiring(at(1999)).send_at(&app, at(999)).await.body["expires_at"], at(1000).to_string());
}

#[tokio::test]
async fn a_chosen_slug_that_is_taken_is_a_conflict_and_nothing_is_overwritten() {
    let app = TestApp::start().await;
    let first = Call::new("create-chosen").send(&app).await;
    let second = Call::new("create-chosen").by("admin").send(&app).await;
    second.is_problem(409, "slug_taken");
    assert_eq!(Call::new("read").slug("launch").send(&app).await.body, first.body);
    assert_eq!(
        Call::new("create-chosen").by("outsider").org(crate::support::GLOBEX).send(&app).await.status,
        201
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn of_fifty_concurrent_creates_of_one_slug_one_succeeds() {
    let app = Arc::new(TestApp::start().await);
    let answers = Call::new("create-chosen").race(&app, 50).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 1);
    for answer in answers.iter().filter(|answer| answer.status != 201) {
        answer.is_problem(409, "slug_taken");
    }
    assert_eq!(app.count().await, 1);
}

#[tokio::test]
async fn drawn_slugs_have_the_configured_length_and_only_characters_that_cannot_be_misread() {
    for (length, overrides) in [(8, vec![]), (32, vec![("SLUG_LENGTH", "32")])] {
        let app = TestApp::with_settings(&overrides).await;
        let slug = app.link_by("member").await;
        assert_eq!(slug.len(), length);
        assert!(
            slug.chars().all(|character| "23456789abcdefghjkmnpqrstuvwxyz".contains(character)),
            "{slug}"
        );
    }
}

#[tokio::test]
async fn short_urls_begin_with_the_configured_base() {
    let app = TestApp::with_settings(&[("SHORT_BASE_URL", "https://go.example.com/")]).await;
    let created = Call::new("create").send(&app).await;
    let slug = created.body["id"].as_str().unwrap();
    assert_eq!(created.body["short_url"], format!("https://go.example.com/{ACME}/{slug}"));
}

#[tokio::test]
async fn a_url_is_stored_as_the_url_standard_serializes_it() {
    let app = TestApp::start().await;
    let created = Call::new("create").url("HTTP://Bücher.example:80/a/../ü?q=ä b#ö").send(&app).await;
    assert_eq!(created.body["url"], "http://xn--bcher-kva.example/%C3%BC?q=%C3%A4%20b#%C3%B6");
}

#[tokio::test]
async fn a_link_does_not_lead_to_this_deployment() {
    let app = TestApp::with_settings(&[("SHORT_BASE_URL", "https://go.example.com")]).await;
    for url in
        ["https://go.example.com/acme/a", "http://GO.example.com.:8080", &format!("https://{DOMAIN}/acme/a")]
    {
        let answer = Call::new("create").url(url).send(&app).await;
        assert_eq!(answer.is_problem(422, "validation_failed").faults(), [("/url", "loop")], "{url}");
    }
}

#[tokio::test]
async fn links_lead_to_private_addresses_where_the_operator_allows_it() {
    let app = TestApp::with_settings(&[("ALLOW_PRIVATE_TARGETS", "true")]).await;
    assert_eq!(Call::new("create").url("http://10.0.0.1/wiki").send(&app).await.status, 201);
}

/// Creates links one after the other until `wanted` of them are acknowledged. If the store is busy, the response is
/// 503, and the client retries after the time in `Retry-After`. The link of the failed request may or may not exist.
async fn make(app: Arc<TestApp>, wanted: usize) -> (Vec<String>, usize) {
    let (mut made, mut busy) = (Vec::new(), 0);
    while made.len() < wanted {
        let answer = Call::new("create").send(&app).await;
        match answer.status {
            503 if busy < 50 => busy += 1,
            _ => made.push(answer.body["id"].as_str().unwrap().to_owned()),
        }
    }
    (made, busy)
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_creates_sixteen_at_a_time_are_two_hundred_links_each_listed_once() {
    let app = Arc::new(TestApp::start().await);
    let makers: Vec<_> =
        (0..16).map(|maker| tokio::spawn(make(Arc::clone(&app), (maker..200).step_by(16).count()))).collect();
    // While links are being added, no list contains a duplicate, and every list is in order.
    for _ in 0..5 {
        crate::support::lists::walk(&app, 7).await;
    }
    let (mut made, mut busy) = (HashSet::new(), 0);
    for maker in makers {
        let (links, unanswered) = maker.await.unwrap();
        made.extend(links);
        busy += unanswered;
    }
    assert_eq!(made.len(), 200);
    let listed: HashSet<String> = crate::support::lists::walk(&app, 7).await.into_iter().collect();
    assert!(listed.is_superset(&made));
    assert!(listed.len() <= 200 + busy, "{} listed, {busy} unanswered", listed.len());
}
