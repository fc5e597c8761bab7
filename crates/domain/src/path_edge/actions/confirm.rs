//! 审核层级配置单位确认 Confirm: the subordinate agrees; from now on declarations may walk the edge (seed 002 单 1.6.2).

use crate::action::{ActionSpec, Place, Start, by};
use crate::aggregate::{Decision, Outcome};
use crate::context::Context;
use crate::label::label;
use crate::path_edge::{Event, PathEdge};
use crate::values::Role;
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

/// The input: nothing.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Confirm {}

/// The action as data.
pub const SPEC: ActionSpec = ActionSpec {
    name: "confirm",
    label: label("确认", "Confirm"),
    by: &[
        by(Role::EmployerOperator, Place::Subordinate),
        by(Role::SuperiorReviewer, Place::Subordinate),
        by(Role::AuthorityReviewer, Place::Subordinate),
        by(Role::ProvincialAdministrator, Place::Subordinate),
    ],
    from: Start::Stages(&["proposed"]),
    to: &["confirmed"],
    ..ActionSpec::DEFAULT
};

/// Confirms it.
pub fn decide(_: &Confirm, _: &PathEdge, _: Uuid, _: &Context<'_>) -> Decision<Event> {
    Ok(Outcome::of(Event::Confirmed))
}
