//! Redirects: which link a path belongs to, and the response for each state of the link.

mod cache;
mod forward;
mod root;

use crate::support::{ACME, Answer, Call, TestApp};
use aws_sdk_dynamodb::types::AttributeValue;
use local::routes::{ROUTES, Route};
use shared::model::Timestamp;
use std::collections::BTreeSet;

/// Asserts what must be true of every response from the redirect.
#[track_caller]
fn is_kept_nowhere(answer: &Answer) {
    assert_eq!(answer.headers["cache-control"], "no-store");
    assert!(!answer.headers.contains_key("set-cookie"));
}

#[tokio::test]
async fn anyone_is_redirected_to_exactly_the_stored_url() {
    let app = TestApp::start().await;
    for url in [
        "https://example.com/a/very/long/page?from=the#beginning",
        "https://example.com/%00%0d%0a?q=%2f&x=a+b#%C3%BC",
        "http://[2606:4700::1111]:8080/;p=1?&&",
    ] {
        let created = Call::new("create").url(url).send(&app).await;
        let answer = Call::new("redirect").slug(created.body["id"].as_str().unwrap()).send(&app).await;
        assert_eq!((answer.status, answer.text.as_str()), (302, ""));
        assert_eq!(answer.headers["location"], url);
        assert_eq!(answer.headers["x-robots-tag"], "noindex");
        is_kept_nowhere(&answer);
    }
}

#[tokio::test]
async fn head_returns_the_headers_of_get_without_a_body() {
    let app = TestApp::start().await;
    app.put(&[]).await;
    let get = Call::new("redirect").send(&app).await;
    let head = Call::new("redirect-head").send(&app).await;
    assert_eq!((head.status, &head.headers), (302, &get.headers));

    let get = Call::new("redirect").slug("nothing").send(&app).await;
    let head = Call::new("redirect-head").slug("nothing").send(&app).await;
    assert_eq!((head.status, &head.headers), (404, &get.headers));
    assert!(!get.text.is_empty() && head.text.is_empty());
}

#[tokio::test]
async fn a_slug_typed_in_upper_case_works() {
    let app = TestApp::start().await;
    app.put(&[]).await;
    let answer = Call::new("redirect-upper-case").send(&app).await;
    assert_eq!(answer.headers["location"], "https://example.com/kept");
}

#[tokio::test]
async fn a_path_that_names_no_link_is_not_found() {
    let app = TestApp::start().await;
    app.put(&[]).await;
    let slugs = ["nothing", "link", "k7m2p9q", "k7m2p9qr\0", "../k7m2p9qr", "@", "@handles", "", "\u{fffd}"];
    for slug in slugs {
        let answer = Call::new("redirect").slug(slug).send(&app).await;
        is_kept_nowhere(answer.is_problem(404, "not_found"));
    }
    Call::new("redirect-not-a-slug").send(&app).await.is_problem(404, "not_found");
    for org in ["@prime", "@acme", "..", "a b", "é", &"a".repeat(129)] {
        let answer = Call::new("redirect").org(org).send(&app).await;
        is_kept_nowhere(answer.is_problem(404, "not_found"));
    }
}

#[tokio::test]
async fn text_around_a_pasted_short_url_is_ignored_and_its_click_counts_for_the_link() {
    let app = TestApp::start().await;
    app.put(&[]).await;
    let answer = Call::new("redirect-pasted").send(&app).await;
    assert_eq!(answer.headers["location"], "https://example.com/kept");
    let lines = app.click_lines();
    assert_eq!(lines.len(), 1);
    let click: serde_json::Value = serde_json::from_str(&lines[0].text).unwrap();
    assert_eq!((&click["org_id"], &click["id"]), (&ACME.into(), &"k7m2p9qr".into()));
    // The redirect to the route of `open` has the canonical path.
    app.put(&[("access", Some(AttributeValue::S("members".to_owned())))]).await;
    let answer = Call::new("redirect-pasted").send(&app).await;
    assert_eq!(answer.headers["location"], format!("/{ACME}/-/open/k7m2p9qr"));
}

#[tokio::test]
async fn the_path_alone_selects_the_link_and_no_parameter_or_route_key_does() {
    let app = TestApp::start().await;
    app.put(&[]).await;
    let mut call = Call::new("redirect");
    call.event["pathParameters"] = serde_json::json!({ "org_id": crate::support::GLOBEX, "slug": "other" });
    call.event["requestContext"]["routeKey"] = "PUT /{org_id}/-/handle".into();
    assert_eq!(call.send(&app).await.headers["location"], "https://example.com/kept");
    call.path("/other").send(&app).await.is_problem(404, "not_found");
}

