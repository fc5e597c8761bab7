//! Opening what is sealed: fields about a person are sealed in events, and opened as they are read.

use futures::future::BoxFuture;
use zhicheng_journal::RecordedEvent;

use crate::error::ReadError;

/// The text that an event's payload holds where a field of it is sealed.
pub const SEALED_MARKER: &str = "\"$sealed\"";

/// Opens sealed fields of events that were read. Sealing them is done before they are appended: what is handed to the log is
/// what is stored and hashed.
pub trait Sealing: Send + Sync {
    /// Puts clear values in the place of sealed ones, in the payloads of these events; called once for everything read in one
    /// go, where any of it holds [`SEALED_MARKER`]. A field whose key was destroyed is not an error: it gets the value that stands for an erased one.
    fn open<'a>(&'a self, events: &'a mut [RecordedEvent]) -> BoxFuture<'a, Result<(), SealingError>>;
}

/// Why sealed fields could not be opened.
#[derive(Debug, thiserror::Error)]
#[error("the keys could not be used")]
pub struct SealingError(#[source] pub Box<dyn std::error::Error + Send + Sync>);

/// Opens what is sealed in events, where anything is.
pub(crate) async fn open(sealing: &dyn Sealing, events: &mut [RecordedEvent]) -> Result<(), ReadError> {
    if events.iter().any(|event| event.payload.contains(SEALED_MARKER)) {
        sealing.open(events).await.map_err(ReadError::Sealing)?;
    }
    Ok(())
}
