use super::{line, visitor};
use crate::http::Request;
use crate::model::{Click, LinkKey, Slug, Timestamp};
use crate::settings::{Error, Settings};
use lambda_http::http::Method;
use std::fmt;
use std::io::{self, Write};
use std::sync::{Mutex, PoisonError};

/// Where clicks are told: one line each, in one write.
pub struct ClickLog {
    out: Mutex<Box<dyn Write + Send>>,
    trusts_cdn: bool,
}

impl ClickLog {
    /// The process's standard output, which Lambda takes for the log.
    ///
    /// `TRUST_CDN_HEADERS` says whether `CloudFront-Viewer-Country` is to be believed: only behind a CDN that sets it
    /// itself, or visitors choose their country. Without it no country is told.
    ///
    /// # Errors
    /// `TRUST_CDN_HEADERS` is neither `true` nor `false`.
    pub fn from_settings(settings: &Settings) -> Result<Self, Error> {
        Self::to(io::stdout(), settings)
    }

    /// The same, written elsewhere.
    ///
    /// # Errors
    /// `TRUST_CDN_HEADERS` is neither `true` nor `false`.
    pub fn to(out: impl Write + Send + 'static, settings: &Settings) -> Result<Self, Error> {
        Ok(Self { out: Mutex::new(Box::new(out)), trusts_cdn: settings.flag("TRUST_CDN_HEADERS")? })
    }

    /// Logs a click on `link`, whose slug is `slug`, by the sender of `request`. `HEAD` and prefetches are not clicks.
    pub fn click(&self, request: &Request, link: LinkKey, slug: Slug, now: Timestamp) {
        if request.method() != Method::GET || request.is_prefetch() {
            return;
        }
        let country = request.viewer_country().filter(|_| self.trusts_cdn);
        let line = line::write(&Click {
            link,
            slug: Some(slug),
            at: now,
            referrer: request.referrer().and_then(visitor::referrer),
            visitor: visitor::visitor(request.user_agent()),
            country: country.and_then(|country| country.parse().ok()),
        });
        let mut out = self.out.lock().unwrap_or_else(PoisonError::into_inner);
        // If standard output is closed, the visitor is still redirected.
        let _ = out.write_all(&line);
    }
}

impl fmt::Debug for ClickLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClickLog").field("trusts_cdn", &self.trusts_cdn).finish_non_exhaustive()
    }
}
