//! 取消评委资格 Disqualify: the judge is no longer drawn and loses the role in the same append (seed 003 七(三): who leaks
//! or seeks gain is no longer an expert). The seat stays taken, so that nobody is entered again by oversight.

use crate::account::{self, Account};
use crate::action::{ActionSpec, FieldType, Place, Start, by, required};
use crate::aggregate::{Decision, Outcome};
use crate::context::Context;
use crate::input::Checks;
use crate::judge::{Event, Judge};
use crate::label::label;
use crate::values::Role;
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

/// The input.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Disqualify {
    /// Why.
    pub reason: String,
}

/// The action as data.
pub const SPEC: ActionSpec = ActionSpec {
    name: "disqualify",
    label: label("取消评委资格", "Disqualify judge"),
    by: &[by(Role::CommitteeOperator, Place::Committee), by(Role::ProvincialAdministrator, Place::Anywhere)],
    from: Start::Stages(&["active"]),
    to: &["disqualified"],
    form: &[required("reason", "取消原因", FieldType::LongText)],
    ..ActionSpec::DEFAULT
};

/// Disqualifies it.
pub fn decide(input: &Disqualify, it: &Judge, _: Uuid, _: &Context<'_>) -> Decision<Event> {
    let mut checks = Checks::new();
    let reason = checks.reason("/reason", &input.reason);
    checks.done()?;
    let outcome = Outcome::of(Event::Disqualified { reason: reason.into() });
    Ok(match (it.account, it.committee) {
        (Some(account), Some(committee)) => outcome.also::<Account>(
            account,
            account::Event::RoleRevoked { organisation_id: Some(committee.into()), role: Role::Judge },
        ),
        (None, _) | (_, None) => outcome,
    })
}
