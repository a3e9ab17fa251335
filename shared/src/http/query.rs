use crate::error::{ApiError, Fault};
use crate::http::suggestion::meant;
use crate::model::Invalid;
use std::collections::BTreeMap;

/// The maximum number of reported faults.
const MAX_FAULTS: usize = 100;

/// The parameters of a query string. A handler takes the parameters it knows; the rest are reported as unknown.
#[derive(Debug)]
pub struct Query {
    parameters: BTreeMap<String, String>,
    /// The names that the handler asked for and the client did not send.
    absent: Vec<&'static str>,
    faults: Vec<Fault>,
}

impl Query {
    pub(super) fn parse(text: &str) -> Self {
        let mut query = Self { parameters: BTreeMap::new(), absent: Vec::new(), faults: Vec::new() };
        for (name, value) in url::form_urlencoded::parse(text.as_bytes()) {
            if query.parameters.insert(name.to_string(), value.into_owned()).is_some() {
                let twice = Invalid::new("duplicate", "this parameter was sent more than once; send it once");
                query.faults.push(Fault::new(name, twice));
            }
        }
        query
    }

    /// Takes the parameter `name` and parses it. Returns `None` if it is missing or breaks a rule; [`Query::finish`]
    /// reports broken rules.
    pub fn take<T>(
        &mut self,
        name: &'static str,
        parse: impl FnOnce(String) -> Result<T, Invalid>,
    ) -> Option<T> {
        let Some(value) = self.parameters.remove(name) else {
            self.absent.push(name);
            return None;
        };
        let parsed = parse(value);
        parsed.map_err(|invalid| self.faults.push(Fault::new(name, invalid))).ok()
    }

    /// Like [`Query::take`], for a parameter with a default: an empty one counts as missing.
    ///
    /// Filters must use [`Query::take`]: otherwise a script whose variable is empty would get all links.
    pub fn take_or_default<T>(
        &mut self,
        name: &'static str,
        parse: impl FnOnce(String) -> Result<T, Invalid>,
    ) -> Option<T> {
        self.take(name, |text| if text.is_empty() { Ok(None) } else { parse(text).map(Some) }).flatten()
    }

    /// Returns whether the parameter `name` was sent.
    pub(super) fn has(&self, name: &str) -> bool {
        self.parameters.contains_key(name)
    }

    /// Succeeds if there are no faults.
    ///
    /// # Errors
    /// All parameters that break a rule, were sent twice or were not taken, up to a hundred.
    pub fn finish(mut self) -> Result<(), ApiError> {
        let unknown = |name: &str| {
            let rule = "unknown parameter";
            let suggestion = meant(name, &self.absent).map(|name| format!("; did you mean '{name}'?"));
            Invalid::new("unknown_parameter", format!("{rule}{}", suggestion.unwrap_or_default()))
        };
        let faults = self.parameters.keys().map(|name| Fault::new(name, unknown(name)));
        self.faults.extend(faults.take(MAX_FAULTS));
        self.faults.truncate(MAX_FAULTS);
        if self.faults.is_empty() { Ok(()) } else { Err(ApiError::InvalidQuery(self.faults)) }
    }
}
