use crate::error::Fault;
use crate::http::suggestion::meant;
use crate::model::Invalid;
use std::collections::BTreeMap;

/// The maximum number of reported faults. A longer list would not help the client, and could make a response ten times
/// as large as its request.
const MAX_FAULTS: usize = 100;

/// The named values of a body or a query string, and their faults. A handler takes the values it knows; the rest are
/// reported as unknown.
#[derive(Debug)]
pub struct Values<V> {
    values: BTreeMap<String, V>,
    /// The names of the values that the handler tried to take, but that the client did not send.
    absent: Vec<&'static str>,
    faults: Vec<Fault>,
    /// Converts a value's name to the location that the faults of this value contain.
    pointer: fn(&str) -> String,
}

impl<V> Values<V> {
    pub fn new(values: BTreeMap<String, V>, pointer: fn(&str) -> String) -> Self {
        Self { values, absent: Vec::new(), faults: Vec::new(), pointer }
    }

    /// Takes the value `name` and parses it. Returns `None` if the value is missing or breaks a rule. A broken rule is
    /// reported.
    pub fn take<T>(&mut self, name: &'static str, parse: impl FnOnce(V) -> Result<T, Invalid>) -> Option<T> {
        let Some(value) = self.values.remove(name) else {
            self.absent.push(name);
            return None;
        };
        let parsed = parse(value);
        parsed.map_err(|invalid| self.report(name, invalid)).ok()
    }

    /// Removes the value `name` and returns whether the client sent it.
    pub fn remove(&mut self, name: &str) -> bool {
        self.values.remove(name).is_some()
    }

    /// Returns true if the client sent the value `name`, and the handler has not taken it yet.
    pub fn has(&self, name: &str) -> bool {
        self.values.contains_key(name)
    }

    /// Reports a fault in the value `name`.
    pub fn report(&mut self, name: &str, invalid: Invalid) {
        self.faults.push(Fault::new((self.pointer)(name), invalid));
    }

    /// Reports a fault in the element `index` of the value `name`.
    pub fn report_element(&mut self, name: &str, index: usize, invalid: Invalid) {
        self.faults.push(Fault::new(format!("{}/{index}", (self.pointer)(name)), invalid));
    }

    /// Returns whether any fault has been found, or any value has not been taken.
    pub fn is_faulty(&self) -> bool {
        !self.faults.is_empty() || !self.values.is_empty()
    }

    /// Returns all faults, up to a hundred. `unknown` creates the fault for a value that has not been taken. The
    /// argument of `unknown` is empty, or a phrase that suggests the name that the client probably meant.
    pub fn finish(mut self, unknown: impl Fn(&str) -> Invalid) -> Vec<Fault> {
        let fault = |name: &String| {
            let suggestion = meant(name, &self.absent).map(|name| format!("; did you mean '{name}'?"));
            Fault::new((self.pointer)(name), unknown(&suggestion.unwrap_or_default()))
        };
        let faults = self.values.keys().map(fault);
        self.faults.extend(faults.take(MAX_FAULTS));
        self.faults.truncate(MAX_FAULTS);
        self.faults
    }
}
