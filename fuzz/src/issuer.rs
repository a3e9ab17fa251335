//! An issuer that answers whatever it is told to.

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use std::sync::{Arc, Mutex};

/// Its answer, and where it is asked.
#[derive(Clone)]
pub struct Issuer {
    answer: Arc<Mutex<Bytes>>,
    pub url: String,
}

impl Issuer {
    /// An issuer that answers as long as the runtime runs.
    pub async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let answer = Arc::new(Mutex::new(Bytes::new()));
        let router = Router::new().fallback(tell).with_state(Arc::clone(&answer));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { answer, url }
    }

    pub fn answers(&self, bytes: &[u8]) {
        *self.answer.lock().unwrap() = Bytes::copy_from_slice(bytes);
    }
}

async fn tell(State(answer): State<Arc<Mutex<Bytes>>>) -> Bytes {
    answer.lock().unwrap().clone()
}
