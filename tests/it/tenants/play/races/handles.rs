//! The possible outcomes of concurrent claims of handles.

use super::outcome::count;
use crate::support::Answer;
use crate::tenants::model::{HANDLES, State};
use crate::tenants::people::ORGS;
use crate::tenants::play::{Checked, Play, holds};
use std::collections::BTreeSet;

impl Play {
    pub(super) fn claims(
        &self,
        name: &str,
        answers: &[(usize, Answer)],
        after: &State,
        faulty: bool,
    ) -> Checked {
        let may = |org: &usize| match self.state.owner(name) {
            Some(owner) => owner == *org,
            None => self.state.handles(*org).len() < 5,
        };
        let winners: Vec<usize> = (0..ORGS.len()).filter(|org| count(*org, answers, 200) > 0).collect();
        holds(winners.len() <= 1 && winners.iter().all(may), || format!("{winners:?} have it"))?;
        let none_may = !(0..ORGS.len()).any(|org| may(&org));
        holds(faulty || none_may || winners.len() == 1, || "no organization has it".to_owned())?;
        let claimed = (0..ORGS.len())
            .filter(may)
            .any(|org| (winners.is_empty() || winners == [org]) && *after == self.state.claimed(org, name));
        holds(claimed || winners.is_empty() && *after == self.state, || "lost or doubled".to_owned())
    }

    pub(super) fn two_claims(
        &self,
        org: usize,
        handles: &[usize; 2],
        answers: &[(usize, Answer)],
        after: &State,
    ) -> Checked {
        let (mut others, held) = (after.clone(), after.handles(org));
        others.handles.remove(ORGS[org]);
        if let Some(before) = self.state.handles.get(ORGS[org]) {
            others.handles.insert(ORGS[org].to_owned(), before.clone());
        }
        holds(others == self.state, || "something else changed".to_owned())?;
        let acknowledged = answers.iter().zip([0, 1, 0, 1]).filter(|((_, answer), _)| answer.status == 200);
        let acknowledged = acknowledged.map(|(_, number)| HANDLES[handles[number]]);
        let mut kept = self.state.handles(org).iter().map(String::as_str).chain(acknowledged);
        let asked = |handle: &String| {
            self.state.handles(org).contains(handle) || handles.iter().any(|one| HANDLES[*one] == handle)
        };
        let whole = kept.all(|handle| held.iter().any(|one| one == handle)) && held.iter().all(asked);
        let once = held.iter().collect::<BTreeSet<_>>().len() == held.len();
        holds(whole && once && held.len() <= 5, || "lost or doubled".to_owned())
    }
}
