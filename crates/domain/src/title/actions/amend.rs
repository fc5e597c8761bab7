//! 修改职称 Amend: corrects the name or the ministry's code; declarations keep those of their time
//! (X-26; seed 002 人 1.2).

use super::create::check_ministry_code;
use crate::action::{ActionSpec, FieldType, Place, Start, by, optional, required};
use crate::aggregate::{Decision, Outcome, StreamId};
use crate::context::Context;
use crate::input::Checks;
use crate::label::label;
use crate::title::{Event, Title, title_claim};
use crate::values::Role;
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

/// The input.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Amend {
    /// 职称名称.
    pub name: String,
    /// 对应人社部职称: four digits.
    pub ministry_code: Option<String>,
}

/// The action as data.
pub const SPEC: ActionSpec = ActionSpec {
    name: "amend",
    label: label("修改职称", "Amend title"),
    by: &[by(Role::ProvincialAdministrator, Place::Anywhere)],
    from: Start::Stages(&["active"]),
    form: &[
        required("name", "职称名称", FieldType::Text),
        optional("ministry_code", "对应人社部职称", FieldType::Text),
    ],
    ..ActionSpec::DEFAULT
};

/// Corrects it; what changes nothing appends nothing.
pub fn decide(input: &Amend, it: &Title, id: Uuid, _: &Context<'_>) -> Decision<Event> {
    let mut checks = Checks::new();
    let name = checks.name("/name", &input.name);
    check_ministry_code(&mut checks, input.ministry_code.as_deref());
    checks.done()?;
    if name == it.name && input.ministry_code == it.ministry_code {
        return Ok(Outcome::nothing());
    }
    let stream = StreamId::of::<Title>(id);
    let outcome =
        Outcome::of(Event::Amended { ministry_code: input.ministry_code.clone(), name: name.clone() });
    Ok(match it.level {
        Some(level) if name != it.name => outcome
            .release(title_claim(&it.series, level, &it.name), stream)
            .take(title_claim(&it.series, level, &name), stream),
        Some(_) | None => outcome,
    })
}
