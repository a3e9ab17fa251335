use super::secret::Secret;
use super::transport::{Answer, Transport};
use crate::model::Timestamp;
use crate::settings::{Error, Settings};
use aws_config::SdkConfig;
use reqwest::{Client, RequestBuilder, StatusCode};
use serde_json::Value;
use std::fmt;
use url::Url;

/// PropelAuth's backend, and our API key for the backend. The key is secret and never printed.
///
/// The backend's host and the issuer are separate settings, because newer projects share one backend host. The shared
/// host identifies the project by the header `X-Propelauth-url`.
pub struct ProviderKey {
    backend: Url,
    auth_host: String,
    secret: Secret,
}

impl ProviderKey {
    /// Reads the settings: the key from the parameter named in `AUTH_API_KEY_PARAMETER`, or from `AUTH_API_KEY`, and
    /// the backend's URL from `AUTH_URL` (default: the issuer). Returns `None` if no key is set.
    ///
    /// # Errors
    /// A setting is malformed. The parameter is not read yet.
    pub fn from_settings(
        settings: &Settings,
        config: &SdkConfig,
        issuer: &str,
    ) -> Result<Option<Self>, Error> {
        let Some(secret) = Secret::from_settings(settings, config, "AUTH_API_KEY", "API key")? else {
            return Ok(None);
        };
        let issuer = Url::parse(issuer).ok().filter(Url::has_host);
        let issuer = issuer.ok_or_else(|| Error::malformed("AUTH_ISSUER", "is not a URL"))?;
        let backend = settings.url("AUTH_URL")?.unwrap_or_else(|| issuer.clone());
        Ok(Some(Self { backend, auth_host: issuer.authority().to_owned(), secret }))
    }

    /// Sends a GET request and returns the response's JSON.
    ///
    /// # Errors
    /// The request failed. Contains the cause, for the log.
    pub async fn get(&self, transport: &Transport, path: &str, now: Timestamp) -> Result<Value, String> {
        self.send(transport, path, now, Client::get).await?.json()
    }

    /// Sends a POST request and returns the response.
    ///
    /// # Errors
    /// The request failed. Contains the cause, for the log.
    pub async fn post(
        &self,
        transport: &Transport,
        path: &str,
        body: &Value,
        now: Timestamp,
    ) -> Result<Answer, String> {
        self.send(transport, path, now, |client, url| client.post(url).json(body)).await
    }

    async fn send(
        &self,
        transport: &Transport,
        path: &str,
        now: Timestamp,
        request: impl FnOnce(&Client, Url) -> RequestBuilder,
    ) -> Result<Answer, String> {
        let url = self.backend.join(path).map_err(|_| "the setting AUTH_URL cannot be the base of a path")?;
        let key = self.secret.read(now).await?;
        let with_key = |client: &Client| {
            request(client, url).bearer_auth(key).header("X-Propelauth-url", &self.auth_host)
        };
        let answer = transport.send(with_key).await?;
        if answer.status == StatusCode::UNAUTHORIZED {
            self.secret.was_refused(now).await;
        }
        Ok(answer)
    }
}

impl fmt::Debug for ProviderKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ProviderKey")
    }
}
