use crate::model::Timestamp;
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The maximum number of entries. Even if all entries are of the largest kind (a destination with a URL of 2 KB), they
/// take only a few megabytes.
const MAX_ENTRIES: usize = 1_000;

/// How far `now` can go back between concurrent requests, in milliseconds. If `now` goes back by more than this,
/// someone has set the clock back.
const CLOCK_TOLERANCE: i64 = 1_000;

/// A cache whose entries expire a fixed time after they were stored. Using an entry does not prolong its life.
///
/// The cache uses the wall clock, passed as `now`, because an instance can be frozen for hours, and its monotonic clock
/// stops in that time. If the clock is set back, all entries expire, because their age is unknown.
#[derive(Debug)]
pub struct TtlCache<K, V> {
    state: Mutex<State<K, V>>,
    /// In milliseconds.
    ttl: i64,
}

#[derive(Debug)]
struct State<K, V> {
    /// The latest of all values of `now` that callers passed.
    latest: Timestamp,
    entries: HashMap<K, (Timestamp, V)>,
}

impl<K: Eq + Hash, V: Clone> TtlCache<K, V> {
    /// Creates a cache with a TTL in milliseconds; 0 disables it.
    pub fn new(ttl: i64) -> Self {
        let state = State { latest: Timestamp::EPOCH, entries: HashMap::new() };
        Self { state: Mutex::new(state), ttl }
    }

    /// Returns the value for `key`, unless it is missing or expired at `now`.
    pub fn get(&self, key: &K, now: Timestamp) -> Option<V> {
        if self.ttl == 0 {
            return None;
        }
        let state = self.state_at(now);
        let (read_at, value) = state.entries.get(key)?;
        self.is_usable(*read_at, now).then(|| value.clone())
    }

    /// Stores a value that was read at `now`.
    ///
    /// A full cache drops its expired entries or, if there are none, all entries. TTLs last seconds to minutes, so
    /// tracking the least useful entry is not worth it.
    pub fn put(&self, key: K, value: V, now: Timestamp) {
        if self.ttl == 0 {
            return;
        }
        let entries = &mut self.state_at(now).entries;
        if entries.len() >= MAX_ENTRIES && !entries.contains_key(&key) {
            entries.retain(|_, (read_at, _)| self.is_usable(*read_at, now));
            if entries.len() >= MAX_ENTRIES {
                entries.clear();
            }
        }
        entries.insert(key, (now, value));
    }

    fn is_usable(&self, read_at: Timestamp, now: Timestamp) -> bool {
        (0..self.ttl).contains(&(now.millis() - read_at.millis()))
    }

    /// A poisoned lock is ignored, because no code that can panic runs while the lock is held.
    fn state_at(&self, now: Timestamp) -> MutexGuard<'_, State<K, V>> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if now.millis() + CLOCK_TOLERANCE < state.latest.millis() {
            state.entries.clear();
            state.latest = now;
        }
        state.latest = state.latest.max(now);
        state
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: i64) -> Timestamp {
        Timestamp::try_from(millis).unwrap()
    }

    #[test]
    fn a_value_is_remembered_for_a_fixed_time_from_its_reading_and_use_does_not_prolong_it() {
        let cache = TtlCache::new(5_000);
        cache.put("a", 1, at(10_000));
        for now in (10_000..15_000).step_by(100) {
            assert_eq!(cache.get(&"a", at(now)), Some(1), "{now}");
        }
        assert_eq!(cache.get(&"a", at(15_000)), None);
    }

    #[test]
    fn a_clock_that_jumps_back_makes_a_value_too_old() {
        let cache = TtlCache::new(5_000);
        cache.put("a", 1, at(10_000));
        assert_eq!(cache.get(&"a", at(9_999)), None);
        // Even a jump back that is shorter than the value's age makes the value expire. Here, the clock advances by
        // four seconds, and then jumps back by three.
        assert_eq!(cache.get(&"a", at(14_000)), Some(1));
        assert_eq!(cache.get(&"a", at(11_000)), None);
        assert_eq!(cache.get(&"a", at(14_000)), None);
    }

    #[test]
    fn requests_that_overtake_each_other_are_no_clock_that_jumps_back() {
        let cache = TtlCache::new(5_000);
        cache.put("a", 1, at(10_000));
        cache.put("b", 2, at(10_003));
        assert_eq!(cache.get(&"a", at(10_001)), Some(1));
        assert_eq!(cache.get(&"b", at(10_004)), Some(2));
    }

    #[test]
    fn a_lifetime_of_nothing_remembers_nothing() {
        let cache = TtlCache::new(0);
        cache.put("a", 1, at(10_000));
        assert_eq!(cache.get(&"a", at(10_000)), None);
        assert!(cache.state_at(at(20_000)).entries.is_empty());
    }

    #[test]
    fn a_million_keys_take_the_room_of_a_thousand() {
        let cache = TtlCache::new(5_000);
        for key in 0..1_000_000 {
            cache.put(key, (), at(10_000 + key / 1_000));
            assert!(cache.state_at(at(10_000)).entries.len() <= MAX_ENTRIES);
        }
        assert!(cache.state_at(at(20_000)).entries.capacity() < 4 * MAX_ENTRIES);
    }

    #[test]
    fn a_full_memory_forgets_the_old_first() {
        let cache = TtlCache::new(5_000);
        (0..500).for_each(|key| cache.put(key, (), at(10_000)));
        (500..1_001).for_each(|key| cache.put(key, (), at(15_000)));
        assert_eq!(cache.state_at(at(15_000)).entries.len(), 501);
        assert_eq!(cache.get(&1_000, at(15_000)), Some(()));
    }
}
