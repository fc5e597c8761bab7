//! Appending the events of a command: what is asked, what is answered, and the checks that need no database.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet};
use std::hash::{DefaultHasher, Hash as _, Hasher};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use zhicheng_journal::Hash;
use zhicheng_journal::canonical::{self, CanonicalEvent};
use zhicheng_journal::merkle::leaf_hash;

use crate::error::{AppendError, Invalid, Unavailable};
use crate::lane::Outcome;
use crate::store::EventStore;

/// How many events one command may write.
pub const COMMAND_EVENTS_MAX: usize = 10_000;

/// How many bytes of payload and metadata one event may have.
pub const EVENT_BYTES_MAX: usize = 4 * 1024 * 1024;

/// How many bytes of payload and metadata one command may write.
pub const COMMAND_BYTES_MAX: usize = 32 * 1024 * 1024;

/// The member of the first event's metadata in which a command's claims stand, so that claims follow from the log.
pub const CLAIMS_MEMBER: &str = "claims";

impl EventStore {
    /// Appends the events of one command: all of them, or none. It returns once they are durable.
    ///
    /// The command may have been written even though the future was dropped before it was done; sending it again under the same
    /// id settles that.
    ///
    /// # Errors
    ///
    /// See [`AppendError`]; but for [`AppendError::Unknown`] nothing was written.
    pub async fn append(&self, append: Append) -> Result<Appended, AppendError> {
        let prepared = Arc::new(Prepared::new(append)?);
        let answer = match self.queue().put(Arc::clone(&prepared)).await {
            Ok(Outcome::Appended { first_position, recorded_at }) => {
                return Ok(Appended {
                    first_position,
                    last_position: first_position + prepared.events.len() as i64 - 1,
                    version: prepared.addressed_version(),
                    recorded_at,
                });
            }
            Ok(Outcome::Repeated) => self.first_answer(&prepared).await,
            Ok(Outcome::Conflict { aggregate_type, aggregate_id }) => {
                AppendError::Conflict { aggregate_type, aggregate_id }
            }
            Ok(Outcome::ClaimHeld { name, holder_type, holder_id }) => {
                AppendError::ClaimHeld { name, holder_type, holder_id }
            }
            Ok(Outcome::Unavailable(source)) => AppendError::Unavailable(Unavailable::Database(source)),
            Ok(Outcome::Refused(source)) => AppendError::Database(source),
            Ok(Outcome::Unknown(source)) => AppendError::Unknown { command_id: prepared.command.id, source },
            Err(unavailable) => AppendError::Unavailable(unavailable),
        };
        // Whatever the reason, what is kept of these streams may be behind, or ahead of what was written.
        for stream in &prepared.streams {
            self.cache().remove(&stream.aggregate_type, &stream.aggregate_id);
        }
        Err(answer)
    }

    async fn first_answer(&self, prepared: &Prepared) -> AppendError {
        let command_id = prepared.command.id;
        match self.command(command_id).await {
            Ok(Some(stored)) if stored.digest == prepared.command.digest => AppendError::Replayed(stored),
            Ok(Some(_)) => AppendError::CommandReused { command_id },
            // Positions are never given back, so this is a database that was exchanged beneath us.
            Ok(None) => AppendError::Unknown { command_id, source: Arc::new(sqlx::Error::RowNotFound) },
            Err(source) => AppendError::FirstAnswer(source),
        }
    }
}

/// The events of one command.
#[derive(Debug, Clone)]
pub struct Append {
    /// The command that caused them.
    pub command: CommandStamp,
    /// What to write to which stream. The first one is the one that the command addressed; its first event carries the command.
    pub streams: Vec<StreamAppend>,
    /// Names to take and to give back, together with the events.
    pub claims: Vec<ClaimChange>,
    /// What must not have moved on since it was decided, beside its streams.
    pub alone: Option<Alone>,
    /// The commands under way on whose events it was decided: it is refused where one of them is not in the log after all. That its
    /// streams are as long as expected does not say by whom.
    pub after: Vec<Uuid>,
}

/// A decision looked through all aggregates of a type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alone {
    /// Events that would have changed what it found.
    pub event_types: Vec<&'static str>,
    /// How far it looked.
    pub at: i64,
}

/// The command behind an append.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CommandStamp {
    /// Its id: at most once in the log, however often it is sent.
    pub id: Uuid,
    /// The hash of its content: tells a repetition from another command under the same id.
    pub digest: Hash,
    /// The time it was decided at, by the clock that the rules go by. The log records its events at this time, or at that of the
    /// event before where that is later, so that recorded times never go backwards.
    pub time: DateTime<Utc>,
}

