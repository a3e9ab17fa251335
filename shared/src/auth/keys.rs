//! The issuer's public keys. The keys are fetched on first use. If a token is signed with an unknown key, the keys are
//! fetched again, at most once a minute.

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

/// The minimum interval between two fetches, in milliseconds.
const MIN_INTERVAL: i64 = 60_000;
/// The minimum interval between two fetches while no key is available, in milliseconds.
const MIN_INTERVAL_WITHOUT_KEY: i64 = 5_000;
/// Requests that waited for a fetch can have a `now` that is earlier than the fetch, by at most this many milliseconds.
const CLOCK_TOLERANCE: i64 = 5_000;

/// The issuer's public keys.
pub enum Keys {
    /// One configured key.
    Fixed(Arc<KeySet>),
    /// Keys fetched from the issuer.
    Fetched(Box<Fetched>),
}

/// Keys fetched from an issuer.
pub struct Fetched {
    source: Source,
    transport: Arc<Transport>,
    algorithms: Algorithms,
    keys: RwLock<Option<Arc<KeySet>>>,
    /// When the latest fetch began, by the wall clock: an instance's monotonic clock stops while the instance is frozen.
    /// The mutex is locked during a fetch, so that only one fetch runs at a time.
    last_fetch: Mutex<Option<Timestamp>>,
}

/// A set of keys.
pub enum KeySet {
    /// A key without an id. It verifies all tokens that use its algorithm.
    Single(Algorithm, DecodingKey),
    /// Keys, most of which have ids.
    Named(Vec<NamedKey>),
}

/// A key in a JWK Set.
pub struct NamedKey {
    id: Option<String>,
    algorithm: Algorithm,
    key: DecodingKey,
}

impl Keys {
    /// Reads the settings: the key in `AUTH_VERIFIER_KEY`, or else the keys at `AUTH_JWKS_URL`, or else the provider's
    /// published keys. PropelAuth publishes its keys only to callers that have its API key. All other providers publish
    /// theirs through OpenID Connect Discovery.
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

    /// Returns the current keys, if any are available.
    pub fn known(&self) -> Option<Arc<KeySet>> {
        match self {
            Self::Fixed(keys) => Some(Arc::clone(keys)),
            Self::Fetched(fetched) => fetched.keys(),
        }
    }

    /// Returns the current keys. If no keys are available, fetches the keys first.
    ///
    /// # Errors
    /// No keys are available now. Contains the cause.
    pub async fn first(&self, now: Timestamp) -> Result<Arc<KeySet>, String> {
        let fetched = match self {
            Self::Fixed(keys) => return Ok(Arc::clone(keys)),
            Self::Fetched(fetched) => fetched,
        };
        let mut last_fetch = fetched.last_fetch.lock().await;
        // Another request may have fetched the keys while this one waited.
        if let Some(keys) = fetched.keys() {
            return Ok(keys);
        }
        if is_too_soon(MIN_INTERVAL_WITHOUT_KEY, *last_fetch, now) {
            return Err("the keys could not be fetched a moment ago".to_owned());
        }
        *last_fetch = Some(now);
        fetched.fetch(now).await
    }

    /// Returns keys that are newer than `old`, if any. Fetches keys at most once a minute.
    pub async fn newer_than(&self, old: &Arc<KeySet>, now: Timestamp) -> Option<Arc<KeySet>> {
        let Self::Fetched(fetched) = self else { return None };
        let mut last_fetch = fetched.last_fetch.lock().await;
        let current = fetched.keys()?;
        if !Arc::ptr_eq(&current, old) {
            return Some(current);
        }
        if is_too_soon(MIN_INTERVAL, *last_fetch, now) {
            return None;
        }
        *last_fetch = Some(now);
        fetched.fetch(now).await.ok()
    }
}

/// Returns true if less time than the minimum interval has passed since the last fetch. If the clock was set back
/// by more than the tolerance, returns false.
fn is_too_soon(interval: i64, last_fetch: Option<Timestamp>, now: Timestamp) -> bool {
    last_fetch.is_some_and(|then| (-CLOCK_TOLERANCE..interval).contains(&(now.millis() - then.millis())))
}

impl Fetched {
    fn keys(&self) -> Option<Arc<KeySet>> {
        self.keys.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Fetches and stores the keys. If the fetch fails, the current keys remain in use.
    async fn fetch(&self, now: Timestamp) -> Result<Arc<KeySet>, String> {
        let keys = Arc::new(self.source.fetch(&self.transport, &self.algorithms, now).await?);
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&keys));
        Ok(keys)
    }
}

impl KeySet {
    /// Verifies a token's signature and returns its claims.
    pub fn verify(&self, token: &Token<'_>) -> Result<Value, Fault> {
        token.verified_by(self.choose(token).ok_or(Fault::Signature)?)
    }

    /// Returns the key for a token: the key with the token's key id or, if the token has no key id, the only key for
    /// its algorithm.
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

/// Does not print the keys.
impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Fixed(_) => "Fixed",
            Self::Fetched(_) => "Fetched",
        })
    }
}
