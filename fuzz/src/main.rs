//! Runs every target over its corpus and then over mutations of it. The first argument is the total number of seconds
//! (default 60). The output goes to standard error, because the functions log to standard output. If a target panics,
//! its input is written to `fuzz/found/`, and the run fails.

use std::collections::BTreeMap;
use std::fs;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// Words that parsers look for, which random mutations would rarely produce.
const WORDS: [&str; 24] = [
    "\"",
    "\\u0000",
    "\\ud800",
    "\u{202e}",
    "null",
    "true",
    "{}",
    "[]",
    "{\"",
    "\":",
    "%00",
    "%0d%0a",
    "../",
    "//",
    "@",
    "..",
    "-1",
    "1e999",
    "9223372036854775808",
    "0x7f.1",
    "xn--",
    "[::1]",
    "\r\n",
    "Bearer ",
];

fn main() -> ExitCode {
    let seconds = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(60);
    let share = Duration::from_secs(seconds) / u32::try_from(fuzz::TARGETS.len()).unwrap_or(1);
    for (name, target) in fuzz::TARGETS {
        let started = Instant::now();
        let corpus = corpus(name);
        let mutations = std::iter::repeat_with(|| mutated(&corpus));
        let mut count = 0_u64;
        for input in corpus.iter().cloned().chain(mutations) {
            if count >= corpus.len() as u64 && started.elapsed() >= share {
                break;
            }
            count += 1;
            if catch_unwind(|| target(&input)).is_err() {
                let found = directory("found").join(name);
                let kept = fs::create_dir_all(directory("found")).and_then(|()| fs::write(&found, &input));
                eprintln!("{name} panics on {} ({kept:?})", found.display());
                return ExitCode::FAILURE;
            }
        }
        eprintln!("{name:>8}: {count:>8} inputs, {} of them from the corpus", corpus.len());
    }
    ExitCode::SUCCESS
}

fn directory(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// Returns the seeds and the files of a target's corpus, in a fixed order.
fn corpus(name: &str) -> Vec<Vec<u8>> {
    let files = fs::read_dir(directory("corpus").join(name)).into_iter().flatten().flatten();
    let files: BTreeMap<_, _> =
        files.filter_map(|file| Some((file.file_name(), fs::read(file.path()).ok()?))).collect();
    let mut corpus = fuzz::seeds(name);
    corpus.extend(files.into_values());
    if corpus.is_empty() {
        corpus.push(Vec::new());
    }
    corpus
}

/// Mutates one of the inputs: a few cuts, repetitions, inserted words and flipped bits, or a piece of another input.
fn mutated(corpus: &[Vec<u8>]) -> Vec<u8> {
    let any = || fastrand::choice(corpus).cloned().unwrap_or_default();
    let mut input = any();
    for _ in 0..fastrand::usize(1..8) {
        let (from, to) = (fastrand::usize(..=input.len()), fastrand::usize(..=input.len()));
        let range = from.min(to)..from.max(to).min(from.min(to) + 64);
        match fastrand::u8(..6) {
            0 => drop(input.drain(range)),
            1 => {
                let piece = input.get(range.clone()).unwrap_or_default().repeat(fastrand::usize(1..9));
                input.splice(range.start..range.start, piece);
            }
            2 => {
                let word = fastrand::choice(WORDS).unwrap_or_default();
                input.splice(range, word.bytes());
            }
            3 => {
                let other = any();
                let end = fastrand::usize(..=other.len());
                let piece = other.get(fastrand::usize(..=end)..end).unwrap_or_default();
                input.splice(range, piece.iter().copied());
            }
            4 => input.insert(from, fastrand::u8(..)),
            _ => {
                if let Some(byte) = input.get_mut(from) {
                    *byte ^= 1 << fastrand::u8(..8);
                }
            }
        }
    }
    input
}
