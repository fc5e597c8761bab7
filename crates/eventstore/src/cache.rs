//! Folded aggregates kept in memory, with a bound in bytes. Correctness never depends on what is here.

use std::any::Any;
use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Into how many parts the cache is split, so that tasks seldom wait for each other.
const SHARDS: usize = 16;

/// What an entry costs beside the weight the caller states, in bytes.
const ENTRY_BYTES: usize = 192;

/// States of aggregates with their versions, one for each stream. Where there is no room for one more, one leaves that was not used
/// since somebody last looked for one to leave, whichever comes first from a place that chance names. The least recently used would
/// be the wrong one for those who go through more cases than there is room for, step by step, as offices do: each would have left
/// just before its turn.
///
/// A state here may be behind the log where another process appends too; an append on top of it is then refused as a conflict,
/// which also takes it out. Who turns a command down on a cached state alone should look at the log before saying so.
pub struct Cache {
    shards: Vec<Mutex<Shard>>,
    hasher: RandomState,
}

impl Cache {
    /// A cache that keeps at most `bytes_max` bytes, by the weights that its callers state.
    #[must_use]
    pub fn new(bytes_max: usize) -> Self {
        let shard = || Mutex::new(Shard { bytes_max: bytes_max / SHARDS, ..Shard::default() });
        Self { shards: (0..SHARDS).map(|_| shard()).collect(), hasher: RandomState::new() }
    }

    /// The state and its version, if it is here.
    #[must_use]
    pub fn get<S: Any + Send + Sync>(
        &self,
        aggregate_type: &str,
        aggregate_id: &str,
    ) -> Option<(Arc<S>, i64)> {
        let (hash, mut shard) = self.shard(aggregate_type, aggregate_id);
        let at = shard.find(hash, aggregate_type, aggregate_id)?;
        let slot = &mut shard.slots[at];
        slot.used = true;
        let state = Arc::clone(&slot.state).downcast().ok()?;
        Some((state, slot.version))
    }

    /// The state and its version, taken out; for who will change it and put it back.
    #[must_use]
    pub fn take<S: Any + Send + Sync>(
        &self,
        aggregate_type: &str,
        aggregate_id: &str,
    ) -> Option<(Arc<S>, i64)> {
        let (hash, mut shard) = self.shard(aggregate_type, aggregate_id);
        let at = shard.find(hash, aggregate_type, aggregate_id)?;
        let slot = shard.remove(at);
        drop(shard);
        Some((slot.state.downcast().ok()?, slot.version))
    }

    /// Keeps a state, in the place of an older one; where a newer one is here, that one stays. `weight_bytes` is about what the
    /// state takes in memory.
    pub fn put<S: Any + Send + Sync>(
        &self,
        aggregate_type: &str,
        aggregate_id: &str,
        version: i64,
        state: Arc<S>,
        weight_bytes: usize,
    ) {
        let bytes = weight_bytes.saturating_add(ENTRY_BYTES);
        let (hash, mut shard) = self.shard(aggregate_type, aggregate_id);
        let mut leaving = Vec::new();
        let mut used = false;
        if let Some(&at) = shard.index.get(&hash) {
            if shard.slots[at].is(aggregate_type, aggregate_id) {
                if shard.slots[at].version > version {
                    return;
                }
                used = true;
            }
            leaving.push(shard.remove(at));
        }
        if bytes <= shard.bytes_max {
            shard.make_room(bytes, hash, &mut leaving);
            shard.insert(Slot {
                hash,
                aggregate_type: aggregate_type.into(),
                aggregate_id: aggregate_id.into(),
                version,
                state,
                bytes,
                used,
            });
        }
        // States are dropped once the lock is free: some are large.
        drop(shard);
        drop(leaving);
    }

    /// Forgets what is kept of a stream.
    pub fn remove(&self, aggregate_type: &str, aggregate_id: &str) {
        let (hash, mut shard) = self.shard(aggregate_type, aggregate_id);
        let leaving = shard.find(hash, aggregate_type, aggregate_id).map(|at| shard.remove(at));
        drop(shard);
        drop(leaving);
    }

    /// How many bytes the entries weigh, by what their callers stated.
    #[must_use]
    pub fn weight_bytes(&self) -> usize {
        self.shards.iter().map(|shard| lock(shard).bytes).sum()
    }

    fn shard(&self, aggregate_type: &str, aggregate_id: &str) -> (u64, MutexGuard<'_, Shard>) {
        let hash = self.hasher.hash_one((aggregate_type, aggregate_id));
        (hash, lock(&self.shards[hash as usize % SHARDS]))
    }
}

impl std::fmt::Debug for Cache {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Cache").field("weight_bytes", &self.weight_bytes()).finish_non_exhaustive()
    }
}

/// A part of the cache.
#[derive(Default)]
struct Shard {
    /// Where the entry with this hash is. Of two streams with one hash only one is kept.
    index: HashMap<u64, usize>,
    slots: Vec<Slot>,
    bytes: usize,
    bytes_max: usize,
}

