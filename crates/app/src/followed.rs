//! The log as this process's read tables follow it: the states that follow from what was appended here are at hand.

use crate::load::Held;
use tokio::sync::watch;
use zhicheng_domain::AnyState;
use zhicheng_eventstore::{EventStore, RecordedEvent};
use zhicheng_projections::log::{After, Answer, Log};

/// The log, with the states that whoever appended keeps.
pub(crate) struct Followed(pub(crate) EventStore);

impl Log for Followed {
    fn head(&self) -> Answer<'_, i64> {
        Log::head(&self.0)
    }

    fn read_after(&self, position: i64, limit: u32) -> Answer<'_, Vec<RecordedEvent>> {
        Log::read_after(&self.0, position, limit)
    }

    fn read_streams<'a>(&'a self, streams: &'a [(String, String)]) -> Answer<'a, Vec<Vec<RecordedEvent>>> {
        Log::read_streams(&self.0, streams)
    }

    fn read_by_stream<'a>(
        &'a self,
        aggregate_types: Option<&'a [&'static str]>,
        up_to: i64,
        after: Option<&'a After>,
        limit: u32,
    ) -> Answer<'a, Vec<RecordedEvent>> {
        Log::read_by_stream(&self.0, aggregate_types, up_to, after, limit)
    }

    fn at_hand(&self, aggregate: &str, id: &str, sequence: i64) -> Option<AnyState> {
        let (held, version) = self.0.cache().get::<Held>(aggregate, id)?;
        (version == sequence).then(|| held.state.clone())
    }

    fn subscribe_head(&self) -> watch::Receiver<i64> {
        Log::subscribe_head(&self.0)
    }
}
