use super::AuthError;
use crate::model::{OrgId, Timestamp, UserId};
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};

/// How far the issuer's clock and ours may be apart, in seconds.
const LEEWAY: f64 = 60.0;

/// The claims of a PropelAuth access token that say who may do what. All others are passed over: some of them, such
/// as `login_method`, come in forms that nobody has listed.
#[derive(Debug, Deserialize)]
pub struct Claims {
    iss: String,
    exp: f64,
    iat: f64,
    #[serde(default, deserialize_with = "present")]
    nbf: Option<f64>,
    /// In whatever form, because it counts only where an audience is configured.
    #[serde(default)]
    aud: Value,
    user_id: String,
    /// An active-organization token: the user is in this organization and in no other.
    org_member_info: Option<Membership>,
    org_id_to_org_member_info: Option<BTreeMap<String, Membership>>,
}

#[derive(Debug, Deserialize)]
struct Membership {
    org_id: String,
    user_role: String,
    inherited_user_roles_plus_current_role: Vec<String>,
    org_role_structure: Option<String>,
    additional_roles: Option<Vec<String>>,
}

/// A claim that may be left out, but is not null when it is there.
fn present<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

impl Claims {
    /// Whether `iss` is this issuer, to the byte.
    pub fn is_from(&self, issuer: &str) -> bool {
        self.iss == issuer
    }

    /// Whether `aud` names this audience (RFC 7519, section 4.1.3).
    pub fn is_for(&self, audience: &str) -> bool {
        match &self.aud {
            Value::String(one) => one == audience,
            Value::Array(many) => many.iter().any(|one| one == audience),
            _ => false,
        }
    }

    /// Whether the token is issued, begun and not yet expired at `now`, give or take the leeway.
    #[expect(clippy::cast_precision_loss, reason = "milliseconds of this age are exact in a double")]
    pub fn is_current(&self, now: Timestamp) -> bool {
        let now = now.millis() as f64 / 1000.0;
        let begun = self.nbf.unwrap_or(self.iat).max(self.iat) <= now + LEEWAY;
        begun && now < self.exp + LEEWAY
    }

    /// The user.
    pub fn user_id(&self) -> Result<UserId, AuthError> {
        self.user_id.parse().map_err(|_| AuthError::Refused)
    }

    /// The organizations that the user belongs to, and whether they manage all links there. An organization whose id
    /// is none of ours cannot be asked for, and is left out.
    pub fn memberships(&self, admin_roles: &[String]) -> Result<HashMap<OrgId, bool>, AuthError> {
        let map = || self.org_id_to_org_member_info.iter().flatten();
        let memberships: Vec<&Membership> = match &self.org_member_info {
            Some(active) => vec![active],
            None if map().any(|(org_id, membership)| *org_id != membership.org_id) => {
                return Err(AuthError::Refused);
            }
            None => map().map(|(_, membership)| membership).collect(),
        };
        let known = memberships.into_iter().filter_map(|membership| {
            let org_id = membership.org_id.parse().ok()?;
            Some((org_id, membership.manages_all_links(admin_roles)))
        });
        Ok(known.collect())
    }
}

impl Membership {
    /// PropelAuth's "is at least" for each of the roles, or "is" for the owner's, who comes first: where an organization
    /// has several roles per user they form no hierarchy, and an owner there is not "at least" an admin.
    fn manages_all_links(&self, admin_roles: &[String]) -> bool {
        let at_least = |role: &String| match self.org_role_structure.as_deref() {
            Some("multi_role") => {
                self.user_role == *role || self.additional_roles.iter().flatten().any(|other| other == role)
            }
            _ => self.inherited_user_roles_plus_current_role.contains(role),
        };
        admin_roles.first() == Some(&self.user_role) || admin_roles.iter().any(at_least)
    }
}
