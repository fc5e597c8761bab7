//! An event as the log holds it.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::Hash;
use crate::canonical::CanonicalEvent;
use crate::merkle::leaf_hash;

/// One event of the log with its place in it.
///
/// `payload` and `metadata` are JSON texts, byte for byte as they are stored, because the leaf hash covers these bytes. A
/// reader may have opened sealed fields or brought an old version up to date; such an event no longer hashes to its
/// `leaf_hash`, so whoever verifies reads events as stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordedEvent {
    /// Place in the whole log: 1, 2, 3 and so on without a gap.
    pub position: i64,
    /// What kind of thing the event happened to, for example `declaration`.
    pub aggregate_type: String,
    /// Which one it happened to.
    pub aggregate_id: String,
    /// Place in its own stream: 1, 2, 3 and so on without a gap.
    pub sequence: i64,
    /// What happened, for example `declaration.submitted`.
    pub event_type: String,
    /// The version of the payload's shape.
    pub event_version: String,
    /// What is known about what happened: JSON text.
    pub payload: String,
    /// Who, when and on behalf of which command: JSON text of an object whose values are all strings.
    pub metadata: String,
    /// When the log took the event; never earlier than that of the event before it.
    pub recorded_at: DateTime<Utc>,
    /// The command that caused it; only on the first event of each command.
    pub command_id: Option<Uuid>,
    /// The hash of the event as stored: the leaf at index `position - 1` of the log's Merkle tree.
    #[serde(with = "hex::serde")]
    pub leaf_hash: Hash,
}

impl RecordedEvent {
    /// The part of the event that its leaf hash covers.
    #[must_use]
    pub fn canonical(&self) -> CanonicalEvent<'_> {
        CanonicalEvent {
            aggregate_type: &self.aggregate_type,
            aggregate_id: &self.aggregate_id,
            sequence: self.sequence,
            event_type: &self.event_type,
            event_version: &self.event_version,
            payload: &self.payload,
            metadata: &self.metadata,
        }
    }

    /// Whether the stored hash is the hash of what stands here. False for an event that was altered, opened or brought up
    /// to a newer version.
    #[must_use]
    pub fn is_intact(&self) -> bool {
        leaf_hash(&self.canonical().bytes()) == self.leaf_hash
    }
}

/// A line of a history: an event exactly as it is stored, with all that the log keeps of its command, so that another log can
/// take it in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryLine {
    /// The event.
    #[serde(flatten)]
    pub event: RecordedEvent,
    /// What else is kept of the command; only on its first event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command: Option<HistoryCommand>,
}

/// What the log keeps of a command beside its id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryCommand {
    /// The digest of what was asked for, by which a repeat is told from another command under the same id.
    #[serde(with = "hex::serde")]
    pub digest: Vec<u8>,
    /// How many events it caused.
    pub events: i32,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recorded() -> RecordedEvent {
        let mut event = RecordedEvent {
            position: 7,
            aggregate_type: "declaration".into(),
            aggregate_id: "019".into(),
            sequence: 3,
            event_type: "declaration.submitted".into(),
            event_version: "1".into(),
            payload: r#"{"name":"欧阳·𠮷"}"#.into(),
            metadata: r#"{"time":"2023-03-08T09:00:00Z"}"#.into(),
            recorded_at: DateTime::UNIX_EPOCH,
            command_id: None,
            leaf_hash: [0; 32],
        };
        event.leaf_hash = leaf_hash(&event.canonical().bytes());
        event
    }

    #[test]
    fn an_altered_event_is_not_intact() {
        assert!(recorded().is_intact());
        assert!(!RecordedEvent { payload: r#"{"name":"欧阳·吉"}"#.into(), ..recorded() }.is_intact());
        assert!(!RecordedEvent { sequence: 4, ..recorded() }.is_intact());
        assert!(!RecordedEvent { metadata: "{}".into(), ..recorded() }.is_intact());
    }

    #[test]
    fn place_in_the_log_is_not_part_of_the_hash() {
        assert!(RecordedEvent { position: 8, ..recorded() }.is_intact());
        assert!(RecordedEvent { recorded_at: DateTime::<Utc>::MAX_UTC, ..recorded() }.is_intact());
    }

    #[test]
    fn survives_its_own_json() {
        let text = serde_json::to_string(&recorded()).unwrap();
        assert_eq!(serde_json::from_str::<RecordedEvent>(&text).unwrap(), recorded());
    }
}
