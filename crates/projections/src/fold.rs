//! Folding a batch of the log: for every case in it, what its rows were and the state that they are made of now.
//!
//! Only the last state of each case counts, so a case that moved ten times in a batch is written once. Of the rows that were
//! written a trace is kept, so that only what changes is written again; states are asked of whoever appended the events, and
//! folded where nobody has them. All of it is kept within bounds, and correctness never depends on it: what is not there is
//! folded from its stream.

use crate::log::{Log, LogError};
use crate::row::Row;
use crate::table::Table;
use crate::write::Writes;
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::Arc;
use uuid::Uuid;
use zhicheng_domain::{AnyEvent, AnyState};
use zhicheng_eventstore::Cache;
use zhicheng_journal::RecordedEvent;

/// What the traces of written rows may weigh, in bytes.
const TRACES_BYTES_MAX: usize = 32 * 1024 * 1024;
/// What the states may weigh that were folded here, in bytes.
const STATES_BYTES_MAX: usize = 8 * 1024 * 1024;
/// Streams asked of the log in one round trip.
const STREAMS_MAX: usize = 200;

/// A stream by type and id.
type Key = (String, String);

/// The state of an aggregate (type, id) as of an event of its stream, where whoever appended the event still has it: what folding the
/// stream gives. Not to have it is always a right answer.
pub type States = Arc<dyn Fn(&str, &str, i64) -> Option<AnyState> + Send + Sync>;

/// What the tables hold of a case before a batch.
#[derive(Debug, Clone)]
pub enum Before {
    /// Nothing: its first event is in the batch.
    Nothing,
    /// What was written by the batch that it moved in last.
    Written(Arc<Written>),
    /// Not known. They hold the rows of this state, and may hold more: it was folded with the keys that exist now.
    Refolded(AnyState),
}

/// The rows of a case as they were written.
#[derive(Debug)]
pub struct Written {
    /// The tables that were fed then.
    tables: Arc<[&'static str]>,
    /// By table.
    traces: Vec<Trace>,
}

impl Written {
    /// The rows in a table.
    pub fn of(&self, table: &Table) -> &[Trace] {
        let begin = self.traces.partition_point(|trace| trace.table < table.name);
        let end = self.traces.partition_point(|trace| trace.table <= table.name);
        self.traces.get(begin..end).unwrap_or_default()
    }

    fn weight_bytes(&self) -> usize {
        self.traces.iter().map(|trace| size_of::<Trace>() + trace.key.len()).sum()
    }
}

/// What is remembered of a row: enough to tell whether it changes, and to take it away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trace {
    table: &'static str,
    key: Box<str>,
    content: u64,
}

/// What the trace of a key begins with that does not begin with the id of its case.
const WHOLE_KEY: char = '=';

impl Trace {
    /// The trace of a row of the case with this id.
    pub fn of(table: &Table, id: &str, row: &Row) -> Self {
        let key = match row.key.strip_prefix(id) {
            Some(rest) if !rest.starts_with(WHOLE_KEY) => rest.into(),
            Some(_) | None => format!("{WHOLE_KEY}{}", row.key).into(),
        };
        let mut hasher = DefaultHasher::new();
        for (_, cell) in &row.cells {
            cell.hash(&mut hasher);
        }
        Self { table: table.name, key, content: hasher.finish() }
    }

    /// Whether it is the same row, with whatever values.
    pub fn is_of_same_row(&self, other: &Self) -> bool {
        self.key == other.key
    }

    /// The row's key.
    pub fn key(&self, id: &str) -> String {
        match self.key.strip_prefix(WHOLE_KEY) {
            Some(key) => key.to_owned(),
            None => format!("{id}{}", self.key),
        }
    }
}

/// A case that moved.
#[derive(Debug, Clone)]
pub struct Change {
    /// Its id.
    pub id: Uuid,
    /// The type of the aggregate.
    pub aggregate: String,
    /// What the tables hold of it.
    pub before: Before,
    /// Its state after the batch.
    pub after: AnyState,
    /// Which event of the batch was its first.
    pub first: usize,
    sequence: i64,
    /// What the state weighs, where it was folded here.
    folded_bytes: Option<usize>,
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

/// Folds batches, and remembers what was written.
pub struct Folder {
    /// [`Written`] by stream, as of its last event.
    written: Cache,
    /// [`Weighed`] states that were folded here.
    folded: Cache,
    at_hand: Option<States>,
}

/// A state, and the bytes of the payloads that it was folded from.
type Weighed = (AnyState, usize);

impl Default for Folder {
    fn default() -> Self {
        Self::with(None)
    }
}

impl std::fmt::Debug for Folder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Folder")
            .field("written", &self.written)
            .field("folded", &self.folded)
            .finish_non_exhaustive()
    }
}

