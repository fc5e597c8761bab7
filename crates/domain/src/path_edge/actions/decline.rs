//! 拒绝 Decline: the subordinate does not agree to be one; the superior may name it again (seed 002 单 1.6.2).

use crate::action::{ActionSpec, FieldType, Place, Start, by, required};
use crate::aggregate::{Decision, Outcome};
use crate::context::Context;
use crate::input::Checks;
use crate::label::label;
use crate::path_edge::{Event, PathEdge};
use crate::values::Role;
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

/// The input.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Decline {
    /// Why.
    pub reason: String,
}

/// The action as data.
pub const SPEC: ActionSpec = ActionSpec {
    name: "decline",
    label: label("拒绝", "Decline"),
    by: &[
        by(Role::EmployerOperator, Place::Subordinate),
        by(Role::SuperiorReviewer, Place::Subordinate),
        by(Role::AuthorityReviewer, Place::Subordinate),
        by(Role::ProvincialAdministrator, Place::Subordinate),
    ],
    from: Start::Stages(&["proposed"]),
    to: &["declined"],
    form: &[required("reason", "拒绝原因", FieldType::LongText)],
    ..ActionSpec::DEFAULT
};

/// Declines it; the edge may be proposed anew.
pub fn decide(input: &Decline, it: &PathEdge, id: Uuid, _: &Context<'_>) -> Decision<Event> {
    let mut checks = Checks::new();
    let reason = checks.reason("/reason", &input.reason);
    checks.done()?;
    Ok(it.given_back(Outcome::of(Event::Declined { reason }), id))
}
