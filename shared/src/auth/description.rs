use super::transport::Transport;
use crate::settings::Error;
use serde_json::Value;
use url::Url;

/// An issuer's discovery document (OpenID Connect Discovery 1.0, section 4).
#[derive(Debug)]
pub struct Description {
    issuer: String,
    found_at: Url,
}

impl Description {
    /// Derives the document's URL from the issuer `AUTH_ISSUER`.
    ///
    /// # Errors
    /// The issuer is not a URL.
    pub fn new(issuer: &str) -> Result<Self, Error> {
        let found_at = format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'));
        let found_at = Url::parse(&found_at).ok().filter(Url::has_host);
        let found_at = found_at.ok_or_else(|| Error::malformed("AUTH_ISSUER", "is not a URL"))?;
        Ok(Self { issuer: issuer.to_owned(), found_at })
    }

    /// Fetches the document and returns its URLs with these names, in the same order.
    ///
    /// # Errors
    /// The document cannot be fetched or belongs to a different issuer (section 4.3). It is also an error if a URL is
    /// missing, or uses http although the issuer uses https. The error contains the cause, for the log.
    pub async fn urls<const N: usize>(
        &self,
        transport: &Transport,
        names: [&'static str; N],
    ) -> Result<[Url; N], String> {
        let description = transport.get(&self.found_at).await?;
        let text = |name: &str| description.get(name).and_then(Value::as_str);
        if text("issuer") != Some(&self.issuer) {
            return Err("the discovery document belongs to a different issuer".to_owned());
        }
        let url = |name: &str| {
            let url = text(name).and_then(|url| Url::parse(url).ok());
            let keeps_tls = |url: &Url| url.scheme() == "https" || url.scheme() == self.found_at.scheme();
            url.filter(keeps_tls).ok_or_else(|| format!("the discovery document has no usable '{name}'"))
        };
        // The method `try_map` of arrays is not stable yet.
        let mut found = Vec::with_capacity(N);
        for name in names {
            found.push(url(name)?);
        }
        found.try_into().map_err(|_| "the discovery document is incomplete".to_owned())
    }
}
