//! 注销 Deregister: new declarations no longer walk the edge; those under way finish on their snapshot (X-25;
//! seed 002 人 1.4 to 1.8).

use super::amend::SUPERIOR;
use crate::action::{ActionSpec, FieldType, Start, required};
use crate::aggregate::{Decision, Outcome};
use crate::context::Context;
use crate::input::Checks;
use crate::label::label;
use crate::path_edge::{Event, PathEdge};
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

/// The input.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Deregister {
    /// Why.
    pub reason: String,
}

/// The action as data.
pub const SPEC: ActionSpec = ActionSpec {
    name: "deregister",
    label: label("注销", "Deregister path edge"),
    by: SUPERIOR,
    from: Start::Stages(&["proposed", "confirmed"]),
    to: &["deregistered"],
    form: &[required("reason", "注销原因", FieldType::LongText)],
    ..ActionSpec::DEFAULT
};

/// Ends it; the edge may be proposed anew.
pub fn decide(input: &Deregister, it: &PathEdge, id: Uuid, _: &Context<'_>) -> Decision<Event> {
    let mut checks = Checks::new();
    let reason = checks.reason("/reason", &input.reason);
    checks.done()?;
    Ok(it.given_back(Outcome::of(Event::Deregistered { reason }), id))
}
