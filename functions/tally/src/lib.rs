//! Counts clicks: takes the lines that a subscription of the logs delivers, adds them up by link and day, and writes one
//! transaction for each.

mod batch;
mod log;
mod shares;

use batch::Batch;
use futures_util::stream::{self, StreamExt};
use serde::Serialize;
use serde_json::value::RawValue;
use shared::lambda::{Lambda, Services};
use shared::model::Timestamp;
use shared::settings::{self, Settings};
use shared::store::{ClickStore, Share, StoreError};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// For how long shares are tried again: 5 s less than the function may run (in `template.yaml`). What is not counted then
/// comes again with the whole batch.
const PATIENCE: Duration = Duration::from_secs(55);
/// How many transactions are under way at a time.
const AT_A_TIME: usize = 8;

/// What became of a batch.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Counted {
    /// The clicks of people and bots that are counted, whether just now or at an earlier delivery.
    pub clicks: u64,
    /// How many lines were no clicks that can be read.
    pub skipped: usize,
}

/// Why a batch is to come again.
#[derive(Debug)]
pub enum Error {
    /// The event is none of a subscription; why, as half a sentence. It will not be one the next time either, and ends in
    /// the dead-letter queue.
    Unreadable(&'static str),
    /// The store did not do as asked. What was counted stays counted, and is not counted again.
    Store(StoreError),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable(cause) => write!(f, "the event is none of a log subscription: {cause}"),
            Self::Store(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for Error {}

/// The function, with all that it can touch.
#[derive(Debug)]
pub struct Tally {
    clicks: Arc<ClickStore>,
}

impl Lambda for Tally {
    type Services = Services;

    fn from_settings(settings: &Settings, services: &Services) -> Result<Self, settings::Error> {
        Ok(Self { clicks: services.clicks(settings)? })
    }

    async fn prime(&self) {
        self.clicks.prime_tally().await;
    }
}

impl Tally {
    /// Counts the clicks of a batch, each once, however often the batch is delivered with the same lines.
    ///
    /// A line that is delivered again in another batch counts again: the markers are of a batch, because one for each
    /// line would cost a write for each click.
    ///
    /// A line that cannot be read is passed over and counted as skipped, and the log says how many were.
    ///
    /// # Errors
    /// The event is none of a subscription, or the store failed for a share; all other shares are counted then. The log has
    /// a line of it.
    pub async fn count(&self, event: &RawValue, now: Timestamp) -> Result<Counted, Error> {
        let counted = self.try_count(event, now).await;
        if let Err(error) = &counted {
            log::failure(&error.to_string(), now);
        }
        counted
    }

    async fn try_count(&self, event: &RawValue, now: Timestamp) -> Result<Counted, Error> {
        let Some(batch) = Batch::from_event(event).map_err(Error::Unreadable)? else {
            return Ok(Counted::default());
        };
        let (shares, skipped) = shares::add_up(&batch);
        if skipped > 0 {
            log::skipped(skipped, &batch.log_group, now);
        }

        let deadline = Instant::now() + PATIENCE;
        let count = async |share: Share| {
            let counted = self.clicks.tally(&share, now, deadline).await;
            counted.map(|()| share.counts.clicks + share.counts.bots)
        };
        let counted: Vec<Result<u64, StoreError>> =
            stream::iter(shares).map(count).buffer_unordered(AT_A_TIME).collect().await;
        let clicks = counted.into_iter().sum::<Result<u64, StoreError>>().map_err(Error::Store)?;
        Ok(Counted { clicks, skipped })
    }
}
