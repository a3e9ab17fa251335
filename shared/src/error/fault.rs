use crate::model::Invalid;
use serde::Serialize;

/// One thing that is wrong with a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Fault {
    /// The location of the fault: a JSON Pointer (RFC 6901) into the body, or the name of a query parameter.
    pub pointer: String,
    /// The broken rule, as a stable code for programs.
    #[cfg_attr(feature = "schema", schemars(extend("enum" = crate::schema::FAULT_CODES)))]
    pub code: &'static str,
    /// The broken rule, as a phrase for people.
    pub message: String,
}

impl Fault {
    /// Creates the fault for a value that breaks a rule. `pointer` is the location of the value.
    pub fn new(pointer: impl Into<String>, invalid: Invalid) -> Self {
        Self { pointer: pointer.into(), code: invalid.code, message: invalid.message }
    }
}
