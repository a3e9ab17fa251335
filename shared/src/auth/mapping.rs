mod check;
mod pattern;

pub use pattern::Pattern;

use super::roles::{RolePermissions, propelauth};
use super::{AuthError, Membership};
use crate::model::{DisplayName, OrgId, UserId};
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

/// Where a provider's tokens contain the user, their organizations and their roles.
///
/// A claim is addressed by a path, which is an array of keys, because some claim names contain dots, colons and
/// slashes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    /// The user's id.
    pub user: Path,
    /// The impersonator's id, if any. The default path leads to the id of the actor (RFC 8693, section 4.1).
    #[serde(default = "actor")]
    pub impersonator: Path,
    /// The user's display name.
    #[serde(default)]
    pub name: Name,
    /// The sources of organizations; empty if all users belong to one fixed organization. The first source whose claim
    /// is present in a token is used for that token. If several sources read the same claim, the first source that
    /// matches the claim's form is used.
    #[serde(default)]
    pub organizations: Vec<Source>,
    /// Additional required claims.
    #[serde(default)]
    pub require: Vec<Requirement>,
}

/// The keys that lead from the claims object to a nested value.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Path(pub Vec<String>);

/// A claim that must have a certain value.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Requirement {
    /// The claim.
    pub at: Path,
    /// The required value.
    pub is: String,
}

/// Where a token contains organizations: a claim, and the form of its value.
#[derive(Debug, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase", deny_unknown_fields)]
pub enum Source {
    /// One organization: an object that contains the organization's id. If `at` is empty, the object is the claims
    /// object itself.
    One {
        /// The object.
        at: Path,
        /// The path of the organization's id within the object.
        id: Path,
        /// The path of the organization's name within the object.
        #[serde(default)]
        name: Option<Path>,
        /// The paths of the user's roles within the object.
        #[serde(default)]
        roles: Roles,
    },
    /// Several organizations: an object in which each key is an organization's id, and each value is an object about
    /// that organization.
    Map {
        /// The object.
        at: Path,
        /// Where an entry contains the organization's id, if it does. The id must equal the entry's key.
        #[serde(default)]
        id: Option<Path>,
        /// Where an entry contains the organization's name.
        #[serde(default)]
        name: Option<Path>,
        /// Where an entry contains the user's roles.
        #[serde(default)]
        roles: Roles,
    },
    /// An array of strings such as `acme:admin`. Other strings are ignored.
    Strings {
        /// The array.
        at: Path,
        /// The pattern of the strings that contain an organization.
        pattern: Pattern,
    },
}

/// Where a user's roles are in the claims.
#[derive(Debug, Deserialize)]
#[serde(from = "Vec<Path>")]
pub enum Roles {
    /// A string or an array of strings at each of these paths.
    At(Vec<Path>),
    /// PropelAuth's format, in which roles can inherit from each other.
    PropelAuth,
}

/// Where to find a user's name in the claims.
#[derive(Debug, Deserialize)]
#[serde(from = "Vec<Path>")]
pub enum Name {
    /// The paths to try in this order; the first displayable name is used.
    At(Vec<Path>),
    /// PropelAuth's format: first and last name, or else the e-mail address or the username.
    PropelAuth,
}

/// A user's memberships, by organization.
pub type Memberships = BTreeMap<OrgId, Membership>;

impl Mapping {
    /// Returns the user's id.
    pub fn user_id(&self, claims: &Value) -> Result<UserId, AuthError> {
        user_id(self.user.find(claims)).and_then(|user_id| user_id.ok_or(AuthError::Refused))
    }

    /// Returns the impersonator's id, if any.
    pub fn impersonator(&self, claims: &Value) -> Result<Option<UserId>, AuthError> {
        user_id(self.impersonator.find(claims))
    }

    /// Returns the user's display name, if any.
    pub fn name(&self, claims: &Value) -> Option<DisplayName> {
        self.name.read(claims)
    }

    /// Returns whether the claims meet all requirements.
    pub fn is_met_by(&self, claims: &Value) -> bool {
        self.require
            .iter()
            .all(|required| required.at.find(claims).is_some_and(|value| *value == required.is))
    }

    /// Returns the memberships. An organization with an invalid id is ignored, because no request can contain the id.
    pub fn memberships(&self, claims: &Value, roles: &RolePermissions) -> Result<Memberships, AuthError> {
        let Some(first) = self.organizations.iter().find(|source| source.is_in(claims)) else {
            return Ok(Memberships::new());
        };
        let same = self.organizations.iter().filter(|source| source.at() == first.at());
        let mut found = same.filter_map(|source| source.memberships(claims, roles));
        found.next().unwrap_or(Err(AuthError::Refused))
    }
}

impl Path {
    /// Creates a path from keys.
    pub fn new(keys: &[&str]) -> Self {
        Self(keys.iter().map(|key| (*key).to_owned()).collect())
    }

    /// Returns whether the value at this path is `text`, or an array that contains it.
    pub fn names(&self, value: &Value, text: &str) -> bool {
        match self.find(value) {
            Some(Value::Array(many)) => many.iter().any(|one| one == text),
            Some(one) => one == text,
            None => false,
        }
    }

    /// Returns the string at this path, unless it is empty.
    fn text(&self, value: &Value) -> Option<String> {
        self.find(value)?.as_str().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
    }

    /// Returns the value at this path. Null is treated as missing.
    fn find<'a>(&self, value: &'a Value) -> Option<&'a Value> {
        self.0.iter().try_fold(value, |value, key| value.get(key)).filter(|value| !value.is_null())
    }
}

