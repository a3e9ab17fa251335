//! The earlier version's links, in indexes that were added later.

use super::{Directory, Shown, assert_shows};
use local::users::ACME;
use reqwest::Method;

#[tokio::test(flavor = "multi_thread")]
async fn its_links_are_found_by_url_and_by_search_from_the_first_start_on() {
    let directory = Directory::new();
    let mut running = directory.start().await;
    // The second and third starts find the index complete, including the links that were created and edited in between.
    for start in 0..3 {
        for shown in Shown::all() {
            let url = shown.text("/link/url");
            for (name, value) in [("url", url), ("q", url), ("q", shown.slug())] {
                let query: String = reqwest::Url::parse_with_params("http://x/", [(name, value)])
                    .unwrap()
                    .query()
                    .unwrap()
                    .into();
                let list = format!("/{}/link?{query}", shown.org());
                let answer = running.get(shown.user(), &list).await;
                let data = answer.body["data"].as_array().unwrap();
                let link = data.iter().find(|link| link["id"] == shown.slug());
                assert_shows(link.unwrap_or_else(|| panic!("{list}: {answer:?}")), &shown.0["link"]);
                assert!(data.iter().all(|link| link["org_id"] == shown.org()));
                assert!(name == "q" || data.iter().all(|link| link["url"] == url), "{list}");
            }
        }
        if start == 1 {
            let body = r#"{"url": "https://example.com/launch", "id": "another"}"#;
            let path = format!("/{}/link", ACME.id);
            let made = running.call("member", Method::POST, &path, ("accept", "*/*"), Some(body)).await;
            assert_eq!(made.status, 201);
        }
        running = running.restart().await;
    }
    let list = format!("/{}/link?url=https://example.com/launch", ACME.id);
    let found = running.get("member", &list).await.body;
    let slugs: Vec<&str> =
        found["data"].as_array().unwrap().iter().map(|link| link["id"].as_str().unwrap()).collect();
    assert_eq!(slugs, ["another", "launch"]);
}
