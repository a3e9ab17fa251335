//! Reads the tables without Signpost's code.

use super::history::History;
use super::link::{Link, NAMES, Values, value};
use super::model::{LinkId, State};
use crate::support::TestApp;
use aws_sdk_dynamodb::types::AttributeValue;
use std::collections::{BTreeMap, HashMap};

pub type Item = HashMap<String, AttributeValue>;

impl State {
    /// Reads all links, handles, idempotency keys and records.
    ///
    /// # Errors
    /// The items contradict each other: an organization's list contains a handle that belongs to another organization, or to
    /// none; two links share a birth; an alias does not lead to its link, or does not expire with it; the history does
    /// not lead to the links.
    pub async fn read(app: &TestApp) -> Result<Self, String> {
        let (mut state, mut owners, mut aliases) = (Self::default(), BTreeMap::new(), BTreeMap::new());
        for item in &all_items(app, "links").await {
            let (org, id) = (text(item, "org_id"), text(item, "id"));
            match (org.strip_prefix('@'), id.as_str()) {
                (Some(handle), "@") => drop(owners.insert(handle.to_owned(), text(item, "organization"))),
                (None, "@handles") => {
                    let handles = item["handles"].as_l().unwrap().iter();
                    state.handles.insert(org, handles.map(|one| one.as_s().unwrap().clone()).collect());
                }
                (None, id) if id.starts_with("@key#") => {
                    state.keys.insert((org, id.to_owned()), text(item, "birth"));
                }
                (None, _) if item.contains_key("alias_of") => {
                    aliases.insert((org, id), item.clone());
                }
                _ => {
                    let link = link(item)?;
                    if let Some(other) = state.links.insert((org, link.birth.clone()), link) {
                        return Err(format!("two links share a birth: {other:?} in {:?}", state.links));
                    }
                }
            }
        }
        if aliases != expected_aliases(&state.links) {
            return Err(format!("{aliases:?} are the aliases of {:?}", state.links));
        }
        let listed =
            state.handles.iter().flat_map(|(org, handles)| handles.iter().map(move |one| (one, org)));
        let listed: BTreeMap<String, String> = listed.map(|(one, org)| (one.clone(), org.clone())).collect();
        if listed != owners {
            return Err(format!("{owners:?} is listed as {listed:?}"));
        }
        state.history = History::read(app, &state.links).await?;
        Ok(state)
    }
}

/// Returns the link in an item.
fn link(item: &Item) -> Result<Link, String> {
    let values = values(item, |name| NAMES.contains(&name));
    let derived = || format!("{}#{}", values["id"].as_str().unwrap(), values["created_at"]);
    let birth = item.get("birth").map_or_else(derived, |birth| birth.as_s().unwrap().clone());
    let has_birth = item.contains_key("birth");
    let link = Link { has_birth, ..Link::from_values(&values, &birth, number(item, "version")) };
    let ttl: Option<i64> = item.contains_key("ttl").then(|| number(item, "ttl"));
    if ttl != link.ttl() || text(item, "newest") != newest(&link) || link.values() != values {
        return Err(format!("{item:?} is the item of {link:?}"));
    }
    Ok(link)
}

/// Returns the attributes of a link's item, except for those that have the same value in every new link.
pub fn item(org: &str, link: &Link) -> Vec<(&'static str, Option<AttributeValue>)> {
    let text = |text: &str| Some(AttributeValue::S(text.to_owned()));
    let aliases: Vec<String> = link.aliases.iter().cloned().collect();
    vec![
        ("org_id", text(org)),
        ("id", text(&link.slug)),
        ("creator_user_id", text(&link.creator)),
        ("url", text(&link.url)),
        ("newest", text(&newest(link))),
        ("birth", link.has_birth.then_some(AttributeValue::S(link.birth.clone()))),
        ("aliases", (!aliases.is_empty()).then_some(AttributeValue::Ss(aliases))),
    ]
}

/// Returns the link's sort key in the index of all links.
fn newest(link: &Link) -> String {
    format!("{:015}#{}", link.created_at, link.slug)
}

/// Returns the items that the aliases of all links must have. The items have no other attributes, so no index has them.
pub fn expected_aliases(links: &BTreeMap<LinkId, Link>) -> BTreeMap<(String, String), Item> {
    let aliases = links.iter().flat_map(|((org, birth), link)| {
        link.aliases.iter().map(move |alias| {
            let text = |text: &String| Some(AttributeValue::S(text.clone()));
            let item = [
                ("org_id", text(org)),
                ("id", text(alias)),
                ("alias_of", text(&link.slug)),
                ("birth", text(birth)),
                ("ttl", link.ttl().map(|ttl| AttributeValue::N(ttl.to_string()))),
            ];
            let item = item.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
            ((org.clone(), alias.clone()), item.collect())
        })
    });
    aliases.collect()
}

/// Returns all items of a table.
pub async fn all_items(app: &TestApp, table: &str) -> Vec<Item> {
    let (mut items, mut start) = (Vec::new(), None);
    loop {
        let scan = app.client.scan().table_name(table).consistent_read(true);
        let page = scan.set_exclusive_start_key(start).send().await.unwrap();
        items.extend(page.items.unwrap_or_default());
        start = page.last_evaluated_key;
        if start.is_none() {
            return items;
        }
    }
}

/// Returns the values of those attributes whose names `is_known` accepts.
pub fn values(item: &Item, is_known: impl Fn(&str) -> bool) -> Values {
    let known = item.iter().filter(|(name, _)| is_known(name));
    known.map(|(name, attribute)| (name.clone(), value(attribute))).collect()
}

pub fn text(item: &Item, name: &str) -> String {
    item[name].as_s().unwrap().clone()
}

pub fn number<T: std::str::FromStr<Err: std::fmt::Debug>>(item: &Item, name: &str) -> T {
    item[name].as_n().unwrap().parse().unwrap()
}
