use super::later;
use crate::model::Timestamp;

/// A token bucket. It allows a burst of `capacity` actions, and after that one action per interval.
///
/// The bucket uses the wall clock. If the clock is set back, the bucket keeps its tokens and gains
/// new ones from then on.
#[derive(Debug)]
pub struct TokenBucket {
    capacity: i64,
    /// In milliseconds.
    interval: i64,
    tokens: i64,
    filled_at: Timestamp,
}

impl TokenBucket {
    /// Creates a full bucket. It holds at most `capacity` tokens, and gains one every `interval` milliseconds.
    pub fn new(capacity: i64, interval: i64) -> Self {
        Self { capacity, interval, tokens: capacity, filled_at: Timestamp::EPOCH }
    }

    /// Takes a token.
    ///
    /// # Errors
    /// The bucket is empty. The error contains the time at which the next token will be available.
    pub fn take(&mut self, now: Timestamp) -> Result<(), Timestamp> {
        let gained = (now.millis() - self.filled_at.millis()) / self.interval;
        if gained < 0 || self.tokens + gained >= self.capacity {
            self.tokens = if gained < 0 { self.tokens } else { self.capacity };
            self.filled_at = now;
        } else {
            self.tokens += gained;
            self.filled_at = later(self.filled_at, gained * self.interval);
        }
        if self.tokens == 0 {
            return Err(later(self.filled_at, self.interval));
        }
        self.tokens -= 1;
        Ok(())
    }

    /// Returns a token to the bucket.
    pub fn put_back(&mut self) {
        self.tokens = (self.tokens + 1).min(self.capacity);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: i64) -> Timestamp {
        Timestamp::try_from(1_795_000_000_000 + millis).unwrap()
    }

    fn empty() -> TokenBucket {
        let mut bucket = TokenBucket::new(3, 500);
        for _ in 0..3 {
            assert_eq!(bucket.take(at(0)), Ok(()));
        }
        bucket
    }

    #[test]
    fn a_full_bucket_gives_its_capacity_and_then_one_per_interval() {
        let mut bucket = empty();
        assert_eq!(bucket.take(at(0)), Err(at(500)));
        assert_eq!(bucket.take(at(499)), Err(at(500)));
        assert_eq!(bucket.take(at(700)), Ok(()));
        assert_eq!(bucket.take(at(700)), Err(at(1_000)));
        assert_eq!(bucket.take(at(1_000)), Ok(()), "taking a token does not restart the interval");
    }

    #[test]
    fn a_bucket_never_holds_more_than_its_capacity() {
        let mut bucket = empty();
        for _ in 0..3 {
            assert_eq!(bucket.take(at(3_600_000)), Ok(()));
        }
        assert_eq!(bucket.take(at(3_600_000)), Err(at(3_600_500)));
        (0..9).for_each(|_| bucket.put_back());
        assert_eq!((0..9).filter(|_| bucket.take(at(3_600_000)).is_ok()).count(), 3);
    }

    #[test]
    fn a_clock_that_was_set_back_neither_fills_nor_locks_the_bucket() {
        let mut bucket = empty();
        assert_eq!(bucket.take(at(-3_600_000)), Err(at(-3_599_500)));
        assert_eq!(bucket.take(at(-3_599_500)), Ok(()));
    }
}
