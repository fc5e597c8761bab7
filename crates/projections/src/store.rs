//! The event store as the log of the read side.

use crate::log::{After, Log, LogError};
use tokio::sync::watch;
use zhicheng_eventstore::{EventStore, StreamKey, StreamPage};
use zhicheng_journal::RecordedEvent;

impl Log for EventStore {
    async fn head(&self) -> Result<i64, LogError> {
        self.head().await.map_err(failed)
    }

    async fn read_after(&self, position: i64, limit: u32) -> Result<Vec<RecordedEvent>, LogError> {
        self.read_after(position, limit, None).await.map_err(failed)
    }

    async fn read_streams(&self, streams: &[(String, String)]) -> Result<Vec<Vec<RecordedEvent>>, LogError> {
        let streams: Vec<(&str, &str)> =
            streams.iter().map(|(aggregate, id)| (aggregate.as_str(), id.as_str())).collect();
        self.read_streams(&streams).await.map_err(failed)
    }

    async fn read_by_stream(
        &self,
        aggregate_types: &[&str],
        up_to: i64,
        after: Option<&After>,
        limit: u32,
    ) -> Result<Vec<RecordedEvent>, LogError> {
        let after = after.map(|after| StreamKey {
            aggregate_type: after.aggregate_type.clone(),
            aggregate_id: after.aggregate_id.clone(),
            sequence: after.sequence,
        });
        let (id_from, id_before) = (None, None);
        let page = StreamPage { aggregate_types, id_from, id_before, up_to, after: after.as_ref(), limit };
        self.read_by_stream(page).await.map_err(failed)
    }

    fn subscribe_head(&self) -> watch::Receiver<i64> {
        self.subscribe_head()
    }
}

fn failed(error: impl std::error::Error + Send + Sync + 'static) -> LogError {
    LogError(Box::new(error))
}
