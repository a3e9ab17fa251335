//! Reads the history from the table without Signpost's code, and says what the undo of a record must do.

use super::model::{Link, ORGS, State};
use crate::support::TestApp;
use aws_sdk_dynamodb::types::AttributeValue;
use std::collections::{BTreeMap, HashMap};

/// A record.
#[derive(Debug, Clone)]
pub struct Record {
    pub org: String,
    pub id: String,
    slug: String,
    birth: String,
    creator: String,
    version: u64,
    created_at: Option<i64>,
    /// The URL before and after, if the record has one.
    before: Option<String>,
    after: Option<String>,
    is_undone: bool,
}

/// All records, the oldest first. A model cannot know their ids, so it does not compare them.
#[derive(Debug, Clone, Default)]
pub struct History(pub Vec<Record>);

impl PartialEq for History {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for History {}

/// The expected outcome of an undo.
pub enum Undo {
    Refused(u64),
    /// The undo succeeds. Contains the links as they are after the undo.
    Done(BTreeMap<(String, String), Link>),
}

impl History {
    /// Reads the table of history and compares it with the links.
    ///
    /// # Errors
    /// A link and its newest record disagree, or versions have gaps.
    pub async fn of(app: &TestApp, links: &BTreeMap<(String, String), Link>) -> Result<Self, String> {
        let mut items = Vec::new();
        let mut start = None;
        loop {
            let scan = app.client.scan().table_name("history").consistent_read(true);
            let page = scan.set_exclusive_start_key(start).send().await.unwrap();
            items.extend(page.items.unwrap_or_default());
            start = page.last_evaluated_key;
            if start.is_none() {
                break;
            }
        }
        let mut records: Vec<Record> = items.iter().map(record).collect();
        records.sort_by(|a, b| (&a.id, &a.org).cmp(&(&b.id, &b.org)));
        let history = Self(records);
        history.agrees(links)?;
        Ok(history)
    }

    fn agrees(&self, links: &BTreeMap<(String, String), Link>) -> Result<(), String> {
        let mut newest: BTreeMap<(&str, &str), Vec<&Record>> = BTreeMap::new();
        for record in &self.0 {
            newest.entry((&record.org, &record.birth)).or_default().push(record);
        }
        for ((org, birth), records) in &newest {
            let link = links.iter().find(|((of, _), link)| of == org && link.birth == *birth);
            // Records of the same millisecond can only be ordered by version. A delete's record has the version of the
            // link that was deleted.
            let last = records.iter().map(|record| record.version).max().unwrap_or_default();
            let mut versions: Vec<u64> =
                records.iter().filter(|record| record.after.is_some()).map(|record| record.version).collect();
            versions.sort_unstable();
            let has_gap = versions.windows(2).any(|pair| pair[1] != pair[0] + 1);
            let is_deleted = records.iter().any(|record| record.after.is_none() && record.version == last);
            let agrees = match link {
                Some((_, link)) => link.version == last && !is_deleted,
                None => is_deleted,
            };
            if has_gap || !agrees {
                return Err(format!("{link:?} and {records:?} disagree"));
            }
        }
        let unrecorded = links.iter().find(|((org, _), link)| {
            link.has_birth && !newest.contains_key(&(org.as_str(), link.birth.as_str()))
        });
        unrecorded.map_or(Ok(()), |link| Err(format!("{link:?} has no record")))
    }

    /// Returns one record of an organization: index 0 is the newest record.
    pub fn newest(&self, org: usize, index: usize) -> Option<&Record> {
        let own: Vec<&Record> = self.0.iter().rev().filter(|record| record.org == ORGS[org]).collect();
        if own.is_empty() { None } else { Some(own[index % own.len()]) }
    }
}

impl Record {
    /// Returns the expected outcome if this user undoes the change. `manages` is true if the user is an admin.
    pub fn undo(&self, state: &State, user: &str, manages: bool) -> Undo {
        let place = state.links.iter().find(|((org, _), link)| *org == self.org && link.birth == self.birth);
        let creator = place.map_or(&self.creator, |(_, link)| &link.creator);
        let mut links = state.links.clone();
        match (&self.before, &self.after, place) {
            _ if self.is_undone => return Undo::Refused(409),
            _ if !manages && creator != user => return Undo::Refused(403),
            (Some(url), None, _) => {
                let key = (self.org.clone(), self.slug.clone());
                if links.contains_key(&key) {
                    return Undo::Refused(409);
                }
                let link = Link {
                    url: url.clone(),
                    creator: self.creator.clone(),
                    version: self.version + 1,
                    created_at: self.created_at.unwrap(),
                    birth: self.birth.clone(),
                    has_birth: true,
                };
                links.insert(key, link);
            }
            (.., None) => return Undo::Refused(409),
            (None, _, Some((key, _))) => drop(links.remove(key)),
            (Some(before), Some(after), Some((key, link))) => {
                if link.url != *after {
                    return Undo::Refused(409);
                }
                let link = links.get_mut(key).unwrap();
                (link.url, link.version, link.has_birth) = (before.clone(), link.version + 1, true);
            }
        }
        Undo::Done(links)
    }
}

fn record(item: &HashMap<String, AttributeValue>) -> Record {
    let text = |name: &str| item[name].as_s().unwrap().clone();
    let url = |side: &str| item.get(side).map(|map| map.as_m().unwrap()["url"].as_s().unwrap().clone());
    let side = item.get("before").or(item.get("after")).unwrap().as_m().unwrap();
    Record {
        org: text("org_id"),
        id: text("id"),
        slug: text("slug"),
        birth: text("birth"),
        creator: text("creator_user_id"),
        version: item["version"].as_n().unwrap().parse().unwrap(),
        created_at: side.get("created_at").map(|millis| millis.as_n().unwrap().parse().unwrap()),
        before: url("before"),
        after: url("after"),
        is_undone: item.contains_key("undone_by"),
    }
}
