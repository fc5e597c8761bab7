//! 修改发证单位编码 Amend: another code from the next number on; the old one stays with the numbers that carry it.

use crate::action::{ActionSpec, FieldType, Place, Start, by, required};
use crate::aggregate::{Decision, Outcome, StreamId};
use crate::context::Context;
use crate::input::Checks;
use crate::issuing_code::{Event, IssuingCode, check_code, code_claim};
use crate::label::label;
use crate::values::Role;
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

/// The input.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Amend {
    /// Four digits.
    pub code: String,
}

/// The action as data.
pub const SPEC: ActionSpec = ActionSpec {
    name: "amend",
    label: label("修改发证单位编码", "Amend issuing code"),
    by: &[by(Role::ProvincialAdministrator, Place::Anywhere)],
    from: Start::Stages(&["active"]),
    form: &[required("code", "编码", FieldType::Text)],
    ..ActionSpec::DEFAULT
};

/// Changes it; what changes nothing appends nothing.
pub fn decide(input: &Amend, it: &IssuingCode, id: Uuid, context: &Context<'_>) -> Decision<Event> {
    let mut checks = Checks::new();
    let code = check_code(&mut checks, &input.code);
    checks.done()?;
    if code == it.code {
        return Ok(Outcome::nothing());
    }
    let (claim, stream) = (code_claim(&code), StreamId::of::<IssuingCode>(id));
    let had_it_before = context.claim_holder(&claim)? == Some(&stream);
    let outcome = Outcome::of(Event::Amended { code });
    Ok(if had_it_before { outcome } else { outcome.take(claim, stream) })
}
