use crate::house::{ACME, Answer, Call, House};
use aws_sdk_dynamodb::types::AttributeValue;
use local::routes::{ROUTES, Route};
use shared::model::Timestamp;
use std::collections::BTreeSet;

/// Asserts what must be true of every response of the redirect.
#[track_caller]
fn is_kept_nowhere(answer: &Answer) {
    assert_eq!(answer.headers["cache-control"], "no-store");
    assert!(!answer.headers.contains_key("set-cookie"));
}

#[tokio::test]
async fn anyone_is_redirected_to_exactly_the_stored_url() {
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
async fn head_returns_the_headers_of_get_without_a_body() {
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
async fn a_path_that_names_no_link_is_not_found() {
    let house = House::open().await;
    house.put(&[]).await;
    let slugs = ["nothing", "link", "k7m2p9q", "k7m2p9qr\0", "../k7m2p9qr", "@", "@handles", "", "\u{fffd}"];
    for slug in slugs {
        let answer = Call::of("redirect").slug(slug).send(&house).await;
        is_kept_nowhere(answer.is_problem(404, "not_found"));
    }
    Call::of("redirect-not-a-slug").send(&house).await.is_problem(404, "not_found");
    for org in ["@prime", "@acme", "..", "a b", "é", &"a".repeat(129)] {
        let answer = Call::of("redirect").org(org).send(&house).await;
        is_kept_nowhere(answer.is_problem(404, "not_found"));
    }
}

#[tokio::test]
async fn text_around_a_pasted_short_url_is_ignored_and_its_click_counts_for_the_link() {
    let house = House::open().await;
    house.put(&[]).await;
    let answer = Call::of("redirect-pasted").send(&house).await;
    assert_eq!(answer.headers["location"], "https://example.com/kept");
    let lines = house.click_lines();
    assert_eq!(lines.len(), 1);
    let click: serde_json::Value = serde_json::from_str(&lines[0].text).unwrap();
    assert_eq!((&click["org_id"], &click["id"]), (&ACME.into(), &"k7m2p9qr".into()));
    // The open route has the canonical path.
    house.put(&[("access", Some(AttributeValue::S("members".to_owned())))]).await;
    let answer = Call::of("redirect-pasted").send(&house).await;
    assert_eq!(answer.headers["location"], format!("/{ACME}/-/open/k7m2p9qr"));
}

#[tokio::test]
async fn the_path_alone_selects_the_link_and_no_parameter_or_route_key_does() {
    let house = House::open().await;
    house.put(&[]).await;
    let mut call = Call::of("redirect");
    call.event["pathParameters"] = serde_json::json!({ "org_id": crate::house::GLOBEX, "slug": "other" });
    call.event["requestContext"]["routeKey"] = "PUT /{org_id}/-/handle".into();
    assert_eq!(call.send(&house).await.headers["location"], "https://example.com/kept");
    call.path("/other").send(&house).await.is_problem(404, "not_found");
}

#[tokio::test]
async fn an_organization_id_that_is_a_uuid_works_in_either_case() {
    let (house, upper_case) = (House::with(&[("ROOT_ORG", &ACME.to_uppercase())]).await, ACME.to_uppercase());
    let body = r#"{"url": "https://example.com/", "id": "launch"}"#;
    let created = Call::of("create").org(&upper_case).body(body).send(&house).await;
    assert_eq!((created.status, created.body["org_id"].as_str()), (201, Some(ACME)));
    for path in [format!("/{upper_case}/launch"), format!("/{ACME}/LAUNCH"), "/Launch".to_owned()] {
        assert_eq!(Call::of("redirect").path(&path).send(&house).await.status, 302, "{path}");
    }
    // A token with the id in upper case names the same organization.
    let token = crate::house::signed("owner", |claims| {
        let mut map = claims["org_id_to_org_member_info"].take();
        let mut entry = map.as_object_mut().unwrap().remove(ACME).unwrap();
        entry["org_id"] = upper_case.as_str().into();
        claims["org_id_to_org_member_info"] = serde_json::json!({ &upper_case: entry });
    });
    for org in [ACME, &upper_case] {
        let call = Call::of("list").org(org).header("authorization", &format!("Bearer {token}"));
        assert_eq!(call.send(&house).await.body["data"][0]["id"], "launch", "{org}");
    }
    Call::of("list").by("outsider").org(&upper_case).send(&house).await.is_problem(403, "forbidden");
}

#[tokio::test]
async fn a_short_url_allows_only_get_and_head() {
    let house = House::with(&[("ROOT_ORG", ACME)]).await;
    house.put(&[]).await;
    assert_eq!(Call::of("redirect-post").send(&house).await.status, 405);
    let nothing = format!("/{ACME}/nothing");
    for method in ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW", "get"] {
        for path in ["/k7m2p9qr", "/@nobody/k7m2p9qr.", &nothing, "/robots.txt", "/favicon.ico"] {
            let answer = Call::of("redirect").path(path).method(method).send(&house).await;
            is_kept_nowhere(answer.is_problem(405, "method_not_allowed"));
            assert_eq!(answer.headers["allow"], "GET, HEAD", "{method} {path}");
        }
        Call::of("redirect").path("/a/b/c").method(method).send(&house).await.is_problem(404, "not_found");
    }
    assert_eq!(house.click_lines().len(), 0);
    assert_eq!(house.count().await, 1);
}

/// Requests that reach the default route because no route has the method. Tests the whole route table, so that the redirect
/// knows each new route.
#[tokio::test]
async fn an_unsupported_method_is_405_and_allow_lists_the_supported_ones() {
    let house = House::with(&[("ROOT_ORG", ACME)]).await;
    let methods = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE"];
    for route in ROUTES.into_iter().filter(|route| *route != Route::DEFAULT) {
        let path = route.path.replace("{org_id}", ACME).replace("{slug}", "k7m2p9qr");
        let same = ROUTES.iter().filter(|other| other.path == route.path);
        let allowed: BTreeSet<&str> = same.map(|route| route.method).collect();
        for method in methods {
            let answer = Call::of("redirect").path(&path).method(method).send(&house).await;
            if allowed.contains(method) {
                // An encoded slash brought it here.
                assert_eq!(answer.status, 404, "{method} {path}");
                continue;
            }
            assert_eq!(answer.status, 405, "{method} {path}");
            let listed: BTreeSet<&str> = answer.headers["allow"].split(", ").collect();
            assert_eq!(listed, allowed, "{method} {path}");
        }
    }
    for path in [
        "/acme/link/",
        "/acme//link/x",
        "//acme/link",
        "/docs/",
        "/acme/-/handles",
        "/acme/-/open",
        "/-/x",
        "//",
    ] {
        Call::of("redirect").path(path).method("PUT").send(&house).await.is_problem(404, "not_found");
    }
}

#[tokio::test]
async fn robots_txt_and_favicon_need_no_store_call_and_are_not_clicks() {
    let house = House::with(&[("ROOT_ORG", ACME)]).await;
    let counting = crate::faulty::Counting::with(&house, &[("ROOT_ORG", ACME)]);
    for (event, content_type, content) in [
        ("redirect-robots", "text/plain; charset=utf-8", "User-agent: *\nAllow: /\n"),
        ("redirect-favicon", "image/svg+xml", "<svg xmlns="),
    ] {
        let get = Call::of(event).send_to(&counting.functions, Timestamp::now()).await;
        assert_eq!((get.status, get.headers["content-type"].as_str()), (200, content_type));
        assert_eq!(get.headers["cache-control"], "public, max-age=86400");
        assert!(get.text.starts_with(content), "{}", get.text);
        let head = Call::of(event).method("HEAD").send(&house).await;
        assert_eq!((head.status, &head.headers, head.text.as_str()), (200, &get.headers, ""));
    }
    let elsewhere = Call::of("redirect-elsewhere").send_to(&counting.functions, Timestamp::now()).await;
    assert_eq!(
        (elsewhere.status, elsewhere.headers["content-type"].as_str()),
        (404, "text/html; charset=utf-8")
    );
    assert_eq!(counting.calls(), 0);
    assert_eq!(house.click_lines().len(), 0);
}

#[tokio::test]
async fn a_link_that_is_switched_off_is_410_and_that_takes_precedence_over_its_expiry() {
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
async fn a_link_is_expired_from_the_second_of_its_expiry_on() {
    let house = House::open().await;
    house.put(&[("expires_at", Some(AttributeValue::N("1795383720".to_owned())))]).await;
    let at = |millis: i64| Timestamp::try_from(millis).unwrap();
    let before = Call::of("redirect").send_at(&house, at(1_795_383_719_999)).await;
    assert_eq!(before.status, 302);
    let after = Call::of("redirect").send_at(&house, at(1_795_383_720_000)).await;
    is_kept_nowhere(after.is_problem(410, "link_expired"));
}

#[tokio::test]
async fn a_members_only_link_leads_to_the_open_route() {
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
async fn a_stored_url_that_is_not_a_valid_location_is_not_sent() {
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

#[tokio::test]
async fn a_slug_without_an_organization_belongs_to_the_root_organization() {
    let house = House::with(&[("ROOT_ORG", ACME), ("SHORT_BASE_URL", "https://go.example.com")]).await;
    house.put(&[]).await;
    let answer = Call::of("redirect-root").send(&house).await;
    assert_eq!((answer.status, answer.headers["location"].as_str()), (302, "https://example.com/kept"));
    let head = Call::of("redirect-root-head").send(&house).await;
    assert_eq!((head.status, &head.headers), (302, &answer.headers));
    assert_eq!(Call::of("redirect-root").slug("K7M2P9QR").send(&house).await.status, 302);
    for slug in ["nothing", "docs", "openapi.json", "link", "-", "apple-touch-icon.png", "sitemap.xml"] {
        Call::of("redirect-root").slug(slug).send(&house).await.is_problem(404, "not_found");
    }
    assert_eq!(Call::of("read").send(&house).await.body["short_url"], "https://go.example.com/k7m2p9qr");
    // The path with the organization works too, and no other organization is reached without one.
    assert_eq!(Call::of("redirect").send(&house).await.status, 302);
    let create = Call::of("create-chosen").by("outsider").org(crate::house::GLOBEX).send(&house).await;
    assert_eq!(create.body["short_url"], format!("https://go.example.com/{}/launch", crate::house::GLOBEX));
    Call::of("redirect-root").slug("launch").send(&house).await.is_problem(404, "not_found");
}

#[tokio::test]
async fn without_a_root_organization_a_slug_alone_is_not_found() {
    let house = House::open().await;
    house.put(&[]).await;
    Call::of("redirect-root").send(&house).await.is_problem(404, "not_found");
}

#[tokio::test]
async fn reserved_root_paths_are_invalid_slugs_only_for_the_root_organization() {
    let house = House::with(&[("ROOT_ORG", ACME)]).await;
    let body = r#"{"url": "https://example.com/", "id": "Docs"}"#;
    let answer = Call::of("create").body(body).send(&house).await;
    assert_eq!(answer.is_problem(422, "validation_failed").faults(), [("/id", "reserved_slug")]);
    let globex = Call::of("create").by("outsider").org(crate::house::GLOBEX);
    assert_eq!(globex.body(body).send(&house).await.status, 201);
    // The short URL of an older link leads to it, and not to the page.
    let text = |value: &str| Some(AttributeValue::S(value.to_owned()));
    house.put(&[("id", text("docs")), ("newest", text("001795383720000#docs"))]).await;
    let read = Call::of("read").slug("docs").send(&house).await;
    assert_eq!(read.body["short_url"], format!("https://{}/{ACME}/docs", crate::house::DOMAIN));
}

#[tokio::test]
async fn a_browser_gets_a_page_that_names_the_problem_and_loads_nothing() {
    let house = House::open().await;
    house.put(&[]).await;
    let disabled = Some(AttributeValue::Bool(false));
    let number = Some(AttributeValue::N("1".to_owned()));
    for (item, slug, status, heading) in [
        (vec![], "nothing", 404, "No such link"),
        (vec![], "<b>nothing</b>", 404, "No such link"),
        (vec![("enabled", disabled)], "k7m2p9qr", 410, "Link switched off"),
        (vec![("expires_at", number)], "k7m2p9qr", 410, "Link expired"),
    ] {
        house.put(&item).await;
        let answer = Call::of("redirect-browser").slug(slug).send(&house).await;
        assert_eq!(answer.status, status, "{}", answer.text);
        is_kept_nowhere(&answer);
        assert_eq!(answer.headers["content-type"], "text/html; charset=utf-8");
        assert!(answer.headers["content-security-policy"].starts_with("default-src 'none'"));
        assert!(answer.text.contains(&format!("<h1>{heading}</h1>")), "{}", answer.text);
        assert!(
            answer.text.contains("<html lang=\"en\">")
                && answer.text.contains(&format!("<title>{heading}</title>"))
        );
        assert!(answer.text.contains("prefers-color-scheme: dark"));
        for absent in ["http:", "https:", "<script", "url(", "src=", "<b>nothing"] {
            assert!(!answer.text.contains(absent), "{absent}");
        }
    }
    house.put(&[("url", None)]).await;
    Call::of("redirect-browser").send(&house).await.is_problem(500, "internal");
}

#[tokio::test]
async fn an_edit_and_a_delete_are_visible_after_the_cache_time() {
    let house = House::open().await;
    house.put(&[]).await;
    let instance = house.another_instance(&[("LINK_CACHE_SECONDS", "5")]);
    let start = Timestamp::now();
    let at = |millis: i64| Timestamp::try_from(start.millis() + millis).unwrap();
    let location = async |millis: i64| {
        let answer = Call::of("redirect").send_to(&instance, at(millis)).await;
        answer.headers.get("location").cloned()
    };
    let (old, new) =
        (Some("https://example.com/kept".to_owned()), Some("https://example.com/edited".to_owned()));
    // Requests every 100 ms do not extend the cache time. This test's clock is the wall clock of the events; no other
    // advances.
    assert_eq!(location(0).await, old);
    Call::of("update").send(&house).await;
    for millis in (100..5_000).step_by(100) {
        assert_eq!(location(millis).await, old, "{millis}");
    }
    for millis in (5_000..9_900).step_by(100) {
        assert_eq!(location(millis).await, new, "{millis}");
    }
    Call::of("delete").send(&house).await;
    assert_eq!(location(9_999).await, new);
    assert_eq!(location(10_000).await, None);
    // A missing link is not cached.
    house.put(&[]).await;
    assert_eq!(location(10_001).await, old);
    // If the clock is set back, cached values count as too old, not as younger.
    Call::of("update").send(&house).await;
    assert_eq!(location(9_000).await, new);
}

#[tokio::test]
async fn a_cached_link_needs_no_call_and_a_handle_one_in_five_minutes() {
    let house = House::open().await;
    house.put(&[]).await;
    Call::of("handle").by("owner").send(&house).await;
    let counting = crate::faulty::Counting::with(&house, &[("LINK_CACHE_SECONDS", "10")]);
    let start = Timestamp::now();
    let at = |millis: i64| Timestamp::try_from(start.millis() + millis).unwrap();
    for (event, millis, calls) in [
        ("redirect", 0, 1),
        ("redirect", 9_999, 1),
        ("redirect-upper-case", 9_999, 1),
        ("redirect-handle", 9_999, 2),
        ("redirect-handle", 10_000, 3),
        ("redirect-handle", 19_999, 3),
        ("redirect-handle", 309_998, 4),
        ("redirect-handle", 309_999, 5),
    ] {
        let answer = Call::of(event).send_to(&counting.functions, at(millis)).await;
        assert_eq!((answer.status, counting.calls()), (302, calls), "{event} {millis}");
    }
}

#[tokio::test]
async fn a_cached_link_expires_on_time() {
    let house = House::open().await;
    let start = Timestamp::now().whole_second();
    let at = |millis: i64| Timestamp::try_from(start.millis() + millis).unwrap();
    let expires_at = (start.seconds() + 2).to_string();
    house.put(&[("expires_at", Some(AttributeValue::N(expires_at)))]).await;
    let instance = house.another_instance(&[("LINK_CACHE_SECONDS", "300")]);
    assert_eq!(Call::of("redirect").send_to(&instance, at(0)).await.status, 302);
    assert_eq!(Call::of("redirect").send_to(&instance, at(1_999)).await.status, 302);
    Call::of("redirect").send_to(&instance, at(2_000)).await.is_problem(410, "link_expired");
}

#[tokio::test]
async fn a_link_that_is_switched_off_can_be_switched_on_again() {
    let house = House::open().await;
    house.put(&[]).await;
    for (enabled, status) in [(false, 410), (true, 302)] {
        Call::of("update").body(&format!(r#"{{"enabled": {enabled}}}"#)).send(&house).await;
        assert_eq!(Call::of("redirect").send(&house).await.status, status);
    }
}
