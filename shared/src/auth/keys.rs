//! Where the keys come from, and when they are asked for: on first need, and again when a token is signed by none of
//! them, at most once a minute.

mod jwks;
mod source;

use super::algorithm::Algorithms;
use super::provider::Provider;
use super::provider_key::ProviderKey;
use super::token::{Fault, Token};
use super::transport::Transport;
use crate::model::Timestamp;
use crate::settings::{Error, Settings};
use jsonwebtoken::{Algorithm, DecodingKey};
use serde_json::Value;
use source::Source;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};
use tokio::sync::Mutex;

/// How long the issuer is left in peace after a fetch, in milliseconds.
const REST: i64 = 60_000;
/// The same while there is no key at all.
const REST_WITHOUT_KEY: i64 = 5_000;
/// How far back a clock may seem to go between two requests that wait for one fetch, in milliseconds.
const OVERTAKING: i64 = 5_000;

/// The issuer's public keys: configured, or fetched.
pub enum Keys {
    /// One key, for good.
    Fixed(Arc<KeySet>),
    /// Those that the issuer gives out.
    Fetched(Box<Fetched>),
}

/// Keys that an issuer gives out.
pub struct Fetched {
    source: Source,
    transport: Arc<Transport>,
    algorithms: Algorithms,
    keys: RwLock<Option<Arc<KeySet>>>,
    /// When the last fetch began, by the wall clock: an instance's monotonic one stands still while it is frozen.
    /// Held locked during a fetch, so that there is one at a time.
    last_fetch: Mutex<Option<Timestamp>>,
}

/// The keys of one moment.
pub enum KeySet {
    /// A key without a name, for all tokens of its algorithm.
    Single(Algorithm, DecodingKey),
    /// Keys with names, most of them.
    Named(Vec<NamedKey>),
}

/// A key of a JWK Set.
pub struct NamedKey {
    id: Option<String>,
    algorithm: Algorithm,
    key: DecodingKey,
}

impl Keys {
    /// The key in `AUTH_VERIFIER_KEY`, or else those at `AUTH_JWKS_URL`, or else those that the provider gives out:
    /// PropelAuth to the bearer of its API key, all others by OpenID Connect Discovery.
    pub fn from_settings(
        settings: &Settings,
        provider: &Provider,
        provider_key: Option<&Arc<ProviderKey>>,
        transport: &Arc<Transport>,
    ) -> Result<Self, Error> {
        let name = "AUTH_VERIFIER_KEY";
        let algorithms = Algorithms::from_settings(settings)?;
        if let Some(pem) = settings.optional(name) {
            let (algorithm, key) =
                algorithms.key_from_pem(pem).map_err(|rule| Error::malformed(name, rule))?;
            return Ok(Self::Fixed(Arc::new(KeySet::Single(algorithm, key))));
        }
        let source = if let Some(url) = settings.url("AUTH_JWKS_URL")? {
            Source::Jwks(url)
        } else if !provider.is_propelauth {
            Source::discovery(&provider.issuer)?
        } else if let Some(provider_key) = provider_key {
            Source::PropelAuth(Arc::clone(provider_key))
        } else {
            let rule = "is missing; set it, AUTH_JWKS_URL or AUTH_API_KEY_PARAMETER";
            return Err(Error::malformed(name, rule));
        };
        Ok(Self::Fetched(Box::new(Fetched {
            source,
            transport: Arc::clone(transport),
            algorithms,
            keys: RwLock::new(None),
            last_fetch: Mutex::new(None),
        })))
    }

    /// The keys to verify by, if any were ever had.
    pub fn known(&self) -> Option<Arc<KeySet>> {
        match self {
            Self::Fixed(keys) => Some(Arc::clone(keys)),
            Self::Fetched(fetched) => fetched.keys(),
        }
    }

    /// The first keys, fetched.
    ///
    /// # Errors
    /// None can be had now; the cause.
    pub async fn first(&self, now: Timestamp) -> Result<Arc<KeySet>, String> {
        let fetched = match self {
            Self::Fixed(keys) => return Ok(Arc::clone(keys)),
            Self::Fetched(fetched) => fetched,
        };
        let mut last_fetch = fetched.last_fetch.lock().await;
        // Somebody else may have fetched them while we waited.
        if let Some(keys) = fetched.keys() {
            return Ok(keys);
        }
        if is_resting(REST_WITHOUT_KEY, *last_fetch, now) {
            return Err("the keys could not be fetched a moment ago".to_owned());
        }
        *last_fetch = Some(now);
        fetched.fetch(now).await
    }

    /// Keys that came after `old`, if there are any: asked for at most once a minute.
    pub async fn newer_than(&self, old: &Arc<KeySet>, now: Timestamp) -> Option<Arc<KeySet>> {
        let Self::Fetched(fetched) = self else { return None };
        let mut last_fetch = fetched.last_fetch.lock().await;
        let current = fetched.keys()?;
        if !Arc::ptr_eq(&current, old) {
            return Some(current);
        }
        if is_resting(REST, *last_fetch, now) {
            return None;
        }
        *last_fetch = Some(now);
        fetched.fetch(now).await.ok()
    }
}

/// A clock that has jumped back ends the rest.
fn is_resting(span: i64, last_fetch: Option<Timestamp>, now: Timestamp) -> bool {
    last_fetch.is_some_and(|then| (-OVERTAKING..span).contains(&(now.millis() - then.millis())))
}

impl Fetched {
    fn keys(&self) -> Option<Arc<KeySet>> {
        self.keys.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Fetches and keeps the keys. Where that fails, those it had stay.
    async fn fetch(&self, now: Timestamp) -> Result<Arc<KeySet>, String> {
        let keys = Arc::new(self.source.fetch(&self.transport, &self.algorithms, now).await?);
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&keys));
        Ok(keys)
    }
}

impl KeySet {
    /// The claims of a token that one of these keys signed.
    pub fn verify(&self, token: &Token<'_>) -> Result<Value, Fault> {
        token.verified_by(self.choose(token).ok_or(Fault::Signature)?)
    }

    /// The one key that a token can be signed by: its own, if it names one, or else the only one there is.
    fn choose(&self, token: &Token<'_>) -> Option<&DecodingKey> {
        let keys = match self {
            Self::Single(algorithm, key) => return (*algorithm == token.algorithm).then_some(key),
            Self::Named(keys) => keys,
        };
        let mut fitting = keys.iter().filter(|key| {
            key.algorithm == token.algorithm && (token.key_id.is_none() || key.id == token.key_id)
        });
        let first = fitting.next()?;
        fitting.next().is_none().then_some(&first.key)
    }
}

/// A verifier may be printed for debugging; its keys are not.
impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Fixed(_) => "Fixed",
            Self::Fetched(_) => "Fetched",
        })
    }
}
