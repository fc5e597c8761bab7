//! 不予受理 Refuse: it is not looked into, with a reason; the hold it put is lifted (domain.md 2.7).

use super::HANDLERS;
use crate::action::{ActionSpec, FieldType, Start, required};
use crate::aggregate::{Decision, Outcome};
use crate::context::Context;
use crate::declaration::actions::resolve_objection;
use crate::declaration::{self, Declaration};
use crate::ids::ObjectionId;
use crate::input::Checks;
use crate::label::label;
use crate::objection::{Event, Objection, Stage};
use crate::private::Private;
use crate::refusal::common;
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

/// The input.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Refuse {
    /// Why.
    pub reason: String,
}

/// The action as data.
pub const SPEC: ActionSpec = ActionSpec {
    name: "refuse",
    label: label("不予受理", "Refuse"),
    by: HANDLERS,
    from: Start::Stages(&[Stage::Raised.name()]),
    to: &[Stage::Refused.name()],
    form: &[required("reason", "不予受理原因", FieldType::LongText)],
    ..ActionSpec::DEFAULT
};

/// Refuses it: to the declaration it is dismissed.
pub fn decide(input: &Refuse, it: &Objection, id: Uuid, context: &Context<'_>) -> Decision<Event> {
    let mut checks = Checks::new();
    let reason = checks.reason("/reason", &input.reason);
    checks.done()?;
    let Some(against) = &it.against else { return Err(common::NotFound.into()) };
    let declaration: &Declaration = context.load(against.declaration)?;
    crate::action::admit(declaration, &resolve_objection::SPEC, context)?;
    resolve_objection::open(declaration, ObjectionId(id))?;
    let dismissed = declaration::Event::ObjectionDismissed {
        finding: Private::Known(reason.clone()),
        objection_id: ObjectionId(id),
    };
    Ok(Outcome::of(Event::Refused { reason: Private::Known(reason) })
        .also::<Declaration>(against.declaration, dismissed))
}
