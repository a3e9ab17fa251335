//! When the session cookie is accepted: never together with a token, and never for a request that another site can
//! cause.

use crate::support::{ACME, Answer, Call, DOMAIN, SESSION, TestApp, signed, token};
use local::events;
use local::routes::{ROUTES, Route};
use shared::error::Unauthenticated;
use shared::model::Timestamp;
use std::collections::HashMap;

const OURS: &str = "https://a1b2c3d4e5.execute-api.eu-central-1.amazonaws.com";

/// The members' routes: all routes below an organization.
fn member_routes() -> impl Iterator<Item = Route> {
    ROUTES.into_iter().filter(|route| route.path.starts_with("/{org_id}/"))
}

fn changes_something(route: &Route) -> bool {
    !["GET", "HEAD"].contains(&route.method)
}

/// A program's request to this route, with the owner's session instead of a token, and without a browser's headers.
fn call(route: &Route) -> Call {
    let call = Call::from_route(route).signed_in("owner");
    let names: Vec<String> = call.event["headers"].as_object().unwrap().keys().cloned().collect();
    let names = names.iter().filter(|name| name.starts_with("sec-") || *name == "origin");
    names.fold(call, |call, name| call.without(name))
}

fn with(call: Call, header: &str, value: Option<&str>) -> Call {
    match value {
        Some(value) => call.header(header, value),
        None => call,
    }
}

#[track_caller]
fn assert_reason(answer: &Answer, reason: Unauthenticated, case: &str) {
    assert_eq!(answer.status, 401, "{case}: {}", answer.text);
    assert_eq!(answer.headers["www-authenticate"], "Bearer", "{case}");
    assert_eq!(answer.headers["content-type"], "application/problem+json", "{case}");
    if !answer.text.is_empty() {
        let answer = answer.is_problem(401, "unauthenticated");
        assert_eq!(answer.body["detail"], reason.detail(), "{case}");
    }
}

/// All items in the table of links.
async fn everything(app: &TestApp) -> String {
    let items = app.client.scan().table_name("links").send().await.unwrap().items.unwrap();
    let mut items: Vec<String> =
        items.into_iter().map(|item| format!("{:?}", std::collections::BTreeMap::from_iter(item))).collect();
    items.sort();
    items.concat()
}

#[tokio::test]
async fn on_every_route_of_members_the_cookie_counts_only_if_no_other_site_can_have_caused_the_request() {
    let app = TestApp::start().await;
    let mut cases = 0;
    for route in member_routes() {
        let mut accepted = Vec::new();
        app.put(&[]).await;
        app.put_record().await;
        let before = everything(&app).await;
        for site in [Some("same-origin"), Some("same-site"), Some("cross-site"), Some("none"), None] {
            for origin in [Some(OURS), Some("https://evil.example"), Some("null"), None] {
                let changes = changes_something(&route);
                let counts = match (site, origin) {
                    (Some("same-origin"), _) => true,
                    (Some("none"), _) => !changes,
                    (Some(_), _) => false,
                    (None, Some(origin)) => origin == OURS,
                    (None, None) => !changes,
                };
                let call = with(with(call(&route), "sec-fetch-site", site), "origin", origin);
                let case = format!("{} {site:?} {origin:?}", route.key());
                if counts {
                    accepted.push((case, call));
                } else {
                    assert_reason(&call.send(&app).await, Unauthenticated::CrossSite, &case);
                }
                cases += 1;
            }
        }
        assert_eq!(everything(&app).await, before, "{}", route.key());
        for (case, call) in accepted {
            app.put(&[]).await;
            app.put_record().await;
            let answer = call.send(&app).await;
            assert!((200..400).contains(&answer.status), "{case}: {} {}", answer.status, answer.text);
        }
    }
    assert!(cases >= 20 * 11, "{cases}");
}

