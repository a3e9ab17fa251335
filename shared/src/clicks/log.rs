use super::{Visit, line, visitor};
use crate::model::{Click, LinkKey, Slug, Timestamp};
use crate::settings::{Error, Settings};
use std::fmt;
use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};

/// The log of clicks. Each click is one line, written with a single write.
pub struct ClickLog {
    out: Arc<Mutex<dyn Write + Send>>,
    trusts_cdn: bool,
}

impl ClickLog {
    /// Returns a click log that writes to `out`.
    ///
    /// `TRUST_CDN_HEADERS` sets whether the header `CloudFront-Viewer-Country` is trusted. The header must be trusted
    /// only behind a CDN that sets the header itself, because otherwise visitors could choose their country. If the
    /// header is not trusted, no country is logged.
    ///
    /// # Errors
    /// `TRUST_CDN_HEADERS` is neither `true` nor `false`.
    pub fn new(out: Arc<Mutex<dyn Write + Send>>, settings: &Settings) -> Result<Self, Error> {
        Ok(Self { out, trusts_cdn: settings.flag("TRUST_CDN_HEADERS")? })
    }

    /// Logs a visitor's click on `link`, which has the slug `slug`.
    pub fn click(&self, visit: &Visit<'_>, link: LinkKey, slug: Slug, now: Timestamp) {
        let country = visit.country.filter(|_| self.trusts_cdn);
        let line = line::write(&Click {
            link,
            slug: Some(slug),
            at: now,
            referrer: visit.referrer.and_then(visitor::referrer),
            visitor: visitor::visitor(visit.user_agent),
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
