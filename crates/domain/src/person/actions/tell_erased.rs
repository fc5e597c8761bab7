//! 告知已清除 Tell of an erasure: a stream about the person that began while the person was being erased hears of it afterwards, by the
//! system.

use crate::action::{ActionSpec, Start};
use crate::aggregate::{AnyEvent, AnyState, Decision, Outcome, StreamId};
use crate::context::Context;
use crate::label::label;
use crate::person::{Event, Person};
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

/// The input.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TellErased {
    /// Streams that are about the person and were not told.
    pub streams: Vec<Untold>,
}

/// A stream that was not told.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Untold {
    /// Its aggregate type.
    pub aggregate: String,
    /// Its id.
    pub id: Uuid,
}

/// The action as data: by the system alone.
pub const SPEC: ActionSpec = ActionSpec {
    name: "tell-erased",
    label: label("告知已清除", "Tell of erasure"),
    from: Start::Stages(&["erased"]),
    ..ActionSpec::DEFAULT
};

/// Tells them.
pub fn decide(input: &TellErased, _: &Person, _: Uuid, _: &Context<'_>) -> Decision<Event> {
    let mut outcome = Outcome::nothing();
    for Untold { aggregate, id } in &input.streams {
        let Some(aggregate) = AnyState::type_of(aggregate) else { continue };
        if let Some(event) = AnyEvent::person_erased(aggregate) {
            outcome.others.push((StreamId { aggregate, id: *id }, event));
        }
    }
    Ok(outcome)
}
