//! 替补评委 Replace judge: the next substitute of the draw takes the seat (T35). A panel that names who left is assigned anew.

use crate::action::{ActionSpec, FieldType, Place, Start, by, required};
use crate::aggregate::{Decision, Outcome};
use crate::context::Context;
use crate::label::label;
use crate::review_meeting::{Event, ReviewMeeting};
use crate::values::Role;
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

use crate::ids::JudgeId;
use crate::input::Checks;
use crate::refusal::refusals;

refusals! {
    /// The draw has no more names.
    SubstitutesExhausted = Rule "substitutes-exhausted", "没有候补评委", "本次抽取的候补评委已用完，不能再替补。";
}

/// The input.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReplaceJudge {
    /// Who leaves.
    pub judge_id: JudgeId,
    /// Why.
    pub reason: String,
}

/// The action as data.
pub const SPEC: ActionSpec = ActionSpec {
    name: "replace-judge",
    label: label("替补评委", "Replace judge"),
    by: &[by(Role::CommitteeOperator, Place::Committee)],
    from: Start::Stages(&["drawn", "assigned"]),
    form: &[
        required("judge_id", "评委", FieldType::Reference("judges")),
        required("reason", "原因", FieldType::LongText),
    ],
    ..ActionSpec::DEFAULT
};

/// Replaces the judge.
pub fn decide(input: &ReplaceJudge, it: &ReviewMeeting, _: Uuid, _: &Context<'_>) -> Decision<Event> {
    let mut checks = Checks::new();
    let reason = checks.reason("/reason", &input.reason);
    let seated = it.seats.contains(&input.judge_id);
    checks.ensure(seated, "/judge_id", "judge-not-seated", "不是本次会议抽取的评委。");
    checks.done()?;
    let Some(substitute_id) = it.substitutes.first().copied() else {
        return Err(SubstitutesExhausted.into());
    };
    Ok(Outcome::of(Event::JudgeReplaced { judge_id: input.judge_id, reason, substitute_id }))
}
