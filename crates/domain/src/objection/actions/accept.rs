//! 受理异议 Accept: it will be looked into; the declaration stays on hold meanwhile (domain.md 2.7).

use super::HANDLERS;
use crate::action::{ActionSpec, Start};
use crate::aggregate::{Decision, Outcome};
use crate::context::Context;
use crate::label::label;
use crate::objection::{Event, Objection, Stage};
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

/// The input: nothing.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Accept {}

/// The action as data.
pub const SPEC: ActionSpec = ActionSpec {
    name: "accept",
    label: label("受理异议", "Accept"),
    by: HANDLERS,
    from: Start::Stages(&[Stage::Raised.name()]),
    to: &[Stage::Accepted.name()],
    ..ActionSpec::DEFAULT
};

/// Accepts it.
pub fn decide(_: &Accept, _: &Objection, _: Uuid, _: &Context<'_>) -> Decision<Event> {
    Ok(Outcome::of(Event::Accepted))
}
