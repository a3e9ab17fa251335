//! The environment, read once at start, by name. What is missing or malformed stops the start with a sentence that
//! names the setting; no setting falls back to an empty text.

use crate::model::{OrgId, SlugGenerator, TargetRules, has_possible_host};
use std::collections::HashMap;
use std::ffi::OsString;
use std::fmt;
use url::Url;

/// A function's settings.
#[derive(Clone, Default)]
pub struct Settings(HashMap<String, String>);

/// A setting that is missing or malformed. It displays as a sentence that names the setting, never its value.
#[derive(Clone, PartialEq, Eq)]
pub struct Error(String);

impl Error {
    /// The setting `name` breaks a rule; `rule` goes on after the name: `is a number`.
    pub fn malformed(name: &str, rule: &str) -> Self {
        Self(format!("the setting {name} {rule}"))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The sentence itself, because a `main` that returns an error prints its `Debug`.
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
    /// The process's environment. What is no UTF-8 in a value is replaced, so that the value is wrong and not missing.
    pub fn from_env() -> Self {
        let text = |value: OsString| value.to_string_lossy().into_owned();
        std::env::vars_os().map(|(name, value)| (text(name), text(value))).collect()
    }

    /// These settings with `others` laid over them.
    pub fn overridden_by(mut self, others: Self) -> Self {
        self.0.extend(others.0);
        self
    }

    /// A setting that may be left out. An empty one counts as left out: a template's parameter cannot be absent.
    pub fn optional(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(|value| value.trim()).filter(|value| !value.is_empty())
    }

    /// A setting that must be there.
    ///
    /// # Errors
    /// It is missing or empty.
    pub fn text(&self, name: &str) -> Result<String, Error> {
        let value = self.optional(name).map(str::to_owned);
        value.ok_or_else(|| Error::malformed(name, "is missing"))
    }

    /// A setting that is an `http` or `https` URL.
    ///
    /// # Errors
    /// It is there and is no such URL.
    pub fn url(&self, name: &str) -> Result<Option<Url>, Error> {
        let Some(value) = self.optional(name) else { return Ok(None) };
        let url = Url::parse(value).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
        url.filter(has_possible_host)
            .map(Some)
            .ok_or_else(|| Error::malformed(name, "is not an http or https URL"))
    }

    /// A setting that is `true` or `false`; false where it is left out.
    ///
    /// # Errors
    /// It is there and is neither.
    pub fn flag(&self, name: &str) -> Result<bool, Error> {
        match self.optional(name) {
            None | Some("false") => Ok(false),
            Some("true") => Ok(true),
            Some(_) => Err(Error::malformed(name, "must be 'true' or 'false'")),
        }
    }

    /// How slugs are drawn: `SLUG_LENGTH` characters, 8 where it is left out.
    ///
    /// # Errors
    /// `SLUG_LENGTH` must be a number from 6 to 32.
    pub fn slugs(&self) -> Result<SlugGenerator, Error> {
        let length = self.optional("SLUG_LENGTH").unwrap_or("8").parse().ok();
        let slugs = length.and_then(|length| SlugGenerator::new(length).ok());
        slugs.ok_or_else(|| Error::malformed("SLUG_LENGTH", "must be a number from 6 to 32"))
    }

    /// For how many seconds an instance remembers where a link leads: `LINK_CACHE_SECONDS`, 0 where it is left out.
    ///
    /// # Errors
    /// `LINK_CACHE_SECONDS` must be a number from 0 to 300.
    pub fn link_cache_seconds(&self) -> Result<i64, Error> {
        let seconds = self.optional("LINK_CACHE_SECONDS").unwrap_or("0").parse().ok();
        seconds
            .filter(|seconds| (0..=300).contains(seconds))
            .ok_or_else(|| Error::malformed("LINK_CACHE_SECONDS", "must be a number from 0 to 300"))
    }

    /// The organization that short URLs without one belong to: `ROOT_ORG`.
    ///
    /// # Errors
    /// `ROOT_ORG` is there and is not an organization id.
    pub fn root_org(&self) -> Result<Option<OrgId>, Error> {
        let org = self.optional("ROOT_ORG").map(str::parse).transpose();
        org.map_err(|_| Error::malformed("ROOT_ORG", "is not an organization id"))
    }

    /// Where links may lead: `ALLOW_PRIVATE_TARGETS`, false where it is left out.
    ///
    /// # Errors
    /// `ALLOW_PRIVATE_TARGETS` is neither `true` nor `false`.
    pub fn targets(&self) -> Result<TargetRules, Error> {
        Ok(TargetRules { allow_private: self.flag("ALLOW_PRIVATE_TARGETS")? })
    }
}