#[tokio::test]
async fn an_organization_id_that_is_a_uuid_works_in_either_case() {
    let (app, upper_case) =
        (TestApp::with_settings(&[("ROOT_ORG", &ACME.to_uppercase())]).await, ACME.to_uppercase());
    let body = r#"{"url": "https://example.com/", "id": "launch"}"#;
    let created = Call::new("create").org(&upper_case).body(body).send(&app).await;
    assert_eq!((created.status, created.body["org_id"].as_str()), (201, Some(ACME)));
    for path in [format!("/{upper_case}/launch"), format!("/{ACME}/LAUNCH"), "/Launch".to_owned()] {
        assert_eq!(Call::new("redirect").path(&path).send(&app).await.status, 302, "{path}");
    }
    // A token with the id in upper case is for the same organization.
    let token = crate::support::signed("owner", |claims| {
        let mut map = claims["org_id_to_org_member_info"].take();
        let mut entry = map.as_object_mut().unwrap().remove(ACME).unwrap();
        entry["org_id"] = upper_case.as_str().into();
        claims["org_id_to_org_member_info"] = serde_json::json!({ &upper_case: entry });
    });
    for org in [ACME, &upper_case] {
        let call = Call::new("list").org(org).header("authorization", &format!("Bearer {token}"));
        assert_eq!(call.send(&app).await.body["data"][0]["id"], "launch", "{org}");
    }
    Call::new("list").by("outsider").org(&upper_case).send(&app).await.is_problem(403, "forbidden");
}

#[tokio::test]
async fn a_short_url_allows_only_get_and_head() {
    let app = TestApp::with_settings(&[("ROOT_ORG", ACME)]).await;
    app.put(&[]).await;
    assert_eq!(Call::new("redirect-post").send(&app).await.status, 405);
    let nothing = format!("/{ACME}/nothing");
    for method in ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW", "get"] {
        for path in ["/k7m2p9qr", "/@nobody/k7m2p9qr.", &nothing, "/robots.txt", "/favicon.ico"] {
            let answer = Call::new("redirect").path(path).method(method).send(&app).await;
            is_kept_nowhere(answer.is_problem(405, "method_not_allowed"));
            assert_eq!(answer.headers["allow"], "GET, HEAD", "{method} {path}");
        }
        Call::new("redirect").path("/a/b/c").method(method).send(&app).await.is_problem(404, "not_found");
    }
    assert_eq!(app.click_lines().len(), 0);
    assert_eq!(app.count().await, 1);
}

