//! A property test of tenancy: random users of three organizations take random steps on all routes, one by one and
//! concurrently, while the store sometimes fails. After each step, the whole table must be in a state that a simple
//! model allows.
//!
//! This shows that no step changes another organization's data, loses an acknowledged write, or applies a write twice.
//! Steps are generated so that they interact: most steps are calls for existing links, by colleagues with and
//! without permission. `TENANCY_STEPS` is the number of steps (default 1600).

mod history;
mod link;
mod model;
mod people;
mod play;
mod steps;
mod table;

use play::{Met, Play};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use std::cell::RefCell;
use std::collections::BTreeSet;

/// Responses by route: their statuses, and the codes of problems.
type Responses = &'static [(&'static str, &'static [(u64, &'static str)])];

/// The responses that a run of the default length must produce. A run that lacks one of them proves too little.
const MET: Responses = &[
    (
        "POST /{org_id}/link",
        &[(200, ""), (201, ""), (403, "forbidden"), (409, "slug_taken"), (422, "idempotency_key_reused")],
    ),
    ("GET /{org_id}/link", &[(200, ""), (400, "invalid_cursor")]),
    ("GET /{org_id}/link/{slug}", &[(200, "")]),
    ("GET /{org_id}/link/{slug} by an alias", &[(200, "")]),
    (
        "PATCH /{org_id}/link/{slug}",
        &[
            (200, ""),
            (403, "forbidden"),
            (404, "not_found"),
            (409, "alias_limit"),
            (412, "precondition_failed"),
        ],
    ),
    ("PATCH /{org_id}/link/{slug} by an alias", &[(200, "")]),
    (
        "DELETE /{org_id}/link/{slug}",
        &[(200, ""), (403, "forbidden"), (404, "not_found"), (412, "precondition_failed")],
    ),
    ("DELETE /{org_id}/link/{slug} by an alias", &[(200, "")]),
    (
        "POST /{org_id}/-/history/{record}/undo",
        &[
            (200, ""),
            (403, "forbidden"),
            (409, "already_undone"),
            (409, "changed_since"),
            (409, "link_missing"),
        ],
    ),
    ("POST /{org_id}/-/history/{record}/undo of create", &[(200, "")]),
    ("POST /{org_id}/-/history/{record}/undo of delete", &[(200, "")]),
    ("POST /{org_id}/-/history/{record}/undo of rename", &[(200, "")]),
    ("POST /{org_id}/-/history/{record}/undo of undo", &[(200, "")]),
    ("GET /{org_id}/link/{slug}/clicks", &[(200, "")]),
    ("GET /{org_id}/link/{slug}/clicks by an alias", &[(200, "")]),
    ("$default", &[(302, ""), (404, "not_found")]),
    ("$default by an alias", &[(302, "")]),
    ("GET /{org_id}/-/open/{slug}", &[(302, "")]),
    ("GET /{org_id}/-/open/{slug} by an alias", &[(302, "")]),
    ("PUT /{org_id}/-/handle", &[(200, ""), (403, "forbidden")]),
];

/// The responses that a run must also produce if it is ten times as long.
const MET_IN_LONG_RUNS: Responses = &[
    ("GET /{org_id}/link", &[(403, "forbidden")]),
    ("GET /{org_id}/link/{slug}", &[(403, "forbidden"), (404, "not_found")]),
    ("PATCH /{org_id}/link/{slug}", &[(409, "slug_taken")]),
    ("POST /{org_id}/-/history/{record}/undo", &[(409, "slug_taken")]),
    ("POST /{org_id}/-/history/{record}/undo of a freed alias", &[(200, ""), (409, "changed_since")]),
    ("POST /{org_id}/-/history/{record}/undo of hand_over", &[(200, "")]),
    ("POST /{org_id}/-/history/{record}/undo of update", &[(200, "")]),
    ("GET /{org_id}/-/open/{slug}", &[(403, "forbidden"), (404, "not_found")]),
    ("PUT /{org_id}/-/handle", &[(409, "handle_limit"), (409, "handle_taken")]),
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
    let played = prop::collection::vec(steps::step(), LENGTH as usize);
    let met: RefCell<BTreeSet<Met>> = RefCell::default();
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
    let long = if steps >= 10 * USUALLY { MET_IN_LONG_RUNS } else { &[] };
    let wanted = MET.iter().chain(long).flat_map(|(route, all)| {
        all.iter().map(|(status, code)| ((*route).to_owned(), *status, (*code).to_owned()))
    });
    let missed: Vec<_> = wanted.filter(|answer| !met.contains(answer)).collect();
    assert!(steps < USUALLY || missed.is_empty(), "{missed:?} was never answered");
}
