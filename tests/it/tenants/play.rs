//! Plays steps on the functions and holds the table to the model.

use super::model::{
    HANDLES, KEYS, Link, ORGS, SLUGS, State, TOKENS, host, manager, membership, url, user_id,
};
use super::{Action, Race, Step, Wanted};
use crate::faulty::{Fault, Faulty};
use crate::house::{Answer, Call, House};
use local::functions::Functions;
use serde_json::{Value, json};
use shared::model::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, LazyLock};

type Told = Result<(), String>;

/// The request that made a link, as far as another one may be the same.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Request {
    user: usize,
    key: usize,
    chosen: Option<usize>,
    url: usize,
}

pub struct Play {
    house: House,
    functions: Arc<Functions>,
    faulty: Faulty,
    state: State,
    /// Those of links that were made under a key, by organization and slug.
    requests: BTreeMap<(usize, String), Request>,
    /// The last one that was given out, and of which organization's list.
    cursor: Option<(usize, String)>,
    /// How many steps met no fault, and how many of these were 503 all the same: a busy machine is a slow store.
    calm: usize,
    late: usize,
}

/// What is to come of an action.
enum Outcome {
    /// This status, and everything stays as it is.
    Nothing(u64),
    /// This status, and the table is in this state.
    Change(u64, State),
    /// 201, and there is one more link.
    NewLink,
}

static EVENTS: LazyLock<BTreeMap<&str, Call>> = LazyLock::new(|| {
    let names = [
        "create",
        "delete",
        "handle",
        "handle-get",
        "list",
        "open",
        "read",
        "read-qr",
        "redirect",
        "stats",
        "update",
    ];
    names.into_iter().map(|name| (name, Call::of(name))).collect()
});

fn call(name: &str, user: usize, org: usize) -> Call {
    let call = EVENTS[name].clone().org(ORGS[org]);
    call.header("authorization", &format!("Bearer {}", TOKENS[user]))
}

fn create(user: usize, org: usize, chosen: Option<usize>, key: Option<usize>, number: usize) -> Call {
    let mut body = json!({ "url": url(org, number) });
    if let Some(slug) = chosen {
        body["id"] = SLUGS[slug].into();
    }
    let call = call("create", user, org).body(&body.to_string());
    key.map_or(call.clone(), |key| call.header("idempotency-key", KEYS[key]))
}

fn edit(user: usize, org: usize, slug: &str, number: usize, version: Option<&str>) -> Call {
    let call = call("update", user, org).slug(slug).url(&url(org, number));
    version.map_or(call.clone(), |version| call.header("if-match", version))
}

fn holds(condition: bool, what: impl FnOnce() -> String) -> Told {
    if condition { Ok(()) } else { Err(what()) }
}

impl Play {
    pub async fn start() -> Self {
        let house = House::open().await;
        let faulty = Faulty::new(&[]);
        Self {
            functions: Arc::new(faulty.functions(&house.url)),
            house,
            faulty,
            state: State::default(),
            requests: BTreeMap::new(),
            cursor: None,
            calm: 0,
            late: 0,
        }
    }

    pub async fn step(&mut self, step: &Step) -> Told {
        match step {
            Step::One { user, org, action, spared, faults } => {
                self.one(*user, *org, action, *spared, faults).await
            }
            Step::Many { org, race, faults } => self.many(*org, race, faults).await,
        }
    }

    fn fail(&self, spared: usize, faults: &[Fault]) {
        *self.faulty.spared.lock().unwrap() = spared;
        *self.faulty.faults.lock().unwrap() = faults.iter().copied().collect();
    }

    fn keep_count(&mut self, faults: &[Fault], failed: bool) {
        if faults.is_empty() {
            self.calm += 1;
            self.late += usize::from(failed);
        }
    }

    /// Ends the play.
    pub fn end(self) -> Told {
        holds(self.late * 10 <= self.calm, || {
            format!("503 of nothing in {} of {} steps", self.late, self.calm)
        })
    }

