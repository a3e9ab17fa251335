mod condition;
mod email;
mod public_domain;

use super::Membership;
use super::mapping::{Mapping, Memberships};
use super::roles::{LinkPermission, RolePermissions};
use crate::model::OrgId;
use crate::settings::{Error, Settings};
use condition::Conditions;
use serde_json::Value;

const ORGANIZATION: &str = "AUTH_ORGANIZATION";
const CONDITION: &str = "AUTH_ORGANIZATION_IF";
const ADMINS: &str = "AUTH_ADMINS";

/// The fixed organization, for a provider whose tokens contain no organizations. Users who meet a condition are
/// members of this organization.
#[derive(Debug)]
pub struct Team {
    org_id: OrgId,
    name: Option<String>,
    members: Conditions,
    admins: Option<Conditions>,
}

impl Team {
    /// Reads `AUTH_ORGANIZATION` (`acme`, or `acme=Acme Inc.` with its name), if set. Users who meet one of the
    /// conditions in `AUTH_ORGANIZATION_IF` are its members. Members who also meet a condition in `AUTH_ADMINS` manage
    /// all links.
    ///
    /// # Errors
    /// A setting is missing or malformed, or contains a condition that every token from this issuer meets or that no
    /// such token can meet.
    pub fn from_settings(
        settings: &Settings,
        issuer: &str,
        mapping: &Mapping,
    ) -> Result<Option<Self>, Error> {
        let Some(organization) = settings.optional(ORGANIZATION) else {
            return match [CONDITION, ADMINS].iter().find(|name| settings.optional(name).is_some()) {
                Some(name) => Err(Error::malformed(name, "is set, but AUTH_ORGANIZATION is not")),
                None => Ok(None),
            };
        };
        if email::is_every_directory(issuer) {
            return Err(Error::malformed(
                "AUTH_ISSUER",
                "does not contain an Entra ID directory's id; use the issuer of one directory",
            ));
        }
        let (org_id, name) = match organization.split_once('=') {
            Some((org_id, name)) => (org_id.trim_end(), Some(name.trim_start().to_owned())),
            None => (organization, None),
        };
        let org_id = org_id.parse().map_err(|_| {
            Error::malformed(ORGANIZATION, "is not an organization id, such as acme or acme=Acme Inc.")
        })?;
        if name.as_ref().is_some_and(String::is_empty) {
            return Err(Error::malformed(ORGANIZATION, "has an empty name; remove the equals sign"));
        }
        let conditions = |name| {
            let text = settings.optional(name);
            text.map(|text| Conditions::parse(name, text, issuer, mapping)).transpose()
        };
        let members = conditions(CONDITION)?.ok_or_else(|| {
            let rule =
                "is missing; without a condition, everyone who can sign in would belong to AUTH_ORGANIZATION";
            Error::malformed(CONDITION, rule)
        })?;
        Ok(Some(Self { org_id, name, members, admins: conditions(ADMINS)? }))
    }

    /// Returns the membership, if a user with these claims is a member.
    pub fn memberships(&self, claims: &Value, roles: &RolePermissions) -> Memberships {
        if !self.members.are_met_by(claims) {
            return Memberships::new();
        }
        let is_admin = self.admins.as_ref().is_some_and(|admins| admins.are_met_by(claims));
        let permission = if is_admin { LinkPermission::ManageAll } else { roles.of_every_member() };
        let membership = Membership::new(self.name.clone(), None, permission);
        Memberships::from([(self.org_id.clone(), membership)])
    }
}
