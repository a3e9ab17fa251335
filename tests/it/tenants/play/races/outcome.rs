//! The possible outcomes of concurrent actions on links.

use super::{slug_edit, url_edit};
use crate::support::Answer;
use crate::tenants::model::{SLUGS, State};
use crate::tenants::people::{ORGS, manager, url};
use crate::tenants::play::{Checked, Play, Request, holds, new_link};
use std::collections::BTreeSet;

/// Returns how many responses of an organization have this status.
pub(super) fn count(org: usize, answers: &[(usize, Answer)], status: u64) -> usize {
    answers.iter().filter(|(of, answer)| *of == org && answer.status == status).count()
}

/// `after` is the state after the race. `faulty` is whether a call failed.
impl Play {
    pub(super) fn creates(
        &self,
        slug: &str,
        answers: &[(usize, Answer)],
        after: &State,
        faulty: bool,
    ) -> Checked {
        let mut wanted = self.state.clone();
        for (org, name) in ORGS.iter().enumerate() {
            let made = count(org, answers, 201);
            if self.state.link(org, slug).is_some() {
                holds(made == 0, || "made over another".to_owned())?;
                continue;
            }
            holds(made == 1 || faulty && made == 0, || format!("{made} made in {org}"))?;
            let Some(link) = after.link(org, slug) else {
                holds(made == 0, || "a link was lost".to_owned())?;
                continue;
            };
            let requested = new_link(manager(org), slug, &url(org, 0), link);
            holds(*link == requested, || "the link is not the requested one".to_owned())?;
            wanted = wanted.with(((*name).to_owned(), link.birth.clone()), requested);
        }
        holds(*after == wanted, || "something else changed".to_owned())
    }

    pub(super) fn replays(
        &self,
        org: usize,
        request: &Request,
        answers: &[(usize, Answer)],
        after: &State,
        faulty: bool,
    ) -> Checked {
        let ids: BTreeSet<String> =
            answers.iter().filter_map(|(_, answer)| Some(answer.body["id"].as_str()?.to_owned())).collect();
        holds(ids.len() <= 1, || format!("one key is {ids:?}"))?;
        if self.made_before(org, request).is_some() {
            return holds(*after == self.state, || "made again".to_owned());
        }
        let made = count(org, answers, 201);
        holds(made == 1 || faulty && made == 0, || format!("{made} made"))?;
        let one_more = self.state.only_new_link(after).is_some();
        holds(one_more || ids.is_empty() && *after == self.state, || "lost or doubled".to_owned())
    }

    /// The first four responses answer edits, and the others answer calls of a member without permission.
    pub(super) fn edited(
        &self,
        org: usize,
        slug: &str,
        answers: &[(usize, Answer)],
        after: &State,
        faulty: bool,
    ) -> Checked {
        let (edits, intrusions) = answers.split_at(4);
        holds(count(org, intrusions, 200) == 0, || "a colleague's doing".to_owned())?;
        let Some(link) = self.state.link(org, slug) else {
            let none = count(org, edits, 200) == 0 && *after == self.state;
            return holds(none, || "an edit of nothing".to_owned());
        };
        // An edit that changes nothing may be acknowledged before another edit is made.
        let won = self.made(org, slug, edits);
        holds(won == 1 || faulty && won == 0, || format!("{won} edits of one version"))?;
        let is_edited = (0..4).any(|number| {
            let wins = won == 0 || edits[number].1.status == 200;
            let changes = link.url != url(org, number);
            wins && changes && *after == self.with_url(org, slug, number)
        });
        holds(is_edited || won == 0 && *after == self.state, || "lost or doubled".to_owned())
    }

    /// The first four responses are to deletes, the next four are to edits, and the others are to requests by a
    /// colleague.
    pub(super) fn deletes(
        &self,
        org: usize,
        slug: &str,
        answers: &[(usize, Answer)],
        after: &State,
        faulty: bool,
    ) -> Checked {
        let (deletes, others) = answers.split_at(4);
        let (edits, intrusions) = others.split_at(4);
        holds(count(org, intrusions, 200) == 0, || "a colleague's doing".to_owned())?;
        let deleted = count(org, deletes, 200);
        let there = self.state.link(org, slug).is_some();
        holds(deleted <= usize::from(there), || format!("{deleted} deletes"))?;
        holds(faulty || deleted == usize::from(there), || "no delete".to_owned())?;
        let won = self.made(org, slug, edits);
        holds(won <= 1, || "two edits of one version".to_owned())?;
        if !there {
            return holds(*after == self.state, || "a change of nothing".to_owned());
        }
        // An edit can come before the delete. If the delete only frees an alias, such an edit stays visible.
        let with_url = (0..4).filter(|number| won == 0 || edits[*number].1.status == 200);
        let mut possible: Vec<State> = with_url.map(|number| self.with_url(org, slug, number)).collect();
        if won == 0 {
            possible.push(self.state.clone());
        }
        let undone = deletes.iter().all(|(_, answer)| answer.status == 503);
        let is_possible =
            possible.iter().any(|state| *after == state.deleted(org, slug) || undone && after == state);
        holds(is_possible, || "a delete was lost".to_owned())
    }

    /// The responses are to renames and creates, alternately.
    pub(super) fn renames(
        &self,
        org: usize,
        slug: &str,
        new: usize,
        answers: &[(usize, Answer)],
        after: &State,
        faulty: bool,
    ) -> Checked {
        let renamed = answers.iter().step_by(2).filter(|(_, answer)| answer.status == 200).count();
        let created = count(org, answers, 201);
        let is_taken = self.state.link(org, SLUGS[new]).is_some();
        holds(created <= usize::from(!is_taken), || format!("{created} created"))?;
        let link = self.state.link(org, slug);
        let expected = link.map(|_| self.state.edited(org, slug, &slug_edit(new), manager(org)));
        let expected = expected.and_then(Result::ok);
        if expected.as_ref() == Some(after) {
            // If an edit changes nothing, the state does not show whether a fault prevented it.
            return holds(created == 0 && (faulty || renamed > 0), || "a rename and a create".to_owned());
        }
        // A rename can succeed if it finds the new link, which already has the requested slug. Such a rename changes
        // nothing.
        holds(renamed == 0 || slug == SLUGS[new], || "a rename was lost".to_owned())?;
        if let Some((_, link)) = self.state.only_new_link(after) {
            let requested = new_link(manager(org), SLUGS[new], &url(org, 0), link);
            return holds(*link == requested, || "the link is not the requested one".to_owned());
        }
        let nothing = *after == self.state && created == 0;
        holds(nothing && (faulty || is_taken && expected.is_none()), || "lost or doubled".to_owned())
    }

    /// Returns the state after one of the edits of a race.
    fn with_url(&self, org: usize, slug: &str, number: usize) -> State {
        self.state.edited(org, slug, &url_edit(org, number), manager(org)).unwrap()
    }
}
