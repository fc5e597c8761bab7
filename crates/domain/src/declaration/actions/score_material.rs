//! 材料打分 Score material: the sheet of an assigned judge (seed 002 单 1.3.3; T40).

use super::scoring::{Scores, score};
use crate::action::{ActionSpec, FieldType, Forward, Place, Start, by, required};
use crate::aggregate::Decision;
use crate::context::Context;
use crate::declaration::values::Sheet;
use crate::declaration::{Declaration, Event, Stage};
use crate::label::label;
use crate::values::Role;
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

/// The input: the whole sheet.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct ScoreMaterial(pub Scores);

/// The action as data.
pub const SPEC: ActionSpec = ActionSpec {
    name: "score-material",
    label: label("材料打分", "Score material"),
    by: &[by(Role::Judge, Place::Panel)],
    from: Start::Stages(&[Stage::MaterialReviewed.name(), Stage::Scoring.name()]),
    to: &[Stage::MaterialReviewed.name(), Stage::Scoring.name()],
    forward: Forward::Yes,
    form: &[
        required("items", "打分项", FieldType::Structure),
        required("locked", "是否锁定", FieldType::Boolean),
    ],
    ..ActionSpec::DEFAULT
};

/// Saves the sheet.
pub fn decide(input: &ScoreMaterial, it: &Declaration, _: Uuid, context: &Context<'_>) -> Decision<Event> {
    score(&input.0, Sheet::Material, SPEC.label.zh, it, context)
}
