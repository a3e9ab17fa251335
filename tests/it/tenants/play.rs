//! Takes steps by calling the functions, and compares the table with the model.

mod calls;
mod outcome;
mod races;

use super::{Action, Precondition, Step, Which, Who};
use crate::support::faulty::{Fault, Faulty};
use crate::support::{Answer, Call, TestApp};
use crate::tenants::model::{
    HANDLES, ORGS, SLUGS, State, USERS, etag, host, manager, membership, url, user_id,
};
use aws_sdk_dynamodb::types::AttributeValue;
use calls::{call, claim, create, delete, edit};
use local::functions::Functions;
use outcome::Outcome;
use serde_json::{Value, json};
use shared::model::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

type Checked = Result<(), String>;

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
    /// The number of steps without a fault, and how many of them still got 503 because the store is slow on a busy
    /// machine.
    calm: usize,
    late: usize,
    /// The expected statuses that occurred, by route.
    met: BTreeSet<(String, u64)>,
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
        // A link that was created before births were stored, in the organization with the most steps.
        let (slug, creator, url) = (SLUGS[0], user_id(manager(0)), url(0, 0));
        let newest = format!("001795383720000#{slug}");
        let item = [
            ("org_id", ORGS[0]),
            ("id", slug),
            ("creator_user_id", &creator),
            ("url", &url),
            ("newest", &newest),
        ];
        app.put(&item.map(|(name, value)| (name, Some(AttributeValue::S(value.to_owned()))))).await;
        let faulty = Faulty::new(&[]);
        Self {
            functions: Arc::new(faulty.functions(&app.url)),
            state: State::read(&app).await.unwrap(),
            app,
            faulty,
            requests: BTreeMap::new(),
            cursor: None,
            calm: 0,
            late: 0,
            met: BTreeSet::new(),
        }
    }

    pub async fn step(&mut self, step: &Step) -> Checked {
        match step {
            Step::One { who, org, slug, action, spared, faults, of_transaction } => {
                // A slug under a handle belongs to the handle's organization.
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

    /// Ends the run and returns, for each route, the expected statuses that occurred.
    pub fn end(self) -> Result<BTreeSet<(String, u64)>, String> {
        let late = || format!("503 of nothing in {} of {} steps", self.late, self.calm);
        holds(self.late * 10 <= self.calm, late)?;
        Ok(self.met)
    }

    fn slug(&self, org: usize, which: Which) -> String {
        let slugs = self.state.slugs(org);
        match which {
            Which::There(number) if !slugs.is_empty() => slugs[number % slugs.len()].to_owned(),
            Which::There(number) | Which::Chosen(number) => SLUGS[number % SLUGS.len()].to_owned(),
        }
    }

    fn user(&self, who: Who, org: usize, slug: &str) -> usize {
        let author = self.state.link(org, slug).map(|link| link.creator.as_str());
        let find = |fits: &dyn Fn(usize) -> bool| (0..USERS.len()).find(|user| fits(*user));
        match who {
            Who::Anyone(user) => user,
            Who::Author => find(&|user| author == Some(&user_id(user))).unwrap_or(manager(org)),
            Who::Colleague => {
                let plain = |user| membership(user, org) == Some(false) && author != Some(&user_id(user));
                find(&plain).unwrap()
            }
            Who::Manager => manager(org),
        }
    }

    async fn one(
        &mut self,
        drawn: &DrawnAction<'_>,
        spared: usize,
        faults: &[Fault],
        of_transaction: Option<Fault>,
    ) -> Checked {
        let DrawnAction { user, org, action, .. } = *drawn;
        let outcome = self.outcome(drawn);
        let call = self.call(drawn);
        self.fail(spared, faults, of_transaction);
        let answer = call.send_to(&self.functions, Timestamp::now()).await;
        self.fail(0, &[], None);
        let after = State::read(&self.app).await?;
        let seen = || format!("{} {}, then {after:?}", answer.status, answer.text);

        let failed = answer.status == 503;
        self.keep_count(faults, failed);
        // Each changed link has one more record, whatever the response was.
        let records = after.history.0.len() - self.state.history.0.len();
        holds(records == self.state.changed_links(&after), || format!("{records} records: {}", seen()))?;
        match outcome {
            Outcome::Undone(links) => {
                holds(failed || answer.status == 200, || format!("no 200: {}", seen()))?;
                holds(after.handles == self.state.handles, seen)?;
                holds(after.links == links || failed && after == self.state, seen)?;
            }
            Outcome::Nothing(status) => {
                holds(failed || answer.status == status, || format!("no {status}: {}", seen()))?;
                holds(after == self.state, seen)?;
            }
            Outcome::Change(status, changed) => {
                holds(failed || answer.status == status, || format!("no {status}: {}", seen()))?;
                holds(after == changed || failed && after == self.state, seen)?;
            }
            Outcome::NewLink => {
                holds(failed || answer.status == 201, || format!("no 201: {}", seen()))?;
                let new = self.state.only_new_link(&after);
                holds(new.is_some() || failed && after == self.state, seen)?;
                if let (Some((of, slug, link)), Action::Create { slug: chosen, key, url: number }) =
                    (new, action)
                {
                    let wanted = (ORGS[org], url(org, *number), user_id(user), 1);
                    holds((of, link.url.clone(), link.creator.clone(), link.version) == wanted, seen)?;
                    holds(chosen.is_none_or(|chosen| SLUGS[chosen] == slug), seen)?;
                    holds(failed || answer.body["id"] == slug, seen)?;
                    if let Some(key) = *key {
                        let request = Request { user, key, chosen: *chosen, url: *number };
                        self.requests.insert((org, link.birth.clone()), request);
                    }
                }
            }
        }
        let of = match action {
            Action::RedirectByHandle { handle } => self.state.owner(HANDLES[*handle]),
            _ => Some(org),
        };
        is_discreet(of, &answer)?;
        self.adopt(after);
        self.met.insert((call.event["routeKey"].as_str().unwrap().to_owned(), answer.status));
        if answer.status < 400 { self.shows(drawn, &answer).await } else { Ok(()) }
    }

    /// Stores `state` as the expected state, after the checks found it correct.
    fn adopt(&mut self, state: State) {
        self.state = state;
    }

    fn version(&self, org: usize, slug: &str, wanted: Precondition) -> Option<String> {
        let link = self.state.link(org, slug);
        let version = link.map_or(1, |link| link.version);
        let of_link = |version| link.map_or_else(|| etag(1, version), |link| link.etag(version));
        match wanted {
            Precondition::Any => None,
            Precondition::Current => Some(of_link(version)),
            Precondition::Other => Some(of_link(if version > 1 { version - 1 } else { version + 1 })),
            // A random `birth` distinguishes links that were created at the same time.
            Precondition::OfEarlierLink => Some(match link {
                Some(link) if !link.birth.contains('#') => etag(link.created_at, version),
                link => etag(link.map_or(1, |link| link.created_at - 1), version),
            }),
        }
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
            Action::Update { url, version } => {
                edit(user, org, slug, *url, self.version(org, slug, *version).as_deref())
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

    fn another_handle(&self) -> &'static str {
        HANDLES.iter().find(|handle| self.state.owner(handle).is_none()).unwrap_or(&HANDLES[0])
    }

    /// Checks that a response matches the model.
    async fn shows(&mut self, drawn: &DrawnAction<'_>, answer: &Answer) -> Checked {
        let DrawnAction { org, ref slug, action, .. } = *drawn;
        let seen = || answer.text.clone();
        match action {
            Action::Read => {
                let link = self.state.link(org, slug).unwrap();
                holds(answer.body["birth"] == link.birth, seen)?;
                holds(
                    answer.body["url"] == link.url && answer.headers["etag"] == link.etag(link.version),
                    seen,
                )
            }
            Action::Redirect | Action::Open => {
                let link = self.state.link(org, slug).unwrap();
                holds(answer.headers["location"] == link.url, seen)
            }
            Action::RedirectByHandle { handle } => {
                let org = self.state.owner(HANDLES[*handle]).unwrap();
                let link = self.state.link(org, slug).unwrap();
                holds(answer.headers["location"] == link.url, seen)
            }
            Action::Claim { .. } | Action::ClaimAnother | Action::Handles => {
                holds(answer.body["handles"] == json!(self.state.handles(org)), seen)
            }
            Action::List => self.walks(org, answer).await,
            Action::ListFrom | Action::QrCode | Action::Stats | Action::Create { .. } => Ok(()),
            Action::Update { .. } | Action::Delete { .. } | Action::Undo { .. } => {
                holds(answer.body["org_id"] == ORGS[org], seen)
            }
        }
    }

    /// Walks a list from its first page to its end, as a member.
    async fn walks(&mut self, org: usize, first: &Answer) -> Checked {
        let mut body = first.body.clone();
        let mut slugs = Vec::new();
        loop {
            let page = body["data"].as_array().unwrap().iter();
            slugs.extend(page.map(|link| link["id"].as_str().unwrap().to_owned()));
            let Some(cursor) = body["next_cursor"].as_str().map(str::to_owned) else { break };
            let call = call("list", manager(org), org).query(&format!("limit=2&cursor={cursor}"));
            self.cursor = Some((org, cursor));
            let answer = call.send_to(&self.functions, Timestamp::now()).await;
            is_discreet(Some(org), &answer)?;
            body = answer.body;
        }
        let there: BTreeSet<_> = self.state.links.keys().filter(|(of, _)| of == ORGS[org]).collect();
        let listed: BTreeSet<_> = slugs.iter().map(|slug| (ORGS[org].to_owned(), slug.clone())).collect();
        let whole = slugs.len() == there.len() && listed.iter().collect::<BTreeSet<_>>() == there;
        holds(whole, || format!("{slugs:?} is listed of {there:?}"))
    }
}

/// Checks that a response in one organization contains no destination of another organization.
fn is_discreet(org: Option<usize>, answer: &Answer) -> Checked {
    let all = format!("{} {}", answer.text, json!(answer.headers) as Value);
    let checked = (0..ORGS.len()).find(|other| Some(*other) != org && all.contains(host(*other)));
    checked.map_or(Ok(()), |other| Err(format!("of {} in {org:?}: {all}", ORGS[other])))
}
