//! 注销评委会 Deregister: no new declaration may choose it; those under way finish on their snapshot
//! (X-25; seed 002 人 1.10).

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
pub struct Deregister {
    /// Why.
    pub reason: String,
}

/// The action as data.
pub const SPEC: ActionSpec = ActionSpec {
    name: "deregister",
    label: label("注销评委会", "Deregister committee"),
    by: &[by(Role::ProvincialAdministrator, Place::Anywhere)],
    from: Start::Stages(&["active", "suspended"]),
    to: &["deregistered"],
    form: &[required("reason", "注销原因", FieldType::LongText)],
    ..ActionSpec::DEFAULT
};

/// Ends it.
pub fn decide(input: &Deregister, _: &Committee, _: Uuid, _: &Context<'_>) -> Decision<Event> {
    let mut checks = Checks::new();
    let reason = checks.reason("/reason", &input.reason);
    checks.done()?;
    Ok(Outcome::of(Event::Deregistered { reason }))
}
