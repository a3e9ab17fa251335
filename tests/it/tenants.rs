//! A property test of tenancy: random users of three organizations take random steps on all routes, one by one and
//! concurrently, while the store sometimes fails. After each step, the whole table must be in a state that a simple
//! model allows.
//!
//! This shows that no step changes another organization's data, loses an acknowledged write, or applies a write twice.
//! Steps are generated so that they interact: most steps are calls for existing links. The callers are colleagues, and
//! only one of them has permission. `TENANCY_STEPS` is the number of steps (default 1600).

mod history;
mod model;
mod play;

use crate::support::faulty::Fault;
use model::{HANDLES, KEYS, ORGS, SLUGS, USERS};
use play::Play;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config, TestRunner};
use std::cell::RefCell;
use std::collections::BTreeSet;

/// The user of a step.
#[derive(Debug, Clone, Copy)]
pub enum Who {
    /// Any user, whatever their role.
    Anyone(usize),
    /// The link's creator, or an admin if the link does not exist.
    Author,
    /// A member who is not an admin and did not create the link.
    Colleague,
    /// An admin.
    Manager,
}

/// The link that a step uses.
#[derive(Debug, Clone, Copy)]
pub enum Which {
    /// The slug at this index in the list of chosen slugs.
    Chosen(usize),
    /// The existing link at this index, modulo the number of existing links.
    There(usize),
}

/// The action that a step takes. Numbers are indexes into the lists of `model`.
#[derive(Debug, Clone)]
pub enum Action {
    Create {
        slug: Option<usize>,
        key: Option<usize>,
        url: usize,
    },
    Read,
    QrCode,
    Stats,
    Redirect,
    RedirectByHandle {
        handle: usize,
    },
    Open,
    List,
    /// Requests the next page of the list that was requested last.
    ListFrom,
    Update {
        url: usize,
        version: Precondition,
    },
    Delete {
        version: Precondition,
    },
    /// Undoes one of the newest changes. The index wraps around.
    Undo {
        change: usize,
    },
    Claim {
        handle: usize,
    },
    /// Claims a handle that no organization has, unless every handle is taken.
    ClaimAnother,
    Handles,
}

/// The version in `If-Match`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Precondition {
    Any,
    Current,
    /// The previous version, or the next one.
    Other,
    /// A version of an earlier link with the same slug.
    OfEarlierLink,
}

/// Concurrent actions.
#[derive(Debug, Clone)]
pub enum Race {
    /// Creates links with the same slug in all organizations, three times in each.
    Creates { slug: usize },
    /// Sends one request with one key four times.
    Replays { key: usize, url: usize },
    /// Edits one version four times, while a colleague tries to edit and delete the link.
    Edits { slug: Which },
    /// Deletes one link four times, while a colleague tries the same.
    Deletes { slug: Which },
    /// Every organization claims the same handle, twice.
    Claims { handle: usize },
    /// One organization claims two handles, twice each.
    TwoClaims { handles: [usize; 2] },
}

#[derive(Debug, Clone)]
pub enum Step {
    /// One action by a user in an organization, with these faults after a number of successful store calls.
    One {
        who: Who,
        org: usize,
        slug: Which,
        action: Action,
        spared: usize,
        faults: Vec<Fault>,
        of_transaction: Option<Fault>,
    },
    Many {
        org: usize,
        race: Race,
        faults: Vec<Fault>,
        of_transaction: Option<Fault>,
    },
}

fn action() -> impl Strategy<Value = Action> {
    let wanted = || {
        select(vec![
            Precondition::Any,
            Precondition::Current,
            Precondition::Other,
            Precondition::OfEarlierLink,
        ])
    };
    let url = 0..3_usize;
    let (slug, key) = (prop::option::of(0..SLUGS.len()), prop::option::of(0..KEYS.len()));
    prop_oneof![
        6 => (slug, key, url.clone()).prop_map(|(slug, key, url)| Action::Create { slug, key, url }),
        // A retry is a replay only if the request is exactly the same, which rarely happens at random.
        3 => Just(Action::Create { slug: None, key: Some(0), url: 0 }),
        1 => Just(Action::Read),
        1 => Just(Action::QrCode),
        1 => Just(Action::Stats),
        1 => Just(Action::Redirect),
        1 => (0..HANDLES.len()).prop_map(|handle| Action::RedirectByHandle { handle }),
        1 => Just(Action::Open),
        1 => Just(Action::List),
        1 => Just(Action::ListFrom),
        5 => (url, wanted()).prop_map(|(url, version)| Action::Update { url, version }),
        4 => wanted().prop_map(|version| Action::Delete { version }),
        5 => (0..6_usize).prop_map(|change| Action::Undo { change }),
        2 => (0..HANDLES.len()).prop_map(|handle| Action::Claim { handle }),
        1 => Just(Action::ClaimAnother),
        1 => Just(Action::Handles),
    ]
}

