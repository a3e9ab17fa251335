//! A store that responds at once with constants, so that the functions can be tested many thousand times a second.

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};

/// The destination of the store's only link.
pub const TARGET: &str = "https://example.com/kept";
/// The `birth` of the store's only link.
const BIRTH: &str = "V1StGXR8_Z5jdHi6";

/// How the store responds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Behavior {
    /// The store has every requested item, and accepts writes.
    Full,
    /// The store is empty.
    Empty,
    /// The condition of the first write request fails.
    Refusing,
}

impl From<u8> for Behavior {
    fn from(byte: u8) -> Self {
        match byte % 3 {
            0 => Self::Full,
            1 => Self::Empty,
            _ => Self::Refusing,
        }
    }
}

/// The store. Clones share its state.
#[derive(Debug, Clone)]
pub struct Store(Arc<Mutex<Behavior>>);

impl Store {
    pub fn new() -> Self {
        Self(Arc::new(Mutex::new(Behavior::Full)))
    }

    pub fn set(&self, behavior: Behavior) {
        *self.0.lock().unwrap() = behavior;
    }
}

/// Returns one item that is a link, an idempotency key, a handle's owner and an organization's handles at the same
/// time: each reader finds the attributes that it needs.
fn item() -> Value {
    json!({
        "org_id": { "S": local::users::ACME.id },
        "id": { "S": "k7m2p9qr" },
        "birth": { "S": BIRTH },
        "slug": { "S": "k7m2p9qr" },
        "request_hash": { "S": "another" },
        "ttl": { "N": "4102444800" },
        "url": { "S": TARGET },
        "access": { "S": "public" },
        "enabled": { "BOOL": true },
        "creator_user_id": { "S": local::users::USERS[2].id },
        "created_at": { "N": "1795383720000" },
        "updated_at": { "N": "1795383720000" },
        "version": { "N": "1" },
        "write_id": { "S": "somebody" },
        "newest": { "S": "001795383720000#k7m2p9qr" },
        "organization": { "S": local::users::ACME.id },
        "handles": { "L": [{ "S": "acme" }] },
    })
}

/// Returns the record of an edit of the link.
fn record() -> Value {
    json!({
        "org_id": { "S": local::users::ACME.id },
        "id": { "S": "001795383720000-V1StGXR8_Z5jdHi6B-myT" },
        "org_link": { "S": format!("{}#{BIRTH}", local::users::ACME.id) },
        "change": { "S": "update" },
        "user_id": { "S": local::users::USERS[2].id },
        "slug": { "S": "k7m2p9qr" },
        "birth": { "S": BIRTH },
        "creator_user_id": { "S": local::users::USERS[2].id },
        "version": { "N": "1" },
        "before": { "M": { "title": { "S": "Before" } } },
        "after": { "M": {} },
    })
}

/// Returns the click counts of one day.
fn counter() -> Value {
    json!({
        "link": { "S": format!("{}#{BIRTH}", local::users::ACME.id) },
        "bucket": { "S": "2026-11-22#3" },
        "clicks": { "N": "3" },
    })
}

impl HttpClient for Store {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Store {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let target = request.headers().get("x-amz-target").unwrap_or_default();
        let operation = target.rsplit('.').next().unwrap_or_default();
        let behavior = *self.0.lock().unwrap();
        let body = request.body().bytes().and_then(|body| str::from_utf8(body).ok()).unwrap_or_default();
        let of_clicks = body.contains(r#""TableName":"clicks""#);
        let of_history = body.contains(r#""TableName":"history""#);
        let (status, body) = match (operation, behavior) {
            ("Query", Behavior::Full) if of_clicks => (200, json!({ "Items": [counter()] })),
            ("Query", _) if of_clicks => (200, json!({ "Items": [] })),
            ("BatchGetItem", Behavior::Full) if body.contains(r#""clicks":{"#) => {
                (200, json!({ "Responses": { "clicks": [counter()] } }))
            }
            ("BatchGetItem", Behavior::Full) => (200, json!({ "Responses": { "links": [item()] } })),
            ("GetItem", Behavior::Full | Behavior::Refusing) if of_history => {
                (200, json!({ "Item": record() }))
            }
            ("Query", Behavior::Full | Behavior::Refusing) if of_history => {
                (200, json!({ "Items": [record()], "Count": 1, "ScannedCount": 1 }))
            }
            ("GetItem", Behavior::Empty) => (200, json!({})),
            ("GetItem", _) => (200, json!({ "Item": item() })),
            ("Query", Behavior::Empty) => (200, json!({ "Items": [], "Count": 0, "ScannedCount": 0 })),
            ("Query", _) => (200, json!({ "Items": [item()], "Count": 1, "ScannedCount": 1 })),
            ("TransactWriteItems", Behavior::Refusing) => {
                // The transaction writes the record of the change first, then the link. The next attempt succeeds.
                self.set(Behavior::Full);
                let link = json!({ "Code": "ConditionalCheckFailed", "Item": item() });
                let reasons = json!([{ "Code": "None" }, link, { "Code": "None" }]);
                (400, refusal("TransactionCanceledException", "CancellationReasons", reasons))
            }
            ("UpdateItem" | "DeleteItem", Behavior::Empty) => {
                (400, refusal("ConditionalCheckFailedException", "Nothing", Value::Null))
            }
            ("PutItem" | "UpdateItem" | "DeleteItem", Behavior::Refusing) => {
                // The next attempt succeeds, as if it used a free slug.
                self.set(Behavior::Full);
                (400, refusal("ConditionalCheckFailedException", "Item", item()))
            }
            ("UpdateItem" | "DeleteItem", _) => (200, json!({ "Attributes": item() })),
            _ => (200, json!({})),
        };
        HttpConnectorFuture::ready(Ok(HttpResponse::new(
            status.try_into().unwrap(),
            SdkBody::from(body.to_string()),
        )))
    }
}

fn refusal(error: &str, member: &str, value: Value) -> Value {
    let mut refusal =
        json!({ "__type": format!("com.amazonaws.dynamodb.v20120810#{error}"), "message": "no" });
    refusal[member] = value;
    refusal
}
