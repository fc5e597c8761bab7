//! What the read side needs of the log.

use futures::future::BoxFuture;
use thiserror::Error;
use tokio::sync::watch;
use zhicheng_journal::RecordedEvent;

/// The log cannot be read now.
#[derive(Debug, Error)]
#[error("the log cannot be read")]
pub struct LogError(#[source] pub Box<dyn std::error::Error + Send + Sync>);

/// Where a page of whole streams begins: after this event.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct After {
    /// The type of the aggregate.
    pub aggregate_type: String,
    /// Its id.
    pub aggregate_id: String,
    /// The number of the event in its stream.
    pub sequence: i64,
}

impl From<&RecordedEvent> for After {
    fn from(event: &RecordedEvent) -> Self {
        Self {
            aggregate_type: event.aggregate_type.clone(),
            aggregate_id: event.aggregate_id.clone(),
            sequence: event.sequence,
        }
    }
}

/// What the log answers, in its time.
pub type Answer<'a, T> = BoxFuture<'a, Result<T, LogError>>;

/// The log as the read side reads it: in order, opened with the keys that exist now, brought up to date. What cannot be
/// opened or brought up to date is given as it is stored.
pub trait Log: Send + Sync + 'static {
    /// The last position; 0 while the log is empty.
    fn head(&self) -> Answer<'_, i64>;

    /// Events after a position in the order of positions, at most `limit`.
    fn read_after(&self, position: i64, limit: u32) -> Answer<'_, Vec<RecordedEvent>>;

    /// All events of these streams (type, id), for each stream in the order asked.
    fn read_streams<'a>(&'a self, streams: &'a [(String, String)]) -> Answer<'a, Vec<Vec<RecordedEvent>>>;

    /// A page of events of these types, or of all, in the order of type, id and sequence, up to a position; an empty one is the
    /// last. They are given as they are stored.
    fn read_stored_by_stream<'a>(
        &'a self,
        aggregate_types: Option<&'a [&'static str]>,
        up_to: i64,
        after: Option<&'a After>,
        limit: u32,
    ) -> Answer<'a, Vec<RecordedEvent>>;

    /// Opens events that were given as stored and brings them up to date.
    fn open(&self, events: Vec<RecordedEvent>) -> Answer<'_, Vec<RecordedEvent>>;

    /// Tells when the log has grown. A hint: nothing is lost if it stays silent.
    fn subscribe_head(&self) -> watch::Receiver<i64>;
}
