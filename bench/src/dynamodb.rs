//! A DynamoDB that keeps nothing and answers at once, as the real one would if every link were there.

use crate::Error;
use crate::event::{ORG, SLUG, USER};
use axum::Router;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::serve::ListenerExt;
use serde_json::{Map, Value, json};
use std::net::{Ipv4Addr, SocketAddr};
use tokio::net::TcpListener;

/// How many links a page of the list holds.
const PAGE: usize = 10;

/// The stub, listening on loopback until the process ends.
pub struct DynamoDb {
    address: SocketAddr,
}

impl DynamoDb {
    /// Starts listening on a free port.
    pub async fn listen() -> Result<Self, Error> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let listener = listener.tap_io(|connection| {
            let _ = connection.set_nodelay(true);
        });
        let router = Router::new().fallback(answer);
        tokio::spawn(async { axum::serve(listener, router).await });
        Ok(Self { address })
    }

    /// What `AWS_ENDPOINT_URL_DYNAMODB` has to say.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

async fn answer(headers: HeaderMap, body: String) -> Response {
    let target = headers.get("x-amz-target").and_then(|target| target.to_str().ok()).unwrap_or_default();
    let operation = target.split_once('.').map_or(target, |(_, operation)| operation);
    // What a function primes itself with: the real one finds nothing there, and no condition holds.
    let nobody = body.contains("\"@prime\"");
    let found = match operation {
        // No organization has a handle.
        "GetItem" if nobody || body.contains("\"@handles\"") => json!({}),
        "GetItem" => json!({"Item": projected(&body)}),
        "Query" if nobody => json!({"Items": [], "Count": 0, "ScannedCount": 0}),
        "Query" => json!({"Items": vec![item(); PAGE], "Count": PAGE, "ScannedCount": PAGE}),
        "PutItem" | "UpdateItem" | "DeleteItem" if nobody => {
            let exception = "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException";
            let refusal = json!({"__type": exception, "message": "The conditional request failed"});
            return reply(StatusCode::BAD_REQUEST, &refusal);
        }
        "PutItem" => json!({}),
        "UpdateItem" | "DeleteItem" => json!({"Attributes": item()}),
        _ => {
            return reply(StatusCode::BAD_REQUEST, &json!({"__type": "UnknownOperationException"}));
        }
    };
    reply(StatusCode::OK, &found)
}

fn reply(status: StatusCode, body: &Value) -> Response {
    let request_id = "BENCH0000000000000000000000000000000000000000000000";
    let headers = [(header::CONTENT_TYPE, "application/x-amz-json-1.0"), (header::SERVER, "Server")];
    (status, headers, [("x-amzn-requestid", request_id)], body.to_string()).into_response()
}

/// The item's attributes that the request names; all of them where it names none.
fn projected(request: &str) -> Value {
    let request: Value = serde_json::from_str(request).unwrap_or_default();
    let Some(names) = request.get("ExpressionAttributeNames").and_then(Value::as_object) else {
        return item();
    };
    let item = item();
    let wanted = names.values().filter_map(|name| {
        let name = name.as_str()?;
        Some((name.to_owned(), item.get(name)?.clone()))
    });
    Value::Object(wanted.collect::<Map<_, _>>())
}

/// A link, as the functions store one.
fn item() -> Value {
    json!({
        "org_id": {"S": ORG},
        "id": {"S": SLUG},
        "url": {"S": "https://example.com/a/page?from=short"},
        "access": {"S": "public"},
        "enabled": {"BOOL": true},
        "creator_user_id": {"S": USER},
        "created_at": {"N": "1795360400000"},
        "updated_at": {"N": "1795360400000"},
        "version": {"N": "1"},
        "write_id": {"S": "V1StGXR8_Z5jdHi6B-myT"},
        "newest": {"S": format!("001795360400000#{SLUG}")},
    })
}
