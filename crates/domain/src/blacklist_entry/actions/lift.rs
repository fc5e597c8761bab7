//! 解除黑名单 Lift: before its time, with a reason and by two persons (X-28; seed 002 人 1.21, whose heading 4 says 查看).

use crate::action::{ActionSpec, FieldType, Place, Proof, Start, by, required};
use crate::aggregate::{Decision, Outcome};
use crate::blacklist_entry::{BlacklistEntry, Event};
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
pub struct Lift {
    /// 解除原因.
    pub reason: String,
}

/// The action as data.
pub const SPEC: ActionSpec = ActionSpec {
    name: "lift",
    label: label("解除黑名单", "Lift blacklist entry"),
    by: &[by(Role::ProvincialAdministrator, Place::Anywhere)],
    from: Start::Stages(&["active"]),
    to: &["lifted"],
    proof: Proof::SecondPerson,
    form: &[required("reason", "解除原因", FieldType::LongText)],
    ..ActionSpec::DEFAULT
};

/// Lifts it; the person may be entered again.
pub fn decide(input: &Lift, it: &BlacklistEntry, id: Uuid, context: &Context<'_>) -> Decision<Event> {
    let mut checks = Checks::new();
    let reason = checks.reason("/reason", &input.reason);
    checks.done()?;
    context.second_person()?;
    Ok(it.given_back(Outcome::of(Event::Lifted { reason: reason.into() }), id))
}
