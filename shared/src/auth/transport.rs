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
    /// Its body, if that is JSON.
    pub body: Option<Value>,
}

impl Transport {
    /// What is at `url`, which is JSON.
    pub async fn get(&self, url: &Url) -> Result<Value, String> {
        self.send(|client| client.get(url.clone())).await?.json()
    }

    /// Sends a request, and reads an answer of at most 64 kB within 2 s.
    pub async fn send(&self, request: impl FnOnce(&Client) -> RequestBuilder) -> Result<Answer, String> {
        let build = || async { Client::builder().timeout(PATIENCE).redirect(Policy::none()).build() };
        let client = self.client.get_or_try_init(build).await.map_err(|_| "no HTTP client could be built")?;
        let mut answer = request(client).send().await.map_err(|_| "the sign-in provider is out of reach")?;
        let retry_after = answer.headers().get("retry-after");
        let retry_after = retry_after.and_then(|seconds| seconds.to_str().ok()?.parse().ok());
        let mut body = Vec::new();
        while let Some(chunk) =
            answer.chunk().await.map_err(|_| "the sign-in provider's answer breaks off")?
        {
            body.extend_from_slice(&chunk);
            if body.len() > LARGEST {
                return Err("the sign-in provider's answer is too large".to_owned());
            }
        }
        let body = serde_json::from_slice(&body).ok().map(|Unique(body)| body);
        Ok(Answer { status: answer.status(), retry_after, body })
    }
}

impl Answer {
    /// The body of a success.
    pub fn json(self) -> Result<Value, String> {
        if self.status != StatusCode::OK {
            return Err(self.failure());
        }
        self.body.ok_or_else(|| "the sign-in provider's answer is no JSON".to_owned())
    }

    /// What went wrong, for the log.
    pub fn failure(&self) -> String {
        format!("the sign-in provider answers {}", self.status.as_u16())
    }
}
