//! 面试答辩打分 Score interview: the sheet of an assigned judge (seed 002 单 1.3.2; T41).

use super::scoring::{Scores, score};
use crate::action::{ActionSpec, FieldType, Forward, Place, Start, by, optional, required};
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
pub struct ScoreInterview(pub Scores);

/// The action as data.
pub const SPEC: ActionSpec = ActionSpec {
    name: "score-interview",
    label: label("面试答辩打分", "Score interview"),
    by: &[by(Role::Judge, Place::Panel)],
    from: Start::Stages(&[Stage::MaterialReviewed.name(), Stage::Scoring.name()]),
    to: &[Stage::MaterialReviewed.name(), Stage::Scoring.name()],
    forward: Forward::Yes,
    form: &[
        required("items", "打分项", FieldType::Structure),
        optional("absent", "缺席", FieldType::Boolean),
        required("locked", "是否锁定", FieldType::Boolean),
    ],
    ..ActionSpec::DEFAULT
};

/// Saves the sheet.
pub fn decide(input: &ScoreInterview, it: &Declaration, _: Uuid, context: &Context<'_>) -> Decision<Event> {
    score(&input.0, Sheet::Interview, SPEC.label.zh, it, context)
}
