use crate::house::{ACME, Call, DOMAIN, House};
use local::users::User;
use serde_json::json;
use shared::model::Timestamp;
use std::collections::HashSet;
use std::sync::Arc;

#[tokio::test]
async fn a_member_creates_a_link_and_gets_all_sixteen_fields() {
    let house = House::open().await;
    let now = Timestamp::try_from(1_795_383_720_123).unwrap();
    let token = crate::house::signed("member", |claims| {
        claims["iat"] = now.seconds().into();
        claims["exp"] = (now.seconds() + 60).into();
    });
    let created =
        Call::of("create").header("authorization", &format!("Bearer {token}")).send_at(&house, now).await;

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
    let house = House::open().await;
    let created = Call::of("create-chosen").send(&house).await;
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
    assert_eq!(Call::of("read").slug("launch").send(&house).await.body, created.body);
    assert_eq!(Call::of("list").send(&house).await.body["data"][0], created.body);
}

#[tokio::test]
async fn an_expired_link_has_a_ttl_thirty_days_after_its_expiry() {
    let house = House::open().await;
    Call::of("create-chosen").send(&house).await;
    let item = house.client.scan().table_name("links").send().await.unwrap().items()[0].clone();
    assert_eq!(item["expires_at"].as_n().unwrap(), "1896130799");
    assert_eq!(item["ttl"].as_n().unwrap(), "1898722799");
}

#[tokio::test]
async fn a_null_field_counts_as_absent_if_it_is_nullable() {
    let house = House::open().await;
    let body = json!({ "url": "https://example.com/", "title": null, "tags": null, "expires_at": null });
    let created = house.link(body).await;
    assert_eq!((&created.body["title"], &created.body["tags"]), (&json!(null), &json!([])));
    assert_eq!(created.body["expires_at"], json!(null));
}

#[tokio::test]
async fn tags_are_sorted_and_without_duplicates() {
    let house = House::open().await;
    let created =
        house.link(json!({ "url": "https://example.com/", "tags": ["b", "A", "a", "B", "_-9"] })).await;
    assert_eq!(created.body["tags"], json!(["_-9", "a", "b"]));
}

#[tokio::test]
async fn each_invalid_field_is_named() {
    let house = House::open().await;
    let eleven: Vec<String> = (0..11).map(|number| format!("tag{number}")).collect();
    let long = "x".repeat(201);
    let cases = [
        (json!({ "id": "a/b" }), ("/id", "invalid_slug")),
        (json!({ "id": "-a" }), ("/id", "invalid_slug")),
        (json!({ "id": "a".repeat(65) }), ("/id", "invalid_slug")),
        (json!({ "id": "LINK" }), ("/id", "reserved_slug")),
        (json!({ "id": null }), ("/id", "wrong_type")),
        (json!({ "title": "" }), ("/title", "invalid_title")),
        (json!({ "title": long }), ("/title", "invalid_title")),
        (json!({ "title": "a\u{7}b" }), ("/title", "invalid_title")),
        (json!({ "title": 7 }), ("/title", "wrong_type")),
        (json!({ "tags": eleven }), ("/tags", "too_many")),
        (json!({ "tags": "spring" }), ("/tags", "wrong_type")),
        (json!({ "tags": ["ok", "not ok"] }), ("/tags/1", "invalid_tag")),
        (json!({ "tags": ["ok", null] }), ("/tags/1", "wrong_type")),
        (json!({ "tags": ["x".repeat(33)] }), ("/tags/0", "invalid_tag")),
        (json!({ "tags": [""] }), ("/tags/0", "invalid_tag")),
        (json!({ "access": "private" }), ("/access", "invalid_access")),
        (json!({ "access": null }), ("/access", "wrong_type")),
        (json!({ "enabled": "true" }), ("/enabled", "wrong_type")),
        (json!({ "enabled": null }), ("/enabled", "wrong_type")),
        (json!({ "expires_at": "tomorrow" }), ("/expires_at", "invalid_time")),
        (json!({ "expires_at": 1_896_130_799 }), ("/expires_at", "wrong_type")),
        (json!({ "expires_at": "2001-01-01T00:00:00Z" }), ("/expires_at", "not_in_the_future")),
        (json!({ "creator_user_id": "me" }), ("/creator_user_id", "unknown_field")),
        (json!({ "created_at": "2030-01-01T00:00:00Z" }), ("/created_at", "unknown_field")),
        (json!({ "birth": "V1StGXR8_Z5jdHi6" }), ("/birth", "unknown_field")),
    ];
    for (mut body, fault) in cases {
        body["url"] = "https://example.com/".into();
        let answer = Call::of("create").body(&body.to_string()).send(&house).await;
        assert_eq!(answer.is_problem(422, "validation_failed").faults(), [fault], "{body}");
    }
    let all =
        json!({ "id": "", "title": "", "tags": ["", "a", ""], "access": "", "enabled": 1, "expires_at": "" });
    let answer = Call::of("create").body(&all.to_string()).send(&house).await;
    let mut places: Vec<&str> = answer.faults().iter().map(|(place, _)| *place).collect();
    places.sort_unstable();
    assert_eq!(places, ["/access", "/enabled", "/expires_at", "/id", "/tags/0", "/tags/2", "/title", "/url"]);
    assert_eq!(house.count().await, 0);
}

