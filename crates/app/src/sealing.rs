//! Private values of events are sealed under their person's key before they are appended, and opened when they are read.

use crate::error::Error;
use serde::Deserialize;
use std::borrow::Cow;
use uuid::Uuid;
use zhicheng_domain::StreamId;
use zhicheng_domain::ids::PersonId;
use zhicheng_domain::private::PRIVATE;
use zhicheng_eventstore::sealing::SEALED_MARKER;
use zhicheng_eventstore::{RecordedEvent, Sealing, SealingError};
use zhicheng_vault::{PersonKey, Place, Vault, open_payload, seal_payload};

/// The member of an event's metadata that names whose key seals its private values.
pub const SUBJECT_MEMBER: &str = "subject";

/// Opens what is read with the keys of the vault.
pub struct OpenWithVault(pub Vault);

impl Sealing for OpenWithVault {
    fn open<'a>(
        &'a self,
        events: &'a mut [RecordedEvent],
    ) -> futures::future::BoxFuture<'a, Result<(), SealingError>> {
        Box::pin(async move {
            let sealed = events.iter_mut().filter(|event| event.payload.contains(SEALED_MARKER));
            let sealed: Vec<_> = sealed.map(|event| (subject_of(event), event)).collect();
            let mut persons: Vec<Uuid> = sealed.iter().filter_map(|(subject, _)| *subject).collect();
            persons.sort_unstable();
            persons.dedup();
            let keys =
                self.0.person_keys().keys(&persons).await.map_err(|error| SealingError(Box::new(error)))?;
            for (subject, event) in sealed {
                let key = subject.and_then(|person| keys.get(&person)).unwrap_or(&PersonKey::Absent);
                let place = Place {
                    aggregate_type: &event.aggregate_type,
                    aggregate_id: &event.aggregate_id,
                    sequence: u64::try_from(event.sequence).unwrap_or_default(),
                };
                event.payload = open_payload(&event.payload, key, place)
                    .map_err(|error| SealingError(Box::new(error)))?;
            }
            Ok(())
        })
    }
}

/// What of an event's metadata says whom it is about.
#[derive(Deserialize)]
struct About<'a> {
    #[serde(borrow)]
    subject: Cow<'a, str>,
}

/// Whom an event is about, where it is about a person.
pub(crate) fn subject_of(event: &RecordedEvent) -> Option<Uuid> {
    let About { subject } = serde_json::from_str(&event.metadata).ok()?;
    subject.parse().ok()
}

/// A payload as it is stored.
pub(crate) enum Sealed {
    /// This.
    Payload(String),
    /// None: it holds private values, and the person's key was destroyed. The payload as it was given.
    KeyGone(String),
}

/// Seals a payload for its place in the log. Without private values it stays as it is and needs no key.
pub(crate) async fn seal(
    vault: &Vault,
    stream: StreamId,
    sequence: i64,
    subject: Option<PersonId>,
    payload: String,
) -> Result<Sealed, Error> {
    if !payload.contains(PRIVATE) {
        return Ok(Sealed::Payload(payload));
    }
    let Some(person) = subject else { return Err(Error::fault("a private value that is about nobody")) };
    let key = match vault.person_keys().create(person.0).await {
        Ok(key) => key,
        Err(zhicheng_vault::Error::KeyDestroyed { .. }) => return Ok(Sealed::KeyGone(payload)),
        Err(error) => return Err(error.into()),
    };
    let id = stream.id.to_string();
    let place = Place {
        aggregate_type: stream.aggregate,
        aggregate_id: &id,
        sequence: u64::try_from(sequence).unwrap_or_default(),
    };
    let sealed = seal_payload(&payload, &key, place).map_err(|error| Error::internal("seal", error))?;
    Ok(Sealed::Payload(sealed))
}
