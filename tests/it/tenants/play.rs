//! Takes steps by calling the functions, and compares the tables with the model.

mod answers;
mod calls;
mod choices;
mod outcome;
mod races;

use super::link::Link;
use super::model::{HANDLES, LinkId, SLUGS, State, first_links};
use super::people::{ORGS, url, user_id, user_name};
use super::steps::{Action, Step};
use super::table;
use crate::support::faulty::{Fault, Faulty};
use crate::support::{Answer, Call, TestApp};
use answers::is_discreet;
use calls::{call, claim, create, delete, edit};
use local::functions::Functions;
use local::subscription::{Line, log_groups};
use outcome::Outcome;
use shared::model::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tokio::sync::mpsc::UnboundedReceiver;

type Checked = Result<(), String>;

/// An expected response that occurred: the call's route and special features, the status, and a problem's code.
pub type Met = (String, u64, String);

/// The fields of a create request that identify a retry.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Request {
    user: usize,
    key: usize,
    chosen: Option<usize>,
    url: usize,
}

pub struct Play {
    app: TestApp,
    functions: Arc<Functions>,
    faulty: Faulty,
    state: State,
    /// The requests that created links with an idempotency key, keyed by the link's organization and birth.
    requests: BTreeMap<(usize, String), Request>,
    /// The last cursor that was returned, and the organization of its list.
    cursor: Option<(usize, String)>,
    /// The lines that the functions wrote to the click log.
    lines: UnboundedReceiver<Line>,
    /// The lines that were not delivered yet.
    uncounted: Vec<String>,
    /// The number of deliveries so far.
    batches: usize,
    /// The number of clicks of each link, including deleted links.
    clicks: BTreeMap<LinkId, u64>,
    /// The number of steps without a fault.
    calm: usize,
    /// The number of these steps that still got 503, because the store is slow on a busy machine.
    late: usize,
    met: BTreeSet<Met>,
}

/// An action for which the user and the link have been chosen.
struct DrawnAction<'a> {
    user: usize,
    org: usize,
    slug: String,
    action: &'a Action,
}

fn holds(condition: bool, what: impl FnOnce() -> String) -> Checked {
    if condition { Ok(()) } else { Err(what()) }
}

impl Play {
    pub async fn start() -> Self {
        let app = TestApp::start().await;
        let links = first_links();
        for item in links.iter().map(|((org, _), link)| table::item(org, link)) {
            app.put(&item).await;
        }
        for alias in table::expected_aliases(&links).into_values() {
            app.client.put_item().table_name("links").set_item(Some(alias)).send().await.unwrap();
        }
        let faulty = Faulty::new(&[]);
        let (outputs, lines) = log_groups();
        Self {
            functions: Arc::new(faulty.functions_with_outputs(&app.url, outputs)),
            state: State::read(&app).await.unwrap(),
            app,
            faulty,
            requests: BTreeMap::new(),
            cursor: None,
            lines,
            uncounted: Vec::new(),
            batches: 0,
            clicks: BTreeMap::new(),
            calm: 0,
            late: 0,
            met: BTreeSet::new(),
        }
    }

    pub async fn step(&mut self, step: &Step) -> Checked {
        match step {
            Step::One { who, org, slug, action, spared, faults, of_transaction } => {
                let of = match action {
                    Action::RedirectByHandle { handle } => self.state.owner(HANDLES[*handle]).unwrap_or(*org),
                    _ => *org,
                };
                let slug = self.slug(of, *slug);
                let drawn = DrawnAction { user: self.user(*who, *org, &slug), org: *org, slug, action };
                let checked = self.one(&drawn, *spared, faults, *of_transaction).await;
                checked.map_err(|fault| format!("{} by {} in {}: {fault}", drawn.slug, drawn.user, drawn.org))
            }
            Step::Many { org, race, faults, of_transaction } => {
                self.many(*org, race, faults, *of_transaction).await
            }
        }
    }

