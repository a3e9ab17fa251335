use super::bucket::TokenBucket;
use super::{FAILURE_PAUSE, Hash, Reason, Refusal, later};
use crate::model::Timestamp;

/// After failures about this many different keys in a row, the provider itself is taken to be down: a single key can make it
/// fail.
const FAILING_KEYS: usize = 3;
/// How many keys that are not known to be valid are asked about at once.
const NEW_KEYS_AT_ONCE: i64 = 30;
/// After how many milliseconds one more is.
const NEW_KEY_INTERVAL: i64 = 500;

/// Whether the provider can be asked about a key now.
#[derive(Debug)]
pub struct Availability {
    /// Why nothing is asked, about any key.
    pause: Option<Refusal>,
    /// The keys about which the last questions failed.
    failing: Vec<Hash>,
    new_keys: TokenBucket,
}

impl Availability {
    /// A provider that was never asked.
    pub fn new() -> Self {
        let new_keys = TokenBucket::new(NEW_KEYS_AT_ONCE, NEW_KEY_INTERVAL);
        Self { pause: None, failing: Vec::new(), new_keys }
    }

    /// Reserves a question. A key that is not known to be valid takes a token for it.
    ///
    /// # Errors
    /// Nothing can be asked now.
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

    /// Records that the provider decided about a key. A new one that is valid does not count against the others.
    pub fn answered(&mut self, is_new: bool, is_valid: bool) {
        self.failing.clear();
        if is_new && is_valid {
            self.new_keys.put_back();
        }
    }

    /// Records that the provider could not decide about a key.
    pub fn failed(&mut self, key: Hash, refusal: &Refusal, now: Timestamp) {
        if self.failing.len() < FAILING_KEYS && !self.failing.contains(&key) {
            self.failing.push(key);
        }
        if self.failing.len() == FAILING_KEYS {
            self.pause_for(Refusal { until: later(now, FAILURE_PAUSE), reason: refusal.reason.clone() });
        }
    }

    /// Asks nothing, about any key, for as long as `refusal` holds.
    pub fn pause_for(&mut self, refusal: Refusal) {
        self.pause = Some(refusal);
    }
}
