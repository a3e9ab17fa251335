use crate::house::{ACME, Call, DOMAIN, House};
use local::users::User;
use serde_json::json;
use shared::model::Timestamp;
use std::collections::HashSet;
use std::sync::Arc;

#[tokio::test]
async fn a_member_makes_a_link_and_gets_all_thirteen_fields() {
    let house = House::open().await;
    let now = Timestamp::try_from(1_795_383_720_123).unwrap();
    let token = crate::house::signed("member", |claims| {
        claims["iat"] = now.seconds().into();
        claims["exp"] = (now.seconds() + 60).into();
    });
    let created =
        Call::of("create").header("authorization", &format!("Bearer {token}")).send_at(&house, now).await;

    assert_eq!(created.status, 201);
    let id = created.body["id"].as_str().unwrap();
    assert_eq!(
        created.body,
        json!({
            "org_id": ACME,
            "id": id,
            "short_url": format!("https://{DOMAIN}/{ACME}/{id}"),
            "url": "https://example.com/a/very/long/page?from=the#beginning",
            "title": null,
            "tags": [],
            "access": "public",
            "enabled": true,
            "expires_at": null,
            "creator_user_id": User::named("member").unwrap().id,
            "created_at": "2026-11-22T21:42:00.123Z",
            "updated_at": "2026-11-22T21:42:00.123Z",
            "version": 1,
        })
    );
    assert_eq!(created.headers["location"], format!("/{ACME}/link/{id}"));
    assert_eq!(created.headers["etag"], "\"1795383720123-1\"");
    assert_eq!(created.headers["content-type"], "application/json");
    assert_eq!(created.headers["cache-control"], "no-store");
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
async fn json_by_another_name_and_in_base64_is_json() {
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
async fn a_url_is_stored_as_the_url_standard_serialises_it() {
    let house = House::open().await;
    let created = Call::of("create").url("HTTP://Bücher.example:80/a/../ü?q=ä b#ö").send(&house).await;
    assert_eq!(created.body["url"], "http://xn--bcher-kva.example/%C3%BC?q=%C3%A4%20b#%C3%B6");
}

#[tokio::test]
async fn a_body_that_is_no_json_is_malformed_and_nothing_is_stored() {
    let house = House::open().await;
    let deep = "[".repeat(10_000);
    let bodies = [
        "",
        "url=https://example.com",
        "{",
        r#"{"url": NaN}"#,
        r#"{"url": "\ud800"}"#,
        r#"{"url": "a"} x"#,
        "\u{feff}{}",
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
async fn a_body_against_the_rules_is_answered_with_all_its_faults_at_once() {
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
async fn no_more_than_a_hundred_faults_are_told() {
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
async fn a_body_that_is_not_declared_to_be_json_is_not_read() {
    let house = House::open().await;
    for content_type in [
        "",
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/json; charset=utf-16",
        "text/json",
    ] {
        let call = Call::of("create").header("content-type", content_type);
        call.send(&house).await.is_problem(415, "unsupported_media_type");
    }
    let mut none = Call::of("create");
    none.event["headers"].as_object_mut().unwrap().remove("content-type");
    none.send(&house).await.is_problem(415, "unsupported_media_type");
}

#[tokio::test]
async fn who_is_asked_before_what() {
    let house = House::open().await;
    let broken = || Call::of("create-not-json");
    broken().anonymous().send(&house).await.is_problem(401, "unauthenticated");
    broken().by("outsider").send(&house).await.is_problem(403, "forbidden");
    let large = broken().header("content-type", "text/plain").body(&" ".repeat(20_000));
    large.send(&house).await.is_problem(415, "unsupported_media_type");
    broken().body(&" ".repeat(20_000)).send(&house).await.is_problem(413, "payload_too_large");
    broken().send(&house).await.is_problem(400, "malformed_body");
}

/// Makes links one after the other until so many are acknowledged. A store that is too busy says 503, and its client
/// tries again, as `Retry-After` says; the link of such an answer may or may not be there.
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
async fn two_hundred_creates_at_sixteen_a_time_are_two_hundred_links_each_listed_once_meanwhile() {
    let house = Arc::new(House::open().await);
    let makers: Vec<_> = (0..16)
        .map(|maker| tokio::spawn(make(Arc::clone(&house), (maker..200).step_by(16).count())))
        .collect();
    // While links are being added, each list holds none twice and stays in order.
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
