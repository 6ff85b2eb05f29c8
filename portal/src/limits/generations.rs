//! A map that forgets: it holds at least the newest `capacity` keys and never more than twice as many.

use std::collections::HashMap;
use std::hash::Hash;
use std::mem;

/// Two generations of entries; when the newer is full, the older is dropped whole.
///
/// Constant time for each access and a hard bound on memory, whatever keys a stranger makes up. A flood
/// of made-up keys can push a counter out; it cannot make the service refuse a party that it never saw.
pub(super) struct Generations<K, V> {
    newer: HashMap<K, V>,
    older: HashMap<K, V>,
    capacity: usize,
}

impl<K: Hash + Eq, V> Generations<K, V> {
    pub(super) fn new(capacity: usize) -> Self {
        Self { newer: HashMap::new(), older: HashMap::new(), capacity }
    }

    /// Takes the entry of `key` out, if it is remembered.
    pub(super) fn take(&mut self, key: &K) -> Option<V> {
        self.newer.remove(key).or_else(|| self.older.remove(key))
    }

    /// Remembers `value` as the newest entry.
    pub(super) fn put(&mut self, key: K, value: V) {
        if self.newer.len() >= self.capacity {
            self.older = mem::take(&mut self.newer);
        }
        self.newer.insert(key, value);
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.newer.len() + self.older.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn made_up_keys_never_fill_more_than_two_generations() {
        let mut map = Generations::new(100);
        for key in 0..100_000 {
            map.put(key, ());
        }
        assert!(map.len() <= 200);
    }

    #[test]
    fn the_newest_keys_are_remembered() {
        let mut map = Generations::new(100);
        for key in 0..1_000 {
            map.put(key, key);
        }
        assert!((900..1_000).all(|key| map.take(&key) == Some(key)));
        assert_eq!(map.take(&1), None);
    }
}
