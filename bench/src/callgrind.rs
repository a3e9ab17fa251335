//! Instruction counts from valgrind's callgrind. The counts vary by at most a few per thousand, however busy the
//! machine is.
//!
//! libfaketime slows the bootstrap's clock. Every count includes the start of libfaketime itself, about 190,000
//! instructions.
//!
//! Valgrind does not emulate the processor's SHA instructions, so signing a request to DynamoDB takes more instructions
//! here than on Lambda.

use crate::Error;
use crate::bootstrap::Bootstrap;
use crate::measure::Bench;
use serde::{Deserialize, Serialize};
use std::path::Path;
use std::process::{Command, Stdio};
use std::{env, fs, process};

/// The number of warm calls to average over.
const WARM_CALLS: u32 = 20;

/// The speed of a bootstrap's clock. Valgrind is about fifty times slower than a processor; with an unchanged clock the
/// calls to DynamoDB would time out.
const CLOCK_RATE: &str = "+0 x0.02";

/// The instruction counts of a bootstrap.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Instructions {
    /// From the start to the first request for an event.
    pub start: u64,
    pub first_call: u64,
    pub warm_call: u64,
}

/// Counts a bootstrap's instructions, as the differences between three runs: with no call, with one, and with many. If
/// `keep` is a folder, the profiles of the runs are kept there.
///
/// # Errors
/// Valgrind or libfaketime is missing, or the bootstrap fails.
pub async fn count(
    bench: &mut Bench,
    bootstrap: &Bootstrap,
    keep: Option<&Path>,
) -> Result<Instructions, Error> {
    check_tools()?;
    let start = run(bench, bootstrap, 0, keep).await?;
    let with_first = run(bench, bootstrap, 1, keep).await?;
    let with_warm = run(bench, bootstrap, 1 + WARM_CALLS, keep).await?;
    Ok(Instructions {
        start,
        first_call: with_first.saturating_sub(start),
        warm_call: with_warm.saturating_sub(with_first) / u64::from(WARM_CALLS),
    })
}

fn check_tools() -> Result<(), Error> {
    let valgrind = Command::new("valgrind").arg("--version").stdout(Stdio::null()).status();
    valgrind.map_err(|_| "valgrind is missing; install the Debian package valgrind")?;
    if !Path::new(&slow_clock()).exists() {
        return Err("libfaketime is missing; install the Debian package libfaketime".into());
    }
    Ok(())
}

/// Returns the path of libfaketime. A process that loads this library sees a slower clock.
fn slow_clock() -> String {
    format!("/usr/lib/{}-linux-gnu/faketime/libfaketime.so.1", env::consts::ARCH)
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
    let clock = [("LD_PRELOAD", slow_clock()), ("FAKETIME", CLOCK_RATE.to_owned())];
    let id = bench.run(bootstrap, calls, &valgrind, &clock).await?;
    // libfaketime removes its shared memory when a process exits normally, but not when SIGTERM ends a bootstrap.
    for name in ["faketime_shm", "sem.faketime_sem"] {
        fs::remove_file(format!("/dev/shm/{name}_{id}"))?;
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
