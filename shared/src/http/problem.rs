use crate::error::{ApiError, Fault};
use crate::http::{Request, log};
use crate::model::{OrgId, Slug, Timestamp};
use crate::store::LinkStore;
use serde::Serialize;

/// The JSON form of an error (RFC 9457).
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(description = "A problem (RFC 9457)."))]
pub struct Problem<'a> {
    /// Always `about:blank`. Use `code` to distinguish problems.
    r#type: &'static str,
    /// The name of the HTTP status.
    title: &'static str,
    /// The status of the response.
    status: u16,
    /// A human-readable sentence: what is wrong and, if possible, what to do about it.
    detail: &'a str,
    /// A code that tells programs what is wrong. Unlike `detail`, it never changes.
    code: &'static str,
    /// All faults of the request, if the error is about fields or parameters; otherwise empty.
    errors: &'a [Fault],
    /// Only with the code `slug_taken`: a similar slug that was free a moment ago. Absent if none was found.
    #[serde(skip_serializing_if = "Option::is_none")]
    suggested_id: Option<&'a Slug>,
}

impl<'a> Problem<'a> {
    /// Creates the JSON form of an error. It does not contain the cause of an internal error.
    pub fn new(error: &'a ApiError) -> Self {
        Self {
            r#type: "about:blank",
            title: error.title(),
            status: error.status().as_u16(),
            detail: error.detail(),
            code: error.code(),
            errors: error.faults(),
            suggested_id: error.suggested_id(),
        }
    }
}

/// Returns the error for a slug that is taken in `org`, with a suggestion. If the search for a suggestion fails, the
/// failure is logged and the error contains no suggestion.
pub async fn slug_taken(
    request: &Request,
    links: &LinkStore,
    org: &OrgId,
    slug: &Slug,
    now: Timestamp,
) -> ApiError {
    let suggested_id = links.free_slug(org, slug).await.unwrap_or_else(|error| {
        log::without_suggestion(&error, &request.origin(), now);
        None
    });
    ApiError::SlugTaken { suggested_id }
}
