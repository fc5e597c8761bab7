//! 暂停 Suspend: the items not yet worked off wait until it is resumed.

use super::KEEPERS;
use crate::action::{ActionSpec, Start};
use crate::aggregate::{Decision, Outcome};
use crate::context::Context;
use crate::job::{Event, Job};
use crate::label::label;
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

/// The input: nothing.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Suspend {}

/// The action as data.
pub const SPEC: ActionSpec = ActionSpec {
    name: "suspend",
    label: label("暂停任务", "Suspend job"),
    by: KEEPERS,
    from: Start::Stages(&["running"]),
    to: &["suspended"],
    ..ActionSpec::DEFAULT
};

/// Suspends it.
pub fn decide(_: &Suspend, _: &Job, _: Uuid, _: &Context<'_>) -> Decision<Event> {
    Ok(Outcome::of(Event::Suspended))
}
