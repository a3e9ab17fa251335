use crate::house::{ACME, Answer, Call, House};
use aws_sdk_dynamodb::types::AttributeValue;
use shared::model::Timestamp;

/// Asserts what holds for every answer of the redirect.
#[track_caller]
fn is_kept_nowhere(answer: &Answer) {
    assert_eq!(answer.headers["cache-control"], "no-store");
    assert!(!answer.headers.contains_key("set-cookie"));
}

#[tokio::test]
async fn anyone_is_redirected_to_the_stored_url_to_the_byte() {
    let house = House::open().await;
    for url in [
        "https://example.com/a/very/long/page?from=the#beginning",
        "https://example.com/%00%0d%0a?q=%2f&x=a+b#%C3%BC",
        "http://[2606:4700::1111]:8080/;p=1?&&",
    ] {
        let created = Call::of("create").url(url).send(&house).await;
        let answer = Call::of("redirect").slug(created.body["id"].as_str().unwrap()).send(&house).await;
        assert_eq!((answer.status, answer.text.as_str()), (302, ""));
        assert_eq!(answer.headers["location"], url);
        assert_eq!(answer.headers["x-robots-tag"], "noindex");
        is_kept_nowhere(&answer);
    }
}

#[tokio::test]
async fn head_answers_as_get_without_a_body() {
    let house = House::open().await;
    house.put(&[]).await;
    let get = Call::of("redirect").send(&house).await;
    let head = Call::of("redirect-head").send(&house).await;
    assert_eq!((head.status, &head.headers), (302, &get.headers));

    let get = Call::of("redirect").slug("nothing").send(&house).await;
    let head = Call::of("redirect-head").slug("nothing").send(&house).await;
    assert_eq!((head.status, &head.headers), (404, &get.headers));
    assert!(!get.text.is_empty() && head.text.is_empty());
}

#[tokio::test]
async fn a_slug_typed_in_upper_case_works() {
    let house = House::open().await;
    house.put(&[]).await;
    let answer = Call::of("redirect-upper-case").send(&house).await;
    assert_eq!(answer.headers["location"], "https://example.com/kept");
}

#[tokio::test]
async fn what_is_no_link_is_not_found() {
    let house = House::open().await;
    house.put(&[]).await;
    let slugs = [
        "nothing",
        "link",
        "k7m2p9q",
        "k7m2p9qr ",
        "k7m2p9qr\0",
        "k7m2p9qr/",
        "../k7m2p9qr",
        "@",
        "@handles",
        "",
        "\u{fffd}",
    ];
    for slug in slugs {
        let answer = Call::of("redirect").slug(slug).send(&house).await;
        is_kept_nowhere(answer.is_problem(404, "not_found"));
    }
    Call::of("redirect-not-a-slug").send(&house).await.is_problem(404, "not_found");
    let upper_case = ACME.to_uppercase();
    for org in ["", "@prime", "@acme", "..", "a b", "é", &upper_case, &"a".repeat(129)] {
        let answer = Call::of("redirect").org(org).send(&house).await;
        is_kept_nowhere(answer.is_problem(404, "not_found"));
    }
}

#[tokio::test]
async fn a_link_that_is_switched_off_is_gone_and_that_comes_before_its_expiry() {
    let house = House::open().await;
    house
        .put(&[
            ("enabled", Some(AttributeValue::Bool(false))),
            ("expires_at", Some(AttributeValue::N("1".to_owned()))),
        ])
        .await;
    is_kept_nowhere(Call::of("redirect").send(&house).await.is_problem(410, "link_disabled"));
}

#[tokio::test]
async fn a_link_is_expired_from_its_second_on() {
    let house = House::open().await;
    house.put(&[("expires_at", Some(AttributeValue::N("1795383720".to_owned())))]).await;
    let at = |millis: i64| Timestamp::try_from(millis).unwrap();
    let before = Call::of("redirect").send_at(&house, at(1_795_383_719_999)).await;
    assert_eq!(before.status, 302);
    let after = Call::of("redirect").send_at(&house, at(1_795_383_720_000)).await;
    is_kept_nowhere(after.is_problem(410, "link_expired"));
}

#[tokio::test]
async fn a_link_of_members_only_leads_to_where_members_are_asked_for() {
    let house = House::open().await;
    house.put(&[("access", Some(AttributeValue::S("members".to_owned())))]).await;
    let answer = Call::of("redirect").send(&house).await;
    assert_eq!(
        (answer.status, answer.headers["location"].as_str()),
        (302, &*format!("/{ACME}/-/open/k7m2p9qr"))
    );
}

#[tokio::test]
async fn nothing_in_the_request_changes_the_location() {
    let house = House::open().await;
    house.put(&[]).await;
    for (name, value) in [
        ("host", "evil.example"),
        ("x-forwarded-host", "evil.example"),
        ("x-forwarded-proto", "https,https"),
        ("forwarded", "host=evil.example"),
        ("x-original-url", "//evil.example"),
        ("referer", "https://evil.example/\r\nLocation: https://evil.example"),
        ("accept", "text/html,*/*;q=0.1"),
    ] {
        let answer = Call::of("redirect")
            .header(name, value)
            .query("url=//evil.example&%0d%0aLocation:x")
            .send(&house)
            .await;
        assert_eq!(
            (answer.status, answer.headers["location"].as_str()),
            (302, "https://example.com/kept"),
            "{name}"
        );
    }
}

#[tokio::test]
async fn a_stored_url_that_is_no_location_is_not_sent() {
    let house = House::open().await;
    for url in ["javascript:alert(1)", "https://a\r\nSet-Cookie: x=1", "//evil.example", ""] {
        house.put(&[("url", Some(AttributeValue::S(url.to_owned())))]).await;
        is_kept_nowhere(Call::of("redirect").send(&house).await.is_problem(500, "internal"));
    }
    for missing in ["url", "access", "enabled"] {
        house.put(&[(missing, None)]).await;
        Call::of("redirect").send(&house).await.is_problem(500, "internal");
    }
}
