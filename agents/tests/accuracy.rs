//! Measures `classify` on public lists that are not sources of its rules. `data/README.md` lists the sources.

#![allow(clippy::panic, clippy::unwrap_used, reason = "tests fail by panicking")]

use agents::{Agent, classify};
use flate2::read::GzDecoder;
use std::io::Read;

/// One user agent of each bot that Matomo knows.
const BOTS: &[u8] = include_bytes!("data/bots.tsv.gz");
/// One in eight of Matomo's devices, each with the user agent of a browser on that device.
const BROWSERS: &[u8] = include_bytes!("data/browsers.tsv.gz");
/// User agents of browsers that visited real sites.
const TRAFFIC: &[u8] = include_bytes!("data/traffic.tsv.gz");

/// Returns the user agents of a file, each with its sender: `bot`, a class of device, or `person` if the device is unknown.
fn read(file: &[u8]) -> Vec<(String, String)> {
    let mut text = String::new();
    GzDecoder::new(file).read_to_string(&mut text).unwrap();
    let rows = text.lines().map(|line| line.split_once('\t').unwrap());
    rows.map(|(sender, agent)| (sender.to_owned(), agent.to_owned())).collect()
}

/// Fails if `right` returns false for more than 1/`one_in` of the rows.
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
fn of_people_at_most_1_in_2000_is_mistaken_for_a_bot() {
    let people: Vec<_> = read(BROWSERS).into_iter().chain(read(TRAFFIC)).collect();
    assert_few_wrong(&people, 2_000, |_, agent| agent != Agent::Bot);
}

#[test]
fn of_people_on_real_sites_98_in_100_get_the_right_class_of_device() {
    assert_few_wrong(&read(TRAFFIC), 50, is_device);
}

/// Matomo lists one user agent for each device model, even for rare models. The user agents of some tablets and set-top
/// boxes differ from those of phones only in the model's name.
#[test]
fn of_all_models_in_matomo_9_in_10_get_the_right_class_of_device() {
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
