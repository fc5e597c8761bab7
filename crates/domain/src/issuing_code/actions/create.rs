//! 新增发证单位编码 Create: four digits for an issuing organisation (seed 002 人 1.9; contract.md, Who creates what).

use crate::action::{ActionSpec, FieldType, Place, Start, by, required};
use crate::aggregate::{Decision, Outcome, StreamId};
use crate::context::Context;
use crate::ids::OrganisationId;
use crate::input::Checks;
use crate::issuing_code::{Event, IssuingCode};
use crate::label::label;
use crate::values::Role;
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

/// The input.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Create {
    /// The issuing organisation.
    pub organisation_id: OrganisationId,
    /// Four digits.
    pub code: String,
}

/// The action as data.
pub const SPEC: ActionSpec = ActionSpec {
    name: "create",
    label: label("新增发证单位编码", "Create issuing code"),
    by: &[by(Role::ProvincialAdministrator, Place::Anywhere)],
    from: Start::Nothing,
    to: &["active"],
    form: &[
        required("organisation_id", "发证单位", FieldType::Reference("organisations")),
        required("code", "编码", FieldType::Text),
    ],
    ..ActionSpec::DEFAULT
};

/// Gives it; one code an organisation, one organisation a code.
pub fn decide(input: &Create, _: &IssuingCode, id: Uuid, context: &Context<'_>) -> Decision<Event> {
    let mut checks = Checks::new();
    let digits = input.code.len() == 4 && input.code.bytes().all(|byte| byte.is_ascii_digit());
    checks.ensure(digits, "/code", "issuing-code-format", "发证单位编码应为4位数字。");
    let known = context.registers.organisations.get(input.organisation_id).is_some();
    checks.ensure(known, "/organisation_id", "reference-refused", "没有这个机构。");
    checks.done()?;
    let stream = StreamId::of::<IssuingCode>(id);
    Ok(Outcome::of(Event::Created { code: input.code.clone(), organisation_id: input.organisation_id })
        .take(format!("issuing-code:{}", input.code), stream)
        .take(format!("issuing-code:organisation:{}", input.organisation_id), stream))
}
