//! 材料复审 Review material: the panel's reviewer passes or fails the candidate's material (seed 002 单 1.3.1; T38, T39).

use super::judging;
use crate::action::{ActionSpec, FieldType, Place, Start, by, optional, required};
use crate::aggregate::Aggregate;
use crate::aggregate::{Decision, Outcome};
use crate::context::Context;
use crate::declaration::{Declaration, Event, Stage};
use crate::input::Checks;
use crate::label::label;
use crate::refusal::common;
use crate::values::PassOrFail;
use crate::values::Role;
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

/// The input.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReviewMaterial {
    /// 审核结果.
    pub decision: PassOrFail,
    /// 意见: required to fail.
    pub opinion: Option<String>,
}

/// The action as data.
pub const SPEC: ActionSpec = ActionSpec {
    name: "review-material",
    label: label("材料复审", "Review material"),
    by: &[by(Role::Judge, Place::Reviewer)],
    from: Start::Stages(&[Stage::JudgesDrawn.name()]),
    to: &[Stage::MaterialReviewed.name(), Stage::MaterialReviewFailed.name()],
    form: &[
        required("decision", "审核结果", FieldType::Choice(&["pass", "fail"])),
        optional("opinion", "审核意见", FieldType::LongText),
    ],
    ..ActionSpec::DEFAULT
};

/// Passes or fails it.
pub fn decide(input: &ReviewMaterial, it: &Declaration, _: Uuid, context: &Context<'_>) -> Decision<Event> {
    let judge_id = judging::judge(it, SPEC.label.zh, context)?;
    let mut checks = Checks::new();
    let opinion = match input.decision {
        PassOrFail::Pass => checks.opinion("/opinion", input.opinion.as_deref()),
        PassOrFail::Fail => Some(checks.reason("/opinion", input.opinion.as_deref().unwrap_or_default())),
    }
    .into();
    checks.done()?;
    match (input.decision, it.holds()) {
        (PassOrFail::Pass, Some(holds)) => Err(common::DeclarationHeld { holds }.into()),
        (PassOrFail::Pass, None) => Ok(Outcome::of(Event::MaterialReviewPassed { judge_id, opinion })),
        (PassOrFail::Fail, _) => Ok(Outcome::of(Event::MaterialReviewFailed { judge_id, opinion })),
    }
}
