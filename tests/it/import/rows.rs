//! What a row becomes if nothing prevents its import.

use super::{done, import, link, notes, results};
use crate::history::records;
use crate::support::{ACME, Call, TestApp};
use serde_json::{Value, json};
use shared::model::Timestamp;

#[tokio::test]
async fn a_row_becomes_the_callers_link_with_everything_that_a_plain_file_says() {
    let app = TestApp::start().await;
    let file = "url,id,title,tags,access,forward,enabled,expires_at\n\
                https://example.com/a,launch,The launch,\"b,a\",members,query,true,2099-01-01T00:00:00Z\n\
                https://example.com/off,off,,,,,false,\n";
    let body = done(&app, import("", file)).await;
    let tag = body["import"].as_str().unwrap();
    let day = Timestamp::now().to_string()[..10].replace('-', "");
    assert!(tag.starts_with(&format!("imported-{day}-")) && tag.len() == 24, "{tag}");
    assert_eq!(
        (&body["format"], &body["dry_run"], &body["rows"], &body["next"]),
        (&json!("plain"), &json!(false), &json!(2), &Value::Null)
    );
    assert_eq!(results(&body), [(2, "created", Some("launch")), (3, "created", Some("off"))]);
    assert_eq!(body["summary"]["created"], 2);
    let row = &body["results"][0];
    assert_eq!(
        *row,
        json!({
            "row": 2, "result": "created", "source": "launch", "id": "launch", "url": "https://example.com/a",
            "title": "The launch", "tags": ["a", "b", tag], "access": "members", "forward": "query",
            "enabled": true, "expires_at": "2099-01-01T00:00:00.000Z",
            "short_url": row["short_url"], "suggested_id": null, "notes": [], "errors": [],
        })
    );
    let found = link(&app, "launch").await.body;
    for name in ["id", "url", "title", "tags", "access", "forward", "enabled", "expires_at", "short_url"] {
        assert_eq!(found[name], row[name], "{name}");
    }
    assert_eq!(found["creator_user_id"], "0f3f5a0e-0003-4000-8000-000000000003");
    assert_eq!(found["creator_name"], "Maya Rao");
    assert_eq!(link(&app, "off").await.body["enabled"], false);
    assert_eq!(notes(&body["results"][1]), ["switched_off"]);
    // A list with the import's tag contains the imported links.
    let listed = Call::new("list").query(&format!("tag={tag}")).send(&app).await;
    assert_eq!(listed.body["data"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn the_history_calls_it_an_import_and_an_undo_deletes_the_link() {
    let app = TestApp::start().await;
    done(&app, import("", "url,id\nhttps://example.com/a,launch\n")).await;
    app.link(json!({ "url": "https://example.com/", "id": "made" })).await;
    let found = records(&app, "change=import").await;
    assert_eq!(found.len(), 1);
    assert_eq!((&found[0]["change"], &found[0]["before"]), (&json!("import"), &Value::Null));
    assert_eq!((&found[0]["link"]["id"], &found[0]["can_undo"]), (&json!("launch"), &json!(true)));
    let undone = crate::history::undo_of(found[0]["id"].as_str().unwrap()).send(&app).await;
    assert_eq!(undone.status, 200, "{}", undone.text);
    link(&app, "launch").await.is_problem(404, "not_found");
}

#[tokio::test]
async fn a_row_without_a_usable_slug_gets_a_random_one() {
    let app = TestApp::start().await;
    let file = "url,id\nhttps://example.com/a,\nhttps://example.com/b,구글\n";
    let dry = done(&app, import("dry_run=true&prefix=old-", file)).await;
    assert_eq!(results(&dry), [(2, "created", None), (3, "created", None)]);
    assert_eq!(dry["results"][0]["notes"], json!([]));
    assert_eq!(notes(&dry["results"][1]), ["slug_drawn"]);
    assert_eq!(
        (&dry["results"][1]["source"], &dry["results"][1]["short_url"]),
        (&json!("구글"), &Value::Null)
    );
    let body = done(&app, import("prefix=old-", file)).await;
    for (row, noted) in body["results"].as_array().unwrap().iter().zip([vec![], vec!["slug_drawn"]]) {
        let slug = row["id"].as_str().unwrap();
        assert!(slug.starts_with("old-") && slug.len() == 12, "{slug}");
        assert_eq!(notes(row), noted);
        assert_eq!(link(&app, slug).await.status, 200);
    }
}

#[tokio::test]
async fn slugs_fold_and_are_proposed_and_a_prefix_goes_before_them() {
    let app = TestApp::start().await;
    let file = "url,id\nhttps://example.com/1,Spring-Sale\nhttps://example.com/2,v1.0\n\
                https://example.com/3,Größe\n";
    let body = done(&app, import("", file)).await;
    let expected = [("spring-sale", "slug_folded"), ("v1-0", "slug_changed"), ("grosse", "slug_changed")];
    for (row, (slug, note)) in body["results"].as_array().unwrap().iter().zip(expected) {
        assert_eq!((row["id"].as_str(), notes(row)), (Some(slug), vec![note]));
    }
    assert_eq!(body["results"][0]["source"], "Spring-Sale");
    // The old address works in upper and lower case.
    let visit = Call::new("redirect").path(&format!("/{ACME}/Spring-Sale")).send(&app).await;
    assert_eq!(visit.headers["location"], "https://example.com/1");
    let body = done(&app, import("prefix=Old-", file)).await;
    assert_eq!(
        results(&body).iter().map(|(_, _, slug)| slug.unwrap()).collect::<Vec<_>>(),
        ["old-spring-sale", "old-v1-0", "old-grosse"]
    );
}

#[tokio::test]
async fn titles_and_tags_are_made_to_fit_and_the_difference_is_noted() {
    let app = TestApp::start().await;
    let title = "long ".repeat(60);
    let tags = (1..=12).map(|tag| format!("t{tag}")).collect::<Vec<_>>().join("|");
    let file = format!(
        "url,id,title,tags\nhttps://example.com/1,a,\"{title}\",{tags}\n\
         https://example.com/2,b,\"two\nlines\",News Letter|Spring\nhttps://example.com/3,c,\u{200b},\n"
    );
    let body = done(&app, import("", &file)).await;
    let row = &body["results"][0];
    assert_eq!(notes(row), ["title_cut", "tags_dropped"]);
    let cut = row["title"].as_str().unwrap();
    assert!(cut.ends_with('…') && cut.chars().count() <= 200, "{cut}");
    assert_eq!(row["tags"].as_array().unwrap().len(), 10);
    assert_eq!(notes(&body["results"][1]), ["tags_changed"]);
    assert_eq!(body["results"][1]["title"], "two lines");
    assert_eq!(body["results"][1]["tags"], json!([body["import"], "news-letter", "spring"]));
    assert_eq!(notes(&body["results"][2]), ["title_dropped"]);
    assert_eq!(body["results"][2]["row"], 5);

    let body = done(&app, import("tag=Q1&on_conflict=rename", &file)).await;
    let row = &body["results"][0];
    assert_eq!(row["result"], "replayed");
    let body = done(&app, import("tag=Q1&prefix=x", &file)).await;
    let tags: Vec<&str> =
        body["results"][0]["tags"].as_array().unwrap().iter().map(|tag| tag.as_str().unwrap()).collect();
    assert_eq!(tags.len(), 10);
    assert!(tags.contains(&"q1") && tags.contains(&"t8") && !tags.contains(&"t9"), "{tags:?}");
}

#[tokio::test]
async fn an_expired_row_is_skipped_or_kept_switched_off() {
    let app = TestApp::start().await;
    let file = "url,id,expires_at\nhttps://example.com/1,old,2020-01-01T00:00:00Z\n";
    let body = done(&app, import("", file)).await;
    assert_eq!(results(&body), [(2, "skipped", Some("old"))]);
    assert_eq!(notes(&body["results"][0]), ["expired"]);
    assert_eq!(app.count().await, 0);
    let body = done(&app, import("disabled=keep", file)).await;
    assert_eq!(results(&body), [(2, "created", Some("old"))]);
    assert_eq!(notes(&body["results"][0]), ["expired", "switched_off"]);
    let found = link(&app, "old").await.body;
    assert_eq!((&found["enabled"], &found["expires_at"]), (&json!(false), &Value::Null));
}

#[tokio::test]
async fn a_row_that_breaks_rules_is_refused_with_each_of_them_and_the_others_are_imported() {
    let app = TestApp::start().await;
    let file = format!(
        "url,id,access,forward,expires_at\nmarket://details,a,everyone,all,tomorrow\n\
         http://localhost/,b,,,\nhttps://example.com/{},c,,,\nhttps://example.com/d,d,Public,NONE,\n",
        "x".repeat(3000)
    );
    let body = done(&app, import("", &file)).await;
    let words: Vec<&str> = results(&body).iter().map(|(_, result, _)| *result).collect();
    assert_eq!(words, ["refused", "refused", "refused", "created"]);
    let errors = |row: usize| {
        let errors = body["results"][row]["errors"].as_array().unwrap().iter();
        errors.map(|error| (error["field"].as_str(), error["code"].as_str().unwrap())).collect::<Vec<_>>()
    };
    assert_eq!(
        errors(0),
        [
            (Some("url"), "unsupported_scheme"),
            (Some("access"), "invalid_access"),
            (Some("forward"), "invalid_forward"),
            (Some("expires_at"), "invalid_time"),
        ]
    );
    let row = &body["results"][0];
    assert_eq!((&row["url"], &row["access"]), (&json!("market://details"), &json!("everyone")));
    assert_eq!(row["expires_at"], "tomorrow");
    assert_eq!(errors(1), [(Some("url"), "private_address")]);
    assert_eq!(errors(2), [(Some("url"), "too_long")]);
    assert_eq!(body["results"][2]["url"].as_str().unwrap().len(), 300);
    assert_eq!(app.count().await, 1);
}

#[tokio::test]
async fn a_row_whose_destination_another_link_has_is_imported_and_the_link_named() {
    let app = TestApp::start().await;
    app.link(json!({ "url": "https://example.com/a", "id": "promo" })).await;
    for query in ["dry_run=true", ""] {
        let body = done(&app, import(query, "url,id\nhttps://EXAMPLE.com/a,launch\n")).await;
        assert_eq!(results(&body), [(2, "created", Some("launch"))]);
        let note = &body["results"][0]["notes"][0];
        assert_eq!((&note["code"], &note["id"]), (&json!("same_target"), &json!("promo")));
    }
}