/// A request reaches the default route if no route of its path supports its method. This tests the whole route table,
/// so that a new route cannot be forgotten in the redirect.
#[tokio::test]
async fn an_unsupported_method_is_405_and_allow_lists_the_supported_ones() {
    let app = TestApp::with_settings(&[("ROOT_ORG", ACME)]).await;
    let methods = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE"];
    for route in ROUTES.into_iter().filter(|route| *route != Route::DEFAULT) {
        let path = route.path.replace("{org_id}", ACME).replace("{slug}", "k7m2p9qr");
        let same = ROUTES.iter().filter(|other| other.path == route.path);
        let allowed: BTreeSet<&str> = same.map(|route| route.method).collect();
        for method in methods {
            let answer = Call::new("redirect").path(&path).method(method).send(&app).await;
            if allowed.contains(method) {
                // A request with a supported method arrives here only if its path contains an encoded slash.
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
        Call::new("redirect").path(path).method("PUT").send(&app).await.is_problem(404, "not_found");
    }
}

#[tokio::test]
async fn robots_txt_and_favicon_need_no_store_call_and_are_not_clicks() {
    let app = TestApp::with_settings(&[("ROOT_ORG", ACME)]).await;
    let counting = crate::support::faulty::Counting::with_settings(&app, &[("ROOT_ORG", ACME)]);
    for (event, content_type, content) in [
        ("redirect-robots", "text/plain; charset=utf-8", "User-agent: *\nAllow: /\n"),
        ("redirect-favicon", "image/svg+xml", "<svg xmlns="),
    ] {
        let get = Call::new(event).send_to(&counting.functions, Timestamp::now()).await;
        assert_eq!((get.status, get.headers["content-type"].as_str()), (200, content_type));
        assert_eq!(get.headers["cache-control"], "public, max-age=86400");
        assert!(get.text.starts_with(content), "{}", get.text);
        let head = Call::new(event).method("HEAD").send(&app).await;
        assert_eq!((head.status, &head.headers, head.text.as_str()), (200, &get.headers, ""));
    }
    let elsewhere = Call::new("redirect-elsewhere").send_to(&counting.functions, Timestamp::now()).await;
    assert_eq!(
        (elsewhere.status, elsewhere.headers["content-type"].as_str()),
        (404, "text/html; charset=utf-8")
    );
    assert_eq!(counting.calls(), 0);
    assert_eq!(app.click_lines().len(), 0);
}

#[tokio::test]
async fn a_link_that_is_switched_off_is_410_and_that_takes_precedence_over_its_expiry() {
    let app = TestApp::start().await;
    app.put(&[
        ("enabled", Some(AttributeValue::Bool(false))),
        ("expires_at", Some(AttributeValue::N("1".to_owned()))),
    ])
    .await;
    is_kept_nowhere(Call::new("redirect").send(&app).await.is_problem(410, "link_disabled"));
}

#[tokio::test]
async fn a_link_is_expired_from_the_second_of_its_expiry_on() {
    let app = TestApp::start().await;
    app.put(&[("expires_at", Some(AttributeValue::N("1795383720".to_owned())))]).await;
    let at = |millis: i64| Timestamp::try_from(millis).unwrap();
    let before = Call::new("redirect").send_at(&app, at(1_795_383_719_999)).await;
    assert_eq!(before.status, 302);
    let after = Call::new("redirect").send_at(&app, at(1_795_383_720_000)).await;
    is_kept_nowhere(after.is_problem(410, "link_expired"));
}

#[tokio::test]
async fn a_members_only_link_leads_to_the_open_route() {
    let app = TestApp::start().await;
    app.put(&[("access", Some(AttributeValue::S("members".to_owned())))]).await;
    let answer = Call::new("redirect").send(&app).await;
    assert_eq!(
        (answer.status, answer.headers["location"].as_str()),
        (302, &*format!("/{ACME}/-/open/k7m2p9qr"))
    );
}

#[tokio::test]
async fn nothing_in_the_request_changes_the_location() {
    let app = TestApp::start().await;
    app.put(&[]).await;
    for (name, value) in [
        ("host", "evil.example"),
        ("x-forwarded-host", "evil.example"),
        ("x-forwarded-proto", "https,https"),
        ("forwarded", "host=evil.example"),
        ("x-original-url", "//evil.example"),
        ("referer", "https://evil.example/\r\nLocation: https://evil.example"),
        ("accept", "text/html,*/*;q=0.1"),
    ] {
        let answer = Call::new("redirect")
            .header(name, value)
            .query("url=//evil.example&%0d%0aLocation:x")
            .send(&app)
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
    let app = TestApp::start().await;
    for url in ["javascript:alert(1)", "https://a\r\nSet-Cookie: x=1", "//evil.example", ""] {
        app.put(&[("url", Some(AttributeValue::S(url.to_owned())))]).await;
        is_kept_nowhere(Call::new("redirect").send(&app).await.is_problem(500, "internal"));
    }
    for missing in ["url", "access", "enabled"] {
        app.put(&[(missing, None)]).await;
        Call::new("redirect").send(&app).await.is_problem(500, "internal");
    }
}

#[tokio::test]
async fn a_browser_gets_a_page_that_names_the_problem_and_loads_nothing() {
    let app = TestApp::start().await;
    app.put(&[]).await;
    let disabled = Some(AttributeValue::Bool(false));
    let number = Some(AttributeValue::N("1".to_owned()));
    for (item, slug, status, heading) in [
        (vec![], "nothing", 404, "No such link"),
        (vec![], "<b>nothing</b>", 404, "No such link"),
        (vec![("enabled", disabled)], "k7m2p9qr", 410, "Link switched off"),
        (vec![("expires_at", number)], "k7m2p9qr", 410, "Link expired"),
    ] {
        app.put(&item).await;
        let answer = Call::new("redirect-browser").slug(slug).send(&app).await;
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
    app.put(&[("url", None)]).await;
    Call::new("redirect-browser").send(&app).await.is_problem(500, "internal");
}
