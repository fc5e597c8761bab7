//! 撤回 Withdraw: the applicant takes the case back before anyone acted; final; frees the claim and the reserved quota
//! (contract.md; T06).

use crate::action::{ActionSpec, FieldType, Place, Start, by, optional};
use crate::aggregate::{Decision, Outcome};
use crate::context::Context;
use crate::declaration::{Declaration, Event, Stage};
use crate::input::Checks;
use crate::label::label;
use crate::refusal::refusals;
use crate::values::Role;
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

refusals! {
    /// T06: in employer_review only before the unit has acted.
    AlreadyActedOn = Rule "already-acted-on", "单位已办理", "所在单位已办理该申报，不能撤回。如需修改，请联系单位退回。";
}

/// The input.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Withdraw {
    /// Why.
    pub reason: Option<String>,
}

/// The action as data.
pub const SPEC: ActionSpec = ActionSpec {
    name: "withdraw",
    label: label("撤回", "Withdraw"),
    by: &[by(Role::Applicant, Place::Owner)],
    from: Start::Stages(&[
        Stage::Draft.name(),
        Stage::EmployerReview.name(),
        Stage::ReturnedToApplicant.name(),
    ]),
    to: &[Stage::Withdrawn.name()],
    form: &[optional("reason", "撤回原因", FieldType::LongText)],
    ..ActionSpec::DEFAULT
};

/// Takes it back.
pub fn decide(input: &Withdraw, it: &Declaration, id: Uuid, _: &Context<'_>) -> Decision<Event> {
    let mut checks = Checks::new();
    let reason = checks.opinion("/reason", input.reason.as_deref());
    checks.done()?;
    if it.stage == Stage::EmployerReview && it.employer_acted {
        return Err(AlreadyActedOn.into());
    }
    Ok(super::end(Outcome::of(Event::Withdrawn { reason: reason.into() }), it, id))
}
