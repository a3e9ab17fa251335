//! The outcome that the model expects of each action.

use super::{DrawnAction, Play, Request};
use crate::tenants::model::{HANDLES, SLUGS, State};
use crate::tenants::people::{ORGS, membership, user_id};
use crate::tenants::steps::{Action, Precondition};

/// The expected outcome of an action.
pub(super) enum Outcome {
    /// The response has this status, and the tables do not change.
    Nothing(u64),
    /// The response is a problem with this status and code, and the tables do not change.
    Refused(u64, &'static str),
    /// The response is 200, and the tables are in this state.
    Change(State),
    /// The response is 201, and there is one more link.
    NewLink,
}

use Outcome::{Change, NewLink, Nothing, Refused};

/// The outcome of a call for a link that does not exist.
const NOT_FOUND: Outcome = Refused(404, "not_found");
/// The outcome of a call without permission.
const FORBIDDEN: Outcome = Refused(403, "forbidden");

impl Play {
    /// The outcome that the model expects of an action.
    pub(super) fn outcome(&self, drawn: &DrawnAction<'_>) -> Outcome {
        let DrawnAction { user, org, ref slug, action } = *drawn;
        let found = |org: Option<usize>, status| match org.and_then(|org| self.state.link(org, slug)) {
            Some(_) => Nothing(status),
            None => NOT_FOUND,
        };
        match action {
            Action::Redirect => return found(Some(org), 302),
            Action::RedirectByHandle { handle } => return found(self.state.owner(HANDLES[*handle]), 302),
            _ => {}
        }
        let Some(manages) = membership(user, org) else { return FORBIDDEN };
        match action {
            Action::Create { slug: chosen, key, url } => {
                let wanted = key.map(|key| Request { user, key, chosen: *chosen, url: *url });
                match wanted.as_ref().and_then(|wanted| self.made_before(org, wanted)) {
                    Some(before) if wanted.as_ref() == Some(before) => Nothing(200),
                    Some(_) => Refused(422, "idempotency_key_reused"),
                    None if chosen.is_some_and(|slug| self.state.link(org, SLUGS[slug]).is_some()) => {
                        Refused(409, "slug_taken")
                    }
                    None => NewLink,
                }
            }
            Action::Read | Action::QrCode | Action::Stats => found(Some(org), 200),
            Action::Open => found(Some(org), 302),
            Action::List | Action::Handles => Nothing(200),
            Action::ListFrom if self.cursor.as_ref().is_some_and(|(of, _)| *of == org) => Nothing(200),
            Action::ListFrom => Refused(400, "invalid_cursor"),
            Action::Update { version, .. } | Action::Delete { version } => {
                let Some(link) = self.state.link(org, slug) else { return NOT_FOUND };
                match (manages || link.creator == user_id(user), version, action) {
                    (false, ..) => FORBIDDEN,
                    (.., Action::Update { patch, .. })
                        if !manages && patch.creator.is_some_and(|to| user_id(to) != link.creator) =>
                    {
                        FORBIDDEN
                    }
                    (_, Precondition::Other | Precondition::OfEarlierLink, _) => {
                        Refused(412, "precondition_failed")
                    }
                    (.., Action::Update { patch, .. }) => {
                        let edit = self.edit(org, slug, patch);
                        match self.state.edited(org, slug, &edit, user) {
                            Ok(state) if state == self.state => Nothing(200),
                            Ok(state) => Change(state),
                            Err(code) => Refused(409, code),
                        }
                    }
                    _ => Change(self.state.deleted(org, slug)),
                }
            }
            Action::Undo { change } => match self.state.history.newest(org, *change) {
                Some(record) => match record.undo(&self.state, &user_id(user), manages) {
                    Ok(state) => Change(state),
                    Err((status, code)) => Refused(status, code),
                },
                None => NOT_FOUND,
            },
            Action::Claim { .. } | Action::ClaimAnother if !manages => FORBIDDEN,
            Action::Claim { handle } => self.claimed(org, HANDLES[*handle]),
            Action::ClaimAnother => self.claimed(org, self.another_handle()),
            Action::Redirect | Action::RedirectByHandle { .. } => NOT_FOUND,
        }
    }

    fn claimed(&self, org: usize, handle: &str) -> Outcome {
        match self.state.owner(handle) {
            Some(owner) if owner != org => Refused(409, "handle_taken"),
            None if self.state.handles(org).len() == 5 => Refused(409, "handle_limit"),
            _ => Change(self.state.claimed(org, handle)),
        }
    }

    /// Returns the earlier request with the same key, if the link that it created still exists.
    pub(super) fn made_before(&self, org: usize, wanted: &Request) -> Option<&Request> {
        let keyed = |birth: &String| {
            let mut keys = self.state.keys.iter().filter(|((of, _), _)| of == ORGS[org]);
            keys.any(|(_, of_key)| of_key == birth) && self.state.born(org, birth).is_some()
        };
        let mut own = self.requests.iter().filter(|((of, birth), _)| *of == org && keyed(birth));
        own.find(|(_, request)| (request.user, request.key) == (wanted.user, wanted.key))
            .map(|(_, request)| request)
    }
}
