//! 复核不通过 Decline: another account that may take the action turns it down; nothing is performed.

use super::approve::APPROVERS;
use crate::action::{ActionSpec, FieldType, Start, optional};
use crate::aggregate::{Aggregate, Decision, Outcome};
use crate::approval::{Approval, Event};
use crate::context::Context;
use crate::input::Checks;
use crate::label::label;
use crate::private::PerhapsPrivate;
use crate::refusal::common;
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

/// The input.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Decline {
    /// Why.
    pub reason: Option<String>,
}

/// The action as data.
pub const SPEC: ActionSpec = ActionSpec {
    name: "decline",
    label: label("复核不通过", "Decline"),
    by: APPROVERS,
    from: Start::Stages(&["open"]),
    to: &["declined"],
    form: &[optional("reason", "原因", FieldType::LongText)],
    ..ActionSpec::DEFAULT
};

/// Turns it down.
pub fn decide(input: &Decline, it: &Approval, _: Uuid, context: &Context<'_>) -> Decision<Event> {
    let Some(request) = &it.request else { return Err(common::NotFound.into()) };
    if request.is_by(context.acting()?) {
        return Err(common::SamePerson.into());
    }
    let mut checks = Checks::new();
    let reason = checks.opinion("/reason", input.reason.as_deref());
    checks.done()?;
    Ok(Outcome::of(Event::Declined { reason: PerhapsPrivate::about(it.subject(), reason) }))
}
