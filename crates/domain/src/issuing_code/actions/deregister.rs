//! 注销发证单位编码 Deregister: with a reason; no further number carries the code, and nobody else ever gets it
//! (seed 002 人 1.9; X-12).

use crate::action::{ActionSpec, FieldType, Place, Start, by, required};
use crate::aggregate::{Decision, Outcome, StreamId};
use crate::context::Context;
use crate::input::Checks;
use crate::issuing_code::{Event, IssuingCode, organisation_claim};
use crate::label::label;
use crate::values::Role;
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

/// The input.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Deregister {
    /// 注销原因.
    pub reason: String,
}

/// The action as data.
pub const SPEC: ActionSpec = ActionSpec {
    name: "deregister",
    label: label("注销发证单位编码", "Deregister issuing code"),
    by: &[by(Role::ProvincialAdministrator, Place::Anywhere)],
    from: Start::Stages(&["active"]),
    to: &["deregistered"],
    form: &[required("reason", "注销原因", FieldType::LongText)],
    ..ActionSpec::DEFAULT
};

/// Ends it; the organisation may be given another code.
pub fn decide(input: &Deregister, it: &IssuingCode, id: Uuid, _: &Context<'_>) -> Decision<Event> {
    let mut checks = Checks::new();
    let reason = checks.reason("/reason", &input.reason);
    checks.done()?;
    let outcome = Outcome::of(Event::Deregistered { reason });
    Ok(match it.organisation {
        Some(organisation) => {
            outcome.release(organisation_claim(organisation), StreamId::of::<IssuingCode>(id))
        }
        None => outcome,
    })
}