#[tokio::test]
async fn an_expiry_is_in_the_future_once_its_fraction_is_cut() {
    let house = House::open().await;
    let now = Timestamp::now().whole_second();
    let at = |millis: i64| Timestamp::try_from(now.millis() + millis).unwrap();
    let expiring = |time: Timestamp| {
        Call::of("create")
            .body(&json!({ "url": "https://example.com/", "expires_at": time.to_string() }).to_string())
    };
    let answer = expiring(at(999)).send_at(&house, at(0)).await;
    assert_eq!(answer.is_problem(422, "validation_failed").faults(), [("/expires_at", "not_in_the_future")]);
    assert_eq!(expiring(at(1999)).send_at(&house, at(999)).await.body["expires_at"], at(1000).to_string());
}

#[tokio::test]
async fn a_chosen_slug_that_is_taken_is_a_conflict_and_nothing_is_overwritten() {
    let house = House::open().await;
    let first = Call::of("create-chosen").send(&house).await;
    let second = Call::of("create-chosen").by("admin").send(&house).await;
    second.is_problem(409, "slug_taken");
    assert_eq!(Call::of("read").slug("launch").send(&house).await.body, first.body);
    assert_eq!(
        Call::of("create-chosen").by("outsider").org(crate::house::GLOBEX).send(&house).await.status,
        201
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn of_fifty_concurrent_creates_of_one_slug_one_succeeds() {
    let house = Arc::new(House::open().await);
    let answers = Call::of("create-chosen").race(&house, 50).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 1);
    for answer in answers.iter().filter(|answer| answer.status != 201) {
        answer.is_problem(409, "slug_taken");
    }
    assert_eq!(house.count().await, 1);
}

#[tokio::test]
async fn drawn_slugs_have_the_configured_length_and_only_characters_that_cannot_be_misread() {
    for (length, overrides) in [(8, vec![]), (32, vec![("SLUG_LENGTH", "32")])] {
        let house = House::with(&overrides).await;
        let slug = house.link_by("member").await;
        assert_eq!(slug.len(), length);
        assert!(
            slug.chars().all(|character| "23456789abcdefghjkmnpqrstuvwxyz".contains(character)),
            "{slug}"
        );
    }
}

#[tokio::test]
async fn short_urls_begin_with_the_configured_base() {
    let house = House::with(&[("SHORT_BASE_URL", "https://go.example.com/")]).await;
    let created = Call::of("create").send(&house).await;
    let slug = created.body["id"].as_str().unwrap();
    assert_eq!(created.body["short_url"], format!("https://go.example.com/{ACME}/{slug}"));
}

#[tokio::test]
async fn json_media_types_and_base64_bodies_are_accepted() {
    let house = House::open().await;
    for call in [
        Call::of("create-base64"),
        Call::of("create").header("content-type", "application/json; charset=utf-8"),
        Call::of("create").header("content-type", "Application/JSON;charset=\"UTF-8\""),
    ] {
        assert_eq!(call.send(&house).await.status, 201);
    }
}

#[tokio::test]
async fn a_url_is_stored_as_the_url_standard_serializes_it() {
    let house = House::open().await;
    let created = Call::of("create").url("HTTP://Bücher.example:80/a/../ü?q=ä b#ö").send(&house).await;
    assert_eq!(created.body["url"], "http://xn--bcher-kva.example/%C3%BC?q=%C3%A4%20b#%C3%B6");
}

#[tokio::test]
async fn a_body_that_is_not_json_is_malformed_and_stores_nothing() {
    let house = House::open().await;
    let deep = "[".repeat(10_000);
    let bodies = [
        "",
        "url=https://example.com",
        "{",
        r#"{"url": NaN}"#,
        r#"{"url": "\ud800"}"#,
        r#"{"url": "a"} x"#,
        r#"{"url": "https://example.com", "url": "https://example.com"}"#,
        r#"{"url": 1e999}"#,
        &deep,
        "{'url': 1}",
    ];
    for body in bodies {
        Call::of("create").body(body).send(&house).await.is_problem(400, "malformed_body");
    }
    let mut not_utf_8 = Call::of("create");
    not_utf_8.event["isBase64Encoded"] = true.into();
    for body in ["/////w==", "not base64"] {
        not_utf_8.clone().body(body).send(&house).await.is_problem(400, "malformed_body");
    }
    assert_eq!(house.count().await, 0);
}

#[tokio::test]
async fn an_invalid_body_gets_all_its_faults_at_once() {
    let house = House::open().await;
    let invalid = Call::of("create-invalid").send(&house).await;
    invalid.is_problem(422, "validation_failed");
    assert_eq!(invalid.faults(), [("/url", "unsupported_scheme"), ("/colour", "unknown_field")]);

    let cases = [
        ("[]", ("", "wrong_type")),
        ("null", ("", "wrong_type")),
        ("{}", ("/url", "missing")),
        (r#"{"url": null}"#, ("/url", "wrong_type")),
        (r#"{"url": ["https://example.com"]}"#, ("/url", "wrong_type")),
        (r#"{"url": 7}"#, ("/url", "wrong_type")),
        (r#"{"url": "https://example.com", "a/b~c": 1}"#, ("/a~1b~0c", "unknown_field")),
        (r#"{"url": "data:text/html,x"}"#, ("/url", "unsupported_scheme")),
        (r#"{"url": "https://me:secret@example.com"}"#, ("/url", "credentials_in_url")),
        (r#"{"url": "https://example.com/\u0000"}"#, ("/url", "control_character")),
        (r#"{"url": "http://0x7f.1/"}"#, ("/url", "private_address")),
        (r#"{"url": "http://[::ffff:127.0.0.1]/"}"#, ("/url", "private_address")),
    ];
    for (body, fault) in cases {
        let answer = Call::of("create").body(body).send(&house).await;
        answer.is_problem(422, "validation_failed");
        assert_eq!(answer.faults(), [fault], "{body}");
    }
    assert_eq!(house.count().await, 0);
}

#[tokio::test]
async fn at_most_a_hundred_faults_are_reported() {
    let house = House::open().await;
    let body: serde_json::Map<_, _> = (0..500).map(|number| (format!("field{number}"), json!(1))).collect();
    let answer = Call::of("create").body(&serde_json::Value::from(body).to_string()).send(&house).await;
    assert_eq!(answer.is_problem(422, "validation_failed").faults().len(), 100);
}

#[tokio::test]
async fn a_problem_never_repeats_what_was_sent() {
    let house = House::open().await;
    let answer = Call::of("create").url("https://me:hunter2@example.com/").send(&house).await;
    assert!(!answer.text.contains("hunter2"));
}

#[tokio::test]
async fn a_link_does_not_lead_to_this_deployment() {
    let house = House::with(&[("SHORT_BASE_URL", "https://go.example.com")]).await;
    for url in
        ["https://go.example.com/acme/a", "http://GO.example.com.:8080", &format!("https://{DOMAIN}/acme/a")]
    {
        let answer = Call::of("create").url(url).send(&house).await;
        assert_eq!(answer.is_problem(422, "validation_failed").faults(), [("/url", "loop")], "{url}");
    }
}

#[tokio::test]
async fn links_lead_to_private_addresses_where_the_operator_allows_it() {
    let house = House::with(&[("ALLOW_PRIVATE_TARGETS", "true")]).await;
    assert_eq!(Call::of("create").url("http://10.0.0.1/wiki").send(&house).await.status, 201);
}

#[tokio::test]
async fn a_body_of_16384_bytes_is_read_and_one_more_is_too_large() {
    let house = House::open().await;
    let body = |length: usize| {
        let frame = r#"{"url":"https://example.com"}"#;
        format!("{}{frame}", " ".repeat(length - frame.len()))
    };
    assert_eq!(Call::of("create").body(&body(16_384)).send(&house).await.status, 201);
    Call::of("create").body(&body(16_385)).send(&house).await.is_problem(413, "payload_too_large");

    use base64::prelude::{BASE64_STANDARD, Engine};
    let mut encoded = Call::of("create");
    encoded.event["isBase64Encoded"] = true.into();
    let sized = |length| BASE64_STANDARD.encode(body(length));
    assert_eq!(encoded.clone().body(&sized(16_384)).send(&house).await.status, 201);
    encoded.body(&sized(16_385)).send(&house).await.is_problem(413, "payload_too_large");
}

#[tokio::test]
async fn a_body_with_another_content_type_is_not_read() {
    let house = House::open().await;
    for content_type in
        ["text/plain", "application/x-www-form-urlencoded", "application/json; charset=utf-16", "text/csv"]
    {
        let call = Call::of("create").header("content-type", content_type);
        call.send(&house).await.is_problem(415, "unsupported_media_type");
    }
    let mut none = Call::of("create").body("url=https://example.com/");
    none.event["headers"].as_object_mut().unwrap().remove("content-type");
    none.send(&house).await.is_problem(415, "unsupported_media_type");
}

#[tokio::test]
async fn the_caller_is_checked_before_the_body() {
    let house = House::open().await;
    let broken = || Call::of("create-not-json");
    broken().anonymous().send(&house).await.is_problem(401, "unauthenticated");
    broken().by("outsider").send(&house).await.is_problem(403, "forbidden");
    let broken = || broken().header("idempotency-key", "é");
    let large = broken().header("content-type", "text/plain").body(&" ".repeat(20_000));
    large.send(&house).await.is_problem(415, "unsupported_media_type");
    broken().body(&" ".repeat(20_000)).send(&house).await.is_problem(413, "payload_too_large");
    broken().send(&house).await.is_problem(400, "malformed_body");
    let keyed = Call::of("create").header("idempotency-key", "key").header("content-type", "text/plain");
    keyed.body(&" ".repeat(20_000)).send(&house).await.is_problem(415, "unsupported_media_type");
    let edit = Call::of("update").header("if-match", "none").header("content-type", "text/plain");
    edit.send(&house).await.is_problem(415, "unsupported_media_type");
}

/// Creates links one after the other until `wanted` are acknowledged. A busy store is a 503, which the client retries as
/// `Retry-After` says; that link may or may not exist.
async fn make(house: Arc<House>, wanted: usize) -> (Vec<String>, usize) {
    let (mut made, mut busy) = (Vec::new(), 0);
    while made.len() < wanted {
        let answer = Call::of("create").send(&house).await;
        match answer.status {
            503 if busy < 50 => busy += 1,
            _ => made.push(answer.body["id"].as_str().unwrap().to_owned()),
        }
    }
    (made, busy)
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_creates_sixteen_at_a_time_are_two_hundred_links_each_listed_once() {
    let house = Arc::new(House::open().await);
    let makers: Vec<_> = (0..16)
        .map(|maker| tokio::spawn(make(Arc::clone(&house), (maker..200).step_by(16).count())))
        .collect();
    // While links are added, no list has a duplicate, and each stays in order.
    for _ in 0..5 {
        crate::list::walk(&house, 7).await;
    }
    let (mut made, mut busy) = (HashSet::new(), 0);
    for maker in makers {
        let (links, unanswered) = maker.await.unwrap();
        made.extend(links);
        busy += unanswered;
    }
    assert_eq!(made.len(), 200);
    let listed: HashSet<String> = crate::list::walk(&house, 7).await.into_iter().collect();
    assert!(listed.is_superset(&made));
    assert!(listed.len() <= 200 + busy, "{} listed, {busy} unanswered", listed.len());
}
