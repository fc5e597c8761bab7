//! 取消 Cancel: the items not yet worked off stay as they are; what was done, and what is being done just now, stays done.

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
pub struct Cancel {}

/// The action as data.
pub const SPEC: ActionSpec = ActionSpec {
    name: "cancel",
    label: label("取消任务", "Cancel job"),
    by: KEEPERS,
    from: Start::Stages(&["running", "suspended"]),
    to: &["cancelled"],
    ..ActionSpec::DEFAULT
};

/// Cancels it.
pub fn decide(_: &Cancel, _: &Job, _: Uuid, _: &Context<'_>) -> Decision<Event> {
    Ok(Outcome::of(Event::Cancelled))
}
