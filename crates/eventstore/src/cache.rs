//! Folded aggregates kept in memory, with a bound in bytes. Correctness never depends on what is here.

use std::any::Any;
use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Into how many parts the cache is split, so that tasks seldom wait for each other.
const SHARDS: usize = 16;

/// What an entry costs beside the weight the caller states, in bytes.
const ENTRY_BYTES: usize = 192;

/// Recently used states of aggregates with their versions, one for each stream. The least recently used leave first.
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
        shard.touch(at);
        let slot = &shard.slots[at];
        let state = Arc::clone(slot.state.as_ref()?).downcast().ok()?;
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
        let version = shard.slots[at].version;
        let state = shard.remove(at);
        drop(shard);
        Some((state?.downcast().ok()?, version))
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
        let (hash, mut shard) = self.shard(aggregate_type, aggregate_id);
        let mut leaving = Vec::new();
        if let Some(&at) = shard.index.get(&hash) {
            if shard.slots[at].is(aggregate_type, aggregate_id) && shard.slots[at].version > version {
                return;
            }
            leaving.extend(shard.remove(at));
        }
        shard.insert(Slot {
            hash,
            aggregate_type: aggregate_type.into(),
            aggregate_id: aggregate_id.into(),
            version,
            state: Some(state),
            bytes: weight_bytes.saturating_add(ENTRY_BYTES),
            newer: NONE,
            older: NONE,
        });
        while shard.bytes > shard.bytes_max && shard.oldest != NONE {
            let oldest = shard.oldest;
            leaving.extend(shard.remove(oldest));
        }
        // States are dropped once the lock is free: some are large.
        drop(shard);
        drop(leaving);
    }

    /// Brings the state that is here at version `from` to version `to`, in place where nobody else holds it. An entry at any other
    /// version before `to` is out of date and leaves.
    pub fn evolve<S: Any + Send + Sync + Clone>(
        &self,
        aggregate_type: &str,
        aggregate_id: &str,
        from: i64,
        to: i64,
        evolve: impl FnOnce(&mut S),
    ) {
        let (hash, mut shard) = self.shard(aggregate_type, aggregate_id);
        let Some(at) = shard.find(hash, aggregate_type, aggregate_id) else { return };
        if shard.slots[at].version != from {
            let leaving = if shard.slots[at].version < to { shard.remove(at) } else { None };
            drop(shard);
            drop(leaving);
            return;
        }
        // Should `evolve` panic, the entry stays behind empty and counts as missing.
        let state = shard.slots[at].state.take().and_then(|state| state.downcast::<S>().ok());
        let Some(mut state) = state else { return };
        evolve(Arc::make_mut(&mut state));
        shard.slots[at].state = Some(state);
        shard.slots[at].version = to;
        shard.touch(at);
    }

    /// Forgets what is kept of a stream.
    pub fn remove(&self, aggregate_type: &str, aggregate_id: &str) {
        let (hash, mut shard) = self.shard(aggregate_type, aggregate_id);
        let leaving = shard.find(hash, aggregate_type, aggregate_id).and_then(|at| shard.remove(at));
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

/// No slot: the end of the list of uses.
const NONE: usize = usize::MAX;

/// A part of the cache: slots in a list from the most to the least recently used.
struct Shard {
    /// Where the entry with this hash is. Of two streams with one hash only one is kept.
    index: HashMap<u64, usize>,
    slots: Vec<Slot>,
    free: Vec<usize>,
    newest: usize,
    oldest: usize,
    bytes: usize,
    bytes_max: usize,
}

struct Slot {
    hash: u64,
    aggregate_type: Box<str>,
    aggregate_id: Box<str>,
    version: i64,
    state: Option<Arc<dyn Any + Send + Sync>>,
    bytes: usize,
    newer: usize,
    older: usize,
}

impl Slot {
    fn is(&self, aggregate_type: &str, aggregate_id: &str) -> bool {
        *self.aggregate_id == *aggregate_id && *self.aggregate_type == *aggregate_type
    }
}

impl Default for Shard {
    fn default() -> Self {
        Self {
            index: HashMap::new(),
            slots: Vec::new(),
            free: Vec::new(),
            newest: NONE,
            oldest: NONE,
            bytes: 0,
            bytes_max: 0,
        }
    }
}

impl Shard {
    fn find(&self, hash: u64, aggregate_type: &str, aggregate_id: &str) -> Option<usize> {
        let at = *self.index.get(&hash)?;
        self.slots[at].is(aggregate_type, aggregate_id).then_some(at)
    }

    fn insert(&mut self, slot: Slot) {
        self.bytes = self.bytes.saturating_add(slot.bytes);
        let hash = slot.hash;
        let at = match self.free.pop() {
            Some(at) => {
                self.slots[at] = slot;
                at
            }
            None => {
                self.slots.push(slot);
                self.slots.len() - 1
            }
        };
        self.index.insert(hash, at);
        self.link(at);
    }

    fn remove(&mut self, at: usize) -> Option<Arc<dyn Any + Send + Sync>> {
        self.unlink(at);
        let slot = &mut self.slots[at];
        self.bytes = self.bytes.saturating_sub(slot.bytes);
        self.index.remove(&slot.hash);
        self.free.push(at);
        slot.state.take()
    }

    fn touch(&mut self, at: usize) {
        if self.newest != at {
            self.unlink(at);
            self.link(at);
        }
    }

    fn link(&mut self, at: usize) {
        self.slots[at].older = self.newest;
        self.slots[at].newer = NONE;
        match self.newest {
            NONE => self.oldest = at,
            newest => self.slots[newest].newer = at,
        }
        self.newest = at;
    }

    fn unlink(&mut self, at: usize) {
        let (newer, older) = (self.slots[at].newer, self.slots[at].older);
        match newer {
            NONE => self.newest = older,
            newer => self.slots[newer].older = older,
        }
        match older {
            NONE => self.oldest = newer,
            older => self.slots[older].newer = newer,
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
    fn never_grows_beyond_its_bound_and_keeps_the_latest_used() {
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
    fn what_is_too_large_is_not_kept() {
        let cache = Cache::new(weigh(1));
        cache.put("declaration", "d1", 1, Arc::new(1), weigh(1));
        assert!(cache.get::<i32>("declaration", "d1").is_none());
        assert_eq!(cache.weight_bytes(), 0);
    }

    #[test]
    fn evolves_in_place_and_only_from_the_right_version() {
        let cache = Cache::new(weigh(4));
        cache.put("declaration", "d1", 1, Arc::new(vec![1]), 1000);
        let before = Arc::as_ptr(&cache.get::<Vec<i32>>("declaration", "d1").unwrap().0);
        cache.evolve("declaration", "d1", 1, 2, |state: &mut Vec<i32>| state.push(2));
        let (state, version) = cache.get::<Vec<i32>>("declaration", "d1").unwrap();
        assert_eq!((state.as_slice(), version, Arc::as_ptr(&state)), ([1, 2].as_slice(), 2, before));

        cache.evolve("declaration", "d1", 2, 3, |state: &mut Vec<i32>| state.push(3));
        assert_eq!(*state, [1, 2], "who holds a state keeps seeing what it was given");
        cache.evolve("declaration", "d1", 1, 2, |state: &mut Vec<i32>| state.push(9));
        assert_eq!(*cache.get::<Vec<i32>>("declaration", "d1").unwrap().0, [1, 2, 3]);
        cache.evolve("declaration", "d1", 4, 5, |state: &mut Vec<i32>| state.push(9));
        assert!(cache.get::<Vec<i32>>("declaration", "d1").is_none(), "it missed an event");
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
