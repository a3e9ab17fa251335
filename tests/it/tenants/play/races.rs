//! Concurrent actions, and their possible outcomes.

use super::{Checked, Play, Request, holds, is_discreet};
use crate::support::faulty::Fault;
use crate::support::{Answer, Call};
use crate::tenants::model::{HANDLES, ORGS, SLUGS, State, manager, url, user_id};
use crate::tenants::play::calls::{claim, create, delete, edit};
use crate::tenants::{Race, Who};
use shared::model::Timestamp;
use std::collections::BTreeSet;
use std::sync::Arc;

impl Play {
    pub(super) async fn many(
        &mut self,
        org: usize,
        race: &Race,
        faults: &[Fault],
        of_transaction: Option<Fault>,
    ) -> Checked {
        let boss = manager(org);
        let calls: Vec<(usize, Call)> = match race {
            Race::Creates { slug } => (0..9)
                .map(|number| (number % 3, create(manager(number % 3), number % 3, Some(*slug), None, 0)))
                .collect(),
            Race::Replays { key, url } => vec![(org, create(boss, org, None, Some(*key), *url)); 4],
            Race::Edits { slug } => self.edits(org, &self.slug(org, *slug)),
            Race::Deletes { slug } => {
                let slug = self.slug(org, *slug);
                let deletes = vec![(org, delete(boss, org, &slug, None)); 4];
                deletes.into_iter().chain(self.edits(org, &slug)).collect()
            }
            Race::Claims { handle } => (0..6)
                .map(|number| (number % 3, claim(manager(number % 3), number % 3, HANDLES[*handle])))
                .collect(),
            Race::TwoClaims { handles } => {
                (0..4).map(|number| (org, claim(boss, org, HANDLES[handles[number % 2]]))).collect()
            }
        };
        self.fail(0, faults, of_transaction);
        let sent: Vec<_> = calls
            .into_iter()
            .map(|(of, call)| {
                let functions = Arc::clone(&self.functions);
                (of, tokio::spawn(async move { call.send_to(&functions, Timestamp::now()).await }))
            })
            .collect();
        let mut answers = Vec::new();
        for (of, answer) in sent {
            answers.push((of, answer.await.unwrap()));
        }
        self.fail(0, &[], None);
        let after = State::read(&self.app).await?;
        for (of, answer) in &answers {
            is_discreet(Some(*of), answer)?;
        }
        let failed = answers.iter().any(|(_, answer)| answer.status == 503);
        self.keep_count(faults, failed);
        let checked = self.raced(org, race, &answers, &after, failed || !faults.is_empty());
        checked.map_err(|fault| {
            let statuses: Vec<_> = answers.iter().map(|(of, answer)| (*of, answer.status)).collect();
            format!("{fault}: {statuses:?} of {:?}, then {after:?}", self.state)
        })?;
        if let (Race::Replays { key, url }, Some((_, _, link))) = (race, self.state.only_new_link(&after)) {
            let request = Request { user: boss, key: *key, chosen: None, url: *url };
            self.requests.insert((org, link.birth.clone()), request);
        }
        self.adopt(after);
        Ok(())
    }

    /// Returns four edits of the current version, and two calls of a member without permission: an edit and a delete.
    fn edits(&self, org: usize, slug: &str) -> Vec<(usize, Call)> {
        let version = self.state.link(org, slug).map_or("\"1-1\"".to_owned(), |link| link.etag(link.version));
        let edit = |user, number| edit(user, org, slug, number, Some(&version));
        let colleague = self.user(Who::Colleague, org, slug);
        let edits = (0..4).map(|number| edit(manager(org), number));
        let calls = edits.chain([edit(colleague, 4), delete(colleague, org, slug, None)]);
        calls.map(|call| (org, call)).collect()
    }

    /// Returns how many of the edits from [`Self::edits`] were made. An edit that changes nothing is acknowledged, but
    /// is not counted.
    fn made(&self, org: usize, slug: &str, edits: &[(usize, Answer)]) -> usize {
        let current = self.state.link(org, slug).map(|link| link.url.as_str());
        let changing = edits.iter().enumerate().filter(|(number, _)| current != Some(&url(org, *number)));
        changing.filter(|(_, (_, answer))| answer.status == 200).count()
    }