fn who() -> impl Strategy<Value = Who> {
    prop_oneof![
        1 => (0..USERS.len()).prop_map(Who::Anyone),
        1 => Just(Who::Author),
        2 => Just(Who::Colleague),
        2 => Just(Who::Manager),
    ]
}

fn which() -> impl Strategy<Value = Which> {
    prop_oneof![
        1 => (0..SLUGS.len()).prop_map(Which::Chosen),
        4 => (0..60_usize).prop_map(Which::There),
    ]
}

fn faults() -> impl Strategy<Value = Vec<Fault>> {
    let fault = select(vec![
        Fault::LostAnswer,
        Fault::HalfAnswer,
        Fault::Broken,
        Fault::Refused(500, "InternalServerError"),
        Fault::Refused(400, "ThrottlingException"),
    ]);
    // If a write was applied but its response was lost, a retry could apply the write a second time.
    let applied = select(vec![vec![Fault::LostAnswer], vec![Fault::HalfAnswer]]);
    prop_oneof![4 => Just(Vec::new()), 2 => prop::collection::vec(fault, 1..4), 1 => applied]
}

/// Half of all transactions get a fault: a lost or incomplete response, or a conflict.
fn of_transaction() -> impl Strategy<Value = Option<Fault>> {
    let fault = select(vec![
        Fault::LostAnswer,
        Fault::HalfAnswer,
        Fault::Cancelled("TransactionConflict"),
        Fault::Refused(400, "TransactionInProgressException"),
    ]);
    prop::option::of(fault)
}

fn step() -> impl Strategy<Value = Step> {
    let race = prop_oneof![
        (0..SLUGS.len()).prop_map(|slug| Race::Creates { slug }),
        (0..KEYS.len(), 0..3_usize).prop_map(|(key, url)| Race::Replays { key, url }),
        which().prop_map(|slug| Race::Edits { slug }),
        which().prop_map(|slug| Race::Deletes { slug }),
        (0..HANDLES.len()).prop_map(|handle| Race::Claims { handle }),
        [0..HANDLES.len(), 0..HANDLES.len()].prop_map(|handles| Race::TwoClaims { handles }),
    ];
    // The first organization gets most of the steps, so that it reaches the maximum number of handles.
    let org = || prop_oneof![2 => Just(0), 1 => 1..ORGS.len()];
    let spared = prop_oneof![2 => Just(0), 1 => 1..3_usize];
    prop_oneof![
        9 => (who(), org(), which(), action(), spared, faults(), of_transaction()).prop_map(
            |(who, org, slug, action, spared, faults, of_transaction)| {
                Step::One { who, org, slug, action, spared, faults, of_transaction }
            }
        ),
        1 => (org(), race, faults(), of_transaction()).prop_map(
            |(org, race, faults, of_transaction)| Step::Many { org, race, faults, of_transaction }
        ),
    ]
}

/// The statuses that a run of the default length must produce, by route. A run that lacks one of them proves too
/// little.
const MET: [(&str, &[u64]); 9] = [
    ("POST /{org_id}/link", &[200, 201, 403, 409, 422]),
    ("GET /{org_id}/link", &[200, 400, 403]),
    ("GET /{org_id}/link/{slug}", &[200, 403, 404]),
    ("PATCH /{org_id}/link/{slug}", &[200, 403, 404, 412]),
    ("DELETE /{org_id}/link/{slug}", &[200, 403, 404, 412]),
    ("POST /{org_id}/-/history/{record}/undo", &[200, 403, 409]),
    ("$default", &[302, 404]),
    ("GET /{org_id}/-/open/{slug}", &[302, 403, 404]),
    ("PUT /{org_id}/-/handle", &[200, 403, 409]),
];

#[test]
fn no_step_crosses_organizations_loses_a_write_or_makes_one_twice() {
    const LENGTH: u32 = 200;
    const USUALLY: u32 = 1_600;
    let steps = std::env::var("TENANCY_STEPS").map_or(USUALLY, |steps| steps.parse().unwrap());
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let config = Config {
        cases: steps / LENGTH,
        max_shrink_iters: 200,
        failure_persistence: None,
        ..Config::default()
    };
    let played = prop::collection::vec(step(), LENGTH as usize);
    let met = RefCell::new(BTreeSet::new());
    let outcome = TestRunner::new(config).run(&played, |steps| {
        runtime.block_on(async {
            let mut play = Play::start().await;
            for (number, step) in steps.iter().enumerate() {
                let told = play.step(step).await;
                told.map_err(|fault| TestCaseError::fail(format!("step {number}, {step:?}: {fault}")))?;
            }
            met.borrow_mut().extend(play.end().map_err(TestCaseError::fail)?);
            Ok(())
        })
    });
    outcome.unwrap();
    let met = met.into_inner();
    let wanted = MET.iter().flat_map(|(route, all)| all.iter().map(|status| ((*route).to_owned(), *status)));
    let missed: Vec<_> = wanted.filter(|answer| !met.contains(answer)).collect();
    assert!(steps < USUALLY || missed.is_empty(), "{missed:?} was never answered");
}
