//! The earlier version's links, in indexes that were added later.

use super::{Directory, Shown, assert_shows};
use local::users::ACME;
use reqwest::Method;
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn its_links_are_found_by_url_and_by_search_from_the_first_start_on() {
    let directory = Directory::new();
    let mut running = directory.start().await;
    // At the second and third start the index is already complete, including the links that were created and edited in
    // between.
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

#[tokio::test(flavor = "multi_thread")]
async fn a_change_of_its_links_is_recorded_and_a_deleted_one_comes_back_with_its_clicks() {
    let directory = Directory::new();
    let mut running = directory.start().await;
    let shown = Shown::named(ACME.id, "launch");
    let history = format!("/{}/-/history", ACME.id);
    assert_eq!(running.get("member", &history).await.body["data"], json!([]));
    let clicks = format!("{}/clicks", shown.path());
    let total = running.get("member", &clicks).await.body["total"].clone();
    let deleted = running.call("member", Method::DELETE, &shown.path(), ("accept", "*/*"), None).await;
    assert_eq!(deleted.status, 200);
    running = running.restart().await;
    let records = running.get("member", &history).await.body["data"].clone();
    assert_eq!((&records[0]["change"], &records[0]["can_undo"]), (&json!("delete"), &json!(true)));
    let undo = format!("{history}/{}/undo", records[0]["id"].as_str().unwrap());
    let restored = running.call("member", Method::POST, &undo, ("accept", "*/*"), None).await;
    assert_eq!((restored.status, &restored.body["birth"]), (200, &json!(shown.birth())));
    assert_eq!(running.get("member", &clicks).await.body["total"], total);
}
