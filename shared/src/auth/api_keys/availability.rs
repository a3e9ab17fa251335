use super::bucket::TokenBucket;
use super::{FAILURE_PAUSE, Hash, Reason, Refusal, later};
use crate::model::Timestamp;

/// The provider is considered down after consecutive failures with this many different keys. Failures with a single key
/// do not prove that the provider is down, because that key may be their cause.
const FAILING_KEYS: usize = 3;
/// The size of the token bucket for keys that are not known to be valid.
const NEW_KEYS_AT_ONCE: i64 = 30;
/// The interval, in milliseconds, after which the bucket for new keys gains a token.
const NEW_KEY_INTERVAL: i64 = 500;

/// Whether a request to validate a key can be sent to the provider now.
#[derive(Debug)]
pub struct Availability {
    /// The reason why no request is sent for any key, if requests are paused.
    pause: Option<Refusal>,
    /// The keys for which the latest requests failed.
    failing: Vec<Hash>,
    new_keys: TokenBucket,
}

impl Availability {
    /// Creates the initial state.
    pub fn new() -> Self {
        let new_keys = TokenBucket::new(NEW_KEYS_AT_ONCE, NEW_KEY_INTERVAL);
        Self { pause: None, failing: Vec::new(), new_keys }
    }

    /// Reserves a request. A key that is not known to be valid takes a token from the bucket.
    ///
    /// # Errors
    /// No request can be sent now.
    pub fn reserve(&mut self, is_new: bool, now: Timestamp) -> Result<(), Refusal> {
        if let Some(pause) = self.pause.clone().filter(|pause| pause.holds(now)) {
            return Err(pause);
        }
        self.pause = None;
        if is_new {
            self.new_keys.take(now).map_err(|until| Refusal { until, reason: Reason::RateLimited })?;
        }
        Ok(())
    }

    /// Records a response about a key. If a new key is valid, puts back the token
    /// that was taken from the bucket for this key.
    pub fn answered(&mut self, is_new: bool, is_valid: bool) {
        self.failing.clear();
        if is_new && is_valid {
            self.new_keys.put_back();
        }
    }

    /// Counts a key that could not be validated.
    pub fn failed(&mut self, key: Hash, refusal: &Refusal, now: Timestamp) {
        if self.failing.len() < FAILING_KEYS && !self.failing.contains(&key) {
            self.failing.push(key);
        }
        if self.failing.len() == FAILING_KEYS {
            self.pause_for(Refusal { until: later(now, FAILURE_PAUSE), reason: refusal.reason.clone() });
        }
    }

    /// Stops requests for all keys until the time in `refusal.until`.
    pub fn pause_for(&mut self, refusal: Refusal) {
        self.pause = Some(refusal);
    }
}
