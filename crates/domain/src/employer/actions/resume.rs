//! 恢复单位 Resume: a suspended employer acts again.

use crate::action::{ActionSpec, Place, Start, by};
use crate::aggregate::{Decision, Outcome};
use crate::context::Context;
use crate::employer::{Employer, Event};
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
    label: label("恢复单位", "Resume employer"),
    by: &[
        by(Role::ProvincialAdministrator, Place::Anywhere),
        by(Role::AuthorityReviewer, Place::ReviewingOrganisation),
    ],
    from: Start::Stages(&["suspended"]),
    to: &["approved"],
    ..ActionSpec::DEFAULT
};

/// Resumes it.
pub fn decide(_: &Resume, _: &Employer, _: Uuid, _: &Context<'_>) -> Decision<Event> {
    Ok(Outcome::of(Event::Resumed))
}
