//! 修改机构 Amend: corrects the name or the region; declarations keep the name of their time.

use crate::action::{ActionSpec, FieldType, Place, Start, by, required};
use crate::aggregate::{Decision, Outcome};
use crate::context::Context;
use crate::input::Checks;
use crate::label::label;
use crate::organisation::{Event, Organisation};
use crate::values::Role;
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

/// The input.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Amend {
    /// Its name.
    pub name: String,
    /// GB/T 2260 code of its region.
    pub region: String,
}

/// The action as data.
pub const SPEC: ActionSpec = ActionSpec {
    name: "amend",
    label: label("修改机构", "Amend organisation"),
    by: &[by(Role::ProvincialAdministrator, Place::Anywhere)],
    from: Start::Stages(&["active"]),
    form: &[
        required("name", "机构名称", FieldType::Text),
        required("region", "统筹区", FieldType::Reference("regions")),
    ],
    ..ActionSpec::DEFAULT
};

/// Corrects it; what changes nothing appends nothing.
pub fn decide(input: &Amend, it: &Organisation, _: Uuid, _: &Context<'_>) -> Decision<Event> {
    let mut checks = Checks::new();
    let name = checks.name("/name", &input.name);
    let region = checks.region("/region", &input.region);
    checks.done()?;
    if name == it.name && region == it.region {
        return Ok(Outcome::nothing());
    }
    Ok(Outcome::of(Event::Amended { name, region }))
}
