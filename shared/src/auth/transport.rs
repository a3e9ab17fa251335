use crate::json::Unique;
use reqwest::redirect::Policy;
use reqwest::{Client, RequestBuilder, StatusCode};
use serde_json::Value;
use std::time::Duration;
use tokio::sync::OnceCell;
use url::Url;

/// The timeout of a request to the provider.
pub const TIMEOUT: Duration = Duration::from_secs(2);
/// The maximum size of a response body.
const MAX_BYTES: usize = 64 * 1024;

/// An HTTP client for the provider. It follows no redirects, so that nothing is sent to any other host.
///
/// Errors contain no address and no header, because they are logged.
#[derive(Debug, Default)]
pub struct Transport {
    /// Built on first use, because parsing the system's certificates takes time.
    client: OnceCell<Client>,
}

/// A response from the provider.
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The seconds in `Retry-After`, if any.
    pub retry_after: Option<i64>,
    /// The body.
    pub body: Body,
}

/// The body of a response.
pub enum Body {
    /// JSON.
    Json(Value),
    /// The body is too large, or begins like a JSON object and is malformed. Both can happen if a response repeats
    /// data from the caller.
    Unreadable,
    /// The body is not JSON, for example because it is a proxy's error page.
    Foreign,
}

impl Transport {
    /// Fetches `url` and returns the response's JSON.
    pub async fn get(&self, url: &Url) -> Result<Value, String> {
        self.send(|client| client.get(url.clone())).await?.json()
    }

    /// Sends a request and reads the response, at most 64 kB within 2 s.
    pub async fn send(&self, request: impl FnOnce(&Client) -> RequestBuilder) -> Result<Answer, String> {
        let build = || async { Client::builder().timeout(TIMEOUT).redirect(Policy::none()).build() };
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
            if body.len() > MAX_BYTES {
                return Ok(Answer { status: answer.status(), retry_after, body: Body::Unreadable });
            }
        }
        Ok(Answer { status: answer.status(), retry_after, body: Body::read(&body) })
    }
}

impl Answer {
    /// Returns the JSON body of a successful response.
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

    /// Describes an unsuccessful response, for the log.
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
