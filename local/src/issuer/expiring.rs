use nanoid::nanoid;
use shared::model::Timestamp;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The maximum number of values. If there are more, the oldest value is removed.
const MAX_VALUES: usize = 1_000;
/// The number of characters in a key. Each character is one of 64.
const KEY_LENGTH: usize = 32;

/// A map that stores values under random keys for a limited time.
pub struct Expiring<T> {
    seconds: i64,
    values: Mutex<HashMap<String, Stored<T>>>,
}

struct Stored<T> {
    value: T,
    since: Timestamp,
}

impl<T: Clone> Expiring<T> {
    /// Creates a map that keeps each value for `seconds`.
    pub fn new(seconds: i64) -> Self {
        Self { seconds, values: Mutex::default() }
    }

    /// Stores a value and returns its key.
    pub fn insert(&self, value: T, now: Timestamp) -> String {
        let mut values = self.lock();
        values.retain(|_, stored| self.is_valid(stored, now));
        if values.len() >= MAX_VALUES {
            let oldest = values.iter().min_by_key(|(_, stored)| stored.since).map(|(key, _)| key.clone());
            oldest.and_then(|key| values.remove(&key));
        }
        let key = nanoid!(KEY_LENGTH);
        values.insert(key.clone(), Stored { value, since: now });
        key
    }

    /// Returns the value with this key, unless it has expired.
    pub fn get(&self, key: &str, now: Timestamp) -> Option<T> {
        let values = self.lock();
        values.get(key).filter(|stored| self.is_valid(stored, now)).map(|stored| stored.value.clone())
    }

    /// Removes the value with this key and returns it, unless it has expired.
    pub fn take(&self, key: &str, now: Timestamp) -> Option<T> {
        let stored = self.lock().remove(key)?;
        self.is_valid(&stored, now).then_some(stored.value)
    }

    fn is_valid(&self, stored: &Stored<T>, now: Timestamp) -> bool {
        now.seconds() - stored.since.seconds() < self.seconds
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Stored<T>>> {
        self.values.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_rfc_3339(&format!("2026-11-22T15:{:02}:{:02}Z", seconds / 60, seconds % 60)).unwrap()
    }

    #[test]
    fn a_value_is_there_for_its_time_and_can_be_taken_once() {
        let codes = Expiring::new(60);
        let key = codes.insert("value", at(0));
        assert_eq!(codes.get(&key, at(59)), Some("value"));
        assert_eq!(codes.take(&key, at(59)), Some("value"));
        assert_eq!((codes.take(&key, at(59)), codes.get(&key, at(59))), (None, None));
        let late = codes.insert("value", at(0));
        assert_eq!((codes.get(&late, at(60)), codes.take(&late, at(60))), (None, None));
    }

    #[test]
    fn keys_are_random_and_the_oldest_value_goes_when_there_are_too_many() {
        let codes = Expiring::new(60);
        let first = codes.insert(0, at(0));
        let second = codes.insert(1, at(1));
        for number in 2..=MAX_VALUES {
            codes.insert(number, at(2));
        }
        assert_ne!(first, second);
        assert_eq!((codes.get(&first, at(2)), codes.get(&second, at(2))), (None, Some(1)));
        assert_eq!(codes.lock().len(), MAX_VALUES);
        codes.insert(0, at(100));
        assert_eq!(codes.lock().len(), 1);
    }
}
