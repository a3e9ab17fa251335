//! A model of the expected state and of the permissions. The model is as simple as possible.

use super::history::History;
use crate::support::{TestApp, signed};
use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap};
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

/// The slugs that people choose. Generated slugs have other lengths, so they never equal one of these slugs.
pub const SLUGS: [&str; 4] = ["launch", "menu", "jobs", "q"];
pub const HANDLES: [&str; 12] =
    ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"];
pub const KEYS: [&str; 3] = ["first", "second", "third"];

/// The token of each user.
pub static TOKENS: LazyLock<Vec<String>> = LazyLock::new(|| (0..USERS.len()).map(token).collect());

pub fn user_id(user: usize) -> String {
    format!("user-{user}")
}

fn token(user: usize) -> String {
    signed("stranger", |claims| {
        claims["user_id"] = user_id(user).into();
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

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    pub url: String,
    pub creator: String,
    pub version: u64,
    pub created_at: i64,
    /// The birth under which the link's clicks are counted.
    pub birth: String,
    /// Whether the link's item contains the attribute `birth`. A link that was created before this attribute existed
    /// gets it with its first edit.
    pub has_birth: bool,
}

impl Link {
    pub fn etag(&self, version: u64) -> String {
        if self.has_birth { etag(&self.birth, version) } else { etag(self.created_at, version) }
    }
}

pub fn etag(link: impl std::fmt::Display, version: u64) -> String {
    format!("\"{link}-{version}\"")
}

/// The contents of the table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct State {
    /// The links, by organization and slug.
    pub links: BTreeMap<(String, String), Link>,
    /// The handles of each organization, newest first.
    pub handles: BTreeMap<String, Vec<String>>,
    /// For each organization and idempotency key, the slug of the link that was created with the key. If the link was
    /// deleted, the key is free, as if it had no item.
    pub keys: BTreeMap<(String, String), String>,
    pub history: History,
}

impl State {
    /// Reads the table without using Signpost's code.
    ///
    /// # Errors
    /// An organization's list contains a handle that belongs to another organization, or to none.
    pub async fn read(app: &TestApp) -> Result<Self, String> {
        let answer = app.client.scan().table_name("links").consistent_read(true).send().await.unwrap();
        let (mut state, mut owners) = (Self::default(), BTreeMap::new());
        let mut keys = Vec::new();
        for item in answer.items() {
            let (org, id) = (text(item, "org_id"), text(item, "id"));
            match (org.strip_prefix('@'), id.as_str()) {
                (Some(handle), "@") => drop(owners.insert(handle.to_owned(), text(item, "organization"))),
                (None, "@handles") => {
                    let handles = item["handles"].as_l().unwrap().iter();
                    state.handles.insert(org, handles.map(|one| one.as_s().unwrap().clone()).collect());
                }
                (None, id) if id.starts_with("@key#") => {
                    keys.push(((org, id.to_owned()), (text(item, "slug"), text(item, "birth"))));
                }
                _ => {
                    let created_at = number(item, "created_at");
                    let birth = item.contains_key("birth").then(|| text(item, "birth"));
                    let link = Link {
                        has_birth: birth.is_some(),
                        birth: birth.unwrap_or_else(|| format!("{id}#{created_at}")),
                        url: text(item, "url"),
                        creator: text(item, "creator_user_id"),
                        version: number(item, "version"),
                        created_at,
                    };
                    state.links.insert((org, id), link);
                }
            }
        }
        for ((org, key), (slug, birth)) in keys {
            let place = (org.clone(), slug.clone());
            if state.links.get(&place).is_some_and(|link| link.birth == birth) {
                state.keys.insert((org, key), slug);
            }
        }
        state.history = History::of(app, &state.links).await?;
        let births = state.links.iter().map(|((org, _), link)| (org, &link.birth));
        if births.collect::<std::collections::BTreeSet<_>>().len() != state.links.len() {
            return Err(format!("two links share a birth: {:?}", state.links));
        }
        let listed =
            state.handles.iter().flat_map(|(org, handles)| handles.iter().map(move |one| (one, org)));
        let listed: BTreeMap<String, String> = listed.map(|(one, org)| (one.clone(), org.clone())).collect();
        if listed == owners { Ok(state) } else { Err(format!("{owners:?} is listed as {listed:?}")) }
    }

    pub fn link(&self, org: usize, slug: &str) -> Option<&Link> {
        self.links.get(&(ORGS[org].to_owned(), slug.to_owned()))
    }

    /// Returns how many links were created, changed or deleted between this state and a later one.
    pub fn changed_links(&self, later: &Self) -> usize {
        let places: std::collections::BTreeSet<_> = self.links.keys().chain(later.links.keys()).collect();
        places.into_iter().filter(|place| self.links.get(*place) != later.links.get(*place)).count()
    }

    /// Returns the slugs of an organization's links.
    pub fn slugs(&self, org: usize) -> Vec<&str> {
        let own = self.links.keys().filter(|(of, _)| of == ORGS[org]);
        own.map(|(_, slug)| slug.as_str()).collect()
    }

    pub fn handles(&self, org: usize) -> &[String] {
        self.handles.get(ORGS[org]).map(Vec::as_slice).unwrap_or_default()
    }

    pub fn owner(&self, handle: &str) -> Option<usize> {
        (0..ORGS.len()).find(|org| self.handles(*org).iter().any(|held| held == handle))
    }

    /// Returns the state after an edit. An edit that changes nothing leaves the state as it is.
    pub fn edited(&self, org: usize, slug: &str, url: &str) -> Self {
        let mut state = self.clone();
        let link = state.links.get_mut(&(ORGS[org].to_owned(), slug.to_owned())).unwrap();
        if link.url != url {
            (link.url, link.version, link.has_birth) = (url.to_owned(), link.version + 1, true);
        }
        state
    }

    /// Returns the state after a delete.
    pub fn deleted(&self, org: usize, slug: &str) -> Self {
        let mut state = self.clone();
        state.remove(ORGS[org], slug);
        state
    }

    fn remove(&mut self, org: &str, slug: &str) {
        self.links.remove(&(org.to_owned(), slug.to_owned()));
        self.keys.retain(|(of, _), keyed| of != org || keyed != slug);
    }

    /// Returns the state after a handle is claimed.
    pub fn claimed(&self, org: usize, handle: &str) -> Self {
        let mut state = self.clone();
        let held = state.handles.entry(ORGS[org].to_owned()).or_default();
        held.retain(|other| other != handle);
        held.insert(0, handle.to_owned());
        state
    }

    /// Returns the link that exists in `later` but not in this state, if the two have no other difference.
    pub fn only_new_link<'a>(&self, later: &'a Self) -> Option<(&'a str, &'a str, &'a Link)> {
        let mut new = later.links.iter().filter(|(place, _)| !self.links.contains_key(*place));
        let (place, link) = new.next()?;
        let mut without = later.clone();
        without.remove(&place.0, &place.1);
        (without == *self).then_some((place.0.as_str(), place.1.as_str(), link))
    }
}

fn text(item: &HashMap<String, AttributeValue>, name: &str) -> String {
    item[name].as_s().unwrap().clone()
}

fn number<T: std::str::FromStr<Err: std::fmt::Debug>>(
    item: &HashMap<String, AttributeValue>,
    name: &str,
) -> T {
    item[name].as_n().unwrap().parse().unwrap()
}
