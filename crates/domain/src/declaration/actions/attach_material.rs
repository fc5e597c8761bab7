//! 申报材料上传 Attach material: the file lies in the store already; the event names its digest
//! (seed 002 个 二(一)3; seed 003 一: nothing classified; T04).

use super::save_draft::material_open;
use crate::action::{ActionSpec, FieldType, Place, Start, by, optional, required};
use crate::aggregate::{Decision, Outcome};
use crate::context::Context;
use crate::declaration::values::{Material, SectionKey};
use crate::declaration::{Declaration, Event, Stage};
use crate::ids::{DeclarationId, MaterialId};
use crate::input::Checks;
use crate::label::label;
use crate::material::{self, StoredMaterial};
use crate::refusal::{common, refusals};
use crate::values::Role;
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

/// The most bytes of all materials of one declaration (domain.md 5.9).
pub const DECLARATION_BYTES_MAX: u64 = 300 * 1024 * 1024;
/// The most materials of one declaration.
pub const DECLARATION_MATERIALS_MAX: usize = 300;

refusals! {
    /// domain.md 5.9.
    MaterialsTooLarge { limit_mib: u64 } = Rule "materials-too-large", "材料超过限额", "一份申报的材料合计不超过{limit_mib}MB，且不超过300件，请精简后再上传。";
    /// T02: after a return only what it names is open.
    MaterialClosed { kind: String } = Rule "section-closed", "该部分未退回", "“{kind}”不在退回修改范围内，只能修改退回意见指明的内容。";
}

/// The input.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AttachMaterial {
    /// The stored file.
    pub material_id: MaterialId,
    /// 材料类别.
    pub kind: String,
    /// The section it belongs to.
    pub section: Option<SectionKey>,
    /// Which entry of the section it proves.
    pub item: Option<u32>,
}

/// The action as data.
pub const SPEC: ActionSpec = ActionSpec {
    name: "attach-material",
    label: label("申报材料上传", "Attach material"),
    by: &[by(Role::Applicant, Place::Owner)],
    from: Start::Stages(&[Stage::Draft.name(), Stage::ReturnedToApplicant.name()]),
    form: &[
        required("material_id", "材料", FieldType::Reference("materials")),
        required("kind", "材料类别", FieldType::Text),
        optional("section", "所属部分", FieldType::Text),
        optional("item", "所属条目", FieldType::Integer),
    ],
    ..ActionSpec::DEFAULT
};

/// Attaches it. The file must be the applicant's own.
pub fn decide(input: &AttachMaterial, it: &Declaration, id: Uuid, context: &Context<'_>) -> Decision<Event> {
    let mut checks = Checks::new();
    let kind = checks.name("/kind", &input.kind);
    checks.done()?;
    let stored: &StoredMaterial = context.load(input.material_id)?;
    let own = stored.person.is_some() && stored.person == it.subject.as_ref().map(|subject| subject.person);
    let Some(file) = stored.file.as_ref().filter(|_| own) else {
        return Err(common::ReferenceRefused { what: "材料" }.refusal().at("/material_id").into());
    };
    if !material_open(it, &kind) {
        return Err(MaterialClosed { kind }.into());
    }
    let total: u64 = it.draft.materials.iter().map(|material| material.size).sum();
    if total + file.size > DECLARATION_BYTES_MAX || it.draft.materials.len() >= DECLARATION_MATERIALS_MAX {
        return Err(MaterialsTooLarge { limit_mib: DECLARATION_BYTES_MAX / (1024 * 1024) }.into());
    }
    let material = Material {
        digest: file.digest.clone(),
        id: input.material_id,
        item: input.item,
        kind,
        media_type: file.media_type.clone(),
        name: file.name.clone(),
        section: input.section,
        size: file.size,
    };
    if it.draft.materials.contains(&material) {
        return Ok(Outcome::nothing());
    }
    let outcome = Outcome::of(Event::MaterialAttached { material });
    let declaration_id = DeclarationId(id);
    Ok(if stored.declaration == Some(declaration_id) {
        outcome
    } else {
        outcome.also::<StoredMaterial>(input.material_id, material::Event::Attached { declaration_id })
    })
}
