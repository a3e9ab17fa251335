use crate::error::ApiError;
use crate::http::{Fields, string};
use crate::model::Handle;
use serde::Serialize;

/// The JSON form of an organization's handles.
#[derive(Debug, Serialize)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(rename = "Handles", description = "An organization's handles.")
)]
pub struct HandlesBody<'a> {
    /// The current handle, which short URLs use; null if the organization has none.
    #[cfg_attr(feature = "schema", schemars(with = "Option<Handle>"))]
    handle: Option<&'a str>,
    /// All handles of the organization, newest first. Short URLs with any of these handles work.
    #[cfg_attr(feature = "schema", schemars(with = "Vec<Handle>", length(max = 5)))]
    handles: Vec<&'a str>,
}

impl<'a> HandlesBody<'a> {
    /// Creates the JSON form of handles, newest first.
    pub fn new(handles: &'a [Handle]) -> Self {
        let handles: Vec<&str> = handles.iter().map(Handle::as_str).collect();
        Self { handle: handles.first().copied(), handles }
    }
}

/// The body of a request that adds a handle.
#[derive(Debug)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(
        rename = "NewHandle",
        description = "The handle to add to the organization.",
        deny_unknown_fields
    )
)]
pub struct NewHandleBody {
    /// 1 to 40 letters, digits and hyphens, not beginning or ending with a hyphen. Upper case becomes lower case.
    pub handle: Handle,
}

impl NewHandleBody {
    /// Reads the body.
    ///
    /// # Errors
    /// The handle is missing or breaks a rule, or a field is unknown.
    pub fn read(mut fields: Fields) -> Result<Self, ApiError> {
        fields.require("handle");
        let handle = fields.take("handle", string(Handle::from_request));
        fields.finish(handle.map(|handle| Self { handle }))
    }
}
