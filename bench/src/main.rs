//! `cargo run --release -p bench`: what the functions' `bootstrap`s cost, as multiples of the smallest Lambda function in
//! Rust (the package `floor`).
//!
//! Each bootstrap is started in the same way as on Lambda, but with our own Runtime API and a stub of DynamoDB that
//! responds at once, over TLS. The bootstrap gets the same event again and again. The binaries take turns, so that
//! other work on the machine affects all of them alike. Every response is checked, so that no failure is measured.
//!
//! CPU times come from the kernel and are read while the process waits for its next event. They are reproducible. Wall
//! times include the time of both stubs, and are as noisy as the machine.
//!
//! The benchmark leaves out network latency and what Lambda itself does around the process: fetching the code and
//! setting up the sandbox.
//!
//! `budgets` counts instructions, `growth` counts what a request costs in a large organization, and `overview` measures an
//! organization's clicks.

mod bootstrap;
mod budgets;
mod callgrind;
mod counter;
mod document;
mod dynamodb;
mod event;
mod growth;
mod measure;
mod overview;
mod process;
mod report;
mod runtime_api;
mod seed;
mod share;
mod tls;
mod token;
mod traffic;
mod verify;

use bootstrap::{Bootstrap, Program};
use budgets::{Budget, Budgets};
use clap::{Args, Parser, Subcommand};
use local::functions::Function;
use measure::Bench;
use report::{Cost, Report, Table};
use share::Share;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

/// An error that stops the benchmark, as a sentence.
type Error = Box<dyn std::error::Error + Send + Sync>;

/// The memory sizes of functions, in megabytes.
const MEMORY: [u64; 3] = [128, 256, 512];

/// Measures the cost of the functions' bootstraps and prints a report in Markdown, with multiples of the baseline,
/// `floor`.
#[derive(Parser)]
#[command(args_conflicts_with_subcommands = true)]
struct Options {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    measure: Measure,
}

#[derive(Subcommand)]
enum Command {
    /// Counts instructions and bytes, for comparison with bench/budgets.json
    Budgets(Count),
    /// Counts calls, units and bytes of requests in organizations of different sizes
    Growth(Grow),
    /// Times an organization's overview at the CPU share of a function, and checks it against a model
    Overview(Look),
    /// Measures how long it takes to verify a token, in this process
    Tokens,
}

/// What is measured.
#[derive(Args)]
struct Subjects {
    /// Measure only this function and the baseline; can be repeated
    #[arg(long, value_name = "FUNCTION", value_parser = Program::parser())]
    only: Vec<Program>,
    /// Measure existing builds: target/lambda/NAME/bootstrap, or if that is missing, target/TRIPLE/release/NAME
    #[arg(long)]
    no_build: bool,
    /// Also write the result to docs/performance.md
    #[arg(long)]
    document: bool,
}

#[derive(Args)]
struct Measure {
    #[command(flatten)]
    subjects: Subjects,
    /// How many times to start each bootstrap
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..))]
    starts: u32,
    /// How many warm calls to make to each bootstrap, spread evenly over its starts
    #[arg(long, default_value_t = 2_000, value_parser = clap::value_parser!(u32).range(1..))]
    calls: u32,
    /// Measure only cold starts and warm calls: skip CPU shares, latency and the long-running process
    #[arg(long)]
    brief: bool,
}

#[derive(Args)]
struct Count {
    #[command(flatten)]
    subjects: Subjects,
    /// Fail if a count or a size is more than a tenth over its budget
    #[arg(long)]
    check: bool,
    /// Save the counts as the new budgets
    #[arg(long, conflicts_with = "check")]
    write: bool,
    /// Keep callgrind's profiles in this folder, for callgrind_annotate
    #[arg(long, value_name = "FOLDER")]
    profiles: Option<PathBuf>,
}

#[derive(Args)]
struct Grow {
    #[command(flatten)]
    subjects: Subjects,
    /// Numbers of links in the organizations
    #[arg(long, value_delimiter = ',', default_values_t = [1, 1_000, 1_000_000])]
    links: Vec<u64>,
}