/// A case of a batch on the way to its change.
struct Moving<'a> {
    id: Uuid,
    first: (usize, &'a RecordedEvent),
    events: Vec<(usize, &'a RecordedEvent)>,
    /// None where the tables hold what nobody remembers.
    before: Option<Before>,
    /// The state after the batch, where whoever appended it has it.
    after: Option<AnyState>,
    /// The state before the batch, where it is known or was folded.
    base: Option<Weighed>,
}

impl Moving<'_> {
    fn undecodable(&self, index: usize, reason: String) -> Undecodable {
        Undecodable { index, aggregate: self.first.1.aggregate_type.clone(), reason }
    }
}

impl Folder {
    /// Asks there for states before it folds them.
    pub fn with(at_hand: Option<States>) -> Self {
        Self { written: Cache::new(TRACES_BYTES_MAX), folded: Cache::new(STATES_BYTES_MAX), at_hand }
    }

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
        let mut moving = self.begin(events, tables, &mut folded.undecodable);
        let absent: Vec<usize> = moving
            .iter()
            .enumerate()
            .filter(|(_, case)| case.base.is_none() && (case.after.is_none() || case.before.is_none()))
            .map(|(at, _)| at)
            .collect();
        for chunk in absent.chunks(STREAMS_MAX) {
            refold(log, &mut moving, chunk, &mut folded.undecodable).await?;
        }
        for case in moving {
            match finish(case) {
                Ok(change) => folded.changes.push(change),
                Err(undecodable) => keep_first(&mut folded.undecodable, undecodable),
            }
        }
        Ok(folded)
    }

    /// Remembers a batch whose rows have been committed: those that these tables hold of each case now.
    pub fn keep(&mut self, changes: Vec<Change>, prepared: &[(&'static Table, Writes)]) {
        let tables: Arc<[&'static str]> = prepared.iter().map(|(table, _)| table.name).collect();
        let mut traces: Vec<Vec<Trace>> = vec![Vec::new(); changes.len()];
        for (_, writes) in prepared {
            for (change, trace) in &writes.traces {
                if let Some(traces) = traces.get_mut(*change) {
                    traces.push(trace.clone());
                }
            }
        }
        for (change, mut traces) in changes.into_iter().zip(traces) {
            traces.sort_by_key(|trace| trace.table);
            traces.shrink_to_fit();
            let (aggregate, id) = (&change.aggregate, change.id.to_string());
            if let Some(bytes) = change.folded_bytes {
                let state: Weighed = (change.after, bytes);
                let weight = state.0.weight_bytes(bytes);
                self.folded.put(aggregate, &id, change.sequence, Arc::new(state), weight);
            }
            let written = Written { tables: Arc::clone(&tables), traces };
            let bytes = written.weight_bytes();
            self.written.put(aggregate, &id, change.sequence, Arc::new(written), bytes);
        }
    }

    /// The cases of a batch with what is known of them.
    fn begin<'a>(
        &self,
        events: &'a [RecordedEvent],
        tables: &[&'static Table],
        undecodable: &mut Option<Undecodable>,
    ) -> Vec<Moving<'a>> {
        let mut moving: Vec<Moving<'a>> = Vec::new();
        let mut found: HashMap<(&str, &str), Option<usize>> = HashMap::new();
        for (index, event) in events.iter().enumerate() {
            let key = (event.aggregate_type.as_str(), event.aggregate_id.as_str());
            match found.get(&key) {
                Some(Some(at)) => {
                    if let Some(case) = moving.get_mut(*at) {
                        case.events.push((index, event));
                    }
                }
                Some(None) => {}
                None if !tables.iter().any(|table| table.folds(key.0)) => {
                    found.insert(key, None);
                }
                None => match Uuid::parse_str(key.1) {
                    Ok(id) => {
                        found.insert(key, Some(moving.len()));
                        let (first, events) = ((index, event), vec![(index, event)]);
                        moving.push(Moving { id, first, events, before: None, after: None, base: None });
                    }
                    Err(error) => {
                        found.insert(key, None);
                        let reason = format!("the stream's id {}: {error}", key.1);
                        keep_first(undecodable, Undecodable { index, aggregate: key.0.to_owned(), reason });
                    }
                },
            }
        }
        for case in &mut moving {
            let (index, first) = case.first;
            let (aggregate, id) = (first.aggregate_type.as_str(), first.aggregate_id.as_str());
            let sequence = first.sequence - 1;
            if sequence == 0 {
                match AnyState::new(aggregate) {
                    Some(empty) => case.base = Some((empty, 0)),
                    None => {
                        keep_first(
                            undecodable,
                            case.undecodable(index, format!("unknown aggregate {aggregate}")),
                        );
                    }
                }
                case.before = Some(Before::Nothing);
            } else {
                let folded = self.folded.get::<Weighed>(aggregate, id);
                case.base = folded.filter(|(_, of)| *of == sequence).map(|(state, _)| (*state).clone());
                let fed = || tables.iter().filter(|table| table.folds(aggregate));
                let written = self.written.get::<Written>(aggregate, id).filter(|(_, of)| *of == sequence);
                case.before = written
                    .filter(|(written, _)| fed().all(|table| written.tables.contains(&table.name)))
                    .map(|(written, _)| Before::Written(written));
            }
            if case.before.is_some()
                && let Some((_, last)) = case.events.last()
            {
                case.after = self.at_hand.as_ref().and_then(|states| states(aggregate, id, last.sequence));
            }
        }
        moving
    }
}

/// Folds the streams of these cases up to before the batch.
async fn refold(
    log: &dyn Log,
    moving: &mut [Moving<'_>],
    absent: &[usize],
    undecodable: &mut Option<Undecodable>,
) -> Result<(), LogError> {
    let key = |case: &Moving<'_>| {
        let (_, first) = case.first;
        (first.aggregate_type.clone(), first.aggregate_id.clone())
    };
    let keys: Vec<Key> = absent.iter().filter_map(|at| moving.get(*at)).map(key).collect();
    let streams = log.read_streams(&keys).await?;
    for (at, stream) in absent.iter().zip(streams) {
        let Some(case) = moving.get_mut(*at) else { continue };
        let (index, first) = case.first;
        let before = first.sequence;
        let Some(mut state) = AnyState::new(&first.aggregate_type) else {
            keep_first(
                undecodable,
                case.undecodable(index, format!("unknown aggregate {}", first.aggregate_type)),
            );
            continue;
        };
        let (mut sequence, mut bytes) = (0, 0);
        for event in stream.iter().take_while(|event| event.sequence < before) {
            if let Err(reason) = apply(&mut state, &mut sequence, event) {
                let reason = format!("an earlier event at {}: {reason}", event.position);
                keep_first(undecodable, case.undecodable(index, reason));
                break;
            }
            bytes += event.payload.len();
        }
        if sequence == before - 1 {
            case.base = Some((state, bytes));
        }
    }
    Ok(())
}

/// Folds what happened to a case in the batch, unless its state is at hand.
fn finish(case: Moving<'_>) -> Result<Change, Undecodable> {
    let (first, event) = case.first;
    let (id, aggregate) = (case.id, event.aggregate_type.clone());
    let sequence = case.events.last().map_or(event.sequence, |(_, last)| last.sequence);
    let unread = || case.undecodable(first, "its earlier events cannot be read".to_owned());
    let base = || case.base.clone().ok_or_else(unread);
    let before = match &case.before {
        Some(before) => before.clone(),
        None => Before::Refolded(base()?.0),
    };
    let (after, folded_bytes) = match &case.after {
        Some(after) => (after.clone(), None),
        None => {
            let (mut state, mut bytes) = base()?;
            let mut at = event.sequence - 1;
            for (index, event) in &case.events {
                apply(&mut state, &mut at, event).map_err(|reason| case.undecodable(*index, reason))?;
                bytes += event.payload.len();
            }
            (state, Some(bytes))
        }
    };
    Ok(Change { id, aggregate, before, after, first, sequence, folded_bytes })
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
