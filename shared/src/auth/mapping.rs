mod check;
mod pattern;

pub use pattern::Pattern;

use super::AuthError;
use super::roles::{AdminRoles, propelauth};
use crate::model::{OrgId, UserId};
use serde::Deserialize;
use serde_json::Value;
use std::collections::HashMap;

/// Where a provider's tokens say who the caller is, to which organizations they belong, and what they are there.
///
/// Claims are named by paths, as arrays of keys, because the names of some hold dots, colons and slashes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    /// The user's id.
    pub user: Path,
    /// Who acts in the user's name, where somebody does; by default the actor of RFC 8693 (section 4.1).
    #[serde(default = "actor")]
    pub impersonator: Path,
    /// Where the organizations are. The first whose claim is there counts, and no other. Several that read one claim are for
    /// its forms: the first whose form it has counts.
    pub organizations: Vec<Source>,
    /// What else a token must say to be an access token.
    #[serde(default)]
    pub require: Vec<Requirement>,
}

/// Keys from the claims' object inwards.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Path(pub Vec<String>);

/// A claim of this value.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Requirement {
    /// Which claim.
    pub at: Path,
    /// What it is.
    pub is: String,
}

/// Where organizations are, and in which form.
#[derive(Debug, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase", deny_unknown_fields)]
pub enum Source {
    /// The user is in one organization: an object, with its id in it. An empty `at` is the claims' own object.
    One {
        /// The object.
        at: Path,
        /// The organization's id, in the object.
        id: Path,
        /// The user's roles, in the object.
        #[serde(default)]
        roles: Roles,
    },
    /// An object of such objects, by the organization's id.
    Map {
        /// The object.
        at: Path,
        /// Where an entry names its organization too; they must be equal.
        #[serde(default)]
        id: Option<Path>,
        /// The user's roles, in an entry.
        #[serde(default)]
        roles: Roles,
    },
    /// An array of texts such as `acme:admin`, among which there may be others.
    Strings {
        /// The array.
        at: Path,
        /// What a text is like that names an organization.
        pattern: Pattern,
    },
}

/// How a user's roles are told.
#[derive(Debug, Deserialize)]
#[serde(from = "Vec<Path>")]
pub enum Roles {
    /// By a text or an array of texts at each of these paths.
    At(Vec<Path>),
    /// As PropelAuth does it, where roles may inherit from each other.
    PropelAuth,
}

/// The organizations that a user belongs to, and whether they manage all links there.
pub type Memberships = HashMap<OrgId, bool>;

impl Mapping {
    /// The user.
    pub fn user_id(&self, claims: &Value) -> Result<UserId, AuthError> {
        user_id(self.user.of(claims)).and_then(|user_id| user_id.ok_or(AuthError::Refused))
    }

    /// Who acts in the user's name, if anybody does.
    pub fn impersonator(&self, claims: &Value) -> Result<Option<UserId>, AuthError> {
        user_id(self.impersonator.of(claims))
    }

    /// Whether it is the kind of token that is asked for.
    pub fn is_met_by(&self, claims: &Value) -> bool {
        self.require.iter().all(|required| required.at.of(claims).is_some_and(|value| *value == required.is))
    }

    /// The organizations. One whose id is none of ours cannot be asked for, and is left out.
    pub fn memberships(&self, claims: &Value, admin_roles: &AdminRoles) -> Result<Memberships, AuthError> {
        let Some(first) = self.organizations.iter().find(|source| source.is_in(claims)) else {
            return Ok(Memberships::new());
        };
        let same = self.organizations.iter().filter(|source| source.at() == first.at());
        let mut found = same.filter_map(|source| source.memberships(claims, admin_roles));
        found.next().unwrap_or(Err(AuthError::Refused))
    }
}

impl Path {
    /// A path of these keys.
    pub fn new(keys: &[&str]) -> Self {
        Self(keys.iter().map(|key| (*key).to_owned()).collect())
    }

    /// What it leads to. Null is as good as nothing.
    fn of<'a>(&self, value: &'a Value) -> Option<&'a Value> {
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
            Self::One { at, id, .. } if at.0.is_empty() => id.of(claims).is_some(),
            source => source.at().of(claims).is_some(),
        }
    }

    /// The organizations, if what is there has this source's form: for `one`, an object with an id.
    pub fn memberships(&self, claims: &Value, admins: &AdminRoles) -> Option<Result<Memberships, AuthError>> {
        let value = self.at().of(claims)?;
        match self {
            Self::One { id, roles, .. } => id.of(value).map(|org_id| {
                let org_id = org_id.as_str().ok_or(AuthError::Refused)?;
                collect([(org_id, roles.manage_all_links(value, admins)?)])
            }),
            Self::Map { id, roles, .. } => value.as_object().map(|entries| {
                let entries = entries.iter().map(|(org_id, entry)| {
                    let is_named = id.as_ref().is_none_or(|id| id.of(entry).is_some_and(|id| id == org_id));
                    if !is_named || !entry.is_object() {
                        return Err(AuthError::Refused);
                    }
                    Ok((org_id.as_str(), roles.manage_all_links(entry, admins)?))
                });
                collect(entries.collect::<Result<Vec<_>, _>>()?)
            }),
            Self::Strings { pattern, .. } => value.as_array().map(|texts| {
                let texts: Option<Vec<&str>> = texts.iter().map(Value::as_str).collect();
                let named =
                    texts.ok_or(AuthError::Refused)?.into_iter().filter_map(|text| pattern.read(text));
                collect(named.map(|(org_id, role)| (org_id, role.is_some_and(|role| admins.contain(role)))))
            }),
        }
    }
}

/// An organization that is named twice is managed by whoever manages it under either name.
fn collect<'a>(pairs: impl IntoIterator<Item = (&'a str, bool)>) -> Result<Memberships, AuthError> {
    let mut memberships = Memberships::new();
    for (org_id, manages) in pairs {
        if let Ok(org_id) = org_id.parse() {
            *memberships.entry(org_id).or_default() |= manages;
        }
    }
    Ok(memberships)
}

impl Roles {
    fn manage_all_links(&self, entry: &Value, admins: &AdminRoles) -> Result<bool, AuthError> {
        let paths = match self {
            Self::PropelAuth => return propelauth::manages_all_links(entry, admins),
            Self::At(paths) => paths,
        };
        let mut manages = false;
        for value in paths.iter().filter_map(|path| path.of(entry)) {
            let roles = value.as_array().map_or_else(|| std::slice::from_ref(value), Vec::as_slice);
            for role in roles {
                manages |= admins.contain(role.as_str().ok_or(AuthError::Refused)?);
            }
        }
        Ok(manages)
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

/// A user's id, where there is a value.
fn user_id(value: Option<&Value>) -> Result<Option<UserId>, AuthError> {
    let user_id = value.map(|value| value.as_str().and_then(|text| text.parse().ok()));
    user_id.map(|user_id| user_id.ok_or(AuthError::Refused)).transpose()
}
