//! Upcasters: old versions of events are brought up to date as they are read. What is stored stays as it is.

use std::collections::HashMap;
use std::sync::Arc;

use serde::de::DeserializeOwned;
use serde_json::Value;
use zhicheng_journal::RecordedEvent;

use crate::error::DecodeError;

/// How many steps one event may take; more means that two steps lead back to each other.
const STEPS_MAX: usize = 64;

type Step = dyn Fn(Value) -> Result<Value, Box<dyn std::error::Error + Send + Sync>> + Send + Sync;

/// Steps from one version of an event to the next, found by aggregate type, event type and version. They chain: an event of
/// version 1 takes the step to 2, then the one to 3.
#[derive(Clone, Default)]
pub struct Upcasters {
    steps: HashMap<[String; 3], (String, Arc<Step>)>,
}

impl Upcasters {
    /// No steps: every event is read in the version it was written in.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the step that leads `event_type` of `aggregate_type` from version `from` to version `to`. A step for the same version
    /// takes the place of the former one.
    #[must_use]
    pub fn step<F, E>(mut self, aggregate_type: &str, event_type: &str, from: &str, to: &str, step: F) -> Self
    where
        F: Fn(Value) -> Result<Value, E> + Send + Sync + 'static,
        E: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let key = [aggregate_type.to_owned(), event_type.to_owned(), from.to_owned()];
        let step = move |payload| step(payload).map_err(Into::into);
        self.steps.insert(key, (to.to_owned(), Arc::new(step)));
        self
    }

    /// Brings an event up to date in place.
    ///
    /// # Errors
    ///
    /// The payload is not JSON, or a step refused it, or the steps lead in a circle; the event is then left as it was.
    pub fn apply(&self, event: &mut RecordedEvent) -> Result<(), DecodeError> {
        if self.steps.is_empty() || self.next(event, &event.event_version).is_none() {
            return Ok(());
        }
        let mut version = event.event_version.clone();
        let mut payload: Value =
            serde_json::from_str(&event.payload).map_err(|source| undecodable(event, source))?;
        for _ in 0..STEPS_MAX {
            let Some((to, step)) = self.next(event, &version) else {
                event.event_version = version;
                event.payload = payload.to_string();
                return Ok(());
            };
            payload = step(payload).map_err(|source| undecodable(event, source))?;
            version.clone_from(to);
        }
        Err(undecodable(event, "its upcasters lead in a circle"))
    }

    /// Reads the payload as `E`, once it is up to date.
    ///
    /// # Errors
    ///
    /// The event is of an old version that could not be brought up to date, or its payload is no `E`.
    pub fn decode<E: DeserializeOwned>(&self, event: &RecordedEvent) -> Result<E, DecodeError> {
        if !self.steps.is_empty() && self.next(event, &event.event_version).is_some() {
            let mut event = event.clone();
            self.apply(&mut event)?;
            return serde_json::from_str(&event.payload).map_err(|source| undecodable(&event, source));
        }
        serde_json::from_str(&event.payload).map_err(|source| undecodable(event, source))
    }

    fn next(&self, event: &RecordedEvent, version: &str) -> Option<&(String, Arc<Step>)> {
        let key = [event.aggregate_type.clone(), event.event_type.clone(), version.to_owned()];
        self.steps.get(&key)
    }
}

impl std::fmt::Debug for Upcasters {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_set().entries(self.steps.keys()).finish()
    }
}

fn undecodable(
    event: &RecordedEvent,
    source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
) -> DecodeError {
    DecodeError {
        position: event.position,
        aggregate_type: event.aggregate_type.clone(),
        aggregate_id: event.aggregate_id.clone(),
        sequence: event.sequence,
        event_type: event.event_type.clone(),
        event_version: event.event_version.clone(),
        source: source.into(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn event(version: &str, payload: &str) -> RecordedEvent {
        RecordedEvent {
            position: 9,
            aggregate_type: "declaration".into(),
            aggregate_id: "d1".into(),
            sequence: 2,
            event_type: "declaration.submitted".into(),
            event_version: version.into(),
            payload: payload.into(),
            metadata: "{}".into(),
            recorded_at: chrono::DateTime::UNIX_EPOCH,
            command_id: None,
            leaf_hash: [0; 32],
        }
    }

    fn renamed(mut payload: Value, from: &str, to: &str) -> Result<Value, String> {
        let members = payload.as_object_mut().ok_or("no object")?;
        let value = members.remove(from).ok_or_else(|| format!("no {from}"))?;
        members.insert(to.into(), value);
        Ok(payload)
    }

    fn upcasters() -> Upcasters {
        Upcasters::new()
            .step("declaration", "declaration.submitted", "1", "2", |payload| {
                renamed(payload, "rank", "grade")
            })
            .step("declaration", "declaration.submitted", "2", "3", |payload| {
                renamed(payload, "grade", "level")
            })
    }

    #[test]
    fn steps_chain_from_any_version() {
        for (version, member) in [("1", "rank"), ("2", "grade"), ("3", "level")] {
            let mut event = event(version, &json!({ member: "正高级" }).to_string());
            upcasters().apply(&mut event).unwrap();
            assert_eq!(
                (event.event_version.as_str(), event.payload.as_str()),
                ("3", r#"{"level":"正高级"}"#)
            );
        }
    }

    #[test]
    fn another_aggregate_type_is_left_alone() {
        let mut event = RecordedEvent { aggregate_type: "certificate".into(), ..event("1", r#"{"rank":1}"#) };
        upcasters().apply(&mut event).unwrap();
        assert_eq!(event.event_version, "1");
    }

    #[test]
    fn a_refused_step_names_the_event_and_leaves_it() {
        let mut event = event("1", r#"{"grade":1}"#);
        let error = upcasters().apply(&mut event).unwrap_err();
        assert_eq!((error.position, error.source.to_string().as_str()), (9, "no rank"));
        assert_eq!(event.event_version, "1");
        assert!(upcasters().decode::<Value>(&event).is_err());
    }

    #[test]
    fn a_circle_is_an_error() {
        let circle = Upcasters::new()
            .step("declaration", "declaration.submitted", "1", "2", Ok::<_, String>)
            .step("declaration", "declaration.submitted", "2", "1", Ok::<_, String>);
        assert!(circle.apply(&mut event("1", "{}")).is_err());
    }
}
