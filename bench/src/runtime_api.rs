//! The server side of Lambda's Runtime API, which functions poll.
//! <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html>

use crate::Error;
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::serve::ListenerExt;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;

/// The timeout for a bootstrap to start or to respond.
const TIMEOUT: Duration = Duration::from_secs(30);

/// The Runtime API on loopback, for one bootstrap at a time.
pub struct RuntimeApi {
    address: SocketAddr,
    messages: mpsc::UnboundedReceiver<(Instant, Message)>,
}

/// A bootstrap that is waiting for its next event.
pub struct Waiting {
    /// The time at which the bootstrap began to wait.
    pub since: Instant,
    event: oneshot::Sender<Bytes>,
}

/// The response of a bootstrap.
pub struct Answer {
    /// The time from the event to the response.
    pub after: Duration,
    /// The response.
    pub body: Bytes,
}

enum Message {
    Next(oneshot::Sender<Bytes>),
    Response(Bytes),
    Fault(Bytes),
}

type Messages = mpsc::UnboundedSender<(Instant, Message)>;

impl RuntimeApi {
    /// Starts listening on a free port.
    pub async fn listen() -> Result<Self, Error> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let listener = listener.tap_io(|connection| {
            let _ = connection.set_nodelay(true);
        });
        let (sender, messages) = mpsc::unbounded_channel();
        let router = Router::new()
            .route("/2018-06-01/runtime/invocation/next", get(next))
            .route("/2018-06-01/runtime/invocation/{id}/response", post(response))
            .route("/2018-06-01/runtime/invocation/{id}/error", post(fault))
            .route("/2018-06-01/runtime/init/error", post(fault))
            .with_state(sender);
        tokio::spawn(async { axum::serve(listener, router).await });
        Ok(Self { address, messages })
    }

    /// The value of `AWS_LAMBDA_RUNTIME_API`.
    pub fn authority(&self) -> String {
        self.address.to_string()
    }

    /// Waits until the bootstrap requests its next event.
    pub async fn next(&mut self) -> Result<Waiting, Error> {
        match self.message().await? {
            (since, Message::Next(event)) => Ok(Waiting { since, event }),
            _ => Err("the bootstrap responded to an event that it did not get".into()),
        }
    }

    /// Sends an event to a waiting bootstrap, and waits for the response.
    pub async fn call(&mut self, bootstrap: Waiting, event: &Bytes) -> Result<Answer, Error> {
        let began = Instant::now();
        bootstrap
            .event
            .send(event.clone())
            .map_err(|_| "the bootstrap closed the connection while it waited for an event")?;
        match self.message().await? {
            (at, Message::Response(body)) => Ok(Answer { after: at - began, body }),
            _ => Err("the bootstrap requested another event before it responded to the first".into()),
        }
    }

    async fn message(&mut self) -> Result<(Instant, Message), Error> {
        let message = timeout(TIMEOUT, self.messages.recv()).await;
        match message.map_err(|_| format!("the bootstrap sent nothing for {TIMEOUT:?}"))? {
            Some((_, Message::Fault(fault))) => {
                Err(format!("it reported an error: {}", String::from_utf8_lossy(&fault)).into())
            }
            Some(message) => Ok(message),
            None => Err("the Runtime API has stopped".into()),
        }
    }
}

async fn next(State(messages): State<Messages>) -> Response {
    let (sender, event) = oneshot::channel();
    // If the receiver is gone, no one needs the message; the same applies below.
    let _ = messages.send((Instant::now(), Message::Next(sender)));
    let Ok(event) = event.await else {
        return StatusCode::GONE.into_response();
    };
    let deadline = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default() + TIMEOUT;
    let headers = [
        ("content-type", "application/json"),
        ("lambda-runtime-aws-request-id", "8f507cfc-ee1c-4b5b-9a3c-5f0e2f6a7d10"),
        ("lambda-runtime-deadline-ms", &deadline.as_millis().to_string()),
        ("lambda-runtime-invoked-function-arn", "arn:aws:lambda:eu-central-1:123456789012:function:bench"),
        (
            "lambda-runtime-trace-id",
            "Root=1-6921d3a0-0123456789abcdef01234567;Parent=0123456789abcdef;Sampled=0",
        ),
    ];
    (headers, event).into_response()
}

async fn response(State(messages): State<Messages>, body: Bytes) -> StatusCode {
    let _ = messages.send((Instant::now(), Message::Response(body)));
    StatusCode::ACCEPTED
}

async fn fault(State(messages): State<Messages>, body: Bytes) -> StatusCode {
    let _ = messages.send((Instant::now(), Message::Fault(body)));
    StatusCode::ACCEPTED
}
