use crate::error::ApiError;
use crate::http::values::Values;
use crate::model::Invalid;
use std::collections::BTreeMap;

/// Returns a query string in which the parameter `name` has the value `value` and comes last. The other parameters stay
/// as they are. `value` must need no encoding.
pub(super) fn with(text: &str, name: &str, value: &str) -> String {
    let is_other = |pair: &&str| {
        let mut names = url::form_urlencoded::parse(pair.as_bytes()).map(|(name, _)| name);
        names.next().is_some_and(|other| other != name)
    };
    let mut query = String::new();
    for pair in text.split('&').filter(is_other) {
        query.push_str(pair);
        query.push('&');
    }
    query + name + "=" + value
}

/// The parameters of a query string. A handler takes the parameters it knows; the rest are reported as unknown.
#[derive(Debug)]
pub struct Query(Values<String>);

impl Query {
    pub(super) fn parse(text: &str) -> Self {
        let (mut values, mut repeated) = (BTreeMap::new(), Vec::new());
        for (name, value) in url::form_urlencoded::parse(text.as_bytes()) {
            if values.insert(name.to_string(), value.into_owned()).is_some() {
                repeated.push(name);
            }
        }
        let mut values = Values::new(values, str::to_owned);
        for name in repeated {
            let twice = Invalid::new("duplicate", "this parameter was sent more than once; send it once");
            values.report(&name, twice);
        }
        Self(values)
    }

    /// Takes the parameter `name` and parses it. Returns `None` if the parameter is missing or breaks a rule;
    /// [`Query::finish`] reports broken rules.
    pub fn take<T>(
        &mut self,
        name: &'static str,
        parse: impl FnOnce(String) -> Result<T, Invalid>,
    ) -> Option<T> {
        self.0.take(name, parse)
    }

    /// Like [`Query::take`], for a parameter with a default: an empty value is treated as missing.
    ///
    /// Filters must use [`Query::take`]: otherwise a script that sends an empty variable would get all links.
    pub fn take_or_default<T>(
        &mut self,
        name: &'static str,
        parse: impl FnOnce(String) -> Result<T, Invalid>,
    ) -> Option<T> {
        self.take(name, |text| if text.is_empty() { Ok(None) } else { parse(text).map(Some) }).flatten()
    }

    /// Returns whether the parameter `name` was sent.
    pub(super) fn has(&self, name: &str) -> bool {
        self.0.has(name)
    }

    /// Succeeds if there are no faults.
    ///
    /// # Errors
    /// The parameters that break a rule, were sent twice or were not taken; at most a hundred of them.
    pub fn finish(self) -> Result<(), ApiError> {
        let faults = self
            .0
            .finish(|suggestion| Invalid::new("unknown_parameter", format!("unknown parameter{suggestion}")));
        if faults.is_empty() { Ok(()) } else { Err(ApiError::InvalidQuery(faults)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_parameter_gets_another_value_and_the_others_stay_as_they_are() {
        for (text, expected) in [
            ("", "cursor=B"),
            ("cursor=A", "cursor=B"),
            ("limit=7", "limit=7&cursor=B"),
            ("cursor=A&limit=7&q=%C3%BC+a%26b", "limit=7&q=%C3%BC+a%26b&cursor=B"),
            ("&limit=7&&%63ursor=A&cursor", "limit=7&cursor=B"),
            ("cursors=A&tag", "cursors=A&tag&cursor=B"),
        ] {
            assert_eq!(with(text, "cursor", "B"), expected, "{text}");
        }
    }
}