struct Slot {
    hash: u64,
    aggregate_type: Box<str>,
    aggregate_id: Box<str>,
    version: i64,
    state: Arc<dyn Any + Send + Sync>,
    bytes: usize,
    /// Whether it was asked for or put again since somebody looked for one to leave.
    used: bool,
}

impl Slot {
    fn is(&self, aggregate_type: &str, aggregate_id: &str) -> bool {
        *self.aggregate_id == *aggregate_id && *self.aggregate_type == *aggregate_type
    }
}

impl Shard {
    fn find(&self, hash: u64, aggregate_type: &str, aggregate_id: &str) -> Option<usize> {
        let at = *self.index.get(&hash)?;
        self.slots[at].is(aggregate_type, aggregate_id).then_some(at)
    }

    fn insert(&mut self, slot: Slot) {
        self.bytes = self.bytes.saturating_add(slot.bytes);
        self.index.insert(slot.hash, self.slots.len());
        self.slots.push(slot);
    }

    fn remove(&mut self, at: usize) -> Slot {
        let slot = self.slots.swap_remove(at);
        self.bytes = self.bytes.saturating_sub(slot.bytes);
        self.index.remove(&slot.hash);
        if let Some(moved) = self.slots.get(at) {
            self.index.insert(moved.hash, at);
        }
        slot
    }

    /// Makes room for so many bytes, which must not be more than there can be. The place where somebody to leave is looked for
    /// follows from the hash of who comes, which nobody knows beforehand.
    fn make_room(&mut self, bytes: usize, hash: u64, leaving: &mut Vec<Slot>) {
        let mut at = hash as usize / SHARDS;
        while self.bytes.saturating_add(bytes) > self.bytes_max && !self.slots.is_empty() {
            at %= self.slots.len();
            if std::mem::take(&mut self.slots[at].used) {
                at += 1;
            } else {
                leaving.push(self.remove(at));
            }
        }
    }
}

/// A panic elsewhere leaves at worst an empty entry, so a poisoned lock is as good as any.
fn lock(shard: &Mutex<Shard>) -> MutexGuard<'_, Shard> {
    shard.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn weigh(entries: usize) -> usize {
        entries * SHARDS * (1000 + ENTRY_BYTES)
    }

    #[test]
    fn gives_back_what_was_put() {
        let cache = Cache::new(weigh(4));
        cache.put("declaration", "d1", 3, Arc::new("state".to_owned()), 1000);
        assert_eq!(*cache.get::<String>("declaration", "d1").unwrap().0, "state");
        assert!(cache.get::<String>("declaration", "d2").is_none());
        assert!(cache.get::<String>("certificate", "d1").is_none());
        assert!(cache.get::<u8>("declaration", "d1").is_none());
        assert_eq!(cache.take::<String>("declaration", "d1").unwrap().1, 3);
        assert!(cache.get::<String>("declaration", "d1").is_none());
        assert_eq!(cache.weight_bytes(), 0);
    }

    #[test]
    fn never_grows_beyond_its_bound_and_keeps_what_is_used() {
        let cache = Cache::new(weigh(4));
        cache.put("declaration", "kept", 1, Arc::new(0), 1000);
        for number in 0..10_000 {
            cache.put("declaration", &number.to_string(), 1, Arc::new(number), 1000);
            assert!(cache.get::<i32>("declaration", "kept").is_some(), "after {number}");
        }
        assert!(cache.weight_bytes() <= weigh(4));
        assert!(cache.weight_bytes() >= weigh(3));
        assert!(cache.get::<i32>("declaration", "0").is_none());
    }

    #[test]
    fn who_goes_through_more_than_there_is_room_for_finds_most_of_it() {
        let cache = Cache::new(weigh(100));
        let (mut found, rounds, cases) = (0, 10, 100 * SHARDS * 5 / 4);
        for _ in 0..rounds {
            for number in 0..cases {
                let id = number.to_string();
                found += usize::from(cache.get::<usize>("declaration", &id).is_some());
                cache.put("declaration", &id, 1, Arc::new(number), 1000);
            }
        }
        assert!(found > rounds * cases / 3, "{found} of {}", rounds * cases);
    }

    #[test]
    fn what_is_too_large_is_not_kept() {
        let cache = Cache::new(weigh(1));
        cache.put("declaration", "d1", 1, Arc::new(1), weigh(1));
        assert!(cache.get::<i32>("declaration", "d1").is_none());
        assert_eq!(cache.weight_bytes(), 0);
    }

    #[test]
    fn a_newer_version_is_not_replaced_by_an_older() {
        let cache = Cache::new(weigh(4));
        cache.put("declaration", "d1", 5, Arc::new(5), 1000);
        cache.put("declaration", "d1", 4, Arc::new(4), 1000);
        assert_eq!(cache.get::<i32>("declaration", "d1").unwrap().1, 5);
        cache.remove("declaration", "d1");
        assert!(cache.get::<i32>("declaration", "d1").is_none());
    }
}
