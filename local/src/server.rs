//! An HTTP server with limits. A client cannot block it by sending an incomplete request, a huge request or no request.

use axum::Router;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::http::header::RETRY_AFTER;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::serve::Listener;
use axum::{Json, body::HttpBody};
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use serde_json::json;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::timeout;

/// The maximum size of a request head, in bytes. The gateway enforces API Gateway's own limit, which is lower.
const MAX_HEAD: usize = 64 * 1024;
/// The maximum size of a body that needs no permit, in bytes.
const SMALL_BODY: u64 = 64 * 1024;
/// How long a stopping server waits for the rest of a response to be sent.
const FLUSH_TIMEOUT: Duration = Duration::from_millis(100);

/// The limits of a server. Together they bound memory: a connection holds one head, one small body and one response, and
/// the number of large bodies is limited.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// The timeout for the head of a request, and for an idle connection.
    pub head_timeout: Duration,
    /// The timeout of a request, from the end of its head to its response.
    pub request_timeout: Duration,
    /// The maximum number of open connections. Further connections wait until an open connection is closed.
    pub connections: usize,
    /// The maximum number of concurrent requests with a body that is large or of unknown size. Further ones get 503.
    pub large_bodies: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            head_timeout: Duration::from_secs(30),
            request_timeout: Duration::from_secs(60),
            connections: 256,
            large_bodies: 8,
        }
    }
}

/// A running server. Dropping this value stops the server at once.
#[derive(Debug)]
pub struct Server {
    stopping: watch::Sender<bool>,
    accepting: JoinHandle<()>,
}

impl Server {
    /// Serves `router` on `listener`.
    pub fn start(listener: TcpListener, router: Router, limits: Limits) -> Self {
        let large_bodies = Arc::new(Semaphore::new(limits.large_bodies));
        let router = router.layer(from_fn_with_state((large_bodies, limits.request_timeout), limit));
        let (stopping, stop) = watch::channel(false);
        Self { stopping, accepting: tokio::spawn(accept(listener, router, limits, stop)) }
    }

    /// Stops accepting connections and requests, and waits until the requests in progress are done, but at most for
    /// `max_wait`.
    pub async fn stop(mut self, max_wait: Duration) {
        self.stopping.send_replace(true);
        // Connections that are still open are dropped together with the server.
        let _ = timeout(max_wait, &mut self.accepting).await;
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn limit(
    State((large_bodies, request_timeout)): State<(Arc<Semaphore>, Duration)>,
    request: Request,
    next: Next,
) -> Response {
    let is_small = request.body().size_hint().upper().is_some_and(|size| size <= SMALL_BODY);
    let permit = if is_small { None } else { large_bodies.try_acquire().ok() };
    if permit.is_none() && !is_small {
        let body = Json(json!({ "message": "Service Unavailable" }));
        return (StatusCode::SERVICE_UNAVAILABLE, [(RETRY_AFTER, "1")], body).into_response();
    }
    match timeout(request_timeout, next.run(request)).await {
        Ok(response) => response,
        Err(_) => {
            (StatusCode::REQUEST_TIMEOUT, Json(json!({ "message": "Request Timeout" }))).into_response()
        }
    }
}

async fn accept(mut listener: TcpListener, router: Router, limits: Limits, mut stop: watch::Receiver<bool>) {
    let slots = Arc::new(Semaphore::new(limits.connections));
    let mut connections = JoinSet::new();
    loop {
        let next = async {
            let slot = Arc::clone(&slots).acquire_owned().await;
            (slot, Listener::accept(&mut listener).await.0)
        };
        let (slot, stream) = tokio::select! {
            next = next => next,
            _ = stop.changed() => break,
        };
        while connections.try_join_next().is_some() {}
        let Ok(slot) = slot else { break };
        connections.spawn(serve(stream, router.clone(), limits, stop.clone(), slot));
    }
    drop(listener);
    while connections.join_next().await.is_some() {}
}

async fn serve(
    stream: TcpStream,
    router: Router,
    limits: Limits,
    mut stop: watch::Receiver<bool>,
    _slot: OwnedSemaphorePermit,
) {
    let is_busy = Arc::new(AtomicBool::new(false));
    let service = TowerToHyperService::new(router);
    let counted = service_fn(|request| {
        is_busy.store(true, Ordering::SeqCst);
        let (response, is_busy) = (service.call(request), Arc::clone(&is_busy));
        async move {
            let response = response.await;
            is_busy.store(false, Ordering::SeqCst);
            response
        }
    });
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(limits.head_timeout).max_buf_size(MAX_HEAD);
    let mut connection = pin!(builder.serve_connection(TokioIo::new(stream), counted));
    // An error on a connection affects only the client of this connection.
    tokio::select! {
        _ = connection.as_mut() => return,
        _ = stop.changed() => {}
    }
    connection.as_mut().graceful_shutdown();
    if is_busy.load(Ordering::SeqCst) {
        let _ = connection.await;
    } else {
        // The client may still be receiving the end of a response, or sending the beginning of a request.
        let _ = timeout(FLUSH_TIMEOUT, connection).await;
    }
}
