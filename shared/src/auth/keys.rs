use crate::model::Timestamp;
use crate::settings::{Error, Settings};
use jsonwebtoken::DecodingKey;
use reqwest::Client;
use reqwest::redirect::Policy;
use serde::Deserialize;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;
use tokio::sync::{Mutex, OnceCell};
use url::Url;

/// How long a fetch may take.
const PATIENCE: Duration = Duration::from_secs(2);
/// The largest answer that is read.
const LARGEST: usize = 64 * 1024;
/// How long the issuer is left in peace after a fetch, in milliseconds.
const REST: i64 = 60_000;
/// The same while there is no key at all.
const REST_WITHOUT_KEY: i64 = 5_000;
/// How far back a clock may seem to go between two requests that wait for one fetch, in milliseconds.
const OVERTAKING: i64 = 5_000;
/// An RSA public key of 2,048 bits is no shorter, in bytes; what is gets refused by the library at each token.
const SHORTEST_KEY: usize = 256;

/// The issuer's public key: configured, or fetched on first need and again after a rotation.
pub enum Keys {
    Fixed(Arc<DecodingKey>),
    Fetched(Box<Fetched>),
}

/// A key that PropelAuth's backend gives out.
pub struct Fetched {
    endpoint: Url,
    api_key: String,
    auth_host: String,
    /// Built on first need: it parses the system's certificates, which no other path wants to wait for.
    client: OnceCell<Client>,
    key: RwLock<Option<Arc<DecodingKey>>>,
    /// When the last fetch began, by the wall clock: an instance's monotonic one stands still while it is frozen.
    /// Held locked during a fetch, so that there is one at a time.
    last_fetch: Mutex<Option<Timestamp>>,
}

/// PropelAuth's two spellings of one answer.
#[derive(Deserialize)]
struct Metadata {
    #[serde(alias = "public_key_pem")]
    verifier_key_pem: String,
}

impl Keys {
    pub fn from_settings(settings: &Settings, issuer: &str) -> Result<Self, Error> {
        let name = "AUTH_VERIFIER_KEY";
        if let Some(pem) = settings.optional(name) {
            let key = parse(pem).map_err(|rule| Error::malformed(name, rule))?;
            return Ok(Self::Fixed(Arc::new(key)));
        }
        let Some(api_key) = settings.optional("AUTH_API_KEY").map(str::to_owned) else {
            return Err(Error::malformed(name, "is missing, and so is AUTH_API_KEY to fetch the key by"));
        };
        let issuer = Url::parse(issuer).ok().filter(|url| url.has_host());
        let issuer = issuer.ok_or_else(|| Error::malformed("AUTH_ISSUER", "is no URL"))?;
        let base = settings.url("AUTH_URL")?.unwrap_or_else(|| issuer.clone());
        let endpoint = base.join("/api/v1/token_verification_metadata");
        Ok(Self::Fetched(Box::new(Fetched {
            endpoint: endpoint.map_err(|_| Error::malformed("AUTH_URL", "is no base for a path"))?,
            api_key,
            auth_host: issuer.authority().to_owned(),
            client: OnceCell::new(),
            key: RwLock::new(None),
            last_fetch: Mutex::new(None),
        })))
    }

    /// The key to verify by, if one was ever had.
    pub fn known(&self) -> Option<Arc<DecodingKey>> {
        match self {
            Self::Fixed(key) => Some(Arc::clone(key)),
            Self::Fetched(fetched) => fetched.key(),
        }
    }

    /// The first key, fetched.
    ///
    /// # Errors
    /// None can be had now; the cause.
    pub async fn first(&self, now: Timestamp) -> Result<Arc<DecodingKey>, String> {
        let fetched = match self {
            Self::Fixed(key) => return Ok(Arc::clone(key)),
            Self::Fetched(fetched) => fetched,
        };
        let mut last_fetch = fetched.last_fetch.lock().await;
        // Somebody else may have fetched it while we waited.
        if let Some(key) = fetched.key() {
            return Ok(key);
        }
        if is_resting(REST_WITHOUT_KEY, *last_fetch, now) {
            return Err("the key issuer failed a moment ago".to_owned());
        }
        *last_fetch = Some(now);
        fetched.fetch().await
    }

    /// A key that came after `old`, if there is one: asked for at most once a minute.
    pub async fn newer_than(&self, old: &Arc<DecodingKey>, now: Timestamp) -> Option<Arc<DecodingKey>> {
        let Self::Fetched(fetched) = self else { return None };
        let mut last_fetch = fetched.last_fetch.lock().await;
        let current = fetched.key()?;
        if !Arc::ptr_eq(&current, old) {
            return Some(current);
        }
        if is_resting(REST, *last_fetch, now) {
            return None;
        }
        *last_fetch = Some(now);
        fetched.fetch().await.ok()
    }
}

/// A clock that has jumped back ends the rest.
fn is_resting(span: i64, last_fetch: Option<Timestamp>, now: Timestamp) -> bool {
    last_fetch.is_some_and(|then| (-OVERTAKING..span).contains(&(now.millis() - then.millis())))
}

impl Fetched {
    fn key(&self) -> Option<Arc<DecodingKey>> {
        self.key.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Fetches and keeps the key. Where that fails, the one it had stays.
    async fn fetch(&self) -> Result<Arc<DecodingKey>, String> {
        let metadata = self.metadata().await?;
        let key = parse(&metadata.verifier_key_pem).map_err(|rule| format!("the key issuer's key {rule}"))?;
        let key = Arc::new(key);
        *self.key.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&key));
        Ok(key)
    }

    /// Errors name no address and no header: they are logged.
    async fn metadata(&self) -> Result<Metadata, String> {
        let build = || async { Client::builder().timeout(PATIENCE).redirect(Policy::none()).build() };
        let client = self.client.get_or_try_init(build).await.map_err(|_| "no HTTP client could be built")?;
        let request = client.get(self.endpoint.clone()).bearer_auth(&self.api_key);
        let answer = request.header("X-Propelauth-url", &self.auth_host).send().await;
        let mut answer = answer.map_err(|_| "the key issuer is out of reach")?;
        if answer.status() != 200 {
            return Err(format!("the key issuer answers {}", answer.status().as_u16()));
        }
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(|_| "the key issuer's answer breaks off")? {
            body.extend_from_slice(&chunk);
            if body.len() > LARGEST {
                return Err("the key issuer's answer is too large".to_owned());
            }
        }
        serde_json::from_slice(&body).map_err(|_| "the key issuer's answer holds no key".to_owned())
    }
}

/// Reads a PEM, also one whose line ends were written as `\n`, as environment variables often hold it.
fn parse(pem: &str) -> Result<DecodingKey, &'static str> {
    let pem = pem.replace("\\n", "\n");
    if pem.contains("PRIVATE KEY") {
        return Err("is a private key; give the public one, and treat the private one as leaked");
    }
    let key = DecodingKey::from_rsa_pem(pem.as_bytes()).map_err(|_| "is no RSA public key in PEM")?;
    if key.try_get_as_bytes().is_ok_and(|der| der.len() < SHORTEST_KEY) {
        return Err("is an RSA key of fewer than 2,048 bits");
    }
    Ok(key)
}

/// A verifier may be printed for debugging; its keys and its API key are not.
impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Fixed(_) => "Fixed",
            Self::Fetched(_) => "Fetched",
        })
    }
}
