//! A stub of DynamoDB that stores nothing and responds as if every link existed. It speaks TLS, and responds at once or
//! after a delay.

use crate::Error;
use crate::event::{BIRTH, ORG, SLUG, USER};
use crate::tls::{self, TrustedRoots};
use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use serde_json::{Map, Value, json};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;

/// The number of links in a page of the list.
const PAGE: usize = 10;

/// The stub, listening on loopback until the process ends.
pub struct DynamoDb {
    address: SocketAddr,
    roots: TrustedRoots,
    latency: watch::Sender<Duration>,
    hang_up: watch::Sender<()>,
    counters: Arc<Counters>,
}

#[derive(Default)]
struct Counters {
    opened: AtomicU32,
    primed: AtomicU32,
}

/// What the stub has seen so far.
#[derive(Debug, Clone, Copy)]
pub struct Seen {
    /// Connections that were opened.
    pub opened: u32,
    /// The number of priming calls that got a response.
    pub primed: u32,
}

impl DynamoDb {
    /// Starts listening on a free port.
    pub async fn listen() -> Result<Self, Error> {
        let (acceptor, roots) = tls::server()?;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let (latency, hang_up) = (watch::Sender::new(Duration::ZERO), watch::Sender::new(()));
        let counters = Arc::<Counters>::default();
        let router = Router::new().fallback(answer).with_state((latency.subscribe(), Arc::clone(&counters)));
        let hung_up = hang_up.subscribe();
        let counted = Arc::clone(&counters);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                counted.opened.fetch_add(1, Ordering::Relaxed);
                tokio::spawn(serve(stream, acceptor.clone(), router.clone(), hung_up.clone()));
            }
        });
        Ok(Self { address, roots, latency, hang_up, counters })
    }

    /// Returns what the stub has seen so far.
    pub fn seen(&self) -> Seen {
        let read = |counter: &AtomicU32| counter.load(Ordering::Relaxed);
        let Counters { opened, primed } = &*self.counters;
        Seen { opened: read(opened), primed: read(primed) }
    }

    /// The value of `AWS_ENDPOINT_URL_DYNAMODB`. The URL contains a host name, because the real DynamoDB's name must be
    /// resolved too.
    pub fn url(&self) -> String {
        format!("https://localhost:{}", self.address.port())
    }

    /// The value of `SSL_CERT_FILE`.
    pub fn trusted_roots(&self) -> &Path {
        self.roots.path()
    }

    /// Delays each response by `latency` from now on.
    pub fn answer_after(&self, latency: Duration) {
        self.latency.send_replace(latency);
    }

    /// Closes all connections. DynamoDB does this to idle connections after a while.
    pub fn hang_up(&self) {
        self.hang_up.send_replace(());
    }
}

/// Serves one connection. Errors on the connection are ignored: a bootstrap is killed once it is measured, which breaks
/// its connections.
async fn serve(stream: TcpStream, acceptor: TlsAcceptor, router: Router, mut hung_up: watch::Receiver<()>) {
    let _ = stream.set_nodelay(true);
    hung_up.mark_unchanged();
    let Ok(stream) = acceptor.accept(stream).await else { return };
    let connection =
        http1::Builder::new().serve_connection(TokioIo::new(stream), TowerToHyperService::new(router));
    tokio::select! {
        _ = connection => {}
        _ = hung_up.changed() => {}
    }
}

async fn answer(
    State((latency, counters)): State<(watch::Receiver<Duration>, Arc<Counters>)>,
    headers: HeaderMap,
    body: String,
) -> Response {
    let latency = *latency.borrow();
    if latency > Duration::ZERO {
        tokio::time::sleep(latency).await;
    }
    let target = headers.get("x-amz-target").and_then(|target| target.to_str().ok()).unwrap_or_default();
    let operation = target.split_once('.').map_or(target, |(_, operation)| operation);
    // A function's priming call: every read returns no item, and every condition fails.
    let is_priming = body.contains("\"@prime\"");
    counters.primed.fetch_add(u32::from(is_priming), Ordering::Relaxed);
    let found = match operation {
        // No organization has a handle.
        "GetItem" if is_priming || body.contains("\"@handles\"") => json!({}),
        "GetItem" => json!({"Item": projected(&body)}),
        "Query" if is_priming || body.contains("\"clicks\"") || body.contains("\"history\"") => {
            json!({"Items": [], "Count": 0, "ScannedCount": 0})
        }
        "Query" => json!({"Items": vec![item(); PAGE], "Count": PAGE, "ScannedCount": PAGE}),
        "PutItem" | "UpdateItem" | "DeleteItem" if is_priming => {
            let exception = "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException";
            let refusal = json!({"__type": exception, "message": "The conditional request failed"});
            return reply(StatusCode::BAD_REQUEST, &refusal);
        }
        "TransactWriteItems" if is_priming => {
            let exception = "com.amazonaws.dynamodb.v20120810#TransactionCanceledException";
            let reasons =
                json!([{"Code": "ConditionalCheckFailed", "Message": "The conditional request failed"}]);
            let refusal = json!({
                "__type": exception, "Message": "Transaction cancelled", "CancellationReasons": reasons,
            });
            return reply(StatusCode::BAD_REQUEST, &refusal);
        }
        // No link has clicks.
        "BatchGetItem" => json!({"Responses": {}, "UnprocessedKeys": {}}),
        "PutItem" | "TransactWriteItems" => json!({}),
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

/// Returns the attributes that the request's projection lists, or all attributes if it has no projection.
fn projected(request: &str) -> Value {
    let request: Value = serde_json::from_str(request).unwrap_or_default();
    let Some(names) = request.get("ExpressionAttributeNames").and_then(Value::as_object) else {
        return item();
    };
    let item = item();
    let projected = names.values().filter_map(|name| {
        let name = name.as_str()?;
        Some((name.to_owned(), item.get(name)?.clone()))
    });
    Value::Object(projected.collect::<Map<_, _>>())
}

/// A link, as the functions store it.
pub fn item() -> Value {
    json!({
        "org_id": {"S": ORG},
        "id": {"S": SLUG},
        "birth": {"S": BIRTH},
        "url": {"S": "https://example.com/a/page?from=short"},
        "access": {"S": "public"},
        "enabled": {"BOOL": true},
        "creator_user_id": {"S": USER},
        "created_at": {"N": "1795360400000"},
        "updated_at": {"N": "1795360400000"},
        "version": {"N": "1"},
        "write_id": {"S": "V1StGXR8_Z5jdHi6B-myT"},
        "newest": {"S": format!("001795360400000#{SLUG}")},
        // The organization and the URL's hash.
        "target": {"S": format!("{ORG}#61ca3427a7f4c61700787c1299588822")},
    })
}
