use super::Membership;
use crate::settings::{Error, Settings};

const ADMIN_ROLES: &str = "AUTH_ADMIN_ROLES";
const LINK_EDITORS: &str = "LINK_EDITORS";
/// The entry of `LINK_EDITORS` that includes every member, whatever their role.
const EVERY_MEMBER: &str = "*";

/// Which links of an organization a member can change. Each permission includes those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum LinkPermission {
    /// Only the links that the member created.
    Own,
    /// All links.
    EditAll,
    /// All links; the member can also hand links over and choose the organization's handle.
    ManageAll,
}

impl Membership {
    /// Creates a membership with this permission.
    pub(super) fn new(
        organization_name: Option<String>,
        role: Option<String>,
        permission: LinkPermission,
    ) -> Self {
        Self {
            organization_name,
            role,
            edits_all_links: permission >= LinkPermission::EditAll,
            manages_all_links: permission == LinkPermission::ManageAll,
        }
    }

    /// Returns the permission of the membership.
    pub(super) fn permission(&self) -> LinkPermission {
        match (self.manages_all_links, self.edits_all_links) {
            (true, _) => LinkPermission::ManageAll,
            (false, true) => LinkPermission::EditAll,
            (false, false) => LinkPermission::Own,
        }
    }
}

/// The roles that can change the links of other members.
#[derive(Debug, Clone)]
pub struct RolePermissions {
    /// The roles that manage all links. The owner's role is the first.
    admins: Vec<String>,
    /// The additional roles that can edit all links, but not hand them over.
    editors: Vec<String>,
}

impl RolePermissions {
    /// Reads `AUTH_ADMIN_ROLES` (default `Owner,Admin`) and `LINK_EDITORS` (default none), comma-separated lists.
    pub fn from_settings(settings: &Settings) -> Result<Self, Error> {
        let admins = list(ADMIN_ROLES, settings.optional(ADMIN_ROLES).unwrap_or("Owner,Admin"))?;
        let editors = settings.optional(LINK_EDITORS).map(|roles| list(LINK_EDITORS, roles)).transpose()?;
        Ok(Self { admins, editors: editors.unwrap_or_default() })
    }

    /// Returns the permission of a member with this role, or of a member without a role.
    pub fn of_role(&self, role: Option<&str>) -> LinkPermission {
        role.map_or_else(|| self.of_every_member(), |role| self.of(role))
    }

    /// Returns the permission of a member with exactly this role.
    pub fn of(&self, role: &str) -> LinkPermission {
        let contain = |roles: &[String]| roles.iter().any(|known| known == role);
        if contain(&self.admins) {
            LinkPermission::ManageAll
        } else if contain(&self.editors) {
            LinkPermission::EditAll
        } else {
            self.of_every_member()
        }
    }

    /// Returns the permission that every member has.
    pub fn of_every_member(&self) -> LinkPermission {
        let is_shared = self.editors.iter().any(|role| role == EVERY_MEMBER);
        if is_shared { LinkPermission::EditAll } else { LinkPermission::Own }
    }
}

fn list(name: &str, roles: &str) -> Result<Vec<String>, Error> {
    let roles: Vec<String> = roles.split(',').map(|role| role.trim().to_owned()).collect();
    if roles.iter().any(String::is_empty) {
        return Err(Error::malformed(name, "contains an empty role"));
    }
    Ok(roles)
}

/// PropelAuth's roles, which can form a hierarchy.
pub mod propelauth {
    use super::{LinkPermission, RolePermissions};
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

    /// Returns the user's role and its permission.
    ///
    /// A list of roles applies to a user who, in PropelAuth's terms, "is at least" one of these roles. In an
    /// organization whose users can have several roles, roles form no hierarchy: a user "is at least" only the roles
    /// that the user has. A user whose `user_role` is the first admin role is the owner, and manages
    /// all links.
    pub fn role(entry: &Value, roles: &RolePermissions) -> Result<(String, LinkPermission), AuthError> {
        let membership = Membership::deserialize(entry).map_err(|_| AuthError::Refused)?;
        let at_least = |role: &String| match membership.org_role_structure.as_deref() {
            Some("multi_role") => {
                membership.user_role == *role
                    || membership.additional_roles.iter().flatten().any(|other| other == role)
            }
            _ => membership.inherited_user_roles_plus_current_role.contains(role),
        };
        let is_owner = roles.admins.first() == Some(&membership.user_role);
        let permission = if is_owner || roles.admins.iter().any(at_least) {
            LinkPermission::ManageAll
        } else if roles.editors.iter().any(at_least) {
            LinkPermission::EditAll
        } else {
            roles.of_every_member()
        };
        Ok((membership.user_role, permission))
    }
}
