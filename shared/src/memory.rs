use crate::model::Timestamp;
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// How many entries are held at most: of the largest, destinations with URLs of 2 KB, some megabytes.
const MOST: usize = 1_000;

/// How far apart requests may be that overtake each other, in milliseconds. A clock that goes back further was set back.
const OVERTAKING: i64 = 1_000;

/// Values that stay usable for a fixed time from when they were read, however often they are used meanwhile.
///
/// The time is the wall clock's and handed in: an instance's monotonic clock stands still while the instance is frozen,
/// which may be for hours. A clock that was set back makes all that is remembered too old, because nobody can tell how
/// old it is.
#[derive(Debug)]
pub struct Memory<K, V> {
    state: Mutex<State<K, V>>,
    /// In milliseconds.
    lifetime: i64,
}

#[derive(Debug)]
struct State<K, V> {
    /// The latest time that was ever handed in.
    latest: Timestamp,
    entries: HashMap<K, (Timestamp, V)>,
}

impl<K: Eq + Hash, V: Clone> Memory<K, V> {
    /// A memory that holds each value for so many milliseconds; with 0, none.
    pub fn new(lifetime: i64) -> Self {
        let state = State { latest: Timestamp::EPOCH, entries: HashMap::new() };
        Self { state: Mutex::new(state), lifetime }
    }

    /// The value for `key`, if it is remembered and still usable at `now`.
    pub fn get(&self, key: &K, now: Timestamp) -> Option<V> {
        if self.lifetime == 0 {
            return None;
        }
        let state = self.state_at(now);
        let (read_at, value) = state.entries.get(key)?;
        self.is_usable(*read_at, now).then(|| value.clone())
    }

    /// Remembers a value that was asked for at `now`.
    ///
    /// A full memory first forgets what is too old, and where nothing is, everything: which entry would be missed least
    /// is not worth keeping account of when all live for seconds.
    pub fn put(&self, key: K, value: V, now: Timestamp) {
        if self.lifetime == 0 {
            return;
        }
        let entries = &mut self.state_at(now).entries;
        if entries.len() >= MOST && !entries.contains_key(&key) {
            entries.retain(|_, (read_at, _)| self.is_usable(*read_at, now));
            if entries.len() >= MOST {
                entries.clear();
            }
        }
        entries.insert(key, (now, value));
    }

    fn is_usable(&self, read_at: Timestamp, now: Timestamp) -> bool {
        (0..self.lifetime).contains(&(now.millis() - read_at.millis()))
    }

    /// No code that could panic runs while the state is locked, so it is whole even after a panic.
    fn state_at(&self, now: Timestamp) -> MutexGuard<'_, State<K, V>> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if now.millis() + OVERTAKING < state.latest.millis() {
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
        let memory = Memory::new(5_000);
        memory.put("a", 1, at(10_000));
        for now in (10_000..15_000).step_by(100) {
            assert_eq!(memory.get(&"a", at(now)), Some(1), "{now}");
        }
        assert_eq!(memory.get(&"a", at(15_000)), None);
    }

    #[test]
    fn a_clock_that_jumps_back_makes_a_value_too_old() {
        let memory = Memory::new(5_000);
        memory.put("a", 1, at(10_000));
        assert_eq!(memory.get(&"a", at(9_999)), None);
        // Also where the jump is shorter than the value is old: four seconds, and then three back.
        assert_eq!(memory.get(&"a", at(14_000)), Some(1));
        assert_eq!(memory.get(&"a", at(11_000)), None);
        assert_eq!(memory.get(&"a", at(14_000)), None);
    }

    #[test]
    fn requests_that_overtake_each_other_are_no_clock_that_jumps_back() {
        let memory = Memory::new(5_000);
        memory.put("a", 1, at(10_000));
        memory.put("b", 2, at(10_003));
        assert_eq!(memory.get(&"a", at(10_001)), Some(1));
        assert_eq!(memory.get(&"b", at(10_004)), Some(2));
    }

    #[test]
    fn a_lifetime_of_nothing_remembers_nothing() {
        let memory = Memory::new(0);
        memory.put("a", 1, at(10_000));
        assert_eq!(memory.get(&"a", at(10_000)), None);
        assert!(memory.state_at(at(20_000)).entries.is_empty());
    }

    #[test]
    fn a_million_keys_take_the_room_of_a_thousand() {
        let memory = Memory::new(5_000);
        for key in 0..1_000_000 {
            memory.put(key, (), at(10_000 + key / 1_000));
            assert!(memory.state_at(at(10_000)).entries.len() <= MOST);
        }
        assert!(memory.state_at(at(20_000)).entries.capacity() < 4 * MOST);
    }

    #[test]
    fn a_full_memory_forgets_the_old_first() {
        let memory = Memory::new(5_000);
        (0..500).for_each(|key| memory.put(key, (), at(10_000)));
        (500..1_001).for_each(|key| memory.put(key, (), at(15_000)));
        assert_eq!(memory.state_at(at(15_000)).entries.len(), 501);
        assert_eq!(memory.get(&1_000, at(15_000)), Some(()));
    }
}
