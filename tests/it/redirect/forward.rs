//! Links that forward the query or the path of their short URL to their destination.

use crate::history::{change_of, records, undo_of};
use crate::support::faulty::Counting;
use crate::support::{ACME, Answer, Call, TestApp};
use local::routes::{ROUTES, Route};
use serde_json::json;
use shared::model::Timestamp;

const ROOT: &[(&str, &str)] = &[("ROOT_ORG", ACME), ("SHORT_BASE_URL", "https://go.example.com")];

/// Creates a link with this slug, destination and `forward` setting.
async fn link(app: &TestApp, slug: &str, url: &str, forward: &str) {
    app.link(json!({ "url": url, "id": slug, "forward": forward })).await;
}

async fn open(app: &TestApp, path: &str, query: &str) -> Answer {
    Call::new("redirect").path(path).query(query).send(app).await
}

#[track_caller]
fn leads_to(answer: &Answer, url: &str) {
    assert_eq!((answer.status, answer.headers["location"].as_str()), (302, url), "{}", answer.text);
    assert_eq!(answer.headers["x-robots-tag"], "noindex");
}

#[tokio::test]
async fn a_new_link_forwards_nothing_and_an_edit_changes_that() {
    let app = TestApp::start().await;
    let created = app.link(json!({ "url": "https://example.com/a?x=1#top", "id": "go" })).await;
    assert_eq!(created.body["forward"], "none");
    leads_to(&open(&app, &format!("/{ACME}/go"), "y=2").await, "https://example.com/a?x=1#top");
    open(&app, &format!("/{ACME}/go/more"), "").await.is_problem(404, "not_found");
    let edit =
        |forward: &str| Call::new("update").slug("go").body(&json!({ "forward": forward }).to_string());
    assert_eq!(edit("query").send(&app).await.body["forward"], "query");
    leads_to(&open(&app, &format!("/{ACME}/go"), "y=2&x=3").await, "https://example.com/a?x=1&y=2#top");
    open(&app, &format!("/{ACME}/go/more"), "").await.is_problem(404, "not_found");
    assert_eq!(edit("path").send(&app).await.body["forward"], "path");
    leads_to(&open(&app, &format!("/{ACME}/go/more"), "y=2").await, "https://example.com/a/more?x=1&y=2#top");
    assert_eq!(edit("none").send(&app).await.body["forward"], "none");
    leads_to(&open(&app, &format!("/{ACME}/go"), "y=2").await, "https://example.com/a?x=1#top");
    edit("all").send(&app).await.is_problem(422, "validation_failed");
}

#[tokio::test]
async fn nothing_is_trimmed_after_a_link_that_forwards_paths() {
    let app = TestApp::start().await;
    link(&app, "jira", "https://jira.example.com/browse", "path").await;
    for (path, end) in
        [("", ""), ("/", "/"), ("/ABC-1", "/ABC-1"), ("/ABC-1).", "/ABC-1)."), ("//x/", "//x/")]
    {
        let answer = open(&app, &format!("/{ACME}/jira{path}"), "").await;
        leads_to(&answer, &format!("https://jira.example.com/browse{end}"));
    }
    let answer = open(&app, &format!("/{ACME}/jira/é x"), "").await;
    leads_to(&answer, "https://jira.example.com/browse/%C3%A9%20x");
    for path in ["/..", "/a/../b", "/%2e%2e/b", "/a\\b", "/a\u{1}"] {
        open(&app, &format!("/{ACME}/jira{path}"), "").await.is_problem(404, "not_found");
    }
    let too_long = "a".repeat(2100);
    open(&app, &format!("/{ACME}/jira/{too_long}"), "").await.is_problem(404, "not_found");
    let post = Call::new("redirect").path(&format!("/{ACME}/jira/ABC-1")).method("POST").send(&app).await;
    post.is_problem(404, "not_found");
    // A preview shows only the destination, without the path and the query that the link would forward.
    let preview = open(&app, &format!("/{ACME}/jira+"), "x=1").await;
    assert!(
        preview.status == 200 && preview.text.contains("https://jira.example.com/browse<"),
        "{}",
        preview.text
    );
}

#[tokio::test]
async fn at_the_root_an_organization_takes_precedence_over_a_link_that_forwards_paths() {
    let app = TestApp::with_settings(ROOT).await;
    link(&app, "jira", "https://jira.example.com/browse", "path").await;
    link(&app, "plain", "https://example.com/plain", "query").await;
    leads_to(&open(&app, "/jira/ABC-1", "").await, "https://jira.example.com/browse/ABC-1");
    leads_to(&open(&app, "/jira/ABC-1.html", "").await, "https://jira.example.com/browse/ABC-1.html");
    leads_to(&open(&app, "/jira/a/b/c", "x=1").await, "https://jira.example.com/browse/a/b/c?x=1");
    open(&app, "/plain/ABC-1", "").await.is_problem(404, "not_found");
    open(&app, "/missing/ABC-1", "").await.is_problem(404, "not_found");
    // In this test, the organization's id has the form of a slug.
    leads_to(&open(&app, &format!("/{ACME}/jira/x"), "").await, "https://jira.example.com/browse/x");
}

