use super::{KeySet, jwks};
use crate::auth::algorithm::Algorithms;
use crate::auth::provider_key::ProviderKey;
use crate::auth::transport::{PATIENCE, Transport};
use crate::model::Timestamp;
use crate::settings::Error;
use serde_json::Value;
use std::sync::Arc;
use tokio::time::timeout;
use url::Url;

/// Where keys are fetched from.
pub enum Source {
    /// PropelAuth's backend.
    PropelAuth(Arc<ProviderKey>),
    /// A JWK Set.
    Jwks(Url),
    /// The JWK Set that an issuer's own description names (OpenID Connect Discovery 1.0, section 4).
    Discovery {
        /// The issuer, as the description has to name it.
        issuer: String,
        /// Where the description is.
        description: Url,
    },
}

impl Source {
    /// The issuer's description of itself.
    ///
    /// # Errors
    /// The issuer is no URL.
    pub fn discovery(issuer: &str) -> Result<Self, Error> {
        let description = format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'));
        let description = Url::parse(&description).ok().filter(Url::has_host);
        let description = description.ok_or_else(|| Error::malformed("AUTH_ISSUER", "is no URL"))?;
        Ok(Self::Discovery { issuer: issuer.to_owned(), description })
    }

    /// Fetches the keys. Errors name no address and no header: they are logged.
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
                // Its two spellings of one answer.
                let pem = ["verifier_key_pem", "public_key_pem"]
                    .into_iter()
                    .find_map(|name| metadata.get(name)?.as_str());
                let pem = pem.ok_or("the key issuer's answer holds no key")?;
                let key =
                    algorithms.key_from_pem(pem).map_err(|rule| format!("the key issuer's key {rule}"))?;
                Ok(KeySet::Single(key.0, key.1))
            }
            Self::Jwks(url) => jwks::read(&transport.get(url).await?, algorithms),
            Self::Discovery { issuer, description } => {
                // Both within the time of one.
                let set = timeout(PATIENCE, async {
                    let url = jwks_url(&transport.get(description).await?, issuer, description)?;
                    transport.get(&url).await
                });
                let set = set.await.map_err(|_| "the key issuer takes too long")??;
                jwks::read(&set, algorithms)
            }
        }
    }
}

/// The JWK Set that a description names. It must be the issuer's own (section 4.3), and must not lead out of TLS.
fn jwks_url(description: &Value, issuer: &str, found_at: &Url) -> Result<Url, String> {
    let text = |name: &str| description.get(name).and_then(Value::as_str);
    if text("issuer") != Some(issuer) {
        return Err("the key issuer's description is another issuer's".to_owned());
    }
    let url = text("jwks_uri").and_then(|url| Url::parse(url).ok());
    let url = url.filter(|url| url.scheme() == "https" || url.scheme() == found_at.scheme());
    url.ok_or_else(|| "the key issuer's description names no keys".to_owned())
}
