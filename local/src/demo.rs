//! `cargo run -- --demo`: one organization with 40 links and two months of clicks, and another without links.
//!
//! All data is invented. The product's own code creates the data, with past times as its clock. The functions `create`,
//! `update` and `handle` make the links, the click log of `redirect` and `open` writes the click lines, and `tally`
//! counts the clicks.

mod link;
mod seeder;
mod visitors;
mod visits;

use crate::stack::{Stack, local_settings};
use crate::users::User;
use link::DemoLink;
use seeder::Seeder;
use shared::model::Timestamp;
use shared::settings::Settings;
use std::sync::Arc;
use tokio::task::JoinSet;

/// The seed of `cargo run -- --demo`.
pub const SEED: u64 = 1;

/// The maximum number of links created concurrently. Each link uses up to eight concurrent transactions, and the engine
/// has only one thread.
const MAX_TASKS: usize = 2;
/// Acme's handle. Globex has none.
const HANDLE: &str = "acme";

/// Adds Acme's handle, its links, and their clicks until `now`. The running stack `stack` was started with `overrides`.
/// The same seed and time always give the same links and clicks; only the random part of a link's identity differs.
///
/// # Errors
/// The stack does not accept the tokens of its own issuer, or a function returned an error. Returns the reason as a
/// sentence.
pub async fn fill(stack: &Stack, overrides: Settings, seed: u64, now: Timestamp) -> Result<(), String> {
    if !stack.takes_local_tokens {
        return Err("--demo needs the issuer of this machine; unset the AUTH_ settings".to_owned());
    }
    let settings = local_settings(&stack.api, &stack.auth, &stack.dynamodb, overrides);
    let seeder = Seeder::new(&stack.issuer, settings).map_err(|error| error.to_string())?;
    let seeder = Arc::new(seeder);
    let links = DemoLink::all()?;
    if let (Some(owner), Some(first)) = (User::named("owner"), links.first()) {
        seeder.claim_handle(owner, first.created_at(now)).await?;
    }
    let mut tasks = JoinSet::new();
    for (number, link) in (0..).zip(links) {
        if tasks.len() == MAX_TASKS {
            next(&mut tasks).await?;
        }
        let seeder = Arc::clone(&seeder);
        tasks.spawn(async move { seeder.seed(&link, number, seed, now).await });
    }
    while !tasks.is_empty() {
        next(&mut tasks).await?;
    }
    Ok(())
}

/// Waits for one of the tasks.
async fn next(tasks: &mut JoinSet<Result<(), String>>) -> Result<(), String> {
    match tasks.join_next().await {
        Some(Err(error)) => Err(format!("the demo could not be filled: {error}")),
        Some(Ok(done)) => done,
        None => Ok(()),
    }
}
