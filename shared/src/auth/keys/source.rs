use super::{KeySet, jwks};
use crate::auth::algorithm::Algorithms;
use crate::auth::description::Description;
use crate::auth::provider_key::ProviderKey;
use crate::auth::transport::{TIMEOUT, Transport};
use crate::model::Timestamp;
use crate::settings::Error;
use std::sync::Arc;
use tokio::time::timeout;
use url::Url;

/// The source of keys.
pub enum Source {
    /// PropelAuth's backend.
    PropelAuth(Arc<ProviderKey>),
    /// A JWK Set.
    Jwks(Url),
    /// The JWK Set that an issuer's discovery document refers to (OpenID Connect Discovery 1.0, section 4).
    Discovery(Description),
}

impl Source {
    /// Creates the source for an issuer with a discovery document.
    ///
    /// # Errors
    /// The issuer is not a URL.
    pub fn discovery(issuer: &str) -> Result<Self, Error> {
        Ok(Self::Discovery(Description::new(issuer)?))
    }

    /// Fetches the keys. Errors contain no address and no header, because they are logged.
    pub async fn fetch(
        &self,
        transport: &Transport,
        algorithms: &Algorithms,
        now: Timestamp,
    ) -> Result<KeySet, String> {
        match self {
            Self::PropelAuth(provider_key) => {
                let metadata =
                    provider_key.get(transport, "/api/v1/token_verification_metadata", now).await?;
                // The response contains the key under one of these two names.
                let pem = ["verifier_key_pem", "public_key_pem"]
                    .into_iter()
                    .find_map(|name| metadata.get(name)?.as_str());
                let pem = pem.ok_or("the issuer's response contains no key")?;
                let key = algorithms.key_from_pem(pem).map_err(|rule| format!("the issuer's key {rule}"))?;
                Ok(KeySet::Single(key.0, key.1))
            }
            Self::Jwks(url) => jwks::read(&transport.get(url).await?, algorithms),
            Self::Discovery(description) => {
                // Both requests share one timeout.
                let set = timeout(TIMEOUT, async {
                    let [url] = description.urls(transport, ["jwks_uri"]).await?;
                    transport.get(&url).await
                });
                let set = set.await.map_err(|_| "fetching the issuer's keys timed out")??;
                jwks::read(&set, algorithms)
            }
        }
    }
}
