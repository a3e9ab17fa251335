//! The organizations, their users, and the destinations of their links.

use crate::support::signed;
use serde_json::{Value, json};
use std::sync::LazyLock;

pub const ORGS: [&str; 3] = [
    local::users::ACME.id,
    local::users::GLOBEX.id,
    // None of the users of `cargo run` belongs to this organization.
    "2a3b8b5c-6f53-4a5e-9a57-1c7f0d3e4b21",
];

/// The organizations of each user, and whether the user is an admin there.
pub const USERS: [&[(usize, bool)]; 8] = [
    &[(0, true)],
    &[(0, false)],
    &[(0, false), (1, true)],
    &[(1, true)],
    &[(1, false), (2, false)],
    &[(2, true)],
    &[(1, false), (2, false)],
    &[],
];

/// The user whose tokens contain no name.
const NAMELESS: usize = 2;

/// The token of each user.
pub static TOKENS: LazyLock<Vec<String>> = LazyLock::new(|| (0..USERS.len()).map(token).collect());

pub fn user_id(user: usize) -> String {
    format!("5e0f3f5a-0000-4000-8000-{user:012}")
}

/// Returns the user's name, as links show it.
pub fn user_name(user: usize) -> Option<String> {
    (user != NAMELESS).then(|| format!("Person {user}"))
}

fn token(user: usize) -> String {
    signed("stranger", |claims| {
        claims["user_id"] = user_id(user).into();
        for name in ["first_name", "last_name", "email", "username"] {
            claims.as_object_mut().unwrap().remove(name);
        }
        if let Some(name) = user_name(user) {
            claims["first_name"] = name.into();
        }
        let entries = USERS[user].iter().map(|(org, manages)| {
            let roles: &[&str] = if *manages { &["Admin", "Member"] } else { &["Member"] };
            let entry = json!({
                "org_id": ORGS[*org],
                "org_role_structure": "single_role_in_hierarchy",
                "user_role": roles[0],
                "inherited_user_roles_plus_current_role": roles,
            });
            (ORGS[*org].to_owned(), entry)
        });
        claims["org_id_to_org_member_info"] = Value::Object(entries.collect());
    })
}

/// Returns whether the user is an admin of the organization, or `None` if the user is not in it.
pub fn membership(user: usize, org: usize) -> Option<bool> {
    USERS[user].iter().find(|(of, _)| *of == org).map(|(_, manages)| *manages)
}

/// Returns an admin of an organization.
pub fn manager(org: usize) -> usize {
    (0..USERS.len()).find(|user| membership(*user, org) == Some(true)).unwrap()
}

/// Returns a destination whose host shows which organization the destination belongs to.
pub fn url(org: usize, number: usize) -> String {
    format!("https://{}/{number}", host(org))
}

pub fn host(org: usize) -> &'static str {
    ["acme.example", "globex.example", "initech.example"][org]
}
