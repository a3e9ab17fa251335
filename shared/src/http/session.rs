use crate::model::{OrgId, Timestamp, UserId};
use serde::Serialize;

/// The JSON form of a session.
#[derive(Debug, Serialize)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(rename = "Session", description = "Who is signed in.")
)]
pub struct SessionBody<'a> {
    /// The user's id at the sign-in provider.
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub user_id: &'a UserId,
    /// The user's name, if the provider gives one.
    pub name: Option<&'a str>,
    /// The organizations that the user belongs to.
    pub organizations: Vec<SessionOrganization<'a>>,
    /// The time at which the session expires; null for an API key.
    pub expires_at: Option<Timestamp>,
}

/// An organization that the user belongs to.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(inline))]
pub struct SessionOrganization<'a> {
    /// The organization's id, as in the paths of the API.
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub id: &'a OrgId,
    /// The organization's name, if the provider gives one.
    pub name: Option<&'a str>,
    /// The user's role in the organization, if the provider gives one.
    pub role: Option<&'a str>,
    /// Whether the user can edit and delete links that other members created.
    pub edits_all_links: bool,
    /// Whether the user can also hand links over and choose the organization's handle.
    pub manages_all_links: bool,
}
