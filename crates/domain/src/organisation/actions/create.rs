//! 新增机构 Create: enters an authority or agency (contract.md, Who creates what).

use crate::action::{ActionSpec, FieldType, Place, Start, by, required};
use crate::aggregate::{Decision, Outcome};
use crate::context::Context;
use crate::input::Checks;
use crate::label::label;
use crate::organisation::{Event, Organisation};
use crate::values::{OrganisationKind, Role};
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

/// The input.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Create {
    /// Its name.
    pub name: String,
    /// Authority or agency.
    pub kind: OrganisationKind,
    /// GB/T 2260 code of its region.
    pub region: String,
}

/// The action as data.
pub const SPEC: ActionSpec = ActionSpec {
    name: "create",
    label: label("新增机构", "Create organisation"),
    by: &[by(Role::ProvincialAdministrator, Place::Anywhere), by(Role::SystemAdministrator, Place::Anywhere)],
    from: Start::Nothing,
    to: &["active"],
    form: &[
        required("name", "机构名称", FieldType::Text),
        required("kind", "机构类别", FieldType::Choice(&["authority", "agency"])),
        required("region", "统筹区", FieldType::Reference("regions")),
    ],
    ..ActionSpec::DEFAULT
};

/// Enters it.
pub fn decide(input: &Create, _: &Organisation, _: Uuid, _: &Context<'_>) -> Decision<Event> {
    let mut checks = Checks::new();
    let name = checks.name("/name", &input.name);
    let region = checks.region("/region", &input.region);
    checks.done()?;
    Ok(Outcome::of(Event::Created { kind: input.kind, name, region }))
}