#[derive(Args)]
struct Look {
    /// Measure with this many links, each clicked daily. Several numbers, separated by commas, are measured in turn
    #[arg(long, value_delimiter = ',', default_values_t = [3_000, 30_000])]
    links: Vec<u64>,
    /// The function's memory in megabytes
    #[arg(long, value_delimiter = ',', default_values_t = [1_769])]
    memory: Vec<u64>,
    /// Measure existing builds
    #[arg(long)]
    no_build: bool,
    /// Also write the result to docs/performance.md
    #[arg(long)]
    document: bool,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(&Options::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(options: &Options) -> Result<(), Error> {
    match &options.command {
        None => tell(options.measure.subjects.document, "measured", &measure(&options.measure).await?),
        Some(Command::Budgets(count)) => budgets(count).await,
        Some(Command::Overview(look)) => {
            let stats = Bootstrap::without_floor(&[Program::Api(Function::Stats)], !look.no_build)?;
            let stats = stats.first().ok_or("stats is missing")?;
            let rows = overview::measure(stats, &look.links, &look.memory).await?;
            tell(look.document, "overview", &rows.to_string())
        }
        Some(Command::Tokens) => verify::run().await,
        Some(Command::Growth(grow)) => {
            let bootstraps = Bootstrap::with_floor(&growth::functions(), !grow.subjects.no_build)?;
            tell(
                grow.subjects.document,
                "growth",
                &growth::measure(&bootstraps, &grow.links).await?.to_string(),
            )
        }
    }
}

fn tell(into_document: bool, section: &str, text: &str) -> Result<(), Error> {
    println!("{text}");
    if into_document { document::put(section, text) } else { Ok(()) }
}

async fn measure(options: &Measure) -> Result<String, Error> {
    let mut bootstraps = Bootstrap::with_floor(&options.subjects.only, !options.subjects.no_build)?;
    let redirect = bootstraps.iter().find(|bootstrap| bootstrap.function == Program::REDIRECT).cloned();
    // The columns of the cached and the uncached redirect are side by side, so that the table shows what caching a link
    // saves.
    if let Some((at, redirect)) =
        bootstraps.iter().position(|it| it.function == Program::REDIRECT).zip(redirect.clone())
    {
        bootstraps.insert(at + 1, redirect.remembering());
    }
    let mut bench = Bench::new().await?;
    let (starts, calls_each) = (options.starts, options.calls.div_ceil(options.starts));
    let lives = bench.measure(&bootstraps, starts, calls_each).await?;
    let mut costs: Vec<Cost> = bootstraps
        .iter()
        .zip(lives)
        .map(|(bootstrap, lives)| Cost {
            bootstrap: bootstrap.clone(),
            lives,
            shares: Vec::new(),
            remote: Vec::new(),
        })
        .collect();
    let (mut hung_up, mut endurance) = (Vec::new(), Vec::new());
    if !options.brief {
        for megabytes in MEMORY {
            eprintln!("at the CPU share of a function with {megabytes} MB");
            let share = Share::from_megabytes(megabytes)?;
            for (cost, lives) in costs.iter_mut().zip(bench.share(&bootstraps, starts, &share).await?) {
                cost.shares.push((megabytes, lives));
            }
        }
        bench.dynamodb.answer_after(Duration::from_millis(3));
        for (cost, lives) in costs.iter_mut().zip(bench.measure(&bootstraps, 5, 40).await?) {
            cost.remote = lives;
        }
        bench.dynamodb.answer_after(Duration::ZERO);
        if let Some(redirect) = &redirect {
            eprintln!("a store that closes connections, and a long-running process");
            hung_up = bench.hang_up(redirect, 500).await?;
            let after = [1_000, 10_000, 20_000, 30_000];
            endurance = after.into_iter().zip(bench.endure(redirect, &after).await?).collect();
        }
    }
    Ok(Report { costs, starts, warm_calls: starts * calls_each, hung_up, endurance }.to_string())
}

async fn budgets(options: &Count) -> Result<(), Error> {
    // The baseline is only for comparison; it has no budget.
    let (only, build) = (&options.subjects.only, !options.subjects.no_build);
    let bootstraps = if options.check || options.write {
        Bootstrap::without_floor(only, build)?
    } else {
        Bootstrap::with_floor(only, build)?
    };
    let mut bench = Bench::new().await?;
    let columns = ["start, thousand instructions", "first call", "warm call", "KiB", "KiB zipped"];
    let mut table = Table::new(columns.into_iter().map(str::to_owned));
    let mut costs = Budgets::new();
    for bootstrap in &bootstraps {
        eprintln!("counting {}", bootstrap.label());
        let counted = callgrind::count(&mut bench, bootstrap, options.profiles.as_deref()).await;
        let instructions = counted.map_err(|error| format!("{}: {error}", bootstrap.label()))?;
        let cost = Budget::new(bootstrap, instructions)?;
        let thousands =
            [instructions.start, instructions.first_call, instructions.warm_call].map(|count| count / 1_000);
        let sizes = [cost.size, cost.zipped].map(|bytes| bytes / 1_024);
        table.line(&bootstrap.label(), thousands.into_iter().chain(sizes).map(|count| count.to_string()));
        costs.insert(bootstrap.label(), cost);
    }
    tell(options.subjects.document, "instructions", &table.to_string())?;
    if options.write {
        return budgets::write(costs);
    }
    let overruns = if options.check { budgets::overruns(&costs, &budgets::read()?) } else { Vec::new() };
    if overruns.is_empty() {
        Ok(())
    } else {
        Err(format!("{}.\n{}", overruns.join(";\n"), budgets::ADVICE).into())
    }
}
