use crate::support::{ACME, Call, DOMAIN, GLOBEX, TestApp};
use serde_json::json;
use shared::model::Timestamp;
use std::sync::Arc;

fn claim(handle: &str) -> Call {
    Call::new("handle").by("owner").body(&json!({ "handle": handle }).to_string())
}

#[tokio::test]
async fn an_organization_has_no_handle_until_it_claims_one() {
    let app = TestApp::start().await;
    let none = Call::new("handle-get").send(&app).await;
    assert_eq!(none.text, r#"{"handle":null,"handles":[]}"#);
    let claimed = claim("Acme-Inc").send(&app).await;
    assert_eq!(
        (claimed.status, claimed.text.as_str()),
        (200, r#"{"handle":"acme-inc","handles":["acme-inc"]}"#)
    );
    assert_eq!(Call::new("handle-get").by("colleague").send(&app).await.text, claimed.text);
    assert_eq!(Call::new("handle-get").by("outsider").org(GLOBEX).send(&app).await.text, none.text);
}

#[tokio::test]
async fn only_an_admin_can_claim_a_handle() {
    let app = TestApp::start().await;
    for user in ["member", "colleague", "outsider", "stranger"] {
        claim("acme").by(user).send(&app).await.is_problem(403, "forbidden");
    }
    assert_eq!(app.count().await, 0);
    assert_eq!(claim("acme").by("admin").send(&app).await.status, 200);
}

#[tokio::test]
async fn a_handle_belongs_to_one_organization_permanently() {
    let app = TestApp::start().await;
    assert_eq!(claim("acme").send(&app).await.status, 200);
    let globex = |handle: &str| claim(handle).by("outsider").org(GLOBEX);
    globex("ACME").send(&app).await.is_problem(409, "handle_taken");
    assert_eq!(claim("newer").send(&app).await.status, 200);
    globex("acme").send(&app).await.is_problem(409, "handle_taken");
    assert_eq!(globex("globex").send(&app).await.text, r#"{"handle":"globex","handles":["globex"]}"#);
}

#[tokio::test]
async fn an_organization_can_have_five_handles_and_go_back_to_an_older_one() {
    let app = TestApp::start().await;
    for handle in ["one", "two", "three", "four", "five"] {
        assert_eq!(claim(handle).send(&app).await.status, 200);
    }
    claim("six").send(&app).await.is_problem(409, "handle_limit");
    claim("globex").by("outsider").org(GLOBEX).send(&app).await;
    claim("globex").send(&app).await.is_problem(409, "handle_taken");
    let back = claim("two").send(&app).await;
    assert_eq!(back.body, json!({ "handle": "two", "handles": ["two", "five", "four", "three", "one"] }));
    assert_eq!(claim("two").send(&app).await.body, back.body);
}

#[tokio::test]
async fn short_urls_contain_the_newest_handle_and_all_handles_redirect() {
    let app = TestApp::start().await;
    app.put(&[]).await;
    claim("older").send(&app).await;
    claim("acme").send(&app).await;
    let slug = app.link_by("member").await;
    let base = format!("https://{DOMAIN}/@acme");
    for answer in [Call::new("read").send(&app).await, Call::new("update").send(&app).await] {
        assert_eq!(answer.body["short_url"], format!("{base}/k7m2p9qr"));
    }
    let page = Call::new("list").send(&app).await;
    assert_eq!(page.body["data"][0]["short_url"], format!("{base}/{slug}"));
    for handle in ["@acme", "@ACME", "@older", ACME] {
        let answer = Call::new("redirect-handle").org(handle).slug(&slug).send(&app).await;
        assert_eq!(answer.status, 302, "{handle}: {}", answer.text);
    }
    for handle in ["@", "@nobody", "@-", "@@acme", "acme", "@acme/x", "@docs"] {
        Call::new("redirect-handle").org(handle).slug(&slug).send(&app).await.is_problem(404, "not_found");
    }
    let deleted = Call::new("delete").send(&app).await;
    assert_eq!(deleted.body["short_url"], format!("{base}/k7m2p9qr"));
}

#[tokio::test]
async fn a_members_only_link_under_a_handle_leads_to_the_open_route_of_its_organization() {
    let app = TestApp::start().await;
    let body = json!({ "url": "https://example.com/", "id": "inner", "access": "members" });
    app.link(body).await;
    claim("acme").send(&app).await;
    let answer = Call::new("redirect-handle").slug("inner").send(&app).await;
    assert_eq!(answer.headers["location"], format!("/{ACME}/-/open/inner"));
}

#[tokio::test]
async fn a_new_handle_shows_everywhere_within_five_minutes() {
    let app = TestApp::start().await;
    app.put(&[]).await;
    let now = Timestamp::now();
    let later = |millis: i64| Timestamp::try_from(now.millis() + millis).unwrap();
    let before = Call::new("read").send_at(&app, now).await;
    assert_eq!(before.body["short_url"], format!("https://{DOMAIN}/{ACME}/k7m2p9qr"));
    // Another instance of the functions claims the handle.
    let other = app.another_instance(&[]);
    claim("acme").send_to(&other, now).await;
    let meanwhile = Call::new("read").send_at(&app, later(299_999)).await;
    assert_eq!(meanwhile.body["short_url"], before.body["short_url"]);
    let after = Call::new("read").send_at(&app, later(300_000)).await;
    assert_eq!(after.body["short_url"], format!("https://{DOMAIN}/@acme/k7m2p9qr"));
}

#[tokio::test]
async fn an_invalid_or_reserved_handle_is_refused() {
    let app = TestApp::start().await;
    for (body, fault) in [
        (json!({ "handle": "admin" }), ("/handle", "reserved_handle")),
        (json!({ "handle": "WWW" }), ("/handle", "reserved_handle")),
        (json!({ "handle": "docs" }), ("/handle", "reserved_handle")),
        (json!({ "handle": "-a" }), ("/handle", "invalid_handle")),
        (json!({ "handle": "a_b" }), ("/handle", "invalid_handle")),
        (json!({ "handle": "" }), ("/handle", "invalid_handle")),
        (json!({ "handle": "a".repeat(41) }), ("/handle", "invalid_handle")),
        (json!({ "handle": null }), ("/handle", "wrong_type")),
        (json!({}), ("/handle", "missing")),
        (json!({ "handle": "a", "handles": [] }), ("/handles", "unknown_field")),
    ] {
        let answer = Call::new("handle").by("owner").body(&body.to_string()).send(&app).await;
        assert_eq!(answer.is_problem(422, "validation_failed").faults(), [fault], "{body}");
    }
    assert_eq!(app.count().await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_fifty_concurrent_claims_by_two_organizations_one_organization_gets_the_handle() {
    let app = Arc::new(TestApp::start().await);
    let acme = claim("prize");
    let globex = claim("prize").by("outsider").org(GLOBEX);
    let (ours, theirs) = tokio::join!(acme.race(&app, 25), globex.race(&app, 25));
    let won =
        |answers: &[crate::support::Answer]| answers.iter().filter(|answer| answer.status == 200).count();
    assert!([(25, 0), (0, 25)].contains(&(won(&ours), won(&theirs))), "{} {}", won(&ours), won(&theirs));
    for answer in ours.iter().chain(&theirs).filter(|answer| answer.status != 200) {
        answer.is_problem(409, "handle_taken");
    }
    let handles = [Call::new("handle-get"), Call::new("handle-get").by("outsider").org(GLOBEX)];
    let mut owners = 0;
    for call in handles {
        owners += call.send(&app).await.body["handles"].as_array().unwrap().len();
    }
    assert_eq!(owners, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn different_handles_claimed_concurrently_are_all_kept() {
    let app = Arc::new(TestApp::start().await);
    let handles = ["one", "two", "three", "four"];
    let claims: Vec<_> = handles
        .into_iter()
        .map(|handle| {
            let app = Arc::clone(&app);
            tokio::spawn(async move { claim(handle).send(&app).await.status })
        })
        .collect();
    for claim in claims {
        assert_eq!(claim.await.unwrap(), 200);
    }
    let held = Call::new("handle-get").send(&app).await;
    let mut held: Vec<&str> =
        held.body["handles"].as_array().unwrap().iter().map(|one| one.as_str().unwrap()).collect();
    held.sort_unstable();
    assert_eq!(held, ["four", "one", "three", "two"]);
}
