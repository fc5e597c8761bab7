//! 恢复账号 Resume: a suspended account signs in again, with the roles it had.

use crate::account::{Account, Event};
use crate::action::{ActionSpec, Place, Start, by};
use crate::aggregate::{Decision, Outcome};
use crate::context::Context;
use crate::label::label;
use crate::values::Role;
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
    label: label("恢复账号", "Resume account"),
    by: &[by(Role::SystemAdministrator, Place::Anywhere)],
    from: Start::Stages(&["suspended"]),
    to: &["active"],
    ..ActionSpec::DEFAULT
};

/// Resumes it.
pub fn decide(_: &Resume, _: &Account, _: Uuid, _: &Context<'_>) -> Decision<Event> {
    Ok(Outcome::of(Event::Resumed))
}
