//! 新增职称 Create: enters a title of a series and level (seed 002 人 1.2).

use crate::action::{ActionSpec, FieldType, Place, Start, by, optional, required};
use crate::aggregate::{Decision, Outcome, StreamId};
use crate::context::Context;
use crate::input::Checks;
use crate::label::label;
use crate::title::{Event, Title, title_claim};
use crate::values::{Level, Role};
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

/// The input.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Create {
    /// Series code.
    pub series: String,
    /// 职称级别.
    pub level: Level,
    /// 职称名称.
    pub name: String,
    /// 对应人社部职称: four digits.
    pub ministry_code: Option<String>,
}

/// The action as data.
pub const SPEC: ActionSpec = ActionSpec {
    name: "create",
    label: label("新增职称", "Create title"),
    by: &[by(Role::ProvincialAdministrator, Place::Anywhere)],
    from: Start::Nothing,
    to: &["active"],
    form: &[
        required("series", "系列", FieldType::Reference("series")),
        required(
            "level",
            "职称级别",
            FieldType::Choice(&[
                "full_senior",
                "associate_senior",
                "intermediate",
                "assistant",
                "technician",
            ]),
        ),
        required("name", "职称名称", FieldType::Text),
        optional("ministry_code", "对应人社部职称", FieldType::Text),
    ],
    ..ActionSpec::DEFAULT
};

/// Enters it.
pub fn decide(input: &Create, _: &Title, id: Uuid, context: &Context<'_>) -> Decision<Event> {
    let mut checks = Checks::new();
    let name = checks.name("/name", &input.name);
    checks.ensure(
        context.registers.series(&input.series).is_some(),
        "/series",
        "reference-refused",
        "没有这个系列。",
    );
    check_ministry_code(&mut checks, input.ministry_code.as_deref());
    checks.done()?;
    let claim = title_claim(&input.series, input.level, &name);
    Ok(Outcome::of(Event::Created {
        level: input.level,
        ministry_code: input.ministry_code.clone(),
        name,
        series: input.series.clone(),
    })
    .take(claim, StreamId::of::<Title>(id)))
}

/// The ministry's codes of titles have four digits (domain.md 4.6).
pub(super) fn check_ministry_code(checks: &mut Checks, code: Option<&str>) {
    let fits = code.is_none_or(|code| code.len() == 4 && code.bytes().all(|byte| byte.is_ascii_digit()));
    checks.ensure(fits, "/ministry_code", "ministry-code-invalid", "人社部职称代码为4位数字。");
}
