//! Counts clicks: takes the lines that a log subscription delivers, adds up their clicks by link and day, and writes one
//! transaction for each link and day.

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

/// How long the function keeps trying to count the shares of a batch: 5 s less than its timeout in `template.yaml`. If
/// a share still fails, Lambda delivers the whole batch again.
const RETRY_TIMEOUT: Duration = Duration::from_secs(55);
/// The maximum number of concurrent transactions.
const MAX_CONCURRENT_TRANSACTIONS: usize = 8;

/// The result of a batch.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Counted {
    /// The number of clicks by people and bots in the batch, including clicks that an earlier delivery already counted.
    pub clicks: u64,
    /// The number of lines that are not valid clicks.
    pub skipped: usize,
}

/// The reason why a batch must be delivered again.
#[derive(Debug)]
pub enum Error {
    /// The event is not from a log subscription. Contains the reason, as a clause. Retries fail too, so the event goes to the
    /// dead-letter queue.
    Unreadable(&'static str),
    /// A store call failed. Shares that were counted stay counted, and a retry does not count them again.
    Store(StoreError),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable(cause) => write!(f, "the event is not from a log subscription: {cause}"),
            Self::Store(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for Error {}

/// The function and everything that it uses.
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
    /// Counts each click of a batch once, even if the batch is delivered several times with the same lines.
    ///
    /// A line that is delivered again in a different batch is counted again, because a marker belongs to one batch. A
    /// marker for each line would cost a write per click.
    ///
    /// An invalid line is skipped, and the number of skipped lines is logged.
    ///
    /// # Errors
    /// The event is not from a log subscription, or the store failed for a share; all other shares are still counted. The
    /// failure is logged.
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

        let deadline = Instant::now() + RETRY_TIMEOUT;
        let count = async |share: Share| {
            let counted = self.clicks.tally(&share, now, deadline).await;
            counted.map(|()| share.counts.clicks + share.counts.bots)
        };
        let counted: Vec<Result<u64, StoreError>> =
            stream::iter(shares).map(count).buffer_unordered(MAX_CONCURRENT_TRANSACTIONS).collect().await;
        let clicks = counted.into_iter().sum::<Result<u64, StoreError>>().map_err(Error::Store)?;
        Ok(Counted { clicks, skipped })
    }
}