#[tokio::test]
async fn unknown_fetch_metadata_and_other_spellings_of_our_origin_are_refused() {
    let app = TestApp::start().await;
    for route in member_routes().filter(changes_something) {
        for site in ["Same-Origin", "same-origin,same-origin", "same-origin ", "", "\u{e9}"] {
            let call = call(&route).header("sec-fetch-site", site).header("origin", OURS);
            assert_reason(&call.send(&app).await, Unauthenticated::CrossSite, site);
        }
        for origin in [
            "",
            &format!("{OURS}/"),
            &format!("{OURS}:443"),
            &format!("{OURS}.evil.example"),
            &format!("{OURS},https://evil.example"),
            &OURS.replace("https", "http"),
            DOMAIN,
        ] {
            let answer = call(&route).header("origin", origin).send(&app).await;
            assert_reason(&answer, Unauthenticated::CrossSite, origin);
        }
    }
}

#[tokio::test]
async fn a_members_only_link_opens_from_any_site_only_by_a_document_navigation() {
    let app = TestApp::start().await;
    app.put(&[]).await;
    for site in ["same-origin", "same-site", "cross-site", "none"] {
        for (mode, destination, counts) in [
            ("navigate", "document", true),
            ("navigate", "iframe", false),
            ("navigate", "object", false),
            ("navigate", "", false),
            ("no-cors", "document", false),
            ("no-cors", "image", false),
            ("cors", "empty", false),
        ] {
            let call = Call::new("open-signed-in").header("sec-fetch-site", site);
            let call = call.header("sec-fetch-mode", mode).header("sec-fetch-dest", destination);
            let answer = call.send(&app).await;
            let case = format!("{site} {mode} {destination}");
            if counts || ["same-origin", "none"].contains(&site) {
                assert_eq!(answer.headers["location"], "https://example.com/kept", "{case}");
            } else {
                assert_reason(&answer, Unauthenticated::CrossSite, &case);
            }
        }
    }
    let form = Call::new("open-signed-in").method("POST").send(&app).await;
    assert_reason(&form, Unauthenticated::CrossSite, "a form on another site");
    // On every other route, a navigation from another site is rejected.
    for route in member_routes().filter(|route| !route.path.contains("/open/")) {
        let call = call(&route).header("sec-fetch-site", "cross-site").header("accept", "text/html");
        let call = call.header("sec-fetch-mode", "navigate").header("sec-fetch-dest", "document");
        assert_reason(&call.send(&app).await, Unauthenticated::CrossSite, &route.key());
    }
}

#[tokio::test]
async fn the_authorization_header_takes_precedence_over_the_cookie() {
    let app = TestApp::start().await;
    let other = format!("Bearer {}", token("outsider"));
    for route in member_routes() {
        for (authorization, status) in
            [(other.as_str(), 403), ("", 401), ("Basic YTpi", 401), ("Bearer x", 401), ("\u{e9}", 401)]
        {
            let call = call(&route).header("sec-fetch-site", "same-origin");
            let call = call.header("accept", "text/html").header("authorization", authorization);
            let answer = call.send(&app).await;
            assert_eq!(answer.status, status, "{} {authorization}", route.key());
            assert_eq!(answer.headers["content-type"], "application/problem+json", "{}", route.key());
        }
        // The caller is taken from the token in the header, even if the cookie contains another user's token and the
        // request comes from another site.
        app.put(&[]).await;
        app.put_record().await;
        let call = call(&route).anonymous().cookie(SESSION, &token("outsider")).by("owner");
        let answer = call.header("sec-fetch-site", "cross-site").header("origin", "null").send(&app).await;
        assert!((200..400).contains(&answer.status), "{}: {}", route.key(), answer.text);
    }
}

