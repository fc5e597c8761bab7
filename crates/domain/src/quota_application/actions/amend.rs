//! 修改职数申报 Amend: the number and the grounds, before it is submitted.

use super::request;
use crate::action::{ActionSpec, FieldType, Place, Start, by, optional, required};
use crate::aggregate::{Decision, Outcome};
use crate::context::Context;
use crate::input::Checks;
use crate::label::label;
use crate::quota_application::{Event, QuotaApplication, Stage};
use crate::refusal::common;
use crate::values::Role;
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

/// The input.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Amend {
    /// 申报职数.
    pub number: u32,
    /// 申报理由.
    pub grounds: Option<String>,
}

/// The action as data.
pub const SPEC: ActionSpec = ActionSpec {
    name: "amend",
    label: label("修改职数申报", "Amend"),
    by: &[by(Role::EmployerOperator, Place::Employer)],
    from: Start::Stages(&[Stage::Draft.name()]),
    form: &[
        required("number", "申报职数", FieldType::Integer),
        optional("grounds", "申报理由", FieldType::LongText),
    ],
    ..ActionSpec::DEFAULT
};

/// Changes it; what changes nothing appends nothing.
pub fn decide(input: &Amend, it: &QuotaApplication, _: Uuid, _: &Context<'_>) -> Decision<Event> {
    let Some(before) = &it.request else { return Err(common::NotFound.into()) };
    let mut checks = Checks::new();
    let (number, grounds) = request(&mut checks, before.kind, input.number, input.grounds.as_deref());
    checks.done()?;
    if number == before.number && grounds == before.grounds {
        return Ok(Outcome::nothing());
    }
    Ok(Outcome::of(Event::Amended { grounds, number }))
}
