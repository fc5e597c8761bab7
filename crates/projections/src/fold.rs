//! Folding a batch of the log: for every case in it, the state before and the state after.
//!
//! Only the last state of each case counts, so a case that moved ten times in a batch is written once. States are kept
//! in a cache with a bound; correctness never depends on it: what is not there is folded from its stream.

use crate::log::{Log, LogError};
use crate::table::Table;
use std::collections::{BTreeMap, HashMap};
use uuid::Uuid;
use zhicheng_domain::{AnyEvent, AnyState};
use zhicheng_journal::RecordedEvent;

/// What the cached states may weigh, in bytes of the payloads they were folded from.
pub const CACHE_BYTES_MAX: usize = 64 * 1024 * 1024;
/// What a state weighs beside its payloads, in bytes.
const STATE_BYTES: usize = 2 * 1024;
/// Streams asked of the log in one round trip.
const STREAMS_MAX: usize = 200;

/// A stream by type and id.
type Key = (String, String);

/// Whether rows made of the state before are known to be what the table holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Before {
    /// The state was in the cache: its rows are what was written.
    Written,
    /// The state was folded anew, with the keys that exist now: the table may hold more than they tell.
    Refolded,
}

/// A case that moved.
#[derive(Debug, Clone)]
pub struct Change {
    /// Its id.
    pub id: Uuid,
    /// The type of the aggregate.
    pub aggregate: String,
    /// Its state before the batch.
    pub before: AnyState,
    /// Where that state came from.
    pub origin: Before,
    /// Its state after it.
    pub after: AnyState,
    /// Which event of the batch was its first.
    pub first: usize,
    sequence: i64,
    bytes: usize,
}

impl Change {
    fn key(&self) -> Key {
        (self.aggregate.clone(), self.id.to_string())
    }
}

/// An event that no state can be made with. It stops the tables that fold its aggregate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undecodable {
    /// Which event of the batch it was.
    pub index: usize,
    /// The type of the aggregate.
    pub aggregate: String,
    /// Why.
    pub reason: String,
}

/// What came of a batch.
#[derive(Debug, Default)]
pub struct Folded {
    /// The cases that moved, in the order of their first events.
    pub changes: Vec<Change>,
    /// The first event that could not be folded; the changes do not count then.
    pub undecodable: Option<Undecodable>,
}

/// Folds batches and remembers states.
#[derive(Debug, Default)]
pub struct Folder {
    cache: Cache,
}

