//! 删除材料 Remove material: takes a file out of the draft; the history keeps that it was there (T04).

use super::attach_material::MaterialClosed;
use super::save_draft::material_open;
use crate::action::{ActionSpec, FieldType, Place, Start, by, required};
use crate::aggregate::{Decision, Outcome};
use crate::context::Context;
use crate::declaration::{Declaration, Event, Stage};
use crate::ids::MaterialId;
use crate::label::label;
use crate::refusal::common;
use crate::values::Role;
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

/// The input.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RemoveMaterial {
    /// The attached file.
    pub material_id: MaterialId,
}

/// The action as data.
pub const SPEC: ActionSpec = ActionSpec {
    name: "remove-material",
    label: label("删除材料", "Remove material"),
    by: &[by(Role::Applicant, Place::Owner)],
    from: Start::Stages(&[Stage::Draft.name(), Stage::ReturnedToApplicant.name()]),
    form: &[required("material_id", "材料", FieldType::Reference("materials"))],
    ..ActionSpec::DEFAULT
};

/// Removes it.
pub fn decide(input: &RemoveMaterial, it: &Declaration, _: Uuid, _: &Context<'_>) -> Decision<Event> {
    let Some(material) = it.draft.materials.iter().find(|material| material.id == input.material_id) else {
        return Err(common::ReferenceRefused { what: "材料" }.refusal().at("/material_id").into());
    };
    if !material_open(it, &material.kind) {
        return Err(MaterialClosed { kind: material.kind.clone() }.into());
    }
    Ok(Outcome::of(Event::MaterialRemoved { material_id: input.material_id }))
}
