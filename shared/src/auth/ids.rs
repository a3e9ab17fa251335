use crate::model::{Invalid, OrgId, UserId};

/// The prefix of an API key's user id, if the key belongs to an organization. The organization's id follows the prefix.
pub const ORGANIZATION_PREFIX: &str = "organization:";

/// The format of the provider's user and organization ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IdForm {
    /// UUIDs (RFC 9562) in lower case. PropelAuth uses them.
    Uuid,
    /// Any text.
    Any,
}

impl IdForm {
    /// Returns whether an organization at the provider can have this id.
    pub fn can_be_organization(self, org_id: &OrgId) -> bool {
        self == Self::Any || org_id.is_uuid()
    }

    /// Parses a user id. A UUID is converted to lower case, because the provider's ids are in lower case.
    ///
    /// # Errors
    /// The text is not a user id, or no user at the provider can have this id.
    pub fn user_id(self, text: String) -> Result<UserId, Invalid> {
        let user_id = UserId::try_from(text)?;
        if self == Self::Any {
            return Ok(user_id);
        }
        let text = user_id.as_str();
        let (prefix, id) = match text.strip_prefix(ORGANIZATION_PREFIX) {
            Some(org_id) => (ORGANIZATION_PREFIX, org_id),
            None => ("", text),
        };
        let rule = || {
            Invalid::new(
                "invalid_user",
                "a user id must be a UUID, such as 0f3f5a0e-0004-4000-8000-000000000004, or 'me' for the caller",
            )
        };
        let id: OrgId = id.parse().map_err(|_| rule())?;
        if id.is_uuid() { format!("{prefix}{id}").try_into() } else { Err(rule()) }
    }
}
