//! The shutdown of a server, and clients that send an incomplete request, too much data or nothing at all.

#![allow(clippy::expect_used, clippy::unwrap_used, reason = "tests fail by panicking")]

use axum::Router;
use axum::body::Bytes;
use axum::routing::any;
use local::server::{Limits, Server};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::time::timeout;

/// A timeout that is longer than any operation in these tests.
const NEVER: Duration = Duration::from_secs(20);
const SHORT: Duration = Duration::from_millis(200);

struct Running {
    server: Server,
    address: std::net::SocketAddr,
    /// Notified when the response to `/wait` may be sent.
    release: Arc<Notify>,
    /// Notified when a request to `/wait` has arrived.
    came: Arc<Notify>,
}

async fn start(limits: Limits) -> Running {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (release, came) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (released, coming) = (Arc::clone(&release), Arc::clone(&came));
    let wait = async move || {
        coming.notify_one();
        released.notified().await;
        "done"
    };
    let router = Router::new().route("/wait", any(wait)).fallback(async |body: Bytes| body.len().to_string());
    Running { server: Server::start(listener, router, limits), address, release, came }
}

impl Running {
    async fn send(&self, text: &str) -> TcpStream {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream.write_all(text.as_bytes()).await.unwrap();
        stream
    }
}

/// Returns all data that arrives until the connection is closed.
async fn rest(stream: &mut TcpStream) -> String {
    let mut text = Vec::new();
    timeout(NEVER, stream.read_to_end(&mut text))
        .await
        .expect("the connection is closed")
        .unwrap_or_default();
    String::from_utf8(text).unwrap()
}

const WHOLE: &str = "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";

#[tokio::test]
async fn connections_with_an_incomplete_head_or_without_data_are_closed() {
    let running = start(Limits { head_timeout: SHORT, ..Limits::default() }).await;
    for half in ["", "G", "GET / HTTP/1.1\r\nHost: a\r\n", "GET / HTTP/1.1\r\nHost: a\r\nX: "] {
        let mut stream = running.send(half).await;
        rest(&mut stream).await;
    }
    // The server also closes the connection if the second request on it is incomplete.
    let mut stream = running.send("GET / HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHo").await;
    assert!(rest(&mut stream).await.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn an_incomplete_body_ends_its_request() {
    let running = start(Limits { request_timeout: SHORT, ..Limits::default() }).await;
    for half in [
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhalf",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nh",
    ] {
        let mut stream = running.send(half).await;
        assert!(rest(&mut stream).await.starts_with("HTTP/1.1 408"), "{half}");
    }
}

#[tokio::test]
async fn connections_above_the_limit_wait_for_their_turn() {
    let running = start(Limits { connections: 2, ..Limits::default() }).await;
    let (first, second) = (running.send("").await, running.send("GET").await);
    let mut third = running.send(WHOLE).await;
    let mut byte = [0];
    assert!(
        timeout(SHORT, third.read(&mut byte)).await.is_err(),
        "the third request must not get a response yet"
    );
    drop(first);
    assert!(rest(&mut third).await.starts_with("HTTP/1.1 200"));
    drop(second);
}

#[tokio::test]
async fn few_large_bodies_are_read_at_a_time_and_small_ones_always() {
    let running = start(Limits { large_bodies: 1, ..Limits::default() }).await;
    let large = "POST /wait HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 1000000\r\n\r\n";
    let mut first = running.send(large).await;
    running.came.notified().await;
    let unknown =
        "POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n";
    for refused in [large, unknown] {
        let answer = rest(&mut running.send(refused).await).await;
        assert!(answer.starts_with("HTTP/1.1 503") && answer.contains("retry-after: 1"), "{answer}");
    }
    let small = "POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 4\r\n\r\nbody";
    assert!(rest(&mut running.send(small).await).await.ends_with("\r\n\r\n4"));
    running.release.notify_one();
    assert!(rest(&mut first).await.starts_with("HTTP/1.1 200"));
    assert!(rest(&mut running.send(unknown).await).await.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn an_oversized_head_is_refused_before_it_is_complete() {
    let running = start(Limits::default()).await;
    let mut stream = running.send("GET / HTTP/1.1\r\nX: ").await;
    let _ = stream.write_all(&[b'x'; 100_000]).await;
    let mut status = [0; 12];
    timeout(NEVER, stream.read_exact(&mut status)).await.unwrap().unwrap();
    assert_eq!(&status, b"HTTP/1.1 431");
}

#[tokio::test]
async fn a_shutdown_finishes_requests_in_progress_and_waits_for_nothing_else() {
    let Running { server, address, release, came } = start(Limits::default()).await;
    let connect = async |text: &str| {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(text.as_bytes()).await.unwrap();
        stream
    };
    // One connection is idle, one has sent an incomplete request, and one is waiting for its response.
    let mut idle = connect("GET / HTTP/1.1\r\nHost: a\r\n\r\n").await;
    idle.read_exact(&mut [0; 12]).await.unwrap();
    let half = connect("GET / HTTP/1.1\r\nHo").await;
    let mut busy = connect("GET /wait HTTP/1.1\r\nHost: a\r\n\r\n").await;
    came.notified().await;
    let stopping = tokio::spawn(server.stop(NEVER * 2));
    rest(&mut idle).await;
    assert!(!stopping.is_finished());
    release.notify_one();
    assert!(rest(&mut busy).await.ends_with("done"));
    timeout(NEVER, stopping).await.expect("an incomplete request must not delay the shutdown").unwrap();
    assert!(TcpStream::connect(address).await.is_err());
    drop(half);
}

#[tokio::test]
async fn a_shutdown_aborts_requests_that_take_too_long() {
    let Running { server, address, came, .. } = start(Limits::default()).await;
    let mut busy = TcpStream::connect(address).await.unwrap();
    busy.write_all(b"GET /wait HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
    came.notified().await;
    timeout(NEVER, server.stop(SHORT)).await.unwrap();
    assert_eq!(rest(&mut busy).await, "");
}
