//! 继续 Resume: goes on with the items that still wait.

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
pub struct Resume {}

/// The action as data.
pub const SPEC: ActionSpec = ActionSpec {
    name: "resume",
    label: label("继续任务", "Resume job"),
    by: KEEPERS,
    from: Start::Stages(&["suspended"]),
    to: &["running"],
    ..ActionSpec::DEFAULT
};

/// Resumes it.
pub fn decide(_: &Resume, _: &Job, _: Uuid, _: &Context<'_>) -> Decision<Event> {
    Ok(Outcome::of(Event::Resumed))
}
