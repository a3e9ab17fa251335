//! The store as the SDK and other programs see it: DynamoDB's responses, errors and headers.

#![allow(clippy::panic, clippy::unwrap_used, reason = "tests fail by panicking")]

use aws_sdk_dynamodb::error::ProvideErrorMetadata;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{
    AttributeValue, Delete, Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem,
};
use local::engine::Engine;
use local::guard::AllowedHosts;
use local::stack::client;
use local::tables::LINKS;
use reqwest::{Client, Method, RequestBuilder};
use serde_json::{Value, json};

fn engine() -> Engine {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    Engine::start(listener, None, AllowedHosts::default()).unwrap()
}

fn text(value: &str) -> AttributeValue {
    AttributeValue::S(value.to_owned())
}

fn link(id: &str) -> std::collections::HashMap<String, AttributeValue> {
    [("org_id", text("acme")), ("id", text(id)), ("newest", text(id))]
        .map(|(name, value)| (name.to_owned(), value))
        .into()
}

#[tokio::test]
async fn the_sdk_gets_items_conditions_and_cancellation_reasons_like_from_dynamodb() {
    let engine = engine();
    let client = client(&engine.url());
    LINKS.create(&client).await.unwrap();
    LINKS.create(&client).await.unwrap();
    let put = || client.put_item().table_name("links").set_item(Some(link("a")));
    put().send().await.unwrap();
    let again = put().condition_expression("attribute_not_exists(id)");
    let again = again.return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
    match again.send().await.unwrap_err().into_service_error() {
        PutItemError::ConditionalCheckFailedException(error) => assert_eq!(error.item(), Some(&link("a"))),
        error => panic!("{error:?}"),
    }

    let put = Put::builder()
        .table_name("links")
        .set_item(Some(link("a")))
        .condition_expression("attribute_not_exists(id)");
    let put = put.return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
    let delete = Delete::builder()
        .table_name("links")
        .key("org_id", text("acme"))
        .key("id", text("b"))
        .build()
        .unwrap();
    let transaction = client
        .transact_write_items()
        .transact_items(TransactWriteItem::builder().delete(delete).build())
        .transact_items(TransactWriteItem::builder().put(put.build().unwrap()).build());
    match transaction.send().await.unwrap_err().into_service_error() {
        TransactWriteItemsError::TransactionCanceledException(error) => {
            let reasons = error.cancellation_reasons();
            assert_eq!(
                reasons.iter().map(|reason| reason.code().unwrap()).collect::<Vec<_>>(),
                ["None", "ConditionalCheckFailed"]
            );
            assert_eq!(reasons.last().unwrap().item(), Some(&link("a")));
        }
        error => panic!("{error:?}"),
    }

    let listed = client.query().table_name("links").index_name("newest");
    let listed =
        listed.key_condition_expression("org_id = :org").expression_attribute_values(":org", text("acme"));
    assert_eq!(listed.send().await.unwrap().items(), [link("a")]);
    let missing = client.get_item().table_name("nothing").key("org_id", text("acme")).key("id", text("a"));
    let error = missing.send().await.unwrap_err();
    assert_eq!(error.code(), Some("ResourceNotFoundException"));
    let empty = client.put_item().table_name("links").item("org_id", text("acme")).item("id", text(""));
    let error = empty.send().await.unwrap_err();
    assert_eq!(error.code(), Some("ValidationException"));
    assert!(error.message().unwrap().contains("empty string value"), "{error:?}");
}

fn call(engine: &Engine, target: &str, body: &str) -> RequestBuilder {
    let request = Client::new().request(Method::POST, engine.url()).header("x-amz-target", target);
    let request = request
        .header("authorization", "AWS4-HMAC-SHA256 Credential=a/b/c/d/e, SignedHeaders=host, Signature=f");
    let request = request.header("x-amz-date", "20261125T000000Z");
    request.header("content-type", "application/x-amz-json-1.0").body(body.to_owned())
}

async fn error(request: RequestBuilder) -> (u16, Value) {
    let answer = request.send().await.unwrap();
    (answer.status().as_u16(), serde_json::from_str(&answer.text().await.unwrap()).unwrap())
}

#[tokio::test]
async fn a_response_has_the_id_and_the_checksum_that_some_sdks_check() {
    let engine = engine();
    let answer = call(&engine, "DynamoDB_20120810.ListTables", "{}").send().await.unwrap();
    assert_eq!(answer.headers()["content-type"], "application/x-amz-json-1.0");
    assert_eq!(answer.headers()["x-amzn-requestid"].len(), 52);
    let checksum: u32 = answer.headers()["x-amz-crc32"].to_str().unwrap().parse().unwrap();
    let body = answer.bytes().await.unwrap();
    let mut crc = flate2::Crc::new();
    crc.update(&body);
    assert_eq!(
        (checksum, serde_json::from_slice::<Value>(&body).unwrap()),
        (crc.sum(), json!({ "TableNames": [] }))
    );
}

#[tokio::test]
async fn an_invalid_request_is_an_error_in_dynamodbs_format() {
    let engine = engine();
    let known = "DynamoDB_20120810.GetItem";
    let serialization = "com.amazon.coral.service#SerializationException";
    let unknown = "com.amazon.coral.service#UnknownOperationException";
    let validation = "com.amazon.coral.validate#ValidationException";
    for (target, body, kind) in [
        ("DynamoDB_20120810.Nothing", "{}", unknown),
        ("Nothing.GetItem", "{}", unknown),
        ("", "{}", unknown),
        (known, "", serialization),
        (known, "{", serialization),
        (known, "\u{fffd}", serialization),
        (known, r#"{"TableName": 7}"#, serialization),
        (known, "{}", validation),
        (known, r#"{"TableName": "links", "Key": {"id": {}}}"#, validation),
        (known, r#"{"TableName": "links", "Key": {"id": {"S": "a", "N": "1"}}}"#, validation),
        ("DynamoDB_20120810.PutItem", r#"{"TableName": "links", "Item": {"id": {"N": "x"}}}"#, validation),
    ] {
        let (status, answer) = error(call(&engine, target, body)).await;
        assert_eq!((status, answer["__type"].as_str()), (400, Some(kind)), "{target} {body}: {answer}");
        let message =
            answer.get("message").or(answer.get("Message")).and_then(Value::as_str).unwrap_or_default();
        assert!(!message.contains(" at line ") && !message.contains("VALIDATION"), "{body}: {message}");
    }
    let unsigned = Client::new().post(engine.url()).header("x-amz-target", known);
    let unsigned = unsigned.header("content-type", "application/x-amz-json-1.0").body("{}");
    let (status, answer) = error(unsigned).await;
    assert_eq!(status, 400);
    assert!(answer["__type"].as_str().unwrap().ends_with("MissingAuthenticationTokenException"), "{answer}");
    // This request could be sent by an HTML form.
    let form = call(&engine, known, "{}").header("content-type", "text/plain").send().await.unwrap();
    assert_ne!(form.status(), 200);
    for (method, path) in
        [(Method::PUT, ""), (Method::OPTIONS, ""), (Method::POST, "/links"), (Method::GET, "/links")]
    {
        let answer = Client::new().request(method, format!("{}{path}", engine.url())).send().await.unwrap();
        assert_eq!(answer.status(), 404, "{path}");
    }
}
