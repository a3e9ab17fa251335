//! Whether the records agree with each other and with the links.

use super::{History, Record};
use crate::tenants::link::{Link, NAMES, Values};
use crate::tenants::model::{LinkId, first_links};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// The values that an edit can change without recording them. A new creator's first edit makes the creator's name
/// known.
const UNRECORDED: [&str; 2] = ["creator_name", "handed_over"];

impl History {
    /// Follows each link through its records, from its creation to the present.
    ///
    /// # Errors
    /// A record's old value is not the value after the earlier records; versions have gaps; the values after the newest
    /// record are not the link's; a link has no record; an undo and the undone change do not refer to each other.
    pub(super) fn agrees(&self, links: &BTreeMap<LinkId, Link>) -> Result<(), String> {
        let mut by_link: BTreeMap<LinkId, Vec<&Record>> = BTreeMap::new();
        for record in &self.0 {
            by_link.entry((record.org.clone(), record.birth.clone())).or_default().push(record);
            self.has_counterpart(record)?;
        }
        let first = first_links();
        for (id, records) in &mut by_link {
            // Records of the same millisecond can only be ordered by version. The record of a delete has the version of
            // the link that was deleted.
            records.sort_by_key(|record| (record.version, record.after.is_none()));
            let start = first.get(id).map(|first| (first.values(), first.version));
            let end = records.iter().try_fold(start, |link, record| record.follow(link));
            let end = end.map_err(|fault| format!("{fault}: {records:?}"))?;
            let expected = links.get(id).map(|link| (recorded(&link.values()), link.version));
            if end.map(|(values, version)| (recorded(&values), version)) != expected {
                return Err(format!("{expected:?} and {records:?} disagree"));
            }
        }
        let unrecorded =
            links.iter().find(|(id, link)| first.get(*id) != Some(*link) && !by_link.contains_key(*id));
        unrecorded.map_or(Ok(()), |link| Err(format!("{link:?} has no record")))
    }

    fn has_counterpart(&self, record: &Record) -> Result<(), String> {
        let find = |id: &Option<String>| {
            self.0.iter().find(|one| one.org == record.org && Some(&one.id) == id.as_ref())
        };
        let undone = find(&record.undoes).map(|undone| &undone.undone_by);
        let undo = find(&record.undone_by).map(|undo| &undo.undoes);
        let own = Some(record.id.clone());
        let refers = |other: Option<&Option<String>>| other.is_none_or(|id| *id == own);
        let is_whole =
            record.undoes.is_some() == undone.is_some() && record.undone_by.is_some() == undo.is_some();
        let agrees = is_whole && refers(undone) && refers(undo);
        if agrees { Ok(()) } else { Err(format!("{record:?} and its undo do not refer to each other")) }
    }
}

impl Record {
    /// Returns the link's values and version after this change. `link` has the values and the version before the
    /// change; it is `None` if there was no link.
    fn follow(&self, link: Option<(Values, u64)>) -> Result<Option<(Values, u64)>, String> {
        let fault = |what: &str| Err(format!("{what} in {self:?} of {link:?}"));
        let end = match (&self.before, &self.after, &link) {
            (None, Some(after), None) => Some(after.clone()),
            (Some(before), None, Some((values, version))) => {
                if recorded(before) != recorded(values) || self.version != *version {
                    return fault("another link is deleted");
                }
                None
            }
            (Some(before), Some(after), Some((values, version))) => {
                if self.version != version + 1 {
                    return fault("a gap");
                }
                let mut next = values.clone();
                let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
                for name in &names {
                    if !NAMES.contains(&name.as_str()) {
                        return fault("an unknown value");
                    }
                    let is_unrecorded = UNRECORDED.contains(&name.as_str());
                    let is_current = before.get(*name) == values.get(*name);
                    if !(is_current || is_unrecorded && may_have_become_known(values)) {
                        return fault("another value before");
                    }
                    if !is_unrecorded && before.get(*name) == after.get(*name) {
                        return fault("no change");
                    }
                    match after.get(*name) {
                        Some(value) => next.insert((*name).clone(), value.clone()),
                        None => next.remove(*name),
                    };
                }
                if names.is_empty() {
                    return fault("no change");
                }
                Some(next)
            }
            _ => return fault("a change out of order"),
        };
        let current = end.as_ref().or(self.before.as_ref()).unwrap();
        let is_of_link = current["id"] == self.slug && current["creator_user_id"] == self.creator;
        if !is_of_link || self.change != self.expected_change() {
            return fault("a wrong description");
        }
        Ok(end.map(|values| (values, self.version)))
    }

    fn expected_change(&self) -> &'static str {
        let changes = |name: &str| self.after.as_ref().is_some_and(|after| after.contains_key(name));
        match (&self.before, &self.after) {
            _ if self.undoes.is_some() => "undo",
            (None, _) => "create",
            (_, None) => "delete",
            _ if changes("id") => "rename",
            _ if changes("creator_user_id") => "hand_over",
            _ => "update",
        }
    }
}

/// Returns whether the creator's name was unknown after the last recorded change, and a later edit may have made it
/// known.
fn may_have_become_known(values: &Values) -> bool {
    values.get("handed_over") == Some(&Value::Bool(true))
}

/// Returns the values that are always recorded.
fn recorded(values: &Values) -> Values {
    let mut values = values.clone();
    values.retain(|name, _| !UNRECORDED.contains(&name.as_str()));
    values
}
