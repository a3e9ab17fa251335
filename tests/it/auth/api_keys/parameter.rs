//! The backend's API key, which is stored in a parameter.

use super::{VALIDATE, after, by, functions, key, member};
use crate::support::issuer::{Reply, Server};
use crate::support::{Call, KEY, TestApp};
use serde_json::{Value, json};
use shared::model::Timestamp;

/// The response of Systems Manager to `GetParameter`.
fn parameter(value: &str) -> Reply {
    Reply::Json(
        json!({ "Parameter": { "Name": "/signpost/api-key", "Type": "SecureString", "Value": value, "Version": 1 } }),
    )
}

#[tokio::test]
async fn the_backends_api_key_is_read_from_its_parameter_when_first_needed_and_again_when_it_is_refused() {
    let app = TestApp::start().await;
    let (server, store) = (Server::start().await, Server::start().await);
    let from_store = [
        ("AUTH_API_KEY_PARAMETER", "/signpost/api-key"),
        ("AUTH_API_KEY", ""),
        ("AWS_ENDPOINT_URL_SSM", store.url.as_str()),
    ];
    let functions = functions(&app, &server, &from_store);
    let start = Timestamp::now();
    let list = async |digit, seconds| {
        by(Call::new("list"), &key(digit)).send_to(&functions, after(start, seconds)).await.status
    };
    server.answer(VALIDATE, Reply::Json(member("member")));
    assert_eq!(Call::new("list").send_to(&functions, start).await.status, 200);
    assert!(store.asked().is_empty(), "a token needs no secret");

    let denied = json!({ "__type": "AccessDeniedException", "message": "secret of the store" });
    store.answer("/", Reply::Status(400, Vec::new(), denied));
    assert_eq!(list(1, 0).await, 503);
    store.answer("/", parameter("first-key\n"));
    assert_eq!(list(1, 6).await, 200);
    assert_eq!(list(2, 7).await, 200);
    assert_eq!(store.asked().len(), 2);
    let asked = &store.asked()[1];
    assert_eq!(asked.headers["x-amz-target"], "AmazonSSM.GetParameter");
    let body: Value = serde_json::from_str(&asked.body).unwrap();
    assert_eq!(body, json!({ "Name": "/signpost/api-key", "WithDecryption": true }));
    assert_eq!(server.asked()[0].headers["authorization"], "Bearer first-key");

    // The key was replaced: the provider rejects the old key, and the new key is read within a minute.
    store.answer("/", parameter("second-key"));
    server.answer(VALIDATE, Reply::Status(401, Vec::new(), Value::Null));
    assert_eq!((list(3, 20).await, list(3, 30).await), (503, 503));
    assert_eq!(store.asked().len(), 2);
    assert_eq!(list(3, 70).await, 503);
    server.answer(VALIDATE, Reply::Json(member("member")));
    assert_eq!(list(3, 76).await, 200);
    assert_eq!(store.asked().len(), 3);
    assert_eq!(server.asked().last().unwrap().headers["authorization"], "Bearer second-key");
}

#[tokio::test]
async fn the_verifier_key_is_fetched_with_the_api_key_of_the_parameter() {
    let app = TestApp::start().await;
    let (server, store) = (Server::start().await, Server::start().await);
    store.answer("/", parameter("our-own-key"));
    let metadata = json!({ "verifier_key_pem": KEY.public_pem() });
    server.answer("/api/v1/token_verification_metadata", Reply::Json(metadata));
    let auth = [
        ("AUTH_VERIFIER_KEY", ""),
        ("AUTH_API_KEY", ""),
        ("AUTH_API_KEY_PARAMETER", "/signpost/api-key"),
        ("AWS_ENDPOINT_URL_SSM", store.url.as_str()),
    ];
    let functions = functions(&app, &server, &auth);
    for _ in 0..2 {
        assert_eq!(Call::new("list").send_to(&functions, Timestamp::now()).await.status, 200);
    }
    assert_eq!((store.asked().len(), server.asked().len()), (1, 1));
}
