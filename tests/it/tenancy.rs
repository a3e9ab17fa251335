//! Tests permissions on all routes for all users. A new route is covered as soon as it is in the route table.

use crate::support::{ACME, Call, GLOBEX, TestApp};
use local::functions::Function;
use local::routes::{ROUTES, Route};
use local::users::USERS;
use serde_json::{Value, json};

/// Whether a user belongs to the organization.
fn belongs(user: &str, org: &str) -> bool {
    let user = USERS.iter().find(|known| known.name == user).unwrap();
    user.roles.iter().any(|(organization, _)| organization.id == org)
}

/// Whether the function's routes are open to callers who belong to no organization.
fn is_public(function: Function) -> bool {
    [Function::Redirect, Function::Docs, Function::Console, Function::Session].contains(&function)
}

#[tokio::test]
async fn every_members_route_admits_only_members_of_the_organization() {
    for route in ROUTES.iter().filter(|route| !is_public(route.function)) {
        for user in USERS.map(|user| user.name) {
            for org in [ACME, GLOBEX, "1189c444-0000-4000-8000-000000000000"] {
                let app = TestApp::start().await;
                app.put(&[]).await;
                let call = Call::from_route(route).by(user).org(org);
                let answer = call.send(&app).await;
                if belongs(user, org) {
                    assert!(
                        ![401, 403].contains(&answer.status) || is_above(user, org, route),
                        "{} {user} {org}",
                        route.key()
                    );
                } else {
                    if route.method == "HEAD" {
                        assert_eq!((answer.status, answer.text.as_str()), (403, ""));
                    } else {
                        answer.is_problem(403, "forbidden");
                    }
                    assert_eq!(app.count().await, 1, "{} {user} {org}", route.key());
                }
            }
        }
    }
}

/// Whether the route requires a permission that this user does not have, although the user is a member. Acme's member
/// created the test's link, so in acme a colleague cannot change it. Neither of them can claim handles.
fn is_above(user: &str, org: &str, route: &Route) -> bool {
    match route.function {
        Function::Update | Function::Delete => user == "colleague" && org == ACME,
        Function::Handle => ["member", "colleague"].contains(&user) && org == ACME && route.method == "PUT",
        _ => false,
    }
}

#[tokio::test]
async fn no_route_shows_or_changes_a_link_of_another_organization() {
    let app = TestApp::start().await;
    app.put(&[]).await;
    for route in ROUTES {
        for user in ["colleague", "outsider"] {
            let answer = Call::from_route(&route).by(user).org(GLOBEX).send(&app).await;
            assert!(!answer.text.contains("k7m2p9qr"), "{} {user}: {}", route.key(), answer.text);
            assert!(
                !answer.headers.contains_key("location")
                    || [Function::Create, Function::Session].contains(&route.function)
            );
        }
    }
    assert_eq!(Call::new("redirect").send(&app).await.headers["location"], "https://example.com/kept");
}

#[tokio::test]
async fn the_organization_comes_from_the_path_and_no_header_query_or_body_changes_it() {
    let app = TestApp::start().await;
    app.put(&[]).await;
    let call = Call::new("list")
        .by("outsider")
        .org(GLOBEX)
        .header("x-org-id", ACME)
        .header("x-forwarded-prefix", ACME);
    let page = call.send(&app).await;
    assert_eq!((&page.body["data"], &page.body["next_cursor"]), (&json!([]), &Value::Null), "{}", page.text);
    assert!(!page.text.contains(ACME), "{}", page.text);
    let body = format!(r#"{{"url": "https://example.com", "org_id": "{ACME}"}}"#);
    let answer = Call::new("create").by("outsider").org(GLOBEX).body(&body).send(&app).await;
    assert_eq!(answer.is_problem(422, "validation_failed").faults(), [("/org_id", "unknown_field")]);
}