    fn fail(&self, spared: usize, faults: &[Fault], of_transaction: Option<Fault>) {
        *self.faulty.of_transactions.lock().unwrap() = of_transaction.into_iter().collect();
        *self.faulty.spared.lock().unwrap() = spared;
        *self.faulty.faults.lock().unwrap() = faults.iter().copied().collect();
    }

    fn keep_count(&mut self, faults: &[Fault], failed: bool) {
        if faults.is_empty() {
            self.calm += 1;
            self.late += usize::from(failed);
        }
    }

    /// Ends the run and returns the expected responses that occurred.
    pub fn end(self) -> Result<BTreeSet<Met>, String> {
        let late = || format!("503 of nothing in {} of {} steps", self.late, self.calm);
        holds(self.late * 10 <= self.calm, late)?;
        Ok(self.met)
    }

    async fn one(
        &mut self,
        drawn: &DrawnAction<'_>,
        spared: usize,
        faults: &[Fault],
        of_transaction: Option<Fault>,
    ) -> Checked {
        if matches!(drawn.action, Action::Stats) {
            self.count_clicks().await;
        }
        let outcome = self.outcome(drawn);
        let call = self.call(drawn);
        let met = self.description(drawn, &call);
        self.fail(spared, faults, of_transaction);
        let answer = call.send_to(&self.functions, Timestamp::now()).await;
        self.fail(0, &[], None);
        let after = State::read(&self.app).await?;
        let failed = answer.status == 503;
        self.keep_count(faults, failed);
        let seen = || format!("{} {}, then {}", answer.status, answer.text, self.state.differences(&after));

        let is_answered = |status: u64, code: &str| {
            let is_expected =
                answer.status == status && answer.body["code"].as_str().unwrap_or_default() == code;
            holds(failed || is_expected, || format!("no {status} {code}: {}", seen()))
        };
        self.is_recorded(drawn, &answer, &after).map_err(|fault| format!("{fault}: {}", seen()))?;
        match outcome {
            Outcome::Nothing(status) => {
                is_answered(status, "")?;
                holds(after == self.state, seen)?;
            }
            Outcome::Refused(status, code) => {
                is_answered(status, code)?;
                holds(after == self.state, seen)?;
            }
            Outcome::Change(changed) => {
                is_answered(200, "")?;
                holds(after == changed || failed && after == self.state, || {
                    format!("unexpected: {}, after {}", changed.differences(&after), seen())
                })?;
            }
            Outcome::NewLink => {
                is_answered(201, "")?;
                let new = self.state.only_new_link(&after);
                holds(new.is_some() || failed && after == self.state, seen)?;
                if let (Some((of, link)), Action::Create { slug: chosen, key, url: number }) =
                    (new, drawn.action)
                {
                    holds(of == ORGS[drawn.org] && self.is_created(drawn, link), seen)?;
                    if let Some(key) = *key {
                        let request = Request { user: drawn.user, key, chosen: *chosen, url: *number };
                        self.requests.insert((drawn.org, link.birth.clone()), request);
                    }
                }
            }
        }
        is_discreet(self.owner_of(drawn), &answer)?;
        let before = std::mem::replace(&mut self.state, after);
        self.logs(drawn, &answer)?;
        let code = answer.body["code"].as_str().unwrap_or_default();
        self.met.extend(met.into_iter().map(|met| (met, answer.status, code.to_owned())));
        if answer.status < 400 { self.shows(drawn, &before, &answer).await } else { Ok(()) }
    }

