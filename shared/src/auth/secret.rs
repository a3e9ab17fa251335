use crate::aws;
use crate::model::Timestamp;
use crate::settings::{Error, Settings};
use aws_config::SdkConfig;
use aws_sdk_ssm::error::ProvideErrorMetadata;
use std::fmt;
use tokio::sync::Mutex;

/// The minimum time in milliseconds before a rejected secret is read again.
const MIN_AGE: i64 = 60_000;

/// A secret shared with the sign-in provider. The secret is never printed.
pub struct Secret {
    /// The secret's name in the log.
    label: &'static str,
    source: Source,
}

/// Where a secret is read from.
enum Source {
    /// The secret is in a setting, for example on a developer's machine.
    Setting(String),
    /// The secret is in the Parameter Store. It is read on first use, because most invocations do not need the secret. The
    /// SDK for the Parameter Store makes bootstraps larger. It makes a start slower only if a parameter is set, because
    /// otherwise no client is built.
    Parameter { name: String, client: aws_sdk_ssm::Client, read: Mutex<Option<(String, Timestamp)>> },
}

impl Secret {
    /// Reads the settings. If `{name}_PARAMETER` is set, its value is the name of the parameter that contains the
    /// secret; otherwise the setting `name` contains the secret. Returns `None` if both are missing. `label` is the
    /// secret's name in the log.
    ///
    /// # Errors
    /// A setting for the Parameter Store is malformed. The parameter has not been read yet.
    pub fn from_settings(
        settings: &Settings,
        config: &SdkConfig,
        name: &str,
        label: &'static str,
    ) -> Result<Option<Self>, Error> {
        let source = if let Some(name) = settings.optional(&format!("{name}_PARAMETER")) {
            let client = aws::parameter_store(config, settings)?;
            Source::Parameter { name: name.to_owned(), client, read: Mutex::new(None) }
        } else if let Some(secret) = settings.optional(name) {
            Source::Setting(secret.to_owned())
        } else {
            return Ok(None);
        };
        Ok(Some(Self { label, source }))
    }

    /// Returns the secret. A parameter is read on first use.
    ///
    /// # Errors
    /// The parameter cannot be read. Contains the cause, for the log.
    pub async fn read(&self, now: Timestamp) -> Result<String, String> {
        let label = self.label;
        let (name, client, read) = match &self.source {
            Source::Setting(secret) => return Ok(secret.clone()),
            Source::Parameter { name, client, read } => (name, client, read),
        };
        let mut read = read.lock().await;
        if let Some((secret, _)) = &*read {
            return Ok(secret.clone());
        }
        // The call is boxed, because it is rarely made but would be the largest part of a request's future.
        let answer = Box::pin(client.get_parameter().name(name).with_decryption(true).send()).await;
        let answer = answer.map_err(|error| {
            format!("the {label}'s parameter cannot be read: {}", error.code().unwrap_or("no response"))
        })?;
        let value = answer.parameter.and_then(|parameter| parameter.value);
        let secret = value.map(|value| value.trim().to_owned()).filter(|secret| !secret.is_empty());
        let secret = secret.ok_or_else(|| format!("the {label}'s parameter is empty"))?;
        *read = Some((secret.clone(), now));
        Ok(secret)
    }

    /// Discards the secret after the provider rejected it, so that the parameter is read again, at most once a minute.
    pub async fn was_refused(&self, now: Timestamp) {
        let Source::Parameter { read, .. } = &self.source else { return };
        let mut read = read.lock().await;
        if read
            .as_ref()
            .is_some_and(|(_, read_at)| !(0..MIN_AGE).contains(&(now.millis() - read_at.millis())))
        {
            *read = None;
        }
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}