#[tokio::test]
async fn only_a_root_path_of_no_link_costs_a_second_read() {
    let app = TestApp::with_settings(ROOT).await;
    link(&app, "jira", "https://jira.example.com/browse", "path").await;
    link(&app, "plain", "https://example.com/plain", "none").await;
    for (path, status, reads) in [
        ("/plain", 302, 1),
        ("/jira", 302, 1),
        (&*format!("/{ACME}/plain"), 302, 1),
        (&format!("/{ACME}/jira/ABC-1"), 302, 1),
        ("/jira/ABC-1", 302, 2),
        ("/jira/ABC-1/x", 302, 2),
        ("/missing/ABC-1", 404, 2),
        ("/missing", 404, 1),
    ] {
        let counting = Counting::with_settings(&app, ROOT);
        let answer = Call::new("redirect").path(path).send_to(&counting.functions, Timestamp::now()).await;
        assert_eq!((answer.status, counting.calls()), (status, reads), "{path}");
    }
}

#[tokio::test]
async fn without_a_root_organization_a_path_of_two_slugs_is_that_of_an_organization() {
    let app = TestApp::start().await;
    link(&app, "jira", "https://jira.example.com/browse", "path").await;
    open(&app, "/jira/ABC-1", "").await.is_problem(404, "not_found");
}

#[tokio::test]
async fn paths_of_the_apis_routes_are_never_forwarded() {
    let app = TestApp::with_settings(ROOT).await;
    for slug in ["acme", "jira"] {
        link(&app, slug, "https://jira.example.com/browse", "path").await;
        for route in ROUTES.iter().filter(|route| **route != Route::DEFAULT) {
            let path = route.path.replace("{org_id}", slug).replace("{slug}", "x").replace("{record}", "y");
            let answer = open(&app, &path, "").await;
            assert!([404, 405].contains(&answer.status), "{path}: {}", answer.status);
        }
    }
}

#[tokio::test]
async fn a_slug_in_the_form_of_a_uuid_is_refused() {
    let app = TestApp::start().await;
    let body =
        json!({ "url": "https://example.com/", "id": "0B5C2B1E-8F0E-4E0C-9D56-0C2A4D6E8F10" }).to_string();
    let answer = Call::new("create").body(&body).send(&app).await;
    assert_eq!(answer.is_problem(422, "validation_failed").faults(), [("/id", "reserved_slug")]);
    app.put(&[]).await;
    let rename = json!({ "id": "0b5c2b1e-8f0e-4e0c-9d56-0c2a4d6e8f10" }).to_string();
    let answer = Call::new("update").body(&rename).send(&app).await;
    assert_eq!(answer.is_problem(422, "validation_failed").faults(), [("/id", "reserved_slug")]);
}

#[tokio::test]
async fn members_get_what_their_link_forwards_after_they_have_signed_in() {
    let app = TestApp::with_settings(&[("SIGN_IN_CLIENT_ID", "client")]).await;
    let body =
        json!({ "url": "https://wiki.example.com/w", "id": "wiki", "forward": "path", "access": "members" });
    app.link(body).await;
    let answer = open(&app, &format!("/{ACME}/wiki/A b"), "x=1&y").await;
    let open_path = format!("/{ACME}/-/open/wiki?path=/A%20b&query=x%3D1%26y");
    leads_to(&answer, &open_path);
    let query = open_path.split_once('?').unwrap().1;
    let opened = Call::new("open").slug("wiki").query(query).send(&app).await;
    leads_to(&opened, "https://wiki.example.com/w/A%20b?x=1&y");
    let unsafe_path = Call::new("open").slug("wiki").query("path=%2F..%2Fadmin").send(&app).await;
    unsafe_path.is_problem(404, "not_found");
    let navigation =
        [("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document"), ("accept", "text/html")];
    let browser = navigation
        .into_iter()
        .fold(Call::new("open").slug("wiki").query(query).anonymous(), |call, (name, value)| {
            call.header(name, value)
        });
    let sent = browser.send(&app).await;
    assert_eq!(sent.status, 302);
    let location = &sent.headers["location"];
    assert!(location.contains("wiki%3Fpath%3D%2FA%2520b%26query%3Dx%253D1%2526y&org_id="), "{location}");
}

#[tokio::test]
async fn a_change_of_what_is_forwarded_is_recorded_and_undone() {
    let app = TestApp::start().await;
    let created = app.link(json!({ "url": "https://example.com/a", "id": "launch" })).await;
    let edit = async |forward: &str| {
        let body = json!({ "forward": forward }).to_string();
        let edited = Call::new("update").slug("launch").body(&body).send(&app).await;
        assert_eq!(edited.status, 200, "{}", edited.text);
        edited
    };
    let edited = edit("path").await;
    let found = records(&app, "").await;
    assert_eq!(found[0]["before"], json!({ "forward": "none" }));
    assert_eq!(found[0]["after"], json!({ "forward": "path" }));
    assert_eq!(found[1]["after"]["forward"], "none");
    let undone = undo_of(&change_of(&edited)).send(&app).await;
    assert_eq!((undone.status, &undone.body["forward"]), (200, &created.body["forward"]), "{}", undone.text);
    assert_eq!(Call::new("read").slug("launch").send(&app).await.body, undone.body);
    let again = undo_of(&change_of(&undone)).send(&app).await;
    assert_eq!((again.status, &again.body["forward"]), (200, &json!("path")), "{}", again.text);
    // An undo does not overwrite a later value.
    edit("query").await;
    let refused = undo_of(&change_of(&again)).send(&app).await;
    assert_eq!(refused.is_problem(409, "changed_since").faults(), [("/forward", "changed")]);
    // A restored link forwards what it forwarded before it was deleted.
    let deleted = Call::new("delete").slug("launch").send(&app).await;
    let restored = undo_of(&change_of(&deleted)).send(&app).await;
    assert_eq!((restored.status, &restored.body["forward"]), (200, &json!("query")), "{}", restored.text);
}
