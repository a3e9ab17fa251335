//! An issuer with a configurable response.

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use std::sync::{Arc, Mutex};

/// The response to every request, and the number of requests that have received this response.
type Told = Arc<Mutex<(Bytes, usize)>>;

/// A running issuer.
pub struct Issuer {
    told: Told,
    pub url: String,
}

impl Issuer {
    /// Starts an issuer. It runs until the runtime stops.
    pub async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let told = Told::default();
        let router = Router::new().fallback(tell).with_state(Arc::clone(&told));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { told, url }
    }

    pub fn answers(&self, bytes: &[u8]) {
        *self.told.lock().unwrap() = (Bytes::copy_from_slice(bytes), 0);
    }

    /// Returns the number of requests since the response was last set.
    pub fn asked(&self) -> usize {
        self.told.lock().unwrap().1
    }
}

async fn tell(State(told): State<Told>) -> Bytes {
    let mut told = told.lock().unwrap();
    told.1 += 1;
    told.0.clone()
}
