//! What the read side needs of the log.

use std::future::Future;
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

/// The log as the read side reads it: in order, opened with the keys that exist now, brought up to date. What cannot be
/// opened or brought up to date is given as it is stored.
pub trait Log: Send + Sync + 'static {
    /// The last position; 0 while the log is empty.
    fn head(&self) -> impl Future<Output = Result<i64, LogError>> + Send;

    /// Events after a position in the order of positions, at most `limit`.
    fn read_after(
        &self,
        position: i64,
        limit: u32,
    ) -> impl Future<Output = Result<Vec<RecordedEvent>, LogError>> + Send;

    /// All events of these streams (type, id), for each stream in the order asked.
    fn read_streams(
        &self,
        streams: &[(String, String)],
    ) -> impl Future<Output = Result<Vec<Vec<RecordedEvent>>, LogError>> + Send;

    /// A page of events in the order of type, id and sequence, up to a position; an empty one is the last.
    fn read_by_stream(
        &self,
        aggregate_types: &[&str],
        up_to: i64,
        after: Option<&After>,
        limit: u32,
    ) -> impl Future<Output = Result<Vec<RecordedEvent>, LogError>> + Send;

    /// Tells when the log has grown. A hint: nothing is lost if it stays silent.
    fn subscribe_head(&self) -> watch::Receiver<i64>;
}

impl<L: Log> Log for std::sync::Arc<L> {
    async fn head(&self) -> Result<i64, LogError> {
        L::head(self).await
    }

    async fn read_after(&self, position: i64, limit: u32) -> Result<Vec<RecordedEvent>, LogError> {
        L::read_after(self, position, limit).await
    }

    async fn read_streams(&self, streams: &[(String, String)]) -> Result<Vec<Vec<RecordedEvent>>, LogError> {
        L::read_streams(self, streams).await
    }

    async fn read_by_stream(
        &self,
        aggregate_types: &[&str],
        up_to: i64,
        after: Option<&After>,
        limit: u32,
    ) -> Result<Vec<RecordedEvent>, LogError> {
        L::read_by_stream(self, aggregate_types, up_to, after, limit).await
    }

    fn subscribe_head(&self) -> watch::Receiver<i64> {
        L::subscribe_head(self)
    }
}
