//! The log as an event store of cqrs-es: loading and committing one aggregate, also under `CqrsFramework`.
//!
//! It asks for less than the log can do: one stream a command, no claims, and no way to hand the receipt back. An application that
//! needs these decides on a loaded aggregate and calls [`EventStore::append`] itself.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use chrono::{DateTime, SecondsFormat, Utc};
use cqrs_es::{Aggregate, AggregateContext, AggregateError, DomainEvent, EventEnvelope};
use sha2::{Digest, Sha256};
use uuid::Uuid;
use zhicheng_journal::RecordedEvent;

use crate::append::{Append, CommandStamp, NewEvent, StreamAppend};
use crate::error::{AppendError, ReadError};
use crate::store::EventStore;

/// The member of a commit's metadata that names the command; without it, each commit is a command of its own.
pub const COMMAND_ID_MEMBER: &str = "command_id";

/// The member of the stored metadata with the time of the command.
pub const TIME_MEMBER: &str = "time";

/// What a state weighs in the cache for each byte of the events it was folded from. A guess: states repeat some of their events.
const STATE_WEIGHT: usize = 2;

/// An aggregate as it was loaded, with the version that a commit on top of it expects.
#[derive(Debug)]
pub struct Loaded<A> {
    aggregate_id: String,
    version: i64,
    state: A,
    weight_bytes: usize,
}

impl<A> Loaded<A> {
    /// The id it was loaded by.
    #[must_use]
    pub fn aggregate_id(&self) -> &str {
        &self.aggregate_id
    }

    /// How many events the stream had when it was loaded; 0 for one that does not exist yet.
    #[must_use]
    pub fn version(&self) -> i64 {
        self.version
    }

    /// The state.
    #[must_use]
    pub fn state(&self) -> &A {
        &self.state
    }
}

impl<A: Aggregate> AggregateContext<A> for Loaded<A> {
    fn aggregate(&mut self) -> &mut A {
        &mut self.state
    }
}

/// A state in the cache, with what it weighs there.
struct Kept<A> {
    state: A,
    weight_bytes: usize,
}

impl<A: Aggregate + 'static> cqrs_es::EventStore<A> for EventStore {
    type AC = Loaded<A>;

    async fn load_events(
        &self,
        aggregate_id: &str,
    ) -> Result<Vec<EventEnvelope<A>>, AggregateError<A::Error>> {
        let events = self.read_stream(A::TYPE, aggregate_id, 0).await.map_err(of_read)?;
        events.iter().map(|event| self.envelope(event)).collect()
    }

    /// From the cache where it is there, always brought up to the end of the stream: what another process appended counts, and a
    /// refusal never stands on an old state.
    async fn load_aggregate(&self, aggregate_id: &str) -> Result<Loaded<A>, AggregateError<A::Error>> {
        let kept = self.cache().take::<Kept<A>>(A::TYPE, aggregate_id);
        // Where somebody else looks at the same state it cannot be changed; it is folded anew.
        let kept = kept.and_then(|(kept, version)| Some((Arc::into_inner(kept)?, version)));
        let (kept, version) = kept.unwrap_or_else(|| (Kept { state: A::default(), weight_bytes: 0 }, 0));
        let mut loaded = Loaded {
            aggregate_id: aggregate_id.to_owned(),
            version,
            state: kept.state,
            weight_bytes: kept.weight_bytes,
        };
        for event in self.read_stream(A::TYPE, aggregate_id, version).await.map_err(of_read)? {
            loaded.state.apply(self.decode(&event).map_err(|error| of_read(error.into()))?);
            loaded.version = event.sequence;
            loaded.weight_bytes += event.payload.len() * STATE_WEIGHT;
        }
        Ok(loaded)
    }

    /// Appends the events on top of the version that was loaded. The state in `context` has applied them already, as `EventSink`
    /// does while the command is handled; they are not applied again.
    ///
    /// A repeated command (same `command_id` in the metadata, same aggregate) gives the events of its first run.
    async fn commit(
        &self,
        events: Vec<A::Event>,
        context: Loaded<A>,
        mut metadata: HashMap<String, String>,
    ) -> Result<Vec<EventEnvelope<A>>, AggregateError<A::Error>> {
        if events.is_empty() {
            return Ok(Vec::new());
        }
        let time = Utc::now();
        metadata
            .entry(TIME_MEMBER.to_owned())
            .or_insert_with(|| time.to_rfc3339_opts(SecondsFormat::Micros, true));
        let append = appended::<A>(&events, &context, &metadata, time)?;
        let weight_added: usize =
            append.streams.iter().flat_map(|it| &it.events).map(|it| it.payload.len()).sum();
        let Loaded { aggregate_id, version, state, weight_bytes } = context;
        match self.append(append).await {
            Ok(appended) => {
                let weight_bytes = weight_bytes + weight_added * STATE_WEIGHT;
                let kept = Arc::new(Kept { state, weight_bytes });
                self.cache().put(A::TYPE, &aggregate_id, appended.version, kept, weight_bytes);
                let envelope = |(payload, sequence): (A::Event, usize)| EventEnvelope {
                    aggregate_id: aggregate_id.clone(),
                    sequence,
                    payload,
                    metadata: metadata.clone(),
                };
                Ok(events.into_iter().zip(version as usize + 1..).map(envelope).collect())
            }
            Err(AppendError::Replayed(first)) => {
                let stream = self
                    .read_stream(A::TYPE, &aggregate_id, first.first_sequence - 1)
                    .await
                    .map_err(of_read)?;
                let of_first = stream.iter().take_while(|event| event.sequence <= first.version);
                of_first.map(|event| self.envelope(event)).collect()
            }
            Err(error) => Err(of_append(error)),
        }
    }
}