#[tokio::test]
async fn a_cookie_counts_by_its_exact_name_and_only_if_it_is_sent_once() {
    let app = TestApp::start().await;
    let token = token("member");
    for (cookies, counts) in [
        (vec![format!("{SESSION}={token}")], true),
        (vec!["a=1".to_owned(), format!("{SESSION}={token}"), "b=\"2\"".to_owned()], true),
        (vec![format!("a=1; {SESSION}={token}; b=2")], true),
        (vec![format!("a;{SESSION} =\t{token} ;")], true),
        (vec![format!("{SESSION}-tried=1"), format!("{SESSION}={token}")], true),
        (vec![format!("{SESSION}={token}"), format!("{SESSION}={token}")], false),
        (vec![format!("{SESSION}={token}"), format!("{SESSION}=")], false),
        (vec![format!("{SESSION}={token}; {SESSION}=x")], false),
        (vec![format!("signpost={token}")], false),
        (vec![format!("__Host-signpost={token}")], false),
        (vec![format!("__host-http-signpost={token}")], false),
        (vec![format!("{SESSION}-tried={token}")], false),
        // Browsers do not enforce the prefix's rules for any of these names, so any sibling host can set such cookies.
        (vec![format!("\u{2000}{SESSION}={token}")], false),
        (vec![format!("\u{a0}{SESSION}={token}")], false),
        (vec![format!("\u{85}{SESSION}={token}")], false),
        (vec![format!("={SESSION}={token}")], false),
        (vec![format!("a=1,{SESSION}={token}")], false),
        (vec![format!("\"{SESSION}\"={token}")], false),
    ] {
        let mut call = Call::new("list").anonymous();
        call.event["cookies"] = cookies.clone().into();
        let answers = [call.send(&app).await, {
            let call = Call::new("list").anonymous().header("cookie", &cookies.join("; "));
            call.send(&app).await
        }];
        for answer in answers {
            if counts {
                assert_eq!(answer.status, 200, "{cookies:?}: {}", answer.text);
            } else {
                assert_reason(&answer, Unauthenticated::Missing, &format!("{cookies:?}"));
            }
        }
    }
}

#[tokio::test]
async fn over_plain_http_the_cookie_has_no_prefix_and_the_origin_is_the_sites() {
    let app = TestApp::with_settings(&[("SHORT_BASE_URL", "http://127.0.0.1:3000")]).await;
    let call = || Call::new("create").anonymous();
    for (origin, status) in [("http://127.0.0.1:3000", 201), (OURS, 401), ("http://localhost:3000", 401)] {
        let answer = call().cookie("signpost", &token("member")).header("origin", origin).send(&app).await;
        assert_eq!(answer.status, status, "{origin}: {}", answer.text);
    }
    let prefixed = call().cookie(SESSION, &token("member")).header("origin", "http://127.0.0.1:3000");
    assert_reason(&prefixed.send(&app).await, Unauthenticated::Missing, SESSION);

    let app = TestApp::with_settings(&[("SHORT_BASE_URL", "https://go.example.com/")]).await;
    for (origin, status) in [("https://go.example.com", 201), (OURS, 401)] {
        let answer = call().cookie(SESSION, &token("member")).header("origin", origin).send(&app).await;
        assert_eq!(answer.status, status, "{origin}: {}", answer.text);
    }
}

#[tokio::test]
async fn what_is_wrong_with_a_cookie_is_reported_as_a_fault_of_the_session() {
    let app = TestApp::start().await;
    let genuine = token("member");
    let expired = signed("member", |claims| claims["exp"] = (Timestamp::now().seconds() - 61).into());
    for (case, value, reason) in [
        ("expired", expired.as_str(), Unauthenticated::SessionExpired),
        ("empty", "", Unauthenticated::SessionInvalid),
        ("cut off", &genuine[..genuine.len() - 20], Unauthenticated::SessionInvalid),
        ("not a token", "deleted", Unauthenticated::SessionInvalid),
        ("an API key", &"0123456789abcdef".repeat(8), Unauthenticated::SessionInvalid),
        ("a backend's key", "sk_live_51Hk2", Unauthenticated::SessionInvalid),
        ("a header's value", &format!("Bearer {genuine}"), Unauthenticated::SessionInvalid),
        ("in quotation marks", &format!("\"{genuine}\""), Unauthenticated::SessionInvalid),
        (
            "from another issuer",
            &signed("member", |claims| claims["iss"] = "https://x.example".into()),
            Unauthenticated::SessionInvalid,
        ),
    ] {
        for route in member_routes() {
            let call =
                call(&route).anonymous().cookie(SESSION, value).header("sec-fetch-site", "same-origin");
            assert_reason(&call.send(&app).await, reason, &format!("{case}: {}", route.key()));
        }
    }
    for reason in
        [Unauthenticated::SessionExpired, Unauthenticated::SessionInvalid, Unauthenticated::CrossSite]
    {
        assert!(reason.detail().contains("session"), "{}", reason.detail());
    }
}

