use crate::error::{ApiError, Fault};
use crate::model::Invalid;
use std::collections::BTreeMap;

/// The parameters of a query string, taken one by one. Parameters that are never taken are unknown.
#[derive(Debug)]
pub struct Query {
    parameters: BTreeMap<String, String>,
    faults: Vec<Fault>,
}

impl Query {
    pub(super) fn parse(text: &str) -> Self {
        let mut query = Self { parameters: BTreeMap::new(), faults: Vec::new() };
        for (name, value) in url::form_urlencoded::parse(text.as_bytes()) {
            if query.parameters.insert(name.to_string(), value.into_owned()).is_some() {
                let twice = Invalid::new("duplicate", "a parameter is given once");
                query.faults.push(Fault::new(name, twice));
            }
        }
        query
    }

    /// Takes the parameter `name`, parsed by `parse`. `None` if it was not sent or breaks a rule, which [`Query::finish`]
    /// reports.
    pub fn take<T>(&mut self, name: &str, parse: impl FnOnce(String) -> Result<T, Invalid>) -> Option<T> {
        let parsed = parse(self.parameters.remove(name)?);
        parsed.map_err(|invalid| self.faults.push(Fault::new(name, invalid))).ok()
    }

    /// Succeeds if no parameter is at fault.
    ///
    /// # Errors
    /// Each parameter that breaks a rule, was sent twice, or was never taken; at most a hundred.
    pub fn finish(mut self) -> Result<(), ApiError> {
        let unknown = || Invalid::new("unknown_parameter", "this route has no such parameter");
        self.faults.extend(self.parameters.into_keys().map(|name| Fault::new(name, unknown())));
        self.faults.truncate(100);
        if self.faults.is_empty() { Ok(()) } else { Err(ApiError::InvalidQuery(self.faults)) }
    }
}
