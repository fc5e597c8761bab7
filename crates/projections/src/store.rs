//! The event store as the log of the read side.

use crate::log::{After, Answer, Log, LogError};
use tokio::sync::watch;
use zhicheng_eventstore::{EventStore, StreamKey, StreamPage};
use zhicheng_journal::RecordedEvent;

impl Log for EventStore {
    fn head(&self) -> Answer<'_, i64> {
        Box::pin(async { self.head().await.map_err(failed) })
    }

    fn read_after(&self, position: i64, limit: u32) -> Answer<'_, Vec<RecordedEvent>> {
        Box::pin(async move { self.read_after(position, limit, None).await.map_err(failed) })
    }

    fn read_streams<'a>(&'a self, streams: &'a [(String, String)]) -> Answer<'a, Vec<Vec<RecordedEvent>>> {
        Box::pin(async {
            let streams: Vec<(&str, &str, i64)> =
                streams.iter().map(|(aggregate, id)| (aggregate.as_str(), id.as_str(), 0)).collect();
            self.read_streams(&streams).await.map_err(failed)
        })
    }

    fn read_stored_by_stream<'a>(
        &'a self,
        aggregate_types: Option<&'a [&'static str]>,
        up_to: i64,
        after: Option<&'a After>,
        limit: u32,
    ) -> Answer<'a, Vec<RecordedEvent>> {
        let after = after.map(|after| StreamKey {
            aggregate_type: after.aggregate_type.clone(),
            aggregate_id: after.aggregate_id.clone(),
            sequence: after.sequence,
        });
        Box::pin(async move {
            let page = StreamPage { aggregate_types, up_to, after: after.as_ref(), limit };
            self.read_stored_by_stream(page).await.map_err(failed)
        })
    }

    fn open(&self, mut events: Vec<RecordedEvent>) -> Answer<'_, Vec<RecordedEvent>> {
        Box::pin(async move {
            self.open(&mut events).await.map_err(failed)?;
            Ok(events)
        })
    }

    fn subscribe_head(&self) -> watch::Receiver<i64> {
        self.subscribe_head()
    }
}

fn failed(error: impl std::error::Error + Send + Sync + 'static) -> LogError {
    LogError(Box::new(error))
}