/// Events for one stream.
#[derive(Debug, Clone)]
pub struct StreamAppend {
    /// The type of the aggregate.
    pub aggregate_type: Cow<'static, str>,
    /// The id of the aggregate.
    pub aggregate_id: String,
    /// How many events the stream has, as far as the decision knew: 0 for one that does not exist yet.
    pub expected_version: i64,
    /// The events to add, one at least.
    pub events: Vec<NewEvent>,
}

/// An event to be written. Fields about persons are sealed already: these are the bytes that are stored and hashed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEvent {
    /// What happened.
    pub event_type: Cow<'static, str>,
    /// The version of the payload's shape.
    pub event_version: Cow<'static, str>,
    /// JSON text, in the form of RFC 8785: members sorted, no white space, no fractions, no integers beyond 2^53.
    pub payload: String,
    /// JSON text of an object whose values are all texts (a stock cqrs-es reader knows no others); holds the command's time.
    pub metadata: String,
}

/// A name that is unique while it is held.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Claim {
    /// The id of the aggregate that holds it.
    pub holder_id: String,
    /// The type of the aggregate that holds it.
    pub holder_type: String,
    /// The name, with its kind in front so that kinds do not meet, for example `certificate-number:湘2023001`.
    pub name: String,
}

/// A name is taken or given back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ClaimChange {
    /// The command is refused if anybody holds the name, this holder included.
    Take(Claim),
    /// Only the holder gives a name back; where somebody else holds it, or nobody, nothing happens.
    Release(Claim),
}

impl ClaimChange {
    fn claim(&self) -> &Claim {
        match self {
            Self::Take(claim) | Self::Release(claim) => claim,
        }
    }
}

/// Where the events of a command are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Appended {
    /// The position of the command's first event.
    pub first_position: i64,
    /// The position of its last event: what a reader must have seen to know of it.
    pub last_position: i64,
    /// The version of the addressed stream after it.
    pub version: i64,
    /// When the log took it.
    pub recorded_at: DateTime<Utc>,
}

/// An append that was checked and hashed, ready to be written.
pub(crate) struct Prepared {
    pub(crate) command: CommandStamp,
    pub(crate) streams: Vec<PreparedStream>,
    pub(crate) events: Vec<PreparedEvent>,
    pub(crate) takes: Vec<Claim>,
    pub(crate) releases: Vec<Claim>,
    pub(crate) after: Vec<Uuid>,
    pub(crate) alone: Option<Alone>,
    /// Hashes of all that may occur once in a batch: the streams in their order, then the claims and the command.
    pub(crate) names: Vec<u64>,
    /// Of payloads and metadata.
    pub(crate) bytes: usize,
}

pub(crate) struct PreparedStream {
    pub(crate) aggregate_type: Cow<'static, str>,
    pub(crate) aggregate_id: String,
    pub(crate) version: i64,
    pub(crate) events: usize,
}

pub(crate) struct PreparedEvent {
    /// Which of the streams.
    pub(crate) stream: usize,
    pub(crate) sequence: i64,
    pub(crate) new: NewEvent,
    pub(crate) leaf_hash: Hash,
}

impl Prepared {
    fn new(append: Append) -> Result<Self, AppendError> {
        let Append { command, streams, claims, alone, after } = append;
        let claims_text = written_claims(&claims)?;
        let mut prepared = Self {
            command,
            streams: Vec::with_capacity(streams.len()),
            events: Vec::with_capacity(streams.iter().map(|stream| stream.events.len()).sum()),
            takes: Vec::new(),
            releases: Vec::new(),
            after,
            alone,
            names: Vec::with_capacity(1 + streams.len() + claims.len()),
            bytes: 0,
        };
        for stream in streams {
            prepared.add_stream(stream, claims_text.as_deref())?;
        }
        if prepared.events.is_empty() {
            return Err(AppendError::Invalid(Invalid::NothingToWrite));
        }
        let limits = [
            ("events of a command", prepared.events.len(), COMMAND_EVENTS_MAX),
            ("bytes of a command", prepared.bytes, COMMAND_BYTES_MAX),
        ];
        for (what, found, limit) in limits {
            if found > limit {
                return Err(AppendError::TooLarge { what, found, limit });
            }
        }
        prepared.name_all(&claims)?;
        for change in claims {
            match change {
                ClaimChange::Take(claim) => prepared.takes.push(claim),
                ClaimChange::Release(claim) => prepared.releases.push(claim),
            }
        }
        Ok(prepared)
    }

