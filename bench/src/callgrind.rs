//! Instruction counts by valgrind's callgrind. They are reproducible to a few in a thousand, however busy the machine is.
//!
//! Valgrind emulates no SHA instructions, which make DynamoDB's signatures faster, so signing counts for more here than it
//! takes on Lambda.

use crate::Error;
use crate::bootstrap::Bootstrap;
use crate::measure::Bench;
use serde::{Deserialize, Serialize};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;
use std::{env, fs, process};
use tokio::time::sleep;

/// The number of warm calls whose instructions are averaged.
const WARM_CALLS: u32 = 20;

/// How many times a run is repeated if its priming times out after a second, which is short under valgrind.
const TRIES: u32 = 10;

/// The instruction counts of a bootstrap.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Instructions {
    /// From the start to the first request for an event.
    pub start: u64,
    pub first_call: u64,
    pub warm_call: u64,
}

/// Counts a bootstrap's instructions, as the differences between three runs: with no call, with one, with many. Their
/// profiles stay in the folder `keep`, if it is set.
///
/// # Errors
/// Valgrind is missing, or the bootstrap fails.
pub async fn count(
    bench: &mut Bench,
    bootstrap: &Bootstrap,
    keep: Option<&Path>,
) -> Result<Instructions, Error> {
    check_valgrind()?;
    let start = run(bench, bootstrap, 0, keep).await?;
    let with_first = run(bench, bootstrap, 1, keep).await?;
    let with_warm = run(bench, bootstrap, 1 + WARM_CALLS, keep).await?;
    Ok(Instructions {
        start,
        first_call: with_first.saturating_sub(start),
        warm_call: with_warm.saturating_sub(with_first) / u64::from(WARM_CALLS),
    })
}

fn check_valgrind() -> Result<(), Error> {
    let valgrind = Command::new("valgrind").arg("--version").stdout(Stdio::null()).status();
    valgrind.map(drop).map_err(|_| "valgrind is missing; install the Debian package valgrind".into())
}

async fn run(
    bench: &mut Bench,
    bootstrap: &Bootstrap,
    calls: u32,
    keep: Option<&Path>,
) -> Result<u64, Error> {
    let folder = keep.map_or_else(env::temp_dir, Path::to_owned);
    let profile = folder.join(format!("{}-{calls}-calls.{}.callgrind", bootstrap.label(), process::id()));
    let output = format!("--callgrind-out-file={}", profile.display());
    let valgrind = ["valgrind", "--quiet", "--tool=callgrind", &output].map(str::to_owned);
    let mut tries = 0;
    loop {
        // A call that times out after 2.5 s does not count either.
        let failure = match bench.run(bootstrap, calls, &valgrind).await {
            Ok(true) => break,
            Ok(false) => "priming is given up again and again: the machine is too busy".into(),
            Err(failure) => failure,
        };
        tries += 1;
        if tries == TRIES {
            return Err(failure);
        }
        // Its connection's end must not be counted in the next run.
        sleep(Duration::from_millis(100)).await;
    }
    let text = fs::read_to_string(&profile)?;
    if keep.is_none() {
        fs::remove_file(&profile)?;
    }
    let total =
        text.lines().find_map(|line| line.strip_prefix("summary: ").or(line.strip_prefix("totals: ")));
    let total = total.and_then(|total| total.trim().parse().ok());
    total.ok_or_else(|| "callgrind reported no total".into())
}
