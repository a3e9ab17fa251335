use super::secret::Secret;
use super::transport::{Answer, Transport};
use crate::model::Timestamp;
use crate::settings::{Error, Settings};
use aws_config::SdkConfig;
use reqwest::{Client, RequestBuilder, StatusCode};
use serde_json::Value;
use std::fmt;
use url::Url;

/// Our own API key at PropelAuth's backend, and where that is. The key is a secret: it is never printed.
///
/// The host to ask and the issuer are two settings, because newer projects have one backend host for all, and tell it
/// by `X-Propelauth-url` which project is meant.
pub struct ProviderKey {
    backend: Url,
    auth_host: String,
    secret: Secret,
}

impl ProviderKey {
    /// The key in the parameter that `AUTH_API_KEY_PARAMETER` names, or in `AUTH_API_KEY`, if there is one, for the
    /// backend at `AUTH_URL` (the issuer itself, where left out).
    ///
    /// # Errors
    /// A setting is malformed. Nothing is read yet.
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

    /// What the backend has at this path.
    ///
    /// # Errors
    /// It cannot be had now; the cause, for the log.
    pub async fn get(&self, transport: &Transport, path: &str, now: Timestamp) -> Result<Value, String> {
        self.send(transport, path, now, Client::get).await?.json()
    }

    /// What the backend answers to this body.
    ///
    /// # Errors
    /// No answer can be had now; the cause, for the log.
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
