//! 新增专业 Create: enters a specialty below a series. Series themselves are seeded at the first start; the seed does not
//! support adding a top class (seed 002 人 1.1).

use crate::action::{ActionSpec, FieldType, Place, Start, by, required};
use crate::aggregate::{Decision, Outcome, StreamId};
use crate::context::{Actor, Context};
use crate::input::Checks;
use crate::label::label;
use crate::specialty::{Event, Specialty, code_claim};
use crate::values::Role;
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

/// The longest code, in characters.
pub const CODE_CHARS_MAX: usize = 16;

/// The input.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Create {
    /// The series' code; only the first start enters series, without one.
    pub parent: Option<String>,
    /// 专业代码.
    pub code: String,
    /// 专业学科名称.
    pub name: String,
}

/// The action as data.
pub const SPEC: ActionSpec = ActionSpec {
    name: "create",
    label: label("新增专业", "Create specialty"),
    by: &[by(Role::ProvincialAdministrator, Place::Anywhere)],
    from: Start::Nothing,
    to: &["active"],
    form: &[
        required("parent", "上级栏目", FieldType::Reference("series")),
        required("code", "专业代码", FieldType::Text),
        required("name", "专业学科名称", FieldType::Text),
    ],
    ..ActionSpec::DEFAULT
};

/// Enters it; codes are unique.
pub fn decide(input: &Create, _: &Specialty, id: Uuid, context: &Context<'_>) -> Decision<Event> {
    let mut checks = Checks::new();
    let code = checks.text("/code", &input.code, CODE_CHARS_MAX);
    let name = checks.name("/name", &input.name);
    match &input.parent {
        None => checks.ensure(
            context.actor == Actor::System,
            "/parent",
            "top-class-fixed",
            "不支持新增栏目大类，请选择上级栏目。",
        ),
        Some(parent) => {
            let known = context.registers.series(parent).is_some();
            checks.ensure(known, "/parent", "reference-refused", "没有这个上级栏目。");
        }
    }
    checks.done()?;
    let claim = code_claim(&code);
    Ok(Outcome::of(Event::Created { code, name, parent: input.parent.clone() })
        .take(claim, StreamId::of::<Specialty>(id)))
}
