//! Measures `classify` on public lists that its rules are not made of. `data/README.md` says where they come from.

#![allow(clippy::panic, clippy::unwrap_used, reason = "a test that panics has failed, as it should")]

use agents::{Agent, classify};
use flate2::read::GzDecoder;
use std::io::Read;

/// One of each bot that Matomo knows.
const BOTS: &[u8] = include_bytes!("data/bots.tsv.gz");
/// One in eight of Matomo's devices, by an agent of a browser that runs on it.
const BROWSERS: &[u8] = include_bytes!("data/browsers.tsv.gz");
/// Agents of browsers as they visited real sites.
const TRAFFIC: &[u8] = include_bytes!("data/traffic.tsv.gz");

/// The agents of a file, with what sent them: `bot`, a class of device, or `person` where the device is unknown.
fn read(file: &[u8]) -> Vec<(String, String)> {
    let mut text = String::new();
    GzDecoder::new(file).read_to_string(&mut text).unwrap();
    let rows = text.lines().map(|line| line.split_once('\t').unwrap());
    rows.map(|(sender, agent)| (sender.to_owned(), agent.to_owned())).collect()
}

/// What `right` says is wrong, as long as that is not more than one in `at_least`.
#[track_caller]
fn assert_few_wrong(rows: &[(String, String)], one_in: usize, right: impl Fn(&str, Agent) -> bool) {
    let wrong: Vec<_> = rows
        .iter()
        .map(|(sender, agent)| (sender, classify(agent), agent))
        .filter(|it| !right(it.0, it.1))
        .collect();
    assert!(rows.len() >= one_in, "{} agents are too few", rows.len());
    assert!(wrong.len() * one_in <= rows.len(), "{} of {}: {wrong:#?}", wrong.len(), rows.len());
}

#[test]
fn of_known_bots_99_in_100_are_recognized() {
    assert_few_wrong(&read(BOTS), 100, |_, agent| agent == Agent::Bot);
}

#[test]
fn of_people_1_in_2000_at_most_is_taken_for_a_bot() {
    let people: Vec<_> = read(BROWSERS).into_iter().chain(read(TRAFFIC)).collect();
    assert_few_wrong(&people, 2_000, |_, agent| agent != Agent::Bot);
}

#[test]
fn of_people_who_visit_sites_98_in_100_have_their_class_of_device() {
    assert_few_wrong(&read(TRAFFIC), 50, is_device);
}

/// Matomo knows one agent of each model, however rare. Tablets and set-top boxes whose agents say what telephones' do can be
/// told from these by their model alone.
#[test]
fn of_all_models_that_matomo_knows_9_in_10_have_their_class_of_device() {
    let known: Vec<_> =
        read(BROWSERS).into_iter().filter(|(sender, _)| !matches!(sender.as_str(), "person" | "")).collect();
    assert_few_wrong(&known, 10, is_device);
}

fn is_device(sender: &str, agent: Agent) -> bool {
    match sender {
        "desktop" => agent == Agent::Desktop,
        "mobile" => agent == Agent::Mobile,
        "tablet" => agent == Agent::Tablet,
        "other" => agent == Agent::Other,
        _ => panic!("{sender} is no class of device"),
    }
}
