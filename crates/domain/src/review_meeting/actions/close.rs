//! 会议结束 Close: the committee dissolves after the year's review, once the reason of every failure is on record
//! (seed 003 五(四); N22, N23; T47).

use crate::action::{ActionSpec, Place, Start, by};
use crate::aggregate::{Decision, Outcome};
use crate::context::Context;
use crate::label::label;
use crate::review_meeting::{Event, ReviewMeeting};
use crate::values::Role;
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

use crate::declaration::Stage;
use crate::refusal::refusals;

refusals! {
    /// T47: mandatory, and kept confidential.
    FailureReasonsMissing { count: usize } = Rule "failure-reasons-missing", "未通过原因记录不全", "还有{count}名未通过人员没有记录未通过原因，请先记录。";
}

/// The input: nothing.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Close {}

/// The action as data.
pub const SPEC: ActionSpec = ActionSpec {
    name: "close",
    label: label("会议结束", "Close review meeting"),
    by: &[by(Role::CommitteeOperator, Place::Committee)],
    from: Start::Stages(&["declared"]),
    to: &["closed"],
    ..ActionSpec::DEFAULT
};

/// Closes it.
pub fn decide(_: &Close, it: &ReviewMeeting, _: Uuid, context: &Context<'_>) -> Decision<Event> {
    let missing = it
        .candidates(context)?
        .iter()
        .filter(|(_, candidate)| matches!(candidate.stage, Stage::VoteFailed | Stage::MaterialReviewFailed))
        .filter(|(_, candidate)| candidate.review.failure_reason.is_none())
        .count();
    if missing > 0 {
        return Err(FailureReasonsMissing { count: missing }.into());
    }
    Ok(Outcome::of(Event::Closed))
}
