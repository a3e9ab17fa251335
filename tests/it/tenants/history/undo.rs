//! What the undo of a record must do.

use super::Record;
use crate::tenants::link::Link;
use crate::tenants::model::State;
use std::collections::BTreeSet;

impl Record {
    /// Returns the state after this user undoes the change, or the status and the code of the response if the undo must be
    /// refused. `manages` is whether the user is an admin.
    pub fn undo(&self, state: &State, user: &str, manages: bool) -> Result<State, (u64, &'static str)> {
        let id = (self.org.clone(), self.birth.clone());
        let link = state.links.get(&id);
        let creator = link.map_or(&self.creator, |link| &link.creator);
        if self.undone_by.is_some() {
            return Err((409, "already_undone"));
        }
        if !manages && creator != user {
            return Err((403, "forbidden"));
        }
        match (&self.before, &self.after, link) {
            (Some(before), None, _) => {
                let mut link = Link::from_values(before, &self.birth, self.version).with_next_version();
                if state.is_taken(&id, std::iter::once(&link.slug)) {
                    return Err((409, "slug_taken"));
                }
                link.aliases.retain(|alias| !state.is_taken(&id, std::iter::once(alias)));
                Ok(state.with(id, link))
            }
            (.., None) => Err((409, "link_missing")),
            (None, ..) => Ok(state.without(&id)),
            (Some(before), Some(after), Some(link)) => {
                let mut names: BTreeSet<String> = before.keys().chain(after.keys()).cloned().collect();
                let is_hand_over = names.contains("creator_user_id");
                if is_hand_over && !manages {
                    return Err((403, "forbidden"));
                }
                if is_hand_over {
                    names.extend(["creator_name", "handed_over"].map(str::to_owned));
                }
                let values = link.values();
                // No user chooses the creator's name, so an undo restores the old name even if the name has changed
                // again.
                let decided =
                    names.iter().filter(|name| !["creator_name", "handed_over"].contains(&name.as_str()));
                let reverted = link.with_values(names.iter(), before);
                if decided.clone().any(|name| values.get(name) != after.get(name))
                    || reverted.aliases.contains(&reverted.slug)
                {
                    return Err((409, "changed_since"));
                }
                if state.is_taken(&id, reverted.slugs()) {
                    return Err((409, "slug_taken"));
                }
                Ok(state.with(id, reverted))
            }
        }
    }
}
