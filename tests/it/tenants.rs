//! Tenancy as a property: random users of three organizations do random things on all routes, one by one and at once,
//! while the store fails now and then. After each step the whole table is what a simple model says it may be.
//!
//! So no step changes another organization's data, loses a write that was acknowledged, or makes one twice. How many
//! steps are played is `TENANCY_STEPS` (800).

mod model;
mod play;

use crate::faulty::Fault;
use model::{HANDLES, KEYS, ORGS, SLUGS, USERS};
use play::Play;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config, TestRunner};

/// What a user does. Numbers are places in the lists of `model`.
#[derive(Debug, Clone)]
pub enum Action {
    Create {
        slug: Option<usize>,
        key: Option<usize>,
        url: usize,
    },
    Read {
        slug: usize,
    },
    QrCode {
        slug: usize,
    },
    Stats {
        slug: usize,
    },
    Redirect {
        slug: usize,
    },
    RedirectByHandle {
        handle: usize,
        slug: usize,
    },
    Open {
        slug: usize,
    },
    List,
    /// With a cursor of whichever organization's list was walked last.
    ListFrom,
    Update {
        slug: usize,
        url: usize,
        version: Wanted,
    },
    Delete {
        slug: usize,
        version: Wanted,
    },
    Claim {
        handle: usize,
    },
    Handles,
}

/// What `If-Match` says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    Any,
    Current,
    Other,
}

/// What several do at once.
#[derive(Debug, Clone)]
pub enum Race {
    /// One slug in all organizations, three times in each.
    Creates { slug: usize },
    /// One request under one key, four times.
    Replays { key: usize, url: usize },
    /// Four edits of one version.
    Edits { slug: usize },
    /// Four deletes of one link, and as many edits.
    Deletes { slug: usize },
    /// One handle, by all organizations, twice each.
    Claims { handle: usize },
}

#[derive(Debug, Clone)]
pub enum Step {
    /// By a user, in an organization, while the store's calls after so many meet these faults.
    One {
        user: usize,
        org: usize,
        action: Action,
        spared: usize,
        faults: Vec<Fault>,
    },
    Many {
        org: usize,
        race: Race,
        faults: Vec<Fault>,
    },
}

fn action() -> impl Strategy<Value = Action> {
    let wanted = || select(vec![Wanted::Any, Wanted::Current, Wanted::Other]);
    let (slug, url) = (0..SLUGS.len(), 0..3_usize);
    prop_oneof![
        4 => (prop::option::of(slug.clone()), prop::option::of(0..KEYS.len()), url.clone())
            .prop_map(|(slug, key, url)| Action::Create { slug, key, url }),
        1 => slug.clone().prop_map(|slug| Action::Read { slug }),
        1 => slug.clone().prop_map(|slug| Action::QrCode { slug }),
        1 => slug.clone().prop_map(|slug| Action::Stats { slug }),
        1 => slug.clone().prop_map(|slug| Action::Redirect { slug }),
        1 => (0..HANDLES.len(), slug.clone())
            .prop_map(|(handle, slug)| Action::RedirectByHandle { handle, slug }),
        1 => slug.clone().prop_map(|slug| Action::Open { slug }),
        1 => Just(Action::List),
        1 => Just(Action::ListFrom),
        3 => (slug.clone(), url, wanted())
            .prop_map(|(slug, url, version)| Action::Update { slug, url, version }),
        2 => (slug, wanted()).prop_map(|(slug, version)| Action::Delete { slug, version }),
        2 => (0..HANDLES.len()).prop_map(|handle| Action::Claim { handle }),
        1 => Just(Action::Handles),
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
    prop_oneof![2 => Just(Vec::new()), 1 => prop::collection::vec(fault, 1..4)]
}

fn step() -> impl Strategy<Value = Step> {
    let race = prop_oneof![
        (0..SLUGS.len()).prop_map(|slug| Race::Creates { slug }),
        (0..KEYS.len(), 0..3_usize).prop_map(|(key, url)| Race::Replays { key, url }),
        (0..SLUGS.len()).prop_map(|slug| Race::Edits { slug }),
        (0..SLUGS.len()).prop_map(|slug| Race::Deletes { slug }),
        (0..HANDLES.len()).prop_map(|handle| Race::Claims { handle }),
    ];
    prop_oneof![
        9 => (0..USERS.len(), 0..ORGS.len(), action(), 0..3_usize, faults())
            .prop_map(|(user, org, action, spared, faults)| Step::One { user, org, action, spared, faults }),
        1 => (0..ORGS.len(), race, faults()).prop_map(|(org, race, faults)| Step::Many { org, race, faults }),
    ]
}

#[test]
fn no_step_shows_or_changes_another_organizations_data_or_loses_a_write_or_makes_one_twice() {
    const LENGTH: u32 = 80;
    let steps: u32 = std::env::var("TENANCY_STEPS").map_or(800, |steps| steps.parse().unwrap());
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let config = Config {
        cases: steps / LENGTH,
        max_shrink_iters: 200,
        failure_persistence: None,
        ..Config::default()
    };
    let played = prop::collection::vec(step(), LENGTH as usize);
    let outcome = TestRunner::new(config).run(&played, |steps| {
        runtime.block_on(async {
            let mut play = Play::start().await;
            for (number, step) in steps.iter().enumerate() {
                let told = play.step(step).await;
                told.map_err(|fault| TestCaseError::fail(format!("step {number}, {step:?}: {fault}")))?;
            }
            play.end().map_err(TestCaseError::fail)
        })
    });
    outcome.unwrap();
}
