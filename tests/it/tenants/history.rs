//! The history, as it is in its table.

mod agreement;
mod undo;

use super::link::{Link, NAMES, Values};
use super::model::LinkId;
use super::people::ORGS;
use super::table::{Item, all_items, number, text, values};
use crate::support::TestApp;
use std::collections::BTreeMap;

/// A record.
#[derive(Debug, Clone)]
pub struct Record {
    pub org: String,
    pub id: String,
    /// The user who made the change.
    pub user: String,
    change: String,
    slug: String,
    birth: String,
    creator: String,
    version: u64,
    /// The link's values before and after the change. Only the record of an edit has both, and it has only the values
    /// that differ.
    before: Option<Values>,
    after: Option<Values>,
    undoes: Option<String>,
    undone_by: Option<String>,
}

/// All records, the oldest first. The model cannot predict the ids of records, so it does not compare ids.
#[derive(Debug, Clone, Default)]
pub struct History(pub Vec<Record>);

impl PartialEq for History {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for History {}

impl History {
    /// Reads the history.
    ///
    /// # Errors
    /// The records contradict each other, or do not lead to these links.
    pub async fn read(app: &TestApp, links: &BTreeMap<LinkId, Link>) -> Result<Self, String> {
        let mut records: Vec<Record> = all_items(app, "history").await.iter().map(record).collect();
        records.sort_by(|a, b| (&a.id, &a.org).cmp(&(&b.id, &b.org)));
        let history = Self(records);
        history.agrees(links)?;
        Ok(history)
    }

    /// Returns the organization's record at this index, modulo the number of records. The newest has index 0.
    pub fn newest(&self, org: usize, index: usize) -> Option<&Record> {
        let own: Vec<&Record> = self.0.iter().rev().filter(|record| record.org == ORGS[org]).collect();
        if own.is_empty() { None } else { Some(own[index % own.len()]) }
    }

    /// Returns the records that `later` contains and this history does not.
    pub fn new_records<'a>(&self, later: &'a Self) -> Vec<&'a Record> {
        let is_new =
            |record: &&Record| !self.0.iter().any(|own| own.id == record.id && own.org == record.org);
        later.0.iter().filter(is_new).collect()
    }
}

impl Record {
    /// Returns what the change did: the record's own word, unless the change freed an alias.
    pub fn kind(&self) -> &str {
        let changes = |name: &str| self.before.as_ref().is_some_and(|before| before.contains_key(name));
        let is_freed = self.change == "update" && changes("aliases");
        if is_freed { "a freed alias" } else { &self.change }
    }
}

fn record(item: &Item) -> Record {
    let text = |name: &str| text(item, name);
    let optional = |name: &str| item.contains_key(name).then(|| text(name));
    let is_edit = item.contains_key("before") && item.contains_key("after");
    let side = |name: &str| {
        item.get(name).map(|map| values(map.as_m().unwrap(), |name| is_edit || NAMES.contains(&name)))
    };
    Record {
        org: text("org_id"),
        id: text("id"),
        user: text("user_id"),
        change: text("change"),
        slug: text("slug"),
        birth: text("birth"),
        creator: text("creator_user_id"),
        version: number(item, "version"),
        before: side("before"),
        after: side("after"),
        undoes: optional("undoes"),
        undone_by: optional("undone_by"),
    }
}