    async fn one(
        &mut self,
        user: usize,
        org: usize,
        action: &Action,
        spared: usize,
        faults: &[Fault],
    ) -> Told {
        let outcome = self.outcome(user, org, action);
        let call = self.call(user, org, action);
        self.fail(spared, faults);
        let answer = call.send_to(&self.functions, Timestamp::now()).await;
        self.fail(0, &[]);
        let after = State::of(&self.house).await?;
        let seen = || format!("{} {}, then {after:?}", answer.status, answer.text);

        let failed = answer.status == 503;
        self.keep_count(faults, failed);
        match outcome {
            Outcome::Nothing(status) => {
                holds(failed || answer.status == status, || format!("no {status}: {}", seen()))?;
                holds(after == self.state, seen)?;
            }
            Outcome::Change(status, changed) => {
                // A delete whose answer was lost says, once it is tried again, that there is nothing to delete.
                let gone =
                    matches!(action, Action::Delete { .. }) && answer.status == 404 && !faults.is_empty();
                holds(failed || gone || answer.status == status, || format!("no {status}: {}", seen()))?;
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
                        self.requests.insert((org, slug.to_owned()), request);
                    }
                }
            }
        }
        let of = match action {
            Action::RedirectByHandle { handle, .. } => self.state.owner(HANDLES[*handle]),
            _ => Some(org),
        };
        is_discreet(of, &answer)?;
        self.adopt(after);
        if answer.status < 400 { self.shows(org, action, &answer).await } else { Ok(()) }
    }

    /// Takes a state that was found right for the one to go on from.
    fn adopt(&mut self, state: State) {
        self.requests.retain(|(org, slug), _| state.link(*org, slug).is_some());
        self.state = state;
    }

    fn version(&self, org: usize, slug: usize, wanted: Wanted) -> Option<String> {
        match (wanted, self.state.link(org, SLUGS[slug])) {
            (Wanted::Any, _) => None,
            (Wanted::Current, Some(link)) => Some(link.etag()),
            _ => Some("\"1-1\"".to_owned()),
        }
    }

    fn call(&self, user: usize, org: usize, action: &Action) -> Call {
        match action {
            Action::Create { slug, key, url } => create(user, org, *slug, *key, *url),
            Action::Read { slug } => call("read", user, org).slug(SLUGS[*slug]),
            Action::QrCode { slug } => call("read-qr", user, org).slug(SLUGS[*slug]),
            Action::Stats { slug } => call("stats", user, org).slug(SLUGS[*slug]),
            Action::Redirect { slug } => call("redirect", user, org).slug(SLUGS[*slug]),
            Action::RedirectByHandle { handle, slug } => {
                call("redirect", user, org).org(&format!("@{}", HANDLES[*handle])).slug(SLUGS[*slug])
            }
            Action::Open { slug } => call("open", user, org).slug(SLUGS[*slug]),
            Action::List => call("list", user, org).query("limit=2"),
            Action::ListFrom => {
                let cursor = self.cursor.as_ref().map_or("none", |(_, cursor)| cursor);
                call("list", user, org).query(&format!("limit=2&cursor={cursor}"))
            }
            Action::Update { slug, url, version } => {
                edit(user, org, SLUGS[*slug], *url, self.version(org, *slug, *version).as_deref())
            }
            Action::Delete { slug, version } => {
                let call = call("delete", user, org).slug(SLUGS[*slug]);
                let version = self.version(org, *slug, *version);
                version.map_or(call.clone(), |version| call.header("if-match", &version))
            }
            Action::Claim { handle } => {
                call("handle", user, org).body(&json!({ "handle": HANDLES[*handle] }).to_string())
            }
            Action::Handles => call("handle-get", user, org),
        }
    }

    fn outcome(&self, user: usize, org: usize, action: &Action) -> Outcome {
        use Outcome::{Change, NewLink, Nothing};
        let found = |org: Option<usize>, slug: usize, status| {
            let link = org.and_then(|org| self.state.link(org, SLUGS[slug]));
            Nothing(if link.is_some() { status } else { 404 })
        };
        match action {
            Action::Redirect { slug } => return found(Some(org), *slug, 302),
            Action::RedirectByHandle { handle, slug } => {
                return found(self.state.owner(HANDLES[*handle]), *slug, 302);
            }
            _ => {}
        }
        let Some(manages) = membership(user, org) else { return Nothing(403) };
        match action {
            Action::Create { slug: chosen, key, url } => {
                let wanted = key.map(|key| Request { user, key, chosen: *chosen, url: *url });
                let occupant = match chosen {
                    Some(slug) => self.state.link(org, SLUGS[*slug]).map(|_| SLUGS[*slug].to_owned()),
                    None => wanted.as_ref().and_then(|wanted| self.made_by(org, wanted)),
                };
                let Some(occupant) = occupant else { return NewLink };
                let before = self.requests.get(&(org, occupant));
                Nothing(match wanted.zip(before) {
                    Some((wanted, before)) if wanted == *before => 200,
                    Some((wanted, before)) if (wanted.user, wanted.key) == (before.user, before.key) => 422,
                    _ => 409,
                })
            }
            Action::Read { slug } | Action::QrCode { slug } | Action::Stats { slug } => {
                found(Some(org), *slug, 200)
            }
            Action::Open { slug } => found(Some(org), *slug, 302),
            Action::List | Action::Handles => Nothing(200),
            Action::ListFrom => {
                Nothing(if self.cursor.as_ref().is_some_and(|(of, _)| *of == org) { 200 } else { 400 })
            }
            Action::Update { slug, version, .. } | Action::Delete { slug, version } => {
                let name = SLUGS[*slug];
                let Some(link) = self.state.link(org, name) else { return Nothing(404) };
                match (manages || link.creator == user_id(user), version, action) {
                    (false, ..) => Nothing(403),
                    (_, Wanted::Other, _) => Nothing(412),
                    (.., Action::Update { url: number, .. }) => {
                        Change(200, self.state.edited(org, name, &url(org, *number)))
                    }
                    _ => Change(200, self.state.deleted(org, name)),
                }
            }
            Action::Claim { .. } if !manages => Nothing(403),
            Action::Claim { handle } => {
                let (name, held) = (HANDLES[*handle], self.state.handles(org));
                match self.state.owner(name) {
                    Some(owner) if owner != org => Nothing(409),
                    None if held.len() == 5 => Nothing(409),
                    _ => Change(200, self.state.claimed(org, name)),
                }
            }
            Action::Redirect { .. } | Action::RedirectByHandle { .. } => Nothing(404),
        }
    }

    /// The slug of the link that a request without a chosen one made under this key.
    fn made_by(&self, org: usize, wanted: &Request) -> Option<String> {
        let mut made = self.requests.iter().filter(|((of, _), request)| {
            let same = (request.user, request.key) == (wanted.user, wanted.key);
            *of == org && same && request.chosen.is_none()
        });
        made.next().map(|((_, slug), _)| slug.clone())
    }

    /// Looks that an answer shows what there is.
    async fn shows(&mut self, org: usize, action: &Action, answer: &Answer) -> Told {
        let seen = || answer.text.clone();
        match action {
            Action::Read { slug } => {
                let link = self.state.link(org, SLUGS[*slug]).unwrap();
                holds(answer.body["url"] == link.url && answer.headers["etag"] == link.etag(), seen)
            }
            Action::Redirect { slug } | Action::Open { slug } => {
                let link = self.state.link(org, SLUGS[*slug]).unwrap();
                holds(answer.headers["location"] == link.url, seen)
            }
            Action::RedirectByHandle { handle, slug } => {
                let org = self.state.owner(HANDLES[*handle]).unwrap();
                let link = self.state.link(org, SLUGS[*slug]).unwrap();
                holds(answer.headers["location"] == link.url, seen)
            }
            Action::Claim { .. } | Action::Handles => {
                holds(answer.body["handles"] == json!(self.state.handles(org)), seen)
            }
            Action::List => self.walks(org, answer).await,
            Action::ListFrom | Action::QrCode { .. } | Action::Stats { .. } | Action::Create { .. } => Ok(()),
            Action::Update { .. } | Action::Delete { .. } => holds(answer.body["org_id"] == ORGS[org], seen),
        }
    }

    /// Goes on from the first page of a list to its end, by one who may.
    async fn walks(&mut self, org: usize, first: &Answer) -> Told {
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

    async fn many(&mut self, org: usize, race: &Race, faults: &[Fault]) -> Told {
        let boss = manager(org);
        let calls: Vec<(usize, Call)> = match race {
            Race::Creates { slug } => (0..9)
                .map(|number| (number % 3, create(manager(number % 3), number % 3, Some(*slug), None, 0)))
                .collect(),
            Race::Replays { key, url } => vec![(org, create(boss, org, None, Some(*key), *url)); 4],
            Race::Edits { slug } => self.edits(org, SLUGS[*slug]),
            Race::Deletes { slug } => {
                let deletes = vec![(org, call("delete", boss, org).slug(SLUGS[*slug])); 4];
                deletes.into_iter().chain(self.edits(org, SLUGS[*slug])).collect()
            }
            Race::Claims { handle } => (0..6)
                .map(|number| {
                    let action = Action::Claim { handle: *handle };
                    (number % 3, self.call(manager(number % 3), number % 3, &action))
                })
                .collect(),
        };
        self.fail(0, faults);
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
        self.fail(0, &[]);
        let after = State::of(&self.house).await?;
        for (of, answer) in &answers {
            is_discreet(Some(*of), answer)?;
        }
        let failed = answers.iter().any(|(_, answer)| answer.status == 503);
        self.keep_count(faults, failed);
        let told = self.raced(org, race, &answers, &after, failed || !faults.is_empty());
        told.map_err(|fault| {
            let statuses: Vec<_> = answers.iter().map(|(of, answer)| (*of, answer.status)).collect();
            format!("{fault}: {statuses:?} of {:?}, then {after:?}", self.state)
        })?;
        if let (Race::Replays { key, url }, Some((_, slug, _))) = (race, self.state.only_new_link(&after)) {
            let request = Request { user: boss, key: *key, chosen: None, url: *url };
            self.requests.insert((org, slug.to_owned()), request);
        }
        self.adopt(after);
        Ok(())
    }

    /// Four edits of the version there is.
    fn edits(&self, org: usize, slug: &str) -> Vec<(usize, Call)> {
        let version = self.state.link(org, slug).map_or("\"1-1\"".to_owned(), Link::etag);
        (0..4).map(|number| (org, edit(manager(org), org, slug, number, Some(&version)))).collect()
    }

    fn raced(
        &self,
        org: usize,
        race: &Race,
        answers: &[(usize, Answer)],
        after: &State,
        faulty: bool,
    ) -> Told {
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
                    holds(is == as_asked, || "another link than asked for".to_owned())?;
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
                if self.made_by(org, &request).is_some() {
                    return holds(*after == self.state, || "made again".to_owned());
                }
                let made = count(org, answers, 201);
                holds(made == 1 || faulty && made == 0, || format!("{made} made"))?;
                let one_more = self.state.only_new_link(after).is_some();
                holds(one_more || ids.is_empty() && *after == self.state, || "lost or doubled".to_owned())
            }
            Race::Edits { slug } => {
                let won = count(org, answers, 200);
                let Some(link) = self.state.link(org, SLUGS[*slug]) else {
                    return holds(won == 0 && *after == self.state, || "an edit of nothing".to_owned());
                };
                holds(won == 1 || faulty && won == 0, || format!("{won} edits of one version"))?;
                let edited = (0..4).any(|number| {
                    let wins = won == 0 || answers[number].1.status == 200;
                    wins && *after == self.state.edited(org, SLUGS[*slug], &url(org, number))
                });
                let kept = won == 0 && after.link(org, SLUGS[*slug]) == Some(link) && *after == self.state;
                holds(edited || kept, || "lost or doubled".to_owned())
            }
            Race::Deletes { slug } => {
                let (deletes, edits) = answers.split_at(4);
                let deleted = count(org, deletes, 200);
                let there = self.state.link(org, SLUGS[*slug]).is_some();
                holds(deleted <= usize::from(there), || format!("{deleted} deletes"))?;
                holds(faulty || deleted == usize::from(there), || "no delete".to_owned())?;
                holds(count(org, edits, 200) <= 1, || "two edits of one version".to_owned())?;
                if *after == self.state.deleted(org, SLUGS[*slug]) {
                    return Ok(());
                }
                let undone = deletes.iter().all(|(_, answer)| answer.status == 503);
                let edited =
                    (0..4).any(|number| *after == self.state.edited(org, SLUGS[*slug], &url(org, number)));
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
        }
    }
}

/// Looks that an answer in one organization has no word of another's targets.
fn is_discreet(org: Option<usize>, answer: &Answer) -> Told {
    let all = format!("{} {}", answer.text, json!(answer.headers) as Value);
    let told = (0..ORGS.len()).find(|other| Some(*other) != org && all.contains(host(*other)));
    told.map_or(Ok(()), |other| Err(format!("of {} in {org:?}: {all}", ORGS[other])))
}
