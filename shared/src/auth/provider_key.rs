use super::transport::{Answer, Transport};
use crate::aws;
use crate::model::Timestamp;
use crate::settings::{Error, Settings};
use aws_config::SdkConfig;
use aws_sdk_ssm::error::ProvideErrorMetadata;
use reqwest::{Client, RequestBuilder, StatusCode};
use serde_json::Value;
use std::fmt;
use tokio::sync::Mutex;
use url::Url;

/// How long a key that was read is used at least, in milliseconds, also where the provider refuses it.
const REST: i64 = 60_000;

/// Our own API key at PropelAuth's backend, and where that is. The key is a secret: it is never printed.
///
/// The host to ask and the issuer are two settings, because newer projects have one backend host for all, and tell it
/// by `X-Propelauth-url` which project is meant.
pub struct ProviderKey {
    backend: Url,
    auth_host: String,
    secret: Secret,
}

/// Where the key is had from.
enum Secret {
    /// A setting, as on a developer's machine.
    Given(String),
    /// A parameter in the Parameter Store, read on first need: most invocations never need it.
    Parameter { name: String, client: aws_sdk_ssm::Client, read: Mutex<Option<(String, Timestamp)>> },
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
        let secret = if let Some(name) = settings.optional("AUTH_API_KEY_PARAMETER") {
            let client = aws::parameter_store(config, settings)?;
            Secret::Parameter { name: name.to_owned(), client, read: Mutex::new(None) }
        } else if let Some(key) = settings.optional("AUTH_API_KEY") {
            Secret::Given(key.to_owned())
        } else {
            return Ok(None);
        };
        let issuer = Url::parse(issuer).ok().filter(Url::has_host);
        let issuer = issuer.ok_or_else(|| Error::malformed("AUTH_ISSUER", "is no URL"))?;
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
        let url = self.backend.join(path).map_err(|_| "the setting AUTH_URL is no base for a path")?;
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

impl Secret {
    async fn read(&self, now: Timestamp) -> Result<String, String> {
        let (name, client, read) = match self {
            Self::Given(key) => return Ok(key.clone()),
            Self::Parameter { name, client, read } => (name, client, read),
        };
        let mut read = read.lock().await;
        if let Some((key, _)) = &*read {
            return Ok(key.clone());
        }
        // In a box, because it is the largest part of a request and hardly ever there.
        let answer = Box::pin(client.get_parameter().name(name).with_decryption(true).send()).await;
        let answer = answer.map_err(|error| {
            format!("the API key's parameter cannot be read: {}", error.code().unwrap_or("no answer"))
        })?;
        let value = answer.parameter.and_then(|parameter| parameter.value);
        let key = value.map(|value| value.trim().to_owned()).filter(|key| !key.is_empty());
        let key = key.ok_or("the API key's parameter is empty")?;
        *read = Some((key.clone(), now));
        Ok(key)
    }

    /// Forgets the key, so that a new one is found, but not more often than once a minute.
    async fn was_refused(&self, now: Timestamp) {
        let Self::Parameter { read, .. } = self else { return };
        let mut read = read.lock().await;
        if read.as_ref().is_some_and(|(_, read_at)| !(0..REST).contains(&(now.millis() - read_at.millis()))) {
            *read = None;
        }
    }
}

impl fmt::Debug for ProviderKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ProviderKey")
    }
}
