use crate::settings::{Error, Settings};

/// The roles that manage all links, beginning with the owner's role.
#[derive(Debug, Clone)]
pub struct AdminRoles(Vec<String>);

impl AdminRoles {
    /// Reads `AUTH_ADMIN_ROLES`, a comma-separated list (default `Owner,Admin`).
    pub fn from_settings(settings: &Settings) -> Result<Self, Error> {
        let roles = settings.optional("AUTH_ADMIN_ROLES").unwrap_or("Owner,Admin");
        let roles: Vec<String> = roles.split(',').map(|role| role.trim().to_owned()).collect();
        if roles.iter().any(String::is_empty) {
            return Err(Error::malformed("AUTH_ADMIN_ROLES", "contains an empty role"));
        }
        Ok(Self(roles))
    }

    /// Returns whether this is exactly one of the roles.
    pub fn contain(&self, role: &str) -> bool {
        self.0.iter().any(|admin| admin == role)
    }
}

/// PropelAuth's roles, which can form a hierarchy.
pub mod propelauth {
    use super::AdminRoles;
    use crate::auth::AuthError;
    use serde::Deserialize;
    use serde_json::Value;

    /// The relevant part of a membership.
    #[derive(Deserialize)]
    struct Membership {
        user_role: String,
        inherited_user_roles_plus_current_role: Vec<String>,
        org_role_structure: Option<String>,
        additional_roles: Option<Vec<String>>,
    }

    /// Returns the user's role, and whether it manages all links.
    ///
    /// A user manages all links if, in PropelAuth's terms, the user's role "is at least" one of the admin roles, or if
    /// the role is the first admin role, which is the owner's. The separate rule for owners is needed if users of an
    /// organization can have several roles: then roles form no hierarchy, and an owner is not "at least" an admin.
    pub fn role(entry: &Value, admins: &AdminRoles) -> Result<(String, bool), AuthError> {
        let membership = Membership::deserialize(entry).map_err(|_| AuthError::Refused)?;
        let at_least = |role: &String| match membership.org_role_structure.as_deref() {
            Some("multi_role") => {
                membership.user_role == *role
                    || membership.additional_roles.iter().flatten().any(|other| other == role)
            }
            _ => membership.inherited_user_roles_plus_current_role.contains(role),
        };
        let AdminRoles(admins) = admins;
        let manages_all_links = admins.first() == Some(&membership.user_role) || admins.iter().any(at_least);
        Ok((membership.user_role, manages_all_links))
    }
}
