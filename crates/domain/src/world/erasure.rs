//! What the destruction of a person's key does to a log: private values about that person can be read no more.

use super::World;
use crate::aggregate::{AnyEvent, AnyState, StreamId};
use crate::ids::PersonId;
use crate::person;
use crate::private::{ERASED, PRIVATE};
use serde_json::{Value, json};
use std::collections::BTreeSet;

impl World {
    /// Destroys the keys of those whom these events erased, as the application does after the append: the log is read without
    /// what they sealed, and no state keeps what was folded before.
    pub(super) fn forget_erased(&mut self, from: usize) {
        let erased: Vec<PersonId> = self.log[from..]
            .iter()
            .filter(|logged| matches!(logged.event, AnyEvent::Person(person::Event::Erased { .. })))
            .map(|logged| PersonId(logged.stream.id))
            .collect();
        for person in erased {
            let about = |state: &AnyState| state.subject() == Some(person);
            let streams: BTreeSet<StreamId> =
                self.states.iter().filter(|(_, state)| about(state)).map(|(stream, _)| *stream).collect();
            for logged in self.log.iter_mut().filter(|logged| streams.contains(&logged.stream)) {
                let payload = logged.event.to_payload(&logged.stamp).expect("an event is JSON");
                let mut payload: Value = serde_json::from_str(&payload).expect("it was just written");
                erase(&mut payload);
                let read = AnyEvent::from_payload(logged.stream.aggregate, &payload.to_string());
                (logged.event, logged.stamp) = read.expect("known").expect("an erased event reads back");
            }
            for stream in streams {
                let fresh = self.fold(stream);
                self.states.insert(stream, fresh);
            }
        }
    }
}

/// Puts what stands for an erased value in the place of every private one.
fn erase(value: &mut Value) {
    match value {
        Value::Object(members) if members.contains_key(PRIVATE) => *value = json!({ERASED: true}),
        Value::Object(members) => members.values_mut().for_each(erase),
        Value::Array(items) => items.iter_mut().for_each(erase),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
