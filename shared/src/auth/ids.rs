use crate::model::{Invalid, OrgId, UserId};

/// What API keys of organizations have for a user id before the organization's id.
pub const ORGANIZATION_PREFIX: &str = "organization:";

/// Which form the ids of the provider's users and organizations have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IdForm {
    /// UUIDs (RFC 9562) in lower case, as PropelAuth's are.
    Uuid,
    /// Any text.
    Any,
}

impl IdForm {
    /// Whether an organization of the provider can have this id.
    pub fn can_be_organization(self, org_id: &OrgId) -> bool {
        self == Self::Any || org_id.is_uuid()
    }

    /// Parses a user's id. A UUID folds to lower case, because the provider's are.
    ///
    /// # Errors
    /// It is not a user id, or no user of the provider can have it.
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
