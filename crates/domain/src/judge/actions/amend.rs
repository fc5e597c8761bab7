//! 修改评委信息 Amend: another employer or other specialties (seed 002 单 1.4.1).

use super::create::check_judge_specialties;
use crate::action::{ActionSpec, FieldType, Place, Start, by, required};
use crate::aggregate::{Decision, Outcome};
use crate::context::Context;
use crate::ids::EmployerId;
use crate::input::Checks;
use crate::judge::{Event, Judge};
use crate::label::label;
use crate::refusal::common;
use crate::values::Role;
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

/// The input.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Amend {
    /// 所在单位.
    pub employer_id: EmployerId,
    /// 评审专业 codes.
    pub specialties: Vec<String>,
}

/// The action as data.
pub const SPEC: ActionSpec = ActionSpec {
    name: "amend",
    label: label("修改评委信息", "Amend judge"),
    by: &[by(Role::CommitteeOperator, Place::Committee)],
    from: Start::Stages(&["active"]),
    form: &[
        required("employer_id", "所在单位", FieldType::Reference("employers")),
        required("specialties", "评审专业", FieldType::Structure),
    ],
    ..ActionSpec::DEFAULT
};

/// Changes it; what changes nothing appends nothing.
pub fn decide(input: &Amend, it: &Judge, _: Uuid, context: &Context<'_>) -> Decision<Event> {
    let registers = context.registers;
    let Some(committee) = it.committee.and_then(|id| registers.committees.get(id)) else {
        return Err(common::NotFound.into());
    };
    let mut checks = Checks::new();
    let stays = it.employer == Some(input.employer_id);
    let employer = registers.employers.get(input.employer_id);
    checks.ensure(
        employer.is_some_and(|employer| stays || employer.approved()),
        "/employer_id",
        "reference-refused",
        "没有这个单位，或者该单位已停用。",
    );
    let specialties =
        check_judge_specialties(&mut checks, committee, &input.specialties, &it.specialties, context);
    checks.done()?;
    if stays && input.specialties == it.specialties {
        return Ok(Outcome::nothing());
    }
    let employer_name = employer.map(|it| it.name.clone()).unwrap_or_default();
    Ok(Outcome::of(Event::Amended { employer_id: input.employer_id, employer_name, specialties }))
}
