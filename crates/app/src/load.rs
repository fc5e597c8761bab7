//! The state of an aggregate as of the end of its stream.

use crate::erasure;
use crate::error::Error;
use crate::execute::turns::Turn;
use futures::future::try_join_all;
use std::sync::Arc;
use uuid::Uuid;
use zhicheng_domain::{AnyEvent, AnyState, StreamId};
use zhicheng_eventstore::{EventStore, RecordedEvent};

/// A state, the version that an append on top of it expects, and where its last event lies.
#[derive(Debug, Clone)]
pub struct Held {
    /// The state.
    pub state: AnyState,
    /// How many events the stream has.
    pub version: i64,
    /// The position of its last event; 0 before the first.
    pub position: i64,
    /// The bytes of the payloads that it was folded from.
    pub payload_bytes: usize,
    /// The command under way that makes it so; none where its events are in the log.
    pub(crate) after: Option<Uuid>,
}

impl Held {
    /// The state before the first event.
    pub fn new(aggregate: &str) -> Result<Self, Error> {
        let state = AnyState::new(aggregate).ok_or(Error::fault("an aggregate type that nobody knows"))?;
        Ok(Self { state, version: 0, position: 0, payload_bytes: 0, after: None })
    }

    /// Folds one more event of the log.
    pub fn fold(&mut self, event: &RecordedEvent) -> Result<(), Error> {
        let (fact, stamp) = AnyEvent::from_payload(&event.aggregate_type, &event.payload)
            .ok_or(Error::fault("an aggregate type that nobody knows"))?
            .map_err(|error| Error::internal("an event that is not understood", error))?;
        self.state.evolve(&fact, &stamp);
        self.version = event.sequence;
        self.position = event.position;
        self.payload_bytes += event.payload.len();
        Ok(())
    }
}

/// Where a decision takes its facts from.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Facts<'a> {
    /// The log, as it is when it is asked: on these a command may be refused.
    Log {
        /// Whether a turn was waited for: whoever has not is told where others change things faster than they can be looked at.
        waited: bool,
    },
    /// What this process knows, without asking the log: for whoever has waited for a turn, behind whom others wait. An append on top
    /// of it is refused where any of its streams or claims has moved on.
    AtHand {
        /// Knows of appends that are under way.
        turn: &'a Turn,
        /// Whether claims are asked for; otherwise each of them counts as free.
        claims: bool,
    },
}

impl<'a> Facts<'a> {
    /// What is at hand for whoever decides in a turn, else the log.
    pub(crate) const fn of(turn: Option<&'a Turn>, claims: bool, waited: bool) -> Self {
        match turn {
            Some(turn) => Self::AtHand { turn, claims },
            None => Self::Log { waited },
        }
    }

    /// One aggregate.
    pub(crate) async fn load(self, store: &EventStore, stream: StreamId) -> Result<Held, Error> {
        match self.known(store, stream)? {
            Some(held) if held.version > 0 => Ok(held),
            Some(_) | None => load(store, stream).await,
        }
    }

    /// One that was not looked at before it is written to: what is not at hand is taken to be new, as nearly all of these are.
    pub(crate) async fn load_unseen(self, store: &EventStore, stream: StreamId) -> Result<Held, Error> {
        match self.known(store, stream)? {
            Some(held) => Ok(held),
            None => load(store, stream).await,
        }
    }

    /// What is at hand; none where the log is asked.
    fn known(self, store: &EventStore, stream: StreamId) -> Result<Option<Held>, Error> {
        let Self::AtHand { turn, .. } = self else { return Ok(None) };
        let held = cached(store, stream)?;
        let ahead = turn.ahead(stream).filter(|ahead| ahead.version > held.version);
        Ok(Some(ahead.cloned().unwrap_or(held)))
    }
}

/// Loads one aggregate: from the cache where it is there, always brought up to the end of the stream, so that what another
/// process appended counts and a refusal never stands on an old state.
pub(crate) async fn load(store: &EventStore, stream: StreamId) -> Result<Held, Error> {
    let (held, id) = (cached(store, stream)?, stream.id.to_string());
    let missing = store.read_stream(stream.aggregate, &id, held.version).await?;
    match brought_up(store, stream, held, &missing)? {
        Some(held) => Ok(held),
        None => anew(store, stream).await,
    }
}

/// Loads several aggregates as [`load`] does, all at once.
pub(crate) async fn load_many(store: &EventStore, streams: &[StreamId]) -> Result<Vec<Held>, Error> {
    try_join_all(streams.iter().map(|stream| load(store, *stream))).await
}

/// What the cache holds of an aggregate; its beginning where that is nothing.
fn cached(store: &EventStore, stream: StreamId) -> Result<Held, Error> {
    match store.cache().get::<Held>(stream.aggregate, &stream.id.to_string()) {
        Some((held, _)) => Ok(Held::clone(&held)),
        None => Held::new(stream.aggregate),
    }
}

/// Folds what the cache lacked; none where the rest must be folded anew too: it was opened with a key that is gone.
fn brought_up(
    store: &EventStore,
    stream: StreamId,
    mut held: Held,
    missing: &[RecordedEvent],
) -> Result<Option<Held>, Error> {
    if held.version > 0 && missing.iter().any(|event| erasure::takes_away(&event.event_type)) {
        return Ok(None);
    }
    for event in missing {
        held.fold(event)?;
    }
    if !missing.is_empty() {
        keep(store, stream, &held);
    }
    Ok(Some(held))
}

/// Folds the whole stream.
async fn anew(store: &EventStore, stream: StreamId) -> Result<Held, Error> {
    let mut held = Held::new(stream.aggregate)?;
    for event in &store.read_stream(stream.aggregate, &stream.id.to_string(), 0).await? {
        held.fold(event)?;
    }
    keep(store, stream, &held);
    Ok(held)
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

/// The state as of this event of its stream, if it is the one that is kept.
pub(crate) fn kept_as_of(store: &EventStore, aggregate: &str, id: &str, sequence: i64) -> Option<AnyState> {
    let (held, version) = store.cache().get::<Held>(aggregate, id)?;
    (version == sequence).then(|| held.state.clone())
}

/// Keeps a state in the cache.
pub(crate) fn keep(store: &EventStore, stream: StreamId, held: &Held) {
    let weight = held.state.weight_bytes(held.payload_bytes);
    store.cache().put(stream.aggregate, &stream.id.to_string(), held.version, Arc::new(held.clone()), weight);
}
