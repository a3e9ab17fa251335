//! Settings from environment variables, read once at start. If a setting is missing or malformed, the function does not
//! start, and reports a sentence that contains the setting's name. An empty value is treated as missing.

use crate::model::{OrgId, SlugGenerator, TargetRules, has_possible_host};
use std::collections::HashMap;
use std::ffi::OsString;
use std::fmt;
use url::Url;

/// A function's settings.
#[derive(Clone, Default)]
pub struct Settings(HashMap<String, String>);

/// A missing or malformed setting. It displays as a sentence that contains the setting's name, never its value.
#[derive(Clone, PartialEq, Eq)]
pub struct Error(String);

impl Error {
    /// Creates the error for the setting `name`. `rule` continues the sentence after the name, for example `must be a
    /// number`.
    pub fn malformed(name: &str, rule: &str) -> Self {
        Self(format!("the setting {name} {rule}"))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Prints the same sentence as `Display`, because Rust prints the `Debug` form of an error that `main` returns.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Error {}

impl<N: Into<String>, V: Into<String>> FromIterator<(N, V)> for Settings {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(pairs: I) -> Self {
        Self(pairs.into_iter().map(|(name, value)| (name.into(), value.into())).collect())
    }
}

impl Settings {
    /// Reads the process's environment. Invalid UTF-8 in a value is replaced, so that the value is malformed rather than
    /// missing.
    pub fn from_env() -> Self {
        let text = |value: OsString| value.to_string_lossy().into_owned();
        std::env::vars_os().map(|(name, value)| (text(name), text(value))).collect()
    }

    /// Returns these settings, overridden by `others`.
    pub fn overridden_by(mut self, others: Self) -> Self {
        self.0.extend(others.0);
        self
    }

    /// Returns an optional setting. An empty setting is treated as missing, because a template's parameter cannot be
    /// absent.
    pub fn optional(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(|value| value.trim()).filter(|value| !value.is_empty())
    }

    /// Returns a required setting.
    ///
    /// # Errors
    /// The setting is missing or empty.
    pub fn text(&self, name: &str) -> Result<String, Error> {
        let value = self.optional(name).map(str::to_owned);
        value.ok_or_else(|| Error::malformed(name, "is missing"))
    }

    /// Returns an optional setting that is an `http` or `https` URL.
    ///
    /// # Errors
    /// The setting is not an `http` or `https` URL.
    pub fn url(&self, name: &str) -> Result<Option<Url>, Error> {
        let Some(value) = self.optional(name) else { return Ok(None) };
        let url = Url::parse(value).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
        url.filter(has_possible_host)
            .map(Some)
            .ok_or_else(|| Error::malformed(name, "is not an http or https URL"))
    }

    /// Returns a setting that is `true` or `false` (default).
    ///
    /// # Errors
    /// The setting is neither `true` nor `false`.
    pub fn flag(&self, name: &str) -> Result<bool, Error> {
        match self.optional(name) {
            None | Some("false") => Ok(false),
            Some("true") => Ok(true),
            Some(_) => Err(Error::malformed(name, "must be 'true' or 'false'")),
        }
    }

    /// Returns the generator of random slugs, which have `SLUG_LENGTH` characters (default 8).
    ///
    /// # Errors
    /// `SLUG_LENGTH` is not a number from 6 to 32.
    pub fn slugs(&self) -> Result<SlugGenerator, Error> {
        let length = self.optional("SLUG_LENGTH").unwrap_or("8").parse().ok();
        let slugs = length.and_then(|length| SlugGenerator::new(length).ok());
        slugs.ok_or_else(|| Error::malformed("SLUG_LENGTH", "must be a number from 6 to 32"))
    }

    /// Returns the TTL of cached destinations, in seconds: `LINK_CACHE_SECONDS` (default 0, no caching).
    ///
    /// # Errors
    /// `LINK_CACHE_SECONDS` is not a number from 0 to 300.
    pub fn link_cache_seconds(&self) -> Result<i64, Error> {
        let seconds = self.optional("LINK_CACHE_SECONDS").unwrap_or("0").parse().ok();
        seconds
            .filter(|seconds| (0..=300).contains(seconds))
            .ok_or_else(|| Error::malformed("LINK_CACHE_SECONDS", "must be a number from 0 to 300"))
    }

    /// Returns the root organization, `ROOT_ORG`. Short URLs without an organization belong to it.
    ///
    /// # Errors
    /// `ROOT_ORG` is not an organization id.
    pub fn root_org(&self) -> Result<Option<OrgId>, Error> {
        let org = self.optional("ROOT_ORG").map(str::parse).transpose();
        org.map_err(|_| Error::malformed("ROOT_ORG", "is not an organization id"))
    }

    /// Returns the rules for destinations: `ALLOW_PRIVATE_TARGETS` (default `false`).
    ///
    /// # Errors
    /// `ALLOW_PRIVATE_TARGETS` is neither `true` nor `false`.
    pub fn targets(&self) -> Result<TargetRules, Error> {
        Ok(TargetRules { allow_private: self.flag("ALLOW_PRIVATE_TARGETS")? })
    }
}