    fn raced(
        &self,
        org: usize,
        race: &Race,
        answers: &[(usize, Answer)],
        after: &State,
        faulty: bool,
    ) -> Checked {
        let count = |org: usize, range: &[(usize, Answer)], status: u64| {
            range.iter().filter(|(of, answer)| *of == org && answer.status == status).count()
        };
        match race {
            Race::Creates { slug } => {
                let mut wanted = self.state.clone();
                for (org, name) in ORGS.iter().enumerate() {
                    let made = count(org, answers, 201);
                    if self.state.link(org, SLUGS[*slug]).is_some() {
                        holds(made == 0, || "made over another".to_owned())?;
                        continue;
                    }
                    holds(made == 1 || faulty && made == 0, || format!("{made} made in {org}"))?;
                    let Some(link) = after.link(org, SLUGS[*slug]) else {
                        holds(made == 0, || "a link was lost".to_owned())?;
                        continue;
                    };
                    let as_asked = (url(org, 0), user_id(manager(org)), 1);
                    let is = (link.url.clone(), link.creator.clone(), link.version);
                    holds(is == as_asked, || "the link is not the requested one".to_owned())?;
                    wanted.links.insert(((*name).to_owned(), SLUGS[*slug].to_owned()), link.clone());
                }
                holds(*after == wanted, || "something else changed".to_owned())
            }
            Race::Replays { key, url } => {
                let request = Request { user: manager(org), key: *key, chosen: None, url: *url };
                let ids: BTreeSet<String> = answers
                    .iter()
                    .filter_map(|(_, answer)| Some(answer.body["id"].as_str()?.to_owned()))
                    .collect();
                holds(ids.len() <= 1, || format!("one key is {ids:?}"))?;
                if self.made_before(org, &request).is_some() {
                    return holds(*after == self.state, || "made again".to_owned());
                }
                let made = count(org, answers, 201);
                holds(made == 1 || faulty && made == 0, || format!("{made} made"))?;
                let one_more = self.state.only_new_link(after).is_some();
                holds(one_more || ids.is_empty() && *after == self.state, || "lost or doubled".to_owned())
            }
            Race::Edits { slug } => {
                let slug = &self.slug(org, *slug);
                let (edits, intrusions) = answers.split_at(4);
                holds(count(org, intrusions, 200) == 0, || "a colleague's doing".to_owned())?;
                let Some(link) = self.state.link(org, slug) else {
                    let none = count(org, edits, 200) == 0 && *after == self.state;
                    return holds(none, || "an edit of nothing".to_owned());
                };
                // An edit that changes nothing may be acknowledged before another edit is made.
                let won = self.made(org, slug, edits);
                holds(won == 1 || faulty && won == 0, || format!("{won} edits of one version"))?;
                let edited = (0..4).any(|number| {
                    let wins = won == 0 || answers[number].1.status == 200;
                    let changes = link.url != url(org, number);
                    wins && changes && *after == self.state.edited(org, slug, &url(org, number))
                });
                let kept = won == 0 && after.link(org, slug) == Some(link) && *after == self.state;
                holds(edited || kept, || "lost or doubled".to_owned())
            }
            Race::Deletes { slug } => {
                let slug = &self.slug(org, *slug);
                let (deletes, others) = answers.split_at(4);
                let (edits, intrusions) = others.split_at(4);
                holds(count(org, intrusions, 200) == 0, || "a colleague's doing".to_owned())?;
                let deleted = count(org, deletes, 200);
                let there = self.state.link(org, slug).is_some();
                holds(deleted <= usize::from(there), || format!("{deleted} deletes"))?;
                holds(faulty || deleted == usize::from(there), || "no delete".to_owned())?;
                holds(self.made(org, slug, edits) <= 1, || "two edits of one version".to_owned())?;
                if *after == self.state.deleted(org, slug) {
                    return Ok(());
                }
                let undone = deletes.iter().all(|(_, answer)| answer.status == 503);
                let edited = (0..4).any(|number| *after == self.state.edited(org, slug, &url(org, number)));
                holds(undone && (edited || *after == self.state), || "a delete was lost".to_owned())
            }
            Race::Claims { handle } => {
                let name = HANDLES[*handle];
                let may = |org: &usize| match self.state.owner(name) {
                    Some(owner) => owner == *org,
                    None => self.state.handles(*org).len() < 5,
                };
                let winners: Vec<usize> =
                    (0..ORGS.len()).filter(|org| count(*org, answers, 200) > 0).collect();
                holds(winners.len() <= 1 && winners.iter().all(may), || format!("{winners:?} have it"))?;
                let nobody = !(0..ORGS.len()).any(|org| may(&org));
                holds(faulty || nobody || winners.len() == 1, || "nobody has it".to_owned())?;
                let claimed = (0..ORGS.len()).filter(may).any(|org| {
                    (winners.is_empty() || winners == [org]) && *after == self.state.claimed(org, name)
                });
                holds(claimed || winners.is_empty() && *after == self.state, || "lost or doubled".to_owned())
            }
            Race::TwoClaims { handles } => {
                let (mut others, held) = (after.clone(), after.handles(org));
                others.handles.remove(ORGS[org]);
                if let Some(before) = self.state.handles.get(ORGS[org]) {
                    others.handles.insert(ORGS[org].to_owned(), before.clone());
                }
                holds(others == self.state, || "something else changed".to_owned())?;
                let acknowledged =
                    answers.iter().zip([0, 1, 0, 1]).filter(|((_, answer), _)| answer.status == 200);
                let acknowledged = acknowledged.map(|(_, number)| HANDLES[handles[number]]);
                let mut kept = self.state.handles(org).iter().map(String::as_str).chain(acknowledged);
                let asked = |handle: &String| {
                    self.state.handles(org).contains(handle)
                        || handles.iter().any(|one| HANDLES[*one] == handle)
                };
                let whole = kept.all(|handle| held.iter().any(|one| one == handle)) && held.iter().all(asked);
                let once = held.iter().collect::<BTreeSet<_>>().len() == held.len();
                holds(whole && once && held.len() <= 5, || "lost or doubled".to_owned())
            }
        }
    }
}
