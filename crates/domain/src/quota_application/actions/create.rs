//! 职数申报 Create: an employer's operator enters how many places it needs (seed 002 单 1.5.1).

use super::request;
use crate::action::{ActionSpec, FieldType, Place, Start, by, optional, required};
use crate::aggregate::{Decision, Outcome};
use crate::context::Context;
use crate::ids::{EmployerId, QuotaApplicationId};
use crate::input::Checks;
use crate::label::label;
use crate::quota_application::{Event, QuotaApplication};
use crate::refusal::common;
use crate::registers::paths::Node;
use crate::values::{Level, QuotaKind, Role};
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

/// The input.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Create {
    /// The employer: the operator's own.
    pub employer_id: EmployerId,
    /// 年度.
    pub year: i32,
    /// 职称等级.
    pub level: Level,
    /// 职数类别.
    pub kind: QuotaKind,
    /// 申报职数.
    pub number: u32,
    /// 申报理由: required for special kinds.
    pub grounds: Option<String>,
}

/// The action as data.
pub const SPEC: ActionSpec = ActionSpec {
    name: "create",
    label: label("职数申报", "Apply for quota"),
    by: &[by(Role::EmployerOperator, Place::Anywhere)],
    from: Start::Nothing,
    to: &["draft"],
    form: &[
        required("employer_id", "单位", FieldType::Reference("employers")),
        required("year", "年度", FieldType::Integer),
        required(
            "level",
            "职称等级",
            FieldType::Choice(&[
                "full_senior",
                "associate_senior",
                "intermediate",
                "assistant",
                "technician",
            ]),
        ),
        required(
            "kind",
            "职数类别",
            FieldType::Choice(&["normal", "special_1", "special_2", "special_3", "special_4"]),
        ),
        required("number", "申报职数", FieldType::Integer),
        optional("grounds", "申报理由", FieldType::LongText),
    ],
    ..ActionSpec::DEFAULT
};

/// Enters it as a draft.
pub fn decide(input: &Create, _: &QuotaApplication, id: Uuid, context: &Context<'_>) -> Decision<Event> {
    if context.actor.acting().is_some_and(|acting| !acting.at(input.employer_id)) {
        return Err(common::NotAllowed { action: SPEC.label.zh }.into());
    }
    let Some(employer) = context.registers.employers.get(input.employer_id).filter(|it| it.approved()) else {
        return Err(common::ReferenceRefused { what: "单位" }.refusal().at("/employer_id").into());
    };
    let mut checks = Checks::new();
    checks.ensure((2000..=2999).contains(&input.year), "/year", "year-out-of-range", "年度无效。");
    let (number, grounds) = request(&mut checks, input.kind, input.number, input.grounds.as_deref());
    checks.done()?;
    Ok(Outcome::of(Event::Created {
        application_id: QuotaApplicationId(id),
        employer: Node { id: input.employer_id.into(), name: employer.name.clone() },
        grounds,
        kind: input.kind,
        level: input.level,
        number,
        year: input.year,
    }))
}
