mod check;
mod pattern;

pub use pattern::Pattern;

use super::roles::{AdminRoles, propelauth};
use super::{AuthError, Membership};
use crate::model::{DisplayName, OrgId, UserId};
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

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
    /// The user's name, to show.
    #[serde(default)]
    pub name: Name,
    /// Where the organizations are; nowhere, if all members belong to a fixed one. The first whose claim is there counts, and no other. Several that read one claim are for
    /// its forms: the first whose form it has counts.
    #[serde(default)]
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
        /// The organization's name, in the object.
        #[serde(default)]
        name: Option<Path>,
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
        /// The organization's name, in an entry.
        #[serde(default)]
        name: Option<Path>,
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

/// How a user's name is told.
#[derive(Debug, Deserialize)]
#[serde(from = "Vec<Path>")]
pub enum Name {
    /// By the first of these paths at which there is a name to show.
    At(Vec<Path>),
    /// As PropelAuth does it: first and last name, or else the e-mail address or the username.
    PropelAuth,
}

/// The organizations that a user belongs to, and what they are there.
pub type Memberships = BTreeMap<OrgId, Membership>;

impl Mapping {
    /// The user.
    pub fn user_id(&self, claims: &Value) -> Result<UserId, AuthError> {
        user_id(self.user.of(claims)).and_then(|user_id| user_id.ok_or(AuthError::Refused))
    }

    /// Who acts in the user's name, if anybody does.
    pub fn impersonator(&self, claims: &Value) -> Result<Option<UserId>, AuthError> {
        user_id(self.impersonator.of(claims))
    }

    /// The user's name, if there is one to show.
    pub fn name(&self, claims: &Value) -> Option<DisplayName> {
        self.name.of(claims)
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

    /// Whether it leads to this text, or to a list with it.
    pub fn names(&self, value: &Value, text: &str) -> bool {
        match self.of(value) {
            Some(Value::Array(many)) => many.iter().any(|one| one == text),
            Some(one) => one == text,
            None => false,
        }
    }

    /// The text it leads to, if that is a text and not empty.
    fn text(&self, value: &Value) -> Option<String> {
        self.of(value)?.as_str().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
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
            Self::One { id, name, roles, .. } => id.of(value).map(|org_id| {
                let org_id = org_id.as_str().ok_or(AuthError::Refused)?;
                Ok(collect([(org_id, roles.membership(value, name.as_ref(), admins)?)]))
            }),
            Self::Map { id, name, roles, .. } => value.as_object().map(|entries| {
                let entries = entries.iter().map(|(org_id, entry)| {
                    let is_named = id.as_ref().is_none_or(|id| id.of(entry).is_some_and(|id| id == org_id));
                    if !is_named || !entry.is_object() {
                        return Err(AuthError::Refused);
                    }
                    Ok((org_id.as_str(), roles.membership(entry, name.as_ref(), admins)?))
                });
                Ok(collect(entries.collect::<Result<Vec<_>, _>>()?))
            }),
            Self::Strings { pattern, .. } => value.as_array().map(|texts| {
                let texts: Option<Vec<&str>> = texts.iter().map(Value::as_str).collect();
                let named =
                    texts.ok_or(AuthError::Refused)?.into_iter().filter_map(|text| pattern.read(text));
                Ok(collect(named.map(|(org_id, role)| {
                    let manages_all_links = role.is_some_and(|role| admins.contain(role));
                    let role = role.map(str::to_owned);
                    (org_id, Membership { organization_name: None, role, manages_all_links })
                })))
            }),
        }
    }
}

/// Of an organization that is named twice, as with two roles, the membership that manages it counts, or else the first.
fn collect<'a>(pairs: impl IntoIterator<Item = (&'a str, Membership)>) -> Memberships {
    let mut memberships = Memberships::new();
    for (org_id, membership) in pairs {
        if let Ok(org_id) = org_id.parse() {
            match memberships.entry(org_id) {
                Entry::Occupied(mut found)
                    if !found.get().manages_all_links && membership.manages_all_links =>
                {
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
    /// What the user is in the organization of this entry. Of several roles the first that manages all links is shown, or
    /// else the first.
    fn membership(
        &self,
        entry: &Value,
        organization_name: Option<&Path>,
        admins: &AdminRoles,
    ) -> Result<Membership, AuthError> {
        let organization_name = organization_name.and_then(|name| name.text(entry));
        let paths = match self {
            Self::PropelAuth => {
                let (role, manages_all_links) = propelauth::role(entry, admins)?;
                return Ok(Membership { organization_name, role: Some(role), manages_all_links });
            }
            Self::At(paths) => paths,
        };
        let mut roles = Vec::new();
        for value in paths.iter().filter_map(|path| path.of(entry)) {
            for role in value.as_array().map_or_else(|| std::slice::from_ref(value), Vec::as_slice) {
                roles.push(role.as_str().ok_or(AuthError::Refused)?);
            }
        }
        let admin = roles.iter().find(|role| admins.contain(role));
        let role = admin.or(roles.first()).map(|role| (*role).to_owned());
        Ok(Membership { organization_name, role, manages_all_links: admin.is_some() })
    }
}

impl Name {
    /// The name in these claims, if there is one.
    pub fn of(&self, claims: &Value) -> Option<DisplayName> {
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

/// A user's id, where there is a value.
fn user_id(value: Option<&Value>) -> Result<Option<UserId>, AuthError> {
    let user_id = value.map(|value| value.as_str().and_then(|text| text.parse().ok()));
    user_id.map(|user_id| user_id.ok_or(AuthError::Refused)).transpose()
}
