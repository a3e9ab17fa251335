//! `cargo run --release -p bench`: what the functions' `bootstrap`s cost, as multiples of the least that a Lambda
//! function in Rust can (the package `floor`).
//!
//! Each bootstrap is started as Lambda starts it, against a Runtime API of our own and a DynamoDB that answers at
//! once, and is given one event again and again. The binaries take turns, so that whatever else the machine does
//! hits them all alike, and every answer is checked, so that nothing measures a failure.
//!
//! The CPU times are the kernel's own count for the process, read while it waits for its next event. They repeat
//! well; wall times include both stubs, and are as noisy as the machine.
//!
//! What this leaves out: DynamoDB is reached over plain HTTP on loopback, so neither a TLS handshake (part of a real
//! start) nor encryption (part of every real call) is in the figures, and no name is resolved. Nor is what Lambda
//! itself does around the process: fetching the code, setting up the sandbox, the network's time.

mod bootstrap;
mod dynamodb;
mod event;
mod measure;
mod process;
mod report;
mod runtime_api;
mod token;
mod verify;

use bootstrap::{Bootstrap, Function};
use clap::Parser;
use dynamodb::DynamoDb;
use measure::Bench;
use report::{Cost, Report};
use runtime_api::RuntimeApi;
use std::process::ExitCode;
use token::Issuer;

/// Whatever stops the benchmark, as a sentence.
type Error = Box<dyn std::error::Error>;

/// Measures what the functions' bootstraps cost and prints it as Markdown, in multiples of the floor.
#[derive(Parser)]
struct Options {
    /// How often each bootstrap is started
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..))]
    starts: u32,
    /// How many warm calls each bootstrap answers, spread over its starts
    #[arg(long, default_value_t = 2_000, value_parser = clap::value_parser!(u32).range(1..))]
    calls: u32,
    /// Only this function, beside the floor; may be repeated
    #[arg(long, value_name = "FUNCTION")]
    only: Vec<Function>,
    /// Measure what is already built: target/lambda/NAME/bootstrap, or else target/TRIPLE/release/NAME
    #[arg(long)]
    no_build: bool,
    /// Only what it costs to verify a token, in this process
    #[arg(long, exclusive = true)]
    tokens: bool,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let options = Options::parse();
    if options.tokens {
        return match verify::run().await {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => failure(&error),
        };
    }
    match run(&options).await {
        Ok(report) => {
            print!("{report}");
            ExitCode::SUCCESS
        }
        Err(error) => failure(&error),
    }
}

fn failure(error: &Error) -> ExitCode {
    eprintln!("error: {error}");
    ExitCode::FAILURE
}

async fn run(options: &Options) -> Result<Report, Error> {
    process::check_kernel()?;
    let bootstraps = Bootstrap::all(&options.only, !options.no_build)?;

    let issuer = Issuer::new()?;
    let dynamodb = DynamoDb::listen().await?;
    let runtime_api = RuntimeApi::listen().await?;
    let environment = process::environment(&runtime_api, &dynamodb, &issuer);

    let mut bench = Bench { runtime_api, environment, token: issuer.token()? };
    let (starts, calls_each) = (options.starts, options.calls.div_ceil(options.starts));
    let lives = bench.measure(&bootstraps, starts, calls_each).await?;

    let costs = bootstraps.iter().zip(&lives).map(|(bootstrap, lives)| Cost::new(bootstrap, lives)).collect();
    Ok(Report { costs, starts, warm_calls: starts * calls_each })
}