impl Source {
    fn at(&self) -> &Path {
        match self {
            Self::One { at, .. } | Self::Map { at, .. } | Self::Strings { at, .. } => at,
        }
    }

    fn is_in(&self, claims: &Value) -> bool {
        match self {
            Self::One { at, id, .. } if at.0.is_empty() => id.find(claims).is_some(),
            source => source.at().find(claims).is_some(),
        }
    }

    /// Returns the memberships, if the claim has this source's form: for `One`, an object with an id.
    pub fn memberships(
        &self,
        claims: &Value,
        permissions: &RolePermissions,
    ) -> Option<Result<Memberships, AuthError>> {
        let value = self.at().find(claims)?;
        match self {
            Self::One { id, name, roles, .. } => id.find(value).map(|org_id| {
                let org_id = org_id.as_str().ok_or(AuthError::Refused)?;
                Ok(collect([(org_id, roles.membership(value, name.as_ref(), permissions)?)]))
            }),
            Self::Map { id, name, roles, .. } => value.as_object().map(|entries| {
                let entries = entries.iter().map(|(org_id, entry)| {
                    let is_named = id.as_ref().is_none_or(|id| id.find(entry).is_some_and(|id| id == org_id));
                    if !is_named || !entry.is_object() {
                        return Err(AuthError::Refused);
                    }
                    Ok((org_id.as_str(), roles.membership(entry, name.as_ref(), permissions)?))
                });
                Ok(collect(entries.collect::<Result<Vec<_>, _>>()?))
            }),
            Self::Strings { pattern, .. } => value.as_array().map(|texts| {
                let texts: Option<Vec<&str>> = texts.iter().map(Value::as_str).collect();
                let named =
                    texts.ok_or(AuthError::Refused)?.into_iter().filter_map(|text| pattern.read(text));
                Ok(collect(named.map(|(org_id, role)| {
                    let permission = permissions.of_role(role);
                    (org_id, Membership::new(None, role.map(str::to_owned), permission))
                })))
            }),
        }
    }
}

/// Collects memberships. If an organization occurs more than once, for example with two roles, the membership with the
/// greatest permission is used, or the first of several such memberships.
fn collect<'a>(pairs: impl IntoIterator<Item = (&'a str, Membership)>) -> Memberships {
    let mut memberships = Memberships::new();
    for (org_id, membership) in pairs {
        if let Ok(org_id) = org_id.parse() {
            match memberships.entry(org_id) {
                Entry::Occupied(mut found) if found.get().permission() < membership.permission() => {
                    found.insert(membership);
                }
                Entry::Occupied(_) => {}
                Entry::Vacant(entry) => {
                    entry.insert(membership);
                }
            }
        }
    }
    memberships
}

impl Roles {
    /// Returns the user's membership in the organization of this entry. The membership contains the role with the
    /// greatest permission, or the first of several such roles.
    fn membership(
        &self,
        entry: &Value,
        organization_name: Option<&Path>,
        permissions: &RolePermissions,
    ) -> Result<Membership, AuthError> {
        let organization_name = organization_name.and_then(|name| name.text(entry));
        let paths = match self {
            Self::PropelAuth => {
                let (role, permission) = propelauth::role(entry, permissions)?;
                return Ok(Membership::new(organization_name, Some(role), permission));
            }
            Self::At(paths) => paths,
        };
        let mut roles = Vec::new();
        for value in paths.iter().filter_map(|path| path.find(entry)) {
            for role in value.as_array().map_or_else(|| std::slice::from_ref(value), Vec::as_slice) {
                roles.push(role.as_str().ok_or(AuthError::Refused)?);
            }
        }
        // If roles have the same permission, `max_by_key` returns the last of them, so the reversal makes the first one
        // win.
        let role = roles.into_iter().rev().max_by_key(|role| permissions.of(role));
        let permission = permissions.of_role(role);
        Ok(Membership::new(organization_name, role.map(str::to_owned), permission))
    }
}

impl Name {
    /// Returns the name in these claims, if any.
    pub fn read(&self, claims: &Value) -> Option<DisplayName> {
        let text = |key: &str| Path::new(&[key]).text(claims);
        match self {
            Self::At(paths) => paths.iter().find_map(|path| DisplayName::from_claim(&path.text(claims)?)),
            Self::PropelAuth => {
                let full: Vec<_> = [text("first_name"), text("last_name")].into_iter().flatten().collect();
                let names = [Some(full.join(" ")), text("email"), text("username")];
                names.into_iter().flatten().find_map(|name| DisplayName::from_claim(&name))
            }
        }
    }
}

/// The standard claims of OpenID Connect Core 1.0 (section 5.1).
impl Default for Name {
    fn default() -> Self {
        Self::At(["name", "email", "preferred_username", "username"].map(|key| Path::new(&[key])).into())
    }
}

impl From<Vec<Path>> for Name {
    fn from(paths: Vec<Path>) -> Self {
        Self::At(paths)
    }
}

impl Default for Roles {
    fn default() -> Self {
        Self::At(Vec::new())
    }
}

impl From<Vec<Path>> for Roles {
    fn from(paths: Vec<Path>) -> Self {
        Self::At(paths)
    }
}

fn actor() -> Path {
    Path::new(&["act", "sub"])
}

/// Parses a user id, if there is a value.
fn user_id(value: Option<&Value>) -> Result<Option<UserId>, AuthError> {
    let user_id = value.map(|value| value.as_str().and_then(|text| text.parse().ok()));
    user_id.map(|user_id| user_id.ok_or(AuthError::Refused)).transpose()
}
