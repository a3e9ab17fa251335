//! Short URLs without an organization.

use crate::support::{ACME, Call, TestApp};
use aws_sdk_dynamodb::types::AttributeValue;

#[tokio::test]
async fn a_slug_without_an_organization_belongs_to_the_root_organization() {
    let app =
        TestApp::with_settings(&[("ROOT_ORG", ACME), ("SHORT_BASE_URL", "https://go.example.com")]).await;
    app.put(&[]).await;
    let answer = Call::new("redirect-root").send(&app).await;
    assert_eq!((answer.status, answer.headers["location"].as_str()), (302, "https://example.com/kept"));
    let head = Call::new("redirect-root-head").send(&app).await;
    assert_eq!((head.status, &head.headers), (302, &answer.headers));
    assert_eq!(Call::new("redirect-root").slug("K7M2P9QR").send(&app).await.status, 302);
    for slug in ["nothing", "docs", "openapi.json", "link", "-", "apple-touch-icon.png", "sitemap.xml"] {
        Call::new("redirect-root").slug(slug).send(&app).await.is_problem(404, "not_found");
    }
    assert_eq!(Call::new("read").send(&app).await.body["short_url"], "https://go.example.com/k7m2p9qr");
    // The path with the organization works too. A path without an organization never reaches another organization.
    assert_eq!(Call::new("redirect").send(&app).await.status, 302);
    let create = Call::new("create-chosen").by("outsider").org(crate::support::GLOBEX).send(&app).await;
    assert_eq!(create.body["short_url"], format!("https://go.example.com/{}/launch", crate::support::GLOBEX));
    Call::new("redirect-root").slug("launch").send(&app).await.is_problem(404, "not_found");
}

#[tokio::test]
async fn without_a_root_organization_a_slug_alone_is_not_found() {
    let app = TestApp::start().await;
    app.put(&[]).await;
    Call::new("redirect-root").send(&app).await.is_problem(404, "not_found");
}

#[tokio::test]
async fn reserved_root_paths_are_invalid_slugs_only_for_the_root_organization() {
    let app = TestApp::with_settings(&[("ROOT_ORG", ACME)]).await;
    let body = r#"{"url": "https://example.com/", "id": "Docs"}"#;
    let answer = Call::new("create").body(body).send(&app).await;
    assert_eq!(answer.is_problem(422, "validation_failed").faults(), [("/id", "reserved_slug")]);
    let globex = Call::new("create").by("outsider").org(crate::support::GLOBEX);
    assert_eq!(globex.body(body).send(&app).await.status, 201);
    // An older link with this slug takes precedence over the page.
    let text = |value: &str| Some(AttributeValue::S(value.to_owned()));
    app.put(&[("id", text("docs")), ("newest", text("001795383720000#docs"))]).await;
    let read = Call::new("read").slug("docs").send(&app).await;
    assert_eq!(read.body["short_url"], format!("https://{}/{ACME}/docs", crate::support::DOMAIN));
}
