//! A model of the expected state. The model is as simple as possible.

use super::history::History;
use super::link::{Edit, Link, etag};
use super::people::{ORGS, manager, url, user_id};
use std::collections::{BTreeMap, BTreeSet};

/// The slugs that people choose. Generated slugs have other lengths, so they never equal one of these slugs.
pub const SLUGS: [&str; 9] = ["launch", "menu", "jobs", "q", "press", "team", "plan", "notes", "x"];
pub const HANDLES: [&str; 12] =
    ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"];
pub const KEYS: [&str; 3] = ["first", "second", "third"];
/// Expiries, in seconds.
pub const EXPIRIES: [i64; 2] = [4_070_908_800, 4_102_444_800];

/// The maximum number of a link's aliases.
const MAX_ALIASES: usize = 5;

/// An organization, and the birth of one of its links.
pub type LinkId = (String, String);

/// The contents of the tables, except for clicks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct State {
    pub links: BTreeMap<LinkId, Link>,
    /// The handles of each organization, newest first.
    pub handles: BTreeMap<String, Vec<String>>,
    /// The births of the links that were created with idempotency keys, by organization and key item. While the
    /// link of a key is deleted, the key is free, as if the key had no item.
    pub keys: BTreeMap<(String, String), String>,
    pub history: History,
}

/// Returns the links that each run begins with: one that was created before births were stored, and one with so many
/// aliases that it soon has the maximum. The history does not contain their creation.
pub fn first_links() -> BTreeMap<LinkId, Link> {
    let created_at = 1_795_383_720_000_i64;
    let link = |slug: &str, birth: Option<&str>, aliases: &[&str]| Link {
        slug: slug.to_owned(),
        aliases: aliases.iter().map(|alias| (*alias).to_owned()).collect(),
        url: url(0, 0),
        creator: user_id(manager(0)),
        creator_name: None,
        is_handed_over: false,
        expires_at: None,
        version: 1,
        created_at,
        birth: birth.map_or_else(|| format!("{slug}#{created_at}"), str::to_owned),
        has_birth: birth.is_some(),
    };
    let links = [
        link(SLUGS[0], None, &[]),
        link("old", Some("BirthOfRenamed01"), &["old-1", "old-2", "old-3", "old-4"]),
    ];
    links.into_iter().map(|link| ((ORGS[0].to_owned(), link.birth.clone()), link)).collect()
}

impl State {
    /// Returns the link that has this slug or this alias.
    pub fn link(&self, org: usize, slug: &str) -> Option<&Link> {
        self.links_of(org).find(|link| link.has(slug))
    }

    /// Returns an organization's links.
    pub fn links_of(&self, org: usize) -> impl Iterator<Item = &Link> {
        self.links.iter().filter(move |((of, _), _)| of == ORGS[org]).map(|(_, link)| link)
    }

    /// Returns the link with this birth.
    pub fn born(&self, org: usize, birth: &str) -> Option<&Link> {
        self.links.get(&(ORGS[org].to_owned(), birth.to_owned()))
    }

    /// Returns whether a link other than `own` has one of these slugs, as its slug or as an alias.
    pub fn is_taken<'a>(&self, own: &LinkId, mut slugs: impl Iterator<Item = &'a String>) -> bool {
        slugs.any(|slug| self.links.iter().any(|(id, link)| id.0 == own.0 && id.1 != own.1 && link.has(slug)))
    }

    /// Returns how many links were created, changed or deleted between this state and a later one.
    pub fn changed_links(&self, later: &Self) -> usize {
        let ids: BTreeSet<_> = self.links.keys().chain(later.links.keys()).collect();
        ids.into_iter().filter(|id| self.links.get(*id) != later.links.get(*id)).count()
    }

    /// Describes the differences between this state and a later one.
    pub fn differences(&self, later: &Self) -> String {
        let ids: BTreeSet<_> = self.links.keys().chain(later.links.keys()).collect();
        let links: Vec<String> = ids
            .into_iter()
            .map(|id| (self.links.get(id), later.links.get(id)))
            .filter(|(before, after)| before != after)
            .map(|(before, after)| format!("{before:?} became {after:?}"))
            .collect();
        let records = self.history.new_records(&later.history);
        let handles = (&self.handles, &later.handles);
        let handles = (handles.0 != handles.1).then_some(handles);
        let keys = (self.keys != later.keys).then_some((&self.keys, &later.keys));
        format!("links: {links:#?}, records: {records:#?}, handles: {handles:?}, keys: {keys:?}")
    }

    pub fn handles(&self, org: usize) -> &[String] {
        self.handles.get(ORGS[org]).map(Vec::as_slice).unwrap_or_default()
    }

    pub fn owner(&self, handle: &str) -> Option<usize> {
        (0..ORGS.len()).find(|org| self.handles(*org).iter().any(|held| held == handle))
    }

    /// Returns the state after a user's edit, or the code of the conflict that prevents it. An edit that changes nothing
    /// leaves the state as it is.
    pub fn edited(&self, org: usize, slug: &str, edit: &Edit, user: usize) -> Result<Self, &'static str> {
        let link = self.link(org, slug).unwrap();
        let next = link.edited(edit, user);
        let id = (ORGS[org].to_owned(), link.birth.clone());
        if next.aliases.len() > MAX_ALIASES {
            Err("alias_limit")
        } else if self.is_taken(&id, next.slugs()) {
            Err("slug_taken")
        } else {
            Ok(self.with(id, next))
        }
    }

    /// Returns the state after a delete. A delete by an alias frees only the alias.
    pub fn deleted(&self, org: usize, slug: &str) -> Self {
        let Some(link) = self.link(org, slug) else { return self.clone() };
        let id = (ORGS[org].to_owned(), link.birth.clone());
        if link.slug == slug { self.without(&id) } else { self.with(id, link.without_alias(slug)) }
    }

    pub fn with(&self, id: LinkId, link: Link) -> Self {
        let mut state = self.clone();
        state.links.insert(id, link);
        state
    }

    pub fn without(&self, id: &LinkId) -> Self {
        let mut state = self.clone();
        state.links.remove(id);
        state
    }

    /// Returns the state after a handle is claimed.
    pub fn claimed(&self, org: usize, handle: &str) -> Self {
        let mut state = self.clone();
        let held = state.handles.entry(ORGS[org].to_owned()).or_default();
        held.retain(|other| other != handle);
        held.insert(0, handle.to_owned());
        state
    }

    /// Returns the link that exists in `later` but not in this state. Returns `None` if the states also differ in
    /// anything other than this link's idempotency key.
    pub fn only_new_link<'a>(&self, later: &'a Self) -> Option<(&'a str, &'a Link)> {
        let mut new = later.links.iter().filter(|(id, _)| !self.links.contains_key(*id));
        let (id, link) = new.next()?;
        let mut without = later.without(id);
        for (key, birth) in &later.keys {
            if key.0 == id.0 && *birth == id.1 {
                match self.keys.get(key) {
                    Some(earlier) => without.keys.insert(key.clone(), earlier.clone()),
                    None => without.keys.remove(key),
                };
            }
        }
        (without == *self).then_some((id.0.as_str(), link))
    }

    /// Returns the current entity tag of the link with this slug or, if there is no such link, an invented tag.
    pub fn etag(&self, org: usize, slug: &str) -> String {
        self.link(org, slug).map_or_else(|| etag(1, 1), |link| link.etag(link.version))
    }
}
