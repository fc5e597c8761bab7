//! 修改专业 Amend: corrects the name; the code stays, and declarations keep the name of their time
//! (X-26; seed 002 人 1.1).

use crate::action::{ActionSpec, FieldType, Place, Start, by, required};
use crate::aggregate::{Decision, Outcome};
use crate::context::Context;
use crate::input::Checks;
use crate::label::label;
use crate::specialty::{Event, Specialty};
use crate::values::Role;
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

/// The input.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Amend {
    /// 专业学科名称.
    pub name: String,
}

/// The action as data.
pub const SPEC: ActionSpec = ActionSpec {
    name: "amend",
    label: label("修改专业", "Amend specialty"),
    by: &[by(Role::ProvincialAdministrator, Place::Anywhere)],
    from: Start::Stages(&["active"]),
    form: &[required("name", "专业学科名称", FieldType::Text)],
    ..ActionSpec::DEFAULT
};

/// Corrects it; what changes nothing appends nothing.
pub fn decide(input: &Amend, it: &Specialty, _: Uuid, _: &Context<'_>) -> Decision<Event> {
    let mut checks = Checks::new();
    let name = checks.name("/name", &input.name);
    checks.done()?;
    if name == it.name {
        return Ok(Outcome::nothing());
    }
    Ok(Outcome::of(Event::Amended { name }))
}
