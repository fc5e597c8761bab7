//! 回避 Declare recusal: a judge steps back from one candidate, or the office says so (Order 40 Art. 25; T37, X-20).

use crate::action::{ActionSpec, FieldType, Place, Start, by, required};
use crate::aggregate::{Decision, Outcome};
use crate::context::Context;
use crate::label::label;
use crate::review_meeting::{Event, ReviewMeeting};
use crate::values::Role;
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

use crate::declaration::{self, Declaration, Stage};
use crate::ids::{DeclarationId, JudgeId};
use crate::input::Checks;
use crate::private::Private;
use crate::refusal::common;

/// The input.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DeclareRecusal {
    /// Who steps back.
    pub judge_id: JudgeId,
    /// From whom.
    pub declaration_id: DeclarationId,
    /// Why.
    pub ground: String,
}

/// The action as data.
pub const SPEC: ActionSpec = ActionSpec {
    name: "declare-recusal",
    label: label("评委回避", "Declare recusal"),
    by: &[by(Role::Judge, Place::Panel), by(Role::CommitteeOperator, Place::Committee)],
    from: Start::Stages(&["drawn", "assigned"]),
    form: &[
        required("judge_id", "评委", FieldType::Reference("judges")),
        required("declaration_id", "参评人员", FieldType::Reference("declarations")),
        required("ground", "回避事由", FieldType::LongText),
    ],
    ..ActionSpec::DEFAULT
};

/// Records it. A ballot under way keeps its electorate; the judge's vote in it is refused.
pub fn decide(input: &DeclareRecusal, it: &ReviewMeeting, _: Uuid, context: &Context<'_>) -> Decision<Event> {
    let acting = context.acting()?;
    if acting.role == Role::Judge && context.registers.judge_of(acting) != Some(input.judge_id) {
        return Err(common::NotAllowed { action: SPEC.label.zh }.into());
    }
    let candidates = it.candidates(context)?;
    let mut checks = Checks::new();
    let ground = checks.reason("/ground", &input.ground);
    let seated = it.seats.contains(&input.judge_id);
    checks.ensure(seated, "/judge_id", "judge-not-seated", "不是本次会议抽取的评委。");
    let under_review = candidates
        .iter()
        .any(|(id, candidate)| *id == input.declaration_id && candidate.stage != Stage::MaterialReviewFailed);
    checks.ensure(under_review, "/declaration_id", "not-a-candidate", "不是本次会议的参评人员。");
    checks.done()?;
    if it.recusals.contains(&(input.declaration_id, input.judge_id)) {
        return Ok(Outcome::nothing());
    }
    let DeclareRecusal { declaration_id, judge_id, ground: _ } = *input;
    let recused = declaration::Event::JudgeRecused { ground: Private::Known(ground), judge_id };
    Ok(Outcome::of(Event::JudgeRecused { declaration_id, judge_id })
        .also::<Declaration>(declaration_id, recused))
}
