use crate::support::{ACME, Call, GLOBEX, TestApp};
use aws_sdk_dynamodb::types::AttributeValue;
use std::sync::Arc;

#[tokio::test]
async fn a_member_deletes_their_own_link_and_gets_it_back() {
    let app = TestApp::start().await;
    let created = Call::new("create").send(&app).await;
    let slug = created.body["id"].as_str().unwrap();

    let deleted = Call::new("delete").slug(slug).send(&app).await;
    assert_eq!((deleted.status, &deleted.body), (200, &created.body));
    Call::new("delete").slug(slug).send(&app).await.is_problem(404, "not_found");
    Call::new("redirect").slug(slug).send(&app).await.is_problem(404, "not_found");
    assert_eq!(app.count().await, 0);
}

#[tokio::test]
async fn a_member_cannot_delete_a_colleagues_link() {
    let app = TestApp::start().await;
    let slug = app.link_by("member").await;
    let refused = Call::new("delete").by("colleague").slug(&slug).send(&app).await;
    refused.is_problem(403, "forbidden");
    assert_eq!(Call::new("redirect").slug(&slug).send(&app).await.status, 302);
}

#[tokio::test]
async fn an_admin_and_an_owner_delete_any_link() {
    let app = TestApp::start().await;
    for user in ["admin", "owner"] {
        let slug = app.link_by("member").await;
        assert_eq!(Call::new("delete").by(user).slug(&slug).send(&app).await.status, 200);
        Call::new("delete").by(user).slug(&slug).send(&app).await.is_problem(404, "not_found");
    }
}

#[tokio::test]
async fn another_organizations_link_is_not_found() {
    let app = TestApp::start().await;
    let slug = app.link_by("member").await;
    let call = Call::new("delete").by("outsider").slug(&slug);
    call.clone().org(GLOBEX).send(&app).await.is_problem(404, "not_found");
    call.send(&app).await.is_problem(403, "forbidden");
    assert_eq!(app.count().await, 1);
}

#[tokio::test]
async fn a_slug_in_upper_case_is_the_same_link() {
    let app = TestApp::start().await;
    app.put(&[]).await;
    assert_eq!(Call::new("delete").slug("K7M2P9QR").send(&app).await.status, 200);
}

#[tokio::test]
async fn an_invalid_slug_is_not_found_and_deletes_nothing() {
    let app = TestApp::start().await;
    app.put(&[]).await;
    app.put(&[
        ("org_id", Some(AttributeValue::S(ACME.to_owned()))),
        ("id", Some(AttributeValue::S("@handles".to_owned()))),
    ])
    .await;
    for slug in ["@handles", "link", "", "k7m2p9qr\u{0}", "k7m2p9qr%20", "é"] {
        Call::new("delete").by("owner").slug(slug).send(&app).await.is_problem(404, "not_found");
    }
    assert_eq!(app.count().await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_fifty_concurrent_deletes_one_succeeds() {
    let app = Arc::new(TestApp::start().await);
    let slug = app.link_by("member").await;
    let deletes: Vec<_> = (0..50)
        .map(|_| {
            let (app, call) = (Arc::clone(&app), Call::new("delete").slug(&slug));
            tokio::spawn(async move { call.send(&app).await.status })
        })
        .collect();
    let mut statuses = Vec::new();
    for delete in deletes {
        statuses.push(delete.await.unwrap());
    }
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1);
    assert_eq!(statuses.iter().filter(|status| **status == 404).count(), 49);
}