impl EventStore {
    fn envelope<A: Aggregate>(
        &self,
        event: &RecordedEvent,
    ) -> Result<EventEnvelope<A>, AggregateError<A::Error>> {
        let metadata = serde_json::from_str(&event.metadata)
            .map_err(|error| AggregateError::DeserializationError(Box::new(error)))?;
        Ok(EventEnvelope {
            aggregate_id: event.aggregate_id.clone(),
            sequence: event.sequence as usize,
            payload: self.decode(event).map_err(|error| of_read(error.into()))?,
            metadata,
        })
    }
}

/// The commit as an append. Payloads go through `Value`, which sorts their members whatever the order of the fields.
fn appended<A: Aggregate>(
    events: &[A::Event],
    context: &Loaded<A>,
    metadata: &HashMap<String, String>,
    time: DateTime<Utc>,
) -> Result<Append, AggregateError<A::Error>> {
    let unexpected = |error: Box<dyn std::error::Error + Send + Sync>| AggregateError::UnexpectedError(error);
    let id = match metadata.get(COMMAND_ID_MEMBER) {
        Some(id) => Uuid::parse_str(id).map_err(|error| unexpected(Box::new(error)))?,
        None => Uuid::new_v4(),
    };
    let members: BTreeMap<&str, &str> = metadata.iter().map(|(name, value)| (&**name, &**value)).collect();
    let metadata = serde_json::to_string(&members).map_err(|error| unexpected(Box::new(error)))?;
    let new_event = |event: &A::Event| {
        let payload = serde_json::to_value(event).map_err(|error| unexpected(Box::new(error)))?;
        Ok(NewEvent {
            event_type: event.event_type().into(),
            event_version: event.event_version().into(),
            payload: payload.to_string(),
            metadata: metadata.clone(),
        })
    };
    Ok(Append {
        alone: None,
        after: Vec::new(),
        command: CommandStamp { id, digest: digest(A::TYPE, &context.aggregate_id), time },
        streams: vec![StreamAppend {
            aggregate_type: A::TYPE.into(),
            aggregate_id: context.aggregate_id.clone(),
            expected_version: context.version,
            events: events.iter().map(new_event).collect::<Result<_, AggregateError<A::Error>>>()?,
        }],
        claims: Vec::new(),
    })
}

/// The command itself does not reach an event store of cqrs-es, only what was decided, and that may differ when it is decided
/// again. So a repetition is told by its id and by the aggregate it addressed.
fn digest(aggregate_type: &str, aggregate_id: &str) -> [u8; 32] {
    Sha256::new()
        .chain_update((aggregate_type.len() as u64).to_be_bytes())
        .chain_update(aggregate_type)
        .chain_update(aggregate_id)
        .finalize()
        .into()
}

fn of_read<E: std::error::Error>(error: ReadError) -> AggregateError<E> {
    match error {
        ReadError::Unavailable(_) => AggregateError::DatabaseConnectionError(Box::new(error)),
        ReadError::Undecodable(error) => AggregateError::DeserializationError(Box::new(error)),
        ReadError::Database(_)
        | ReadError::Sealing(_)
        | ReadError::BeyondHead { .. }
        | ReadError::Damaged { .. }
        | ReadError::Frontier { .. } => AggregateError::UnexpectedError(Box::new(error)),
    }
}

/// What cqrs-es has no word for is an unexpected error that can be downcast to [`AppendError`].
fn of_append<E: std::error::Error>(error: AppendError) -> AggregateError<E> {
    match error {
        AppendError::Conflict { .. } => AggregateError::AggregateConflict,
        AppendError::Unavailable(_) => AggregateError::DatabaseConnectionError(Box::new(error)),
        other => AggregateError::UnexpectedError(Box::new(other)),
    }
}
