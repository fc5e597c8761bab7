//! 停用评委会 Suspend: it may not act until it is resumed (N33; seed 003 七(四): the right to review is withdrawn).

use crate::action::{ActionSpec, FieldType, Place, Start, by, required};
use crate::aggregate::{Decision, Outcome};
use crate::committee::{Committee, Event};
use crate::context::Context;
use crate::input::Checks;
use crate::label::label;
use crate::values::Role;
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

/// The input.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Suspend {
    /// Why.
    pub reason: String,
}

/// The action as data.
pub const SPEC: ActionSpec = ActionSpec {
    name: "suspend",
    label: label("停用评委会", "Suspend committee"),
    by: &[by(Role::ProvincialAdministrator, Place::Anywhere)],
    from: Start::Stages(&["active"]),
    to: &["suspended"],
    form: &[required("reason", "停用原因", FieldType::LongText)],
    ..ActionSpec::DEFAULT
};

/// Suspends it.
pub fn decide(input: &Suspend, _: &Committee, _: Uuid, _: &Context<'_>) -> Decision<Event> {
    let mut checks = Checks::new();
    let reason = checks.reason("/reason", &input.reason);
    checks.done()?;
    Ok(Outcome::of(Event::Suspended { reason }))
}