#[tokio::test]
async fn a_token_is_valid_in_the_cookie_as_long_as_in_the_header() {
    let app = TestApp::start().await;
    let now = Timestamp::now().seconds();
    for (expiry, status) in [(now + 1, 200), (now - 58, 200), (now - 61, 401)] {
        let token = signed("member", |claims| claims["exp"] = expiry.into());
        let cookie = Call::new("list").anonymous().cookie(SESSION, &token).send(&app).await;
        let header = Call::new("list").header("authorization", &format!("Bearer {token}")).send(&app).await;
        assert_eq!((cookie.status, header.status), (status, status), "{}", expiry - now);
    }
}

#[tokio::test]
async fn a_page_of_ours_calls_the_api_with_the_cookie_and_a_page_of_another_site_does_not() {
    let app = TestApp::start().await;
    assert_eq!(Call::new("create-signed-in").send(&app).await.status, 201);
    assert_eq!(Call::new("list-signed-in").send(&app).await.status, 200);
    let answer = Call::new("create-cross-site").send(&app).await;
    assert_reason(&answer, Unauthenticated::CrossSite, "create");
    assert_eq!(app.count().await, 1);
}

/// Only the sign-in routes, which are below `/-/`, set cookies.
#[tokio::test]
async fn no_response_of_a_redirect_or_of_the_api_sets_a_cookie() {
    let app = TestApp::with_settings(&[("SIGN_IN_CLIENT_ID", "signpost"), ("ROOT_ORG", ACME)]).await;
    let mut statuses: HashMap<u64, usize> = HashMap::new();
    for name in events::names().unwrap() {
        let route = Call::new(&name).event["routeKey"].as_str().unwrap().to_owned();
        if route.contains(" /-/") {
            continue;
        }
        for access in ["public", "members"] {
            let access = aws_sdk_dynamodb::types::AttributeValue::S(access.to_owned());
            app.put(&[("access", Some(access))]).await;
            let call = Call::new(&name);
            for call in [
                call.clone(),
                call.clone().anonymous(),
                call.clone().signed_in("member"),
                call.clone().signed_in("outsider"),
                call.anonymous().cookie(SESSION, "x").cookie("signpost-flow-0", "y"),
            ] {
                let answer = call.send(&app).await;
                assert_eq!(answer.cookies, [""; 0], "{name}");
                assert!(!answer.headers.contains_key("set-cookie"), "{name}");
                *statuses.entry(answer.status).or_default() += 1;
            }
        }
    }
    for status in [200, 201, 302, 401, 403, 404] {
        assert!(statuses.contains_key(&status), "no event got the status {status}: {statuses:?}");
    }
}

#[tokio::test]
async fn a_redirect_ignores_all_cookies() {
    let app = TestApp::start().await;
    for access in ["public", "members"] {
        let attribute = aws_sdk_dynamodb::types::AttributeValue::S(access.to_owned());
        app.put(&[("access", Some(attribute))]).await;
        for name in ["redirect", "redirect-browser", "redirect-head"] {
            let without = Call::new(name).send(&app).await;
            let call = Call::new(name).cookie(SESSION, &token("member")).cookie(SESSION, "twice");
            let with = call.header("sec-fetch-site", "cross-site").send(&app).await;
            assert_eq!((with.status, &with.headers), (without.status, &without.headers), "{name} {access}");
            assert_eq!(with.status, 302, "{name}");
        }
    }
}