impl Folder {
    /// Folds a batch: events of the aggregates that the tables fold. Nothing is remembered before [`Folder::keep`].
    ///
    /// # Errors
    ///
    /// [`LogError`], where a stream must be read and cannot.
    pub async fn fold(
        &mut self,
        log: &dyn Log,
        events: &[RecordedEvent],
        tables: &[&'static Table],
    ) -> Result<Folded, LogError> {
        let mut folded = Folded::default();
        let mut found: HashMap<(&str, &str), usize> = HashMap::new();
        let mut absent: Vec<usize> = Vec::new();
        for (index, event) in events.iter().enumerate() {
            let key = (event.aggregate_type.as_str(), event.aggregate_id.as_str());
            if !tables.iter().any(|table| table.folds(key.0)) || found.contains_key(&key) {
                continue;
            }
            match self.start(index, event) {
                Ok((change, complete)) => {
                    if !complete {
                        absent.push(folded.changes.len());
                    }
                    found.insert(key, folded.changes.len());
                    folded.changes.push(change);
                }
                Err(undecodable) => {
                    folded.undecodable = Some(undecodable);
                    break;
                }
            }
        }
        for chunk in absent.chunks(STREAMS_MAX) {
            if let Err(undecodable) = refold(log, events, &mut folded.changes, chunk).await? {
                keep_first(&mut folded.undecodable, undecodable);
            }
        }
        for (index, event) in events.iter().enumerate() {
            if folded.undecodable.as_ref().is_some_and(|known| known.index <= index) {
                break;
            }
            let key = (event.aggregate_type.as_str(), event.aggregate_id.as_str());
            let Some(change) = found.get(&key).and_then(|at| folded.changes.get_mut(*at)) else { continue };
            if let Err(reason) = apply(&mut change.after, &mut change.sequence, event) {
                folded.undecodable = Some(Undecodable { index, aggregate: key.0.to_owned(), reason });
                break;
            }
            change.bytes += event.payload.len();
        }
        Ok(folded)
    }

    /// Remembers the states after a batch whose rows have been committed.
    pub fn keep(&mut self, changes: Vec<Change>) {
        for change in changes {
            let key = change.key();
            let entry =
                Entry { state: change.after, sequence: change.sequence, bytes: change.bytes, used: 0 };
            self.cache.put(key, entry);
        }
    }

    /// The case of a batch's event as it was before, as far as the cache knows, and whether that is all of it.
    fn start(&mut self, index: usize, event: &RecordedEvent) -> Result<(Change, bool), Undecodable> {
        let undecodable =
            |reason: String| Undecodable { index, aggregate: event.aggregate_type.clone(), reason };
        let id = Uuid::parse_str(&event.aggregate_id)
            .map_err(|error| undecodable(format!("the stream's id {}: {error}", event.aggregate_id)))?;
        let empty = AnyState::new(&event.aggregate_type)
            .ok_or_else(|| undecodable(format!("unknown aggregate {}", event.aggregate_type)))?;
        let cached = self
            .cache
            .get(&(event.aggregate_type.clone(), event.aggregate_id.clone()))
            .filter(|entry| entry.sequence == event.sequence - 1);
        let complete = cached.is_some() || event.sequence == 1;
        let (state, sequence, bytes) = match cached {
            Some(entry) => (entry.state.clone(), entry.sequence, entry.bytes),
            None => (empty, 0, STATE_BYTES),
        };
        let change = Change {
            id,
            aggregate: event.aggregate_type.clone(),
            before: state.clone(),
            origin: if complete { Before::Written } else { Before::Refolded },
            after: state,
            first: index,
            sequence,
            bytes,
        };
        Ok((change, complete))
    }
}

/// Folds the streams of these changes up to before the batch.
async fn refold(
    log: &dyn Log,
    events: &[RecordedEvent],
    changes: &mut [Change],
    absent: &[usize],
) -> Result<Result<(), Undecodable>, LogError> {
    let keys: Vec<Key> = absent.iter().filter_map(|at| changes.get(*at)).map(Change::key).collect();
    let streams = log.read_streams(&keys).await?;
    for (at, stream) in absent.iter().zip(streams) {
        let Some(change) = changes.get_mut(*at) else { continue };
        let before = events.get(change.first).map_or(1, |event| event.sequence);
        for event in stream.iter().take_while(|event| event.sequence < before) {
            if let Err(reason) = apply(&mut change.before, &mut change.sequence, event) {
                let reason = format!("an earlier event at {}: {reason}", event.position);
                let aggregate = change.aggregate.clone();
                return Ok(Err(Undecodable { index: change.first, aggregate, reason }));
            }
            change.bytes += event.payload.len();
        }
        change.after = change.before.clone();
    }
    Ok(Ok(()))
}

fn keep_first(known: &mut Option<Undecodable>, other: Undecodable) {
    if known.as_ref().is_none_or(|known| other.index < known.index) {
        *known = Some(other);
    }
}

/// Applies an event of the log to a state.
///
/// # Errors
///
/// Why it cannot be applied, in words.
pub fn apply(state: &mut AnyState, sequence: &mut i64, event: &RecordedEvent) -> Result<(), String> {
    if event.sequence != *sequence + 1 {
        return Err(format!("event {} of its stream follows {sequence}", event.sequence));
    }
    match AnyEvent::from_payload(&event.aggregate_type, &event.payload) {
        Some(Ok((what, stamp))) => {
            state.evolve(&what, &stamp);
            *sequence = event.sequence;
            Ok(())
        }
        Some(Err(error)) => Err(format!("{} version {}: {error}", event.event_type, event.event_version)),
        None => Err(format!("unknown aggregate {}", event.aggregate_type)),
    }
}

#[derive(Debug)]
struct Entry {
    state: AnyState,
    sequence: i64,
    bytes: usize,
    used: u64,
}

/// The least recently used leave first.
#[derive(Debug, Default)]
struct Cache {
    entries: HashMap<Key, Entry>,
    order: BTreeMap<u64, Key>,
    clock: u64,
    bytes: usize,
}

impl Cache {
    fn get(&mut self, key: &Key) -> Option<&Entry> {
        let entry = self.entries.get_mut(key)?;
        self.clock += 1;
        self.order.remove(&entry.used);
        self.order.insert(self.clock, key.clone());
        entry.used = self.clock;
        Some(entry)
    }

    fn put(&mut self, key: Key, mut entry: Entry) {
        self.clock += 1;
        entry.used = self.clock;
        self.bytes += entry.bytes;
        self.order.insert(self.clock, key.clone());
        if let Some(old) = self.entries.insert(key, entry) {
            self.order.remove(&old.used);
            self.bytes -= old.bytes;
        }
        while self.bytes > CACHE_BYTES_MAX {
            let Some((_, oldest)) = self.order.pop_first() else { break };
            if let Some(gone) = self.entries.remove(&oldest) {
                self.bytes -= gone.bytes;
            }
        }
    }
}