    fn add_stream(&mut self, stream: StreamAppend, claims: Option<&str>) -> Result<(), AppendError> {
        let StreamAppend { aggregate_type, aggregate_id, expected_version, events } = stream;
        if events.is_empty() {
            return Err(AppendError::Invalid(Invalid::NothingToWrite));
        }
        if expected_version < 0 {
            return Err(AppendError::Invalid(Invalid::NegativeVersion));
        }
        refuse_nul("the stream's name", &aggregate_type)?;
        refuse_nul("the stream's name", &aggregate_id)?;
        let at = self.streams.len();
        self.streams.push(PreparedStream {
            aggregate_type,
            aggregate_id,
            version: expected_version,
            events: events.len(),
        });
        for (event, sequence) in events.into_iter().zip(expected_version + 1..) {
            let with_claims = claims.filter(|_| self.events.is_empty());
            self.add_event(at, sequence, event, with_claims)?;
        }
        Ok(())
    }

    fn add_event(
        &mut self,
        stream: usize,
        sequence: i64,
        mut new: NewEvent,
        claims: Option<&str>,
    ) -> Result<(), AppendError> {
        if let Some(claims) = claims {
            new.metadata = with_claims(&new.metadata, claims)?;
        }
        refuse_nul("the event's type", &new.event_type)?;
        refuse_nul("the event's version", &new.event_version)?;
        for (what, text) in [("the payload", &new.payload), ("the metadata", &new.metadata)] {
            if canonical::holds_nul(text) {
                return Err(AppendError::Invalid(Invalid::Nul { what }));
            }
            if cfg!(debug_assertions) {
                canonical::check_values(text)
                    .map_err(|source| AppendError::Invalid(Invalid::NotCanonical { what, source }))?;
            }
        }
        let bytes = new.payload.len() + new.metadata.len();
        if bytes > EVENT_BYTES_MAX {
            return Err(AppendError::TooLarge {
                what: "bytes of an event",
                found: bytes,
                limit: EVENT_BYTES_MAX,
            });
        }
        self.bytes += bytes;
        let canonical = CanonicalEvent {
            aggregate_type: &self.streams[stream].aggregate_type,
            aggregate_id: &self.streams[stream].aggregate_id,
            sequence,
            event_type: &new.event_type,
            event_version: &new.event_version,
            payload: &new.payload,
            metadata: &new.metadata,
        };
        let leaf_hash = leaf_hash(&canonical.bytes());
        self.events.push(PreparedEvent { stream, sequence, new, leaf_hash });
        Ok(())
    }

    /// Hashes everything that a batch may hold once, and refuses a command that names a thing twice itself.
    fn name_all(&mut self, claims: &[ClaimChange]) -> Result<(), AppendError> {
        let mut streams = HashSet::new();
        for stream in &self.streams {
            if self.streams.len() > 1 && !streams.insert((&stream.aggregate_type, &stream.aggregate_id)) {
                return Err(AppendError::Invalid(Invalid::StreamTwice {
                    aggregate_type: stream.aggregate_type.to_string(),
                    aggregate_id: stream.aggregate_id.clone(),
                }));
            }
            self.names.push(name("stream", &stream.aggregate_type, &stream.aggregate_id));
        }
        let mut held = HashSet::new();
        for change in claims {
            let claim = change.claim();
            for text in [&claim.name, &claim.holder_type, &claim.holder_id] {
                refuse_nul("a claim", text)?;
            }
            if !held.insert(claim.name.as_str()) {
                return Err(AppendError::Invalid(Invalid::ClaimTwice { name: claim.name.clone() }));
            }
            self.names.push(name("claim", &claim.name, ""));
        }
        for event_type in self.alone.iter().flat_map(|alone| &alone.event_types) {
            // two of a batch would not see each other
            self.names.push(name("alone", event_type, ""));
        }
        let mut hasher = DefaultHasher::new();
        self.command.id.hash(&mut hasher);
        self.names.push(hasher.finish());
        Ok(())
    }

    /// The hashes of its streams, in their order.
    pub(crate) fn stream_names(&self) -> impl Iterator<Item = u64> {
        self.names.iter().copied().take(self.streams.len())
    }

    fn addressed_version(&self) -> i64 {
        self.streams.first().map_or(0, |stream| stream.version + stream.events as i64)
    }
}

/// The hash of a name. Two names with one hash merely wait for each other.
fn name(kind: &str, first: &str, second: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    (kind, first, second).hash(&mut hasher);
    hasher.finish()
}

fn refuse_nul(what: &'static str, text: &str) -> Result<(), AppendError> {
    if text.as_bytes().contains(&0) { Err(AppendError::Invalid(Invalid::Nul { what })) } else { Ok(()) }
}

/// The claims as a JSON text, none where there are none.
fn written_claims(claims: &[ClaimChange]) -> Result<Option<String>, AppendError> {
    if claims.is_empty() {
        return Ok(None);
    }
    let text =
        serde_json::to_string(claims).map_err(|source| AppendError::Invalid(Invalid::Metadata(source)))?;
    Ok(Some(text))
}

