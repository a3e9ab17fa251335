use crate::json::Unique;
use reqwest::redirect::Policy;
use reqwest::{Client, RequestBuilder, StatusCode};
use serde_json::Value;
use std::time::Duration;
use tokio::sync::OnceCell;
use url::Url;

/// How long a provider may take to answer.
pub const PATIENCE: Duration = Duration::from_secs(2);
/// The largest answer that is read.
const LARGEST: usize = 64 * 1024;

/// The connections to the provider. No redirect is followed, so that nobody but the provider is asked, or told anything.
///
/// Errors name no address and no header: they are logged.
#[derive(Debug, Default)]
pub struct Transport {
    /// Built on first need: it parses the system's certificates, which no other path wants to wait for.
    client: OnceCell<Client>,
}

/// What a provider answers.
pub struct Answer {
    /// Its status.
    pub status: StatusCode,
    /// For how many seconds it asks to be left alone, in `Retry-After`.
    pub retry_after: Option<i64>,
    /// Its body.
    pub body: Body,
}

/// The body of an answer.
pub enum Body {
    /// JSON.
    Json(Value),
    /// It is too large, or begins as an object and is not readable as JSON. What an answer repeats of a caller's own data
    /// can cause either.
    Unreadable,
    /// It is not JSON, such as the page of a proxy.
    Foreign,
}

impl Transport {
    /// What is at `url`, which is JSON.
    pub async fn get(&self, url: &Url) -> Result<Value, String> {
        self.send(|client| client.get(url.clone())).await?.json()
    }

    /// Sends a request, and reads an answer of at most 64 kB within 2 s.
    pub async fn send(&self, request: impl FnOnce(&Client) -> RequestBuilder) -> Result<Answer, String> {
        let build = || async { Client::builder().timeout(PATIENCE).redirect(Policy::none()).build() };
        let client =
            self.client.get_or_try_init(build).await.map_err(|_| "the HTTP client could not be built")?;
        let mut answer =
            request(client).send().await.map_err(|_| "the sign-in provider cannot be reached")?;
        let retry_after = answer.headers().get("retry-after");
        let retry_after = retry_after.and_then(|seconds| seconds.to_str().ok()?.parse().ok());
        let mut body = Vec::new();
        while let Some(chunk) =
            answer.chunk().await.map_err(|_| "the sign-in provider's response ended early")?
        {
            body.extend_from_slice(&chunk);
            if body.len() > LARGEST {
                return Ok(Answer { status: answer.status(), retry_after, body: Body::Unreadable });
            }
        }
        Ok(Answer { status: answer.status(), retry_after, body: Body::read(&body) })
    }
}

impl Answer {
    /// The body of a success.
    pub fn json(self) -> Result<Value, String> {
        if self.status != StatusCode::OK {
            return Err(self.failure());
        }
        match self.body {
            Body::Json(body) => Ok(body),
            Body::Unreadable => Err("the sign-in provider's response is too large or malformed".to_owned()),
            Body::Foreign => Err("the sign-in provider's response is not JSON".to_owned()),
        }
    }

    /// What went wrong, for the log.
    pub(super) fn failure(&self) -> String {
        format!("the sign-in provider returned status {}", self.status.as_u16())
    }
}

impl Body {
    fn read(bytes: &[u8]) -> Self {
        match serde_json::from_slice(bytes) {
            Ok(Unique(body)) => Self::Json(body),
            Err(_) if bytes.trim_ascii_start().starts_with(b"{") => Self::Unreadable,
            Err(_) => Self::Foreign,
        }
    }
}
