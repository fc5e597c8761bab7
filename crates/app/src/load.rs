//! The state of an aggregate as of the end of its stream.

use crate::erasure;
use crate::error::Error;
use std::sync::Arc;
use zhicheng_domain::{AnyEvent, AnyState, StreamId};
use zhicheng_eventstore::{EventStore, RecordedEvent};

/// What a state weighs in the cache for each byte of its events: states repeat some of them.
const STATE_WEIGHT: usize = 2;

/// A state, the version that an append on top of it expects, and where its last event lies.
#[derive(Debug, Clone)]
pub struct Held {
    /// The state.
    pub state: AnyState,
    /// How many events the stream has.
    pub version: i64,
    /// The position of its last event; 0 before the first.
    pub position: i64,
    /// Bytes of its events, weighted: states repeat some of them.
    pub weight_bytes: usize,
}

impl Held {
    /// The state before the first event.
    pub fn new(aggregate: &str) -> Result<Self, Error> {
        let state = AnyState::new(aggregate).ok_or(Error::fault("an aggregate type that nobody knows"))?;
        Ok(Self { state, version: 0, position: 0, weight_bytes: 0 })
    }

    /// Folds one more event of the log.
    pub fn fold(&mut self, event: &RecordedEvent) -> Result<(), Error> {
        let (fact, stamp) = AnyEvent::from_payload(&event.aggregate_type, &event.payload)
            .ok_or(Error::fault("an aggregate type that nobody knows"))?
            .map_err(|error| Error::internal("an event that is not understood", error))?;
        self.state.evolve(&fact, &stamp);
        self.version = event.sequence;
        self.position = event.position;
        self.weight_bytes += event.payload.len() * STATE_WEIGHT;
        Ok(())
    }
}

/// Loads one aggregate: from the cache where it is there, always brought up to the end of the stream, so that what another
/// process appended counts and a refusal never stands on an old state.
pub(crate) async fn load(store: &EventStore, stream: StreamId) -> Result<Held, Error> {
    let id = stream.id.to_string();
    let mut held = match store.cache().get::<Held>(stream.aggregate, &id) {
        Some((held, _)) => Held::clone(&held),
        None => Held::new(stream.aggregate)?,
    };
    let mut missing = store.read_stream(stream.aggregate, &id, held.version).await?;
    if held.version > 0 && missing.iter().any(|event| erasure::takes_away(&event.event_type)) {
        // What was folded before was opened with a key that is gone.
        held = Held::new(stream.aggregate)?;
        missing = store.read_stream(stream.aggregate, &id, 0).await?;
    }
    if !missing.is_empty() {
        for event in &missing {
            held.fold(event)?;
        }
        keep(store, stream, &held);
    }
    Ok(held)
}

/// Loads several aggregates in one round trip, past the cache.
pub(crate) async fn load_many(store: &EventStore, streams: &[StreamId]) -> Result<Vec<Held>, Error> {
    let ids: Vec<String> = streams.iter().map(|stream| stream.id.to_string()).collect();
    let keys: Vec<(&str, &str)> =
        streams.iter().zip(&ids).map(|(stream, id)| (stream.aggregate, id.as_str())).collect();
    let read = store.read_streams(&keys).await?;
    streams
        .iter()
        .zip(read)
        .map(|(stream, events)| {
            let mut held = Held::new(stream.aggregate)?;
            for event in &events {
                held.fold(event)?;
            }
            Ok(held)
        })
        .collect()
}

/// The state as it was at a position; `None` where the stream had not begun.
pub(crate) async fn load_as_of(
    store: &EventStore,
    stream: StreamId,
    position: i64,
) -> Result<Option<Held>, Error> {
    let mut held = Held::new(stream.aggregate)?;
    for event in store.read_stream(stream.aggregate, &stream.id.to_string(), 0).await? {
        if event.position > position {
            break;
        }
        held.fold(&event)?;
    }
    Ok((held.version > 0).then_some(held))
}

/// Keeps a state in the cache.
pub(crate) fn keep(store: &EventStore, stream: StreamId, held: &Held) {
    let weight = held.weight_bytes;
    store.cache().put(stream.aggregate, &stream.id.to_string(), held.version, Arc::new(held.clone()), weight);
}
