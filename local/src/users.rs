//! The local users: six users in two organizations, the same on every machine.

use serde_json::{Value, json};
use std::sync::LazyLock;

/// The organization that most users belong to.
pub const ACME: Organization =
    Organization { id: "1189c444-8a2d-4c41-8b4b-ae43ce79a492", name: "Acme Inc", url_safe_name: "acme-inc" };
/// The other organization.
pub const GLOBEX: Organization =
    Organization { id: "7c2c57a4-1f2b-4d2e-9c1a-3f8c5f1f4a11", name: "Globex", url_safe_name: "globex" };

/// All users, from the owner of Acme to the user without an organization.
pub const USERS: [User; 6] = [
    User {
        name: "owner",
        first_name: "Olivia",
        last_name: "Berg",
        id: "0f3f5a0e-0001-4000-8000-000000000001",
        roles: &[(ACME, Role::Owner)],
    },
    User {
        name: "admin",
        first_name: "Adam",
        last_name: "Novak",
        id: "0f3f5a0e-0002-4000-8000-000000000002",
        roles: &[(ACME, Role::Admin)],
    },
    User {
        name: "member",
        first_name: "Maya",
        last_name: "Rao",
        id: "0f3f5a0e-0003-4000-8000-000000000003",
        roles: &[(ACME, Role::Member)],
    },
    User {
        name: "colleague",
        first_name: "Cole",
        last_name: "Hayes",
        id: "0f3f5a0e-0004-4000-8000-000000000004",
        roles: &[(ACME, Role::Member), (GLOBEX, Role::Owner)],
    },
    User {
        name: "outsider",
        first_name: "Otto",
        last_name: "Lang",
        id: "0f3f5a0e-0005-4000-8000-000000000005",
        roles: &[(GLOBEX, Role::Owner)],
    },
    User {
        name: "stranger",
        first_name: "Stella",
        last_name: "Marin",
        id: "0f3f5a0e-0006-4000-8000-000000000006",
        roles: &[],
    },
];

/// Returns a user who is in 20 organizations, which makes the token too large for a cookie. This user is not one of
/// [`USERS`]; tests add the user to their issuer.
pub fn many() -> &'static User {
    static MANY: LazyLock<User> = LazyLock::new(|| {
        // The user is created once per process, so the leak is bounded.
        let leak = |text: String| -> &'static str { Box::leak(text.into_boxed_str()) };
        let role = |number: u32| {
            let organization = Organization {
                id: leak(format!("3d0c1f52-{number:04}-4000-8000-000000000020")),
                name: leak(format!("Team {number}")),
                url_safe_name: leak(format!("team-{number}")),
            };
            (organization, Role::Member)
        };
        User {
            name: "many",
            first_name: "Mina",
            last_name: "Teams",
            id: "0f3f5a0e-0007-4000-8000-000000000007",
            roles: Vec::leak((1..=20).map(role).collect()),
        }
    });
    &MANY
}

/// An organization.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Organization {
    /// Its id, a UUID.
    pub id: &'static str,
    /// Its name.
    pub name: &'static str,
    /// The organization's name in URLs.
    pub url_safe_name: &'static str,
}

/// A user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct User {
    /// The user's name on the command line.
    pub name: &'static str,
    /// The person's first name.
    pub first_name: &'static str,
    /// The person's last name.
    pub last_name: &'static str,
    /// The user's id, a UUID.
    pub id: &'static str,
    /// The user's organizations, and the role in each.
    pub roles: &'static [(Organization, Role)],
}

/// A user's role in an organization. Each role includes the ones below it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Manages everything.
    Owner,
    /// Manages all links.
    Admin,
    /// Manages only their own links.
    Member,
}

impl Role {
    /// Returns the role and the roles that it includes, under PropelAuth's names.
    pub fn inherited(self) -> &'static [&'static str] {
        match self {
            Self::Owner => &["Owner", "Admin", "Member"],
            Self::Admin => &["Admin", "Member"],
            Self::Member => &["Member"],
        }
    }
}

impl Organization {
    /// Returns the organization's API key: hexadecimal, like PropelAuth's.
    pub fn api_key(&self) -> String {
        api_key(self.id)
    }
}

fn api_key(id: &str) -> String {
    id.replace('-', "").repeat(4)
}

impl User {
    /// Returns the user's API key, for their first organization.
    pub fn api_key(&self) -> String {
        api_key(self.id)
    }

    /// Returns the user with this name, if there is one.
    pub fn named(name: &str) -> Option<&'static Self> {
        USERS.iter().find(|user| user.name == name)
    }

    /// Returns the user's full name.
    pub fn full_name(&self) -> String {
        format!("{} {}", self.first_name, self.last_name)
    }

    /// Returns the user's e-mail address.
    pub fn email(&self) -> String {
        format!("{}@signpost.test", self.name)
    }

    /// Returns the organization with this id, if the user is in it.
    pub fn organization(&self, id: &str) -> Option<Organization> {
        self.roles.iter().map(|(organization, _)| *organization).find(|organization| organization.id == id)
    }

    /// Describes the user's roles: `Member of Acme Inc, Owner of Globex`.
    pub fn describe(&self) -> String {
        let role = |(organization, role): &(Organization, Role)| format!("{role:?} of {}", organization.name);
        match self.roles {
            [] => "in no organization".to_owned(),
            roles => roles.iter().map(role).collect::<Vec<_>>().join(", "),
        }
    }

    /// Returns the user's standard claims (OpenID Connect Core 1.0, section 5.1), for ID tokens and the userinfo
    /// endpoint.
    pub fn profile(&self) -> Value {
        json!({
            "sub": self.id,
            "email": self.email(),
            "email_verified": true,
            "name": self.full_name(),
            "given_name": self.first_name,
            "family_name": self.last_name,
            "preferred_username": self.name,
        })
    }

    /// Returns the claims of the user's access token, except issuer and times. If an organization is active, the claims
    /// contain only that organization.
    pub fn claims(&self, active: Option<Organization>) -> Value {
        let entries = self
            .roles
            .iter()
            .map(|(organization, role)| (organization.id.to_owned(), entry(*organization, *role)));
        let mut claims = json!({
            "sub": self.id,
            "user_id": self.id,
            "email": self.email(),
            "first_name": self.first_name,
            "last_name": self.last_name,
            "username": self.name,
            "properties": {},
            "login_method": { "login_method": "password" },
        });
        let memberships = entries.collect::<serde_json::Map<_, _>>();
        match active.and_then(|organization| memberships.get(organization.id).cloned()) {
            Some(entry) => claims["org_member_info"] = entry,
            None => claims["org_id_to_org_member_info"] = memberships.into(),
        }
        claims
    }
}

/// Returns a user's membership in PropelAuth's format.
pub fn entry(organization: Organization, role: Role) -> Value {
    json!({
        "org_id": organization.id,
        "org_name": organization.name,
        "url_safe_org_name": organization.url_safe_name,
        "org_metadata": {},
        "org_role_structure": "single_role_in_hierarchy",
        "user_role": format!("{role:?}"),
        "inherited_user_roles_plus_current_role": role.inherited(),
        "user_permissions": [],
        "additional_roles": [],
    })
}