    /// Returns the route of a call. For an undo, or a call whose path contains an alias, also returns the route with
    /// that detail.
    fn description(&self, drawn: &DrawnAction<'_>, call: &Call) -> Vec<String> {
        let route = call.event["routeKey"].as_str().unwrap();
        let link = self.owner_of(drawn).and_then(|org| self.state.link(org, &drawn.slug));
        let special = match drawn.action {
            Action::Undo { change } => {
                let record = self.state.history.newest(drawn.org, *change);
                record.map(|record| format!("{route} of {}", record.kind()))
            }
            _ if !route.contains("{slug}") && route != "$default" => None,
            _ => link.filter(|link| link.slug != drawn.slug).map(|_| format!("{route} by an alias")),
        };
        [route.to_owned()].into_iter().chain(special).collect()
    }

    /// Checks that each changed link has one more record, by this user, whatever the response was. A successful
    /// response must name this record.
    fn is_recorded(&self, drawn: &DrawnAction<'_>, answer: &Answer, after: &State) -> Checked {
        let records = self.state.history.new_records(&after.history);
        let changed = self.state.changed_links(after);
        let expected = (ORGS[drawn.org].to_owned(), user_id(drawn.user));
        let is_own = records.iter().all(|record| (record.org.clone(), record.user.clone()) == expected);
        holds(records.len() == changed && is_own, || format!("{records:?} of {changed} changed links"))?;
        let named = answer.headers.get("signpost-change");
        let is_named = answer.status >= 400 || named == records.first().map(|record| &record.id);
        holds(is_named, || format!("{named:?} is named instead of {records:?}"))
    }

    /// Returns whether a new link is the requested one.
    fn is_created(&self, drawn: &DrawnAction<'_>, link: &Link) -> bool {
        let Action::Create { slug, url: number, .. } = drawn.action else { return false };
        let slug = slug.map_or(link.slug.as_str(), |slug| SLUGS[slug]);
        *link == new_link(drawn.user, slug, &url(drawn.org, *number), link)
    }

    fn call(&self, drawn: &DrawnAction<'_>) -> Call {
        let DrawnAction { user, org, ref slug, action } = *drawn;
        match action {
            Action::Create { slug, key, url } => create(user, org, *slug, *key, *url),
            Action::Read => call("read", user, org).slug(slug),
            Action::QrCode => call("read-qr", user, org).slug(slug),
            Action::Stats => call("stats", user, org).slug(slug),
            Action::Redirect => call("redirect", user, org).slug(slug),
            Action::RedirectByHandle { handle } => {
                call("redirect", user, org).org(&format!("@{}", HANDLES[*handle])).slug(slug)
            }
            Action::Open => call("open", user, org).slug(slug),
            Action::List => call("list", user, org).query("limit=2"),
            Action::ListFrom => {
                let cursor = self.cursor.as_ref().map_or("none", |(_, cursor)| cursor);
                call("list", user, org).query(&format!("limit=2&cursor={cursor}"))
            }
            Action::Update { patch, version } => {
                let version = self.version(org, slug, *version);
                edit(user, org, slug, &self.edit(org, slug, patch), version.as_deref())
            }
            Action::Delete { version } => {
                delete(user, org, slug, self.version(org, slug, *version).as_deref())
            }
            Action::Undo { change } => {
                let mut call = call("history-undo", user, org);
                if let Some(record) = self.state.history.newest(org, *change) {
                    call.event["pathParameters"]["record"] = record.id.as_str().into();
                }
                call
            }
            Action::Claim { handle } => claim(user, org, HANDLES[*handle]),
            Action::ClaimAnother => claim(user, org, self.another_handle()),
            Action::Handles => call("handle-get", user, org),
        }
    }
}

/// Returns the first version of a link, with the birth and the creation time of `like`.
fn new_link(user: usize, slug: &str, url: &str, like: &Link) -> Link {
    Link {
        slug: slug.to_owned(),
        aliases: BTreeSet::new(),
        url: url.to_owned(),
        creator: user_id(user),
        creator_name: user_name(user),
        is_handed_over: false,
        expires_at: None,
        version: 1,
        created_at: like.created_at,
        birth: like.birth.clone(),
        has_birth: true,
    }
}
