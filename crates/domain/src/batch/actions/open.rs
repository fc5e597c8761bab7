//! 开放申报 Open: applicants see the batch and may choose its holder.

use crate::action::{ActionSpec, Place, Start, by};
use crate::aggregate::{Decision, Outcome};
use crate::batch::{Batch, Event};
use crate::context::Context;
use crate::label::label;
use crate::values::Role;
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

/// The input: nothing.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Open {}

/// The action as data.
pub const SPEC: ActionSpec = ActionSpec {
    name: "open",
    label: label("开放申报", "Open"),
    by: &[
        by(Role::CommitteeOperator, Place::BatchHolder),
        by(Role::AuthorityReviewer, Place::BatchHolder),
        by(Role::SuperiorReviewer, Place::BatchHolder),
        by(Role::ProvincialAdministrator, Place::BatchHolder),
    ],
    from: Start::Stages(&["draft"]),
    to: &["open"],
    ..ActionSpec::DEFAULT
};

/// Opens it.
pub fn decide(_: &Open, _: &Batch, _: Uuid, _: &Context<'_>) -> Decision<Event> {
    Ok(Outcome::of(Event::Opened))
}