/// The metadata with the claims put in their sorted place, as a text: values of metadata are all texts.
fn with_claims(metadata: &str, claims: &str) -> Result<String, AppendError> {
    let unreadable = |source| AppendError::Invalid(Invalid::Metadata(source));
    let mut members: BTreeMap<String, String> = serde_json::from_str(metadata).map_err(unreadable)?;
    if members.insert(CLAIMS_MEMBER.to_owned(), claims.to_owned()).is_some() {
        return Err(AppendError::Invalid(Invalid::MetadataClaims));
    }
    serde_json::to_string(&members).map_err(unreadable)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(payload: &str) -> NewEvent {
        NewEvent {
            event_type: "declaration.submitted".into(),
            event_version: "1".into(),
            payload: payload.into(),
            metadata: r#"{"actor":"张","time":"2023-03-08T09:00:00Z"}"#.into(),
        }
    }

    fn append(streams: &[(&str, i64, &[&str])], claims: Vec<ClaimChange>) -> Append {
        let stream = |(id, version, payloads): &(&str, i64, &[&str])| StreamAppend {
            aggregate_type: "declaration".into(),
            aggregate_id: (*id).into(),
            expected_version: *version,
            events: payloads.iter().map(|payload| event(payload)).collect(),
        };
        Append {
            alone: None,
            after: Vec::new(),
            command: CommandStamp { id: Uuid::from_u128(1), digest: [1; 32], time: DateTime::UNIX_EPOCH },
            streams: streams.iter().map(stream).collect(),
            claims,
        }
    }

    fn claim(name: &str) -> Claim {
        Claim { holder_id: "d1".into(), holder_type: "declaration".into(), name: name.into() }
    }

    fn refused(append: Append) -> String {
        match Prepared::new(append) {
            Err(error) => error.to_string(),
            Ok(_) => String::new(),
        }
    }

    #[test]
    fn numbers_each_stream_from_its_own_version() {
        let prepared =
            Prepared::new(append(&[("d1", 2, &["{}", "{}"]), ("d2", 0, &["{}"])], vec![])).unwrap();
        let numbered: Vec<_> = prepared.events.iter().map(|event| (event.stream, event.sequence)).collect();
        assert_eq!(numbered, [(0, 3), (0, 4), (1, 1)]);
        assert_eq!(prepared.addressed_version(), 4);
    }

    #[test]
    fn claims_stand_in_the_metadata_of_the_first_event() {
        let claims = vec![ClaimChange::Take(claim("c:1")), ClaimChange::Release(claim("c:2"))];
        let prepared = Prepared::new(append(&[("d1", 0, &["{}", "{}"])], claims.clone())).unwrap();
        let metadata: BTreeMap<String, String> =
            serde_json::from_str(&prepared.events[0].new.metadata).unwrap();
        assert_eq!(serde_json::from_str::<Vec<ClaimChange>>(&metadata["claims"]).unwrap(), claims);
        assert_eq!(metadata["actor"], "张");
        canonical::check_form(&prepared.events[0].new.metadata).unwrap();
        canonical::check_form(&metadata["claims"]).unwrap();
        assert!(!prepared.events[1].new.metadata.contains("claims"));
    }

    #[test]
    fn refuses_what_can_never_be_written() {
        let take = |name: &str| vec![ClaimChange::Take(claim(name))];
        for (append, reason) in [
            (append(&[], vec![]), "must have an event"),
            (append(&[("d1", 0, &[])], vec![]), "must have an event"),
            (append(&[("d1", -1, &["{}"])], vec![]), "negative"),
            (append(&[("d1", 0, &["{}"]), ("d1", 1, &["{}"])], vec![]), "named twice"),
            (append(&[("d1", 0, &[r#"{"a":"\u0000"}"#])], vec![]), "U+0000"),
            (append(&[("d\0", 0, &["{}"])], vec![]), "U+0000"),
            (append(&[("d1", 0, &["{}"])], take("\0")), "U+0000"),
            (append(&[("d1", 0, &["{}"])], [take("a"), take("a")].concat()), "named twice"),
            (
                append(&[("d1", 0, &[&format!("\"{}\"", "x".repeat(EVENT_BYTES_MAX))])], vec![]),
                "bytes of an event",
            ),
        ] {
            let said = refused(append);
            assert!(said.contains(reason), "{reason}: {said}");
        }
    }

    #[test]
    fn refuses_metadata_with_claims_of_its_own() {
        let mut append = append(&[("d1", 0, &["{}"])], vec![ClaimChange::Take(claim("a"))]);
        append.streams[0].events[0].metadata = r#"{"claims":"[]"}"#.into();
        assert!(refused(append.clone()).contains("member claims"));
        append.streams[0].events[0].metadata = r#"{"version":1}"#.into();
        assert!(refused(append).contains("object of texts"));
    }
}
