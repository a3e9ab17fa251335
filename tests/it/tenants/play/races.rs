//! Concurrent actions, and their possible outcomes.

mod handles;
mod outcome;

use super::answers::is_discreet;
use super::calls::{claim, create, delete, edit};
use super::{Checked, Play, Request};
use crate::support::faulty::Fault;
use crate::support::{Answer, Call};
use crate::tenants::link::Edit;
use crate::tenants::model::{HANDLES, SLUGS, State};
use crate::tenants::people::{manager, url};
use crate::tenants::steps::{Race, Who};
use shared::model::Timestamp;
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
            Race::Renames { slug, new } => {
                let (slug, edit_to) = (self.slug(org, *slug), slug_edit(*new));
                let rename = (org, edit(boss, org, &slug, &edit_to, None));
                let create = (org, create(boss, org, Some(*new), None, 0));
                (0..3).flat_map(|_| [rename.clone(), create.clone()]).collect()
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
            format!("{fault}: {statuses:?}, then {}", self.state.differences(&after))
        })?;
        if let (Race::Replays { key, url }, Some((_, link))) = (race, self.state.only_new_link(&after)) {
            let request = Request { user: boss, key: *key, chosen: None, url: *url };
            self.requests.insert((org, link.birth.clone()), request);
        }
        self.state = after;
        Ok(())
    }

    /// Returns four edits of the current version, and two calls by a member without permission: an edit and a delete.
    fn edits(&self, org: usize, slug: &str) -> Vec<(usize, Call)> {
        let version = self.state.etag(org, slug);
        let edit = |user, number| edit(user, org, slug, &url_edit(org, number), Some(&version));
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

    /// Checks that the responses and the state after a race are possible together.
    fn raced(
        &self,
        org: usize,
        race: &Race,
        answers: &[(usize, Answer)],
        after: &State,
        faulty: bool,
    ) -> Checked {
        match race {
            Race::Creates { slug } => self.creates(SLUGS[*slug], answers, after, faulty),
            Race::Replays { key, url } => {
                let request = Request { user: manager(org), key: *key, chosen: None, url: *url };
                self.replays(org, &request, answers, after, faulty)
            }
            Race::Edits { slug } => self.edited(org, &self.slug(org, *slug), answers, after, faulty),
            Race::Deletes { slug } => self.deletes(org, &self.slug(org, *slug), answers, after, faulty),
            Race::Renames { slug, new } => {
                self.renames(org, &self.slug(org, *slug), *new, answers, after, faulty)
            }
            Race::Claims { handle } => self.claims(HANDLES[*handle], answers, after, faulty),
            Race::TwoClaims { handles } => self.two_claims(org, handles, answers, after),
        }
    }
}

/// An edit of the URL.
fn url_edit(org: usize, number: usize) -> Edit {
    Edit { url: Some(url(org, number)), ..Edit::default() }
}

/// An edit of the slug.
fn slug_edit(slug: usize) -> Edit {
    Edit { slug: Some(SLUGS[slug].to_owned()), ..Edit::default() }
}
