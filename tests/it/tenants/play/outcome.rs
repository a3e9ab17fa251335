//! The outcome that the model expects of each action.

use super::super::history::Undo;
use super::super::model::{HANDLES, Link, ORGS, SLUGS, State, membership, url, user_id};
use super::super::{Action, Precondition};
use super::{DrawnAction, Play, Request};
use std::collections::BTreeMap;

/// The expected outcome of an action.
pub(super) enum Outcome {
    /// The response has this status, and the table does not change.
    Nothing(u64),
    /// The response has this status, and the table is in this state.
    Change(u64, State),
    /// The response is 201, and there is one more link.
    NewLink,
    /// The response is 200, and the table has these links. The idempotency keys of a restored link are valid again.
    Undone(BTreeMap<(String, String), Link>),
}

impl Play {
    /// The outcome that the model expects of an action.
    pub(super) fn outcome(&self, drawn: &DrawnAction<'_>) -> Outcome {
        use Outcome::{Change, NewLink, Nothing};
        let DrawnAction { user, org, ref slug, action } = *drawn;
        let found = |org: Option<usize>, status| {
            let link = org.and_then(|org| self.state.link(org, slug));
            Nothing(if link.is_some() { status } else { 404 })
        };
        match action {
            Action::Redirect => return found(Some(org), 302),
            Action::RedirectByHandle { handle } => return found(self.state.owner(HANDLES[*handle]), 302),
            _ => {}
        }
        let Some(manages) = membership(user, org) else { return Nothing(403) };
        match action {
            Action::Create { slug: chosen, key, url } => {
                let wanted = key.map(|key| Request { user, key, chosen: *chosen, url: *url });
                let before = wanted.as_ref().and_then(|wanted| self.made_before(org, wanted));
                match (before, chosen) {
                    (Some(before), _) => Nothing(if wanted.as_ref() == Some(before) { 200 } else { 422 }),
                    (None, Some(slug)) if self.state.link(org, SLUGS[*slug]).is_some() => Nothing(409),
                    _ => NewLink,
                }
            }
            Action::Read | Action::QrCode | Action::Stats => found(Some(org), 200),
            Action::Open => found(Some(org), 302),
            Action::List | Action::Handles => Nothing(200),
            Action::ListFrom => {
                Nothing(if self.cursor.as_ref().is_some_and(|(of, _)| *of == org) { 200 } else { 400 })
            }
            Action::Update { version, .. } | Action::Delete { version } => {
                let Some(link) = self.state.link(org, slug) else { return Nothing(404) };
                match (manages || link.creator == user_id(user), version, action) {
                    (false, ..) => Nothing(403),
                    (_, Precondition::Other | Precondition::OfEarlierLink, _) => Nothing(412),
                    (.., Action::Update { url: number, .. }) => {
                        Change(200, self.state.edited(org, slug, &url(org, *number)))
                    }
                    _ => Change(200, self.state.deleted(org, slug)),
                }
            }
            Action::Undo { change } => {
                let record = self.state.history.newest(org, *change);
                match record.map(|record| record.undo(&self.state, &user_id(user), manages)) {
                    None => Nothing(404),
                    Some(Undo::Refused(status)) => Nothing(status),
                    Some(Undo::Done(links)) => Outcome::Undone(links),
                }
            }
            Action::Claim { .. } | Action::ClaimAnother if !manages => Nothing(403),
            Action::Claim { handle } => self.claimed(org, HANDLES[*handle]),
            Action::ClaimAnother => self.claimed(org, self.another_handle()),
            Action::Redirect | Action::RedirectByHandle { .. } => Nothing(404),
        }
    }

    fn claimed(&self, org: usize, handle: &str) -> Outcome {
        match self.state.owner(handle) {
            Some(owner) if owner != org => Outcome::Nothing(409),
            None if self.state.handles(org).len() == 5 => Outcome::Nothing(409),
            _ => Outcome::Change(200, self.state.claimed(org, handle)),
        }
    }

    /// Returns the earlier request with the same key, if the link that it created still exists.
    pub(super) fn made_before(&self, org: usize, wanted: &Request) -> Option<&Request> {
        let keyed = |birth: &str| {
            let mut keys = self.state.keys.iter().filter(|((of, _), _)| of == ORGS[org]);
            keys.any(|(_, slug)| self.state.link(org, slug).is_some_and(|link| link.birth == birth))
        };
        let mut own = self.requests.iter().filter(|((of, birth), _)| *of == org && keyed(birth));
        own.find(|(_, request)| (request.user, request.key) == (wanted.user, wanted.key))
            .map(|(_, request)| request)
    }
}
