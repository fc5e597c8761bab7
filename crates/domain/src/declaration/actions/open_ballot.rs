//! 开始投票 Open ballot: the chair opens the ballot on one candidate to those present (Order 40 Arts. 19, 20; T43).

use crate::action::{ActionSpec, FieldType, Forward, Place, Start, by, required};
use crate::aggregate::Aggregate;
use crate::aggregate::{Decision, Outcome};
use crate::context::{Context, Stop};
use crate::declaration::{Declaration, Event, Stage};
use crate::ids::{BallotRoundId, JudgeId};
use crate::input::Checks;
use crate::label::label;
use crate::refusal::{common, refusals};
use crate::review_meeting::{self, ReviewMeeting};
use crate::values::Role;
use crate::vote;
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeSet;
use uuid::Uuid;

refusals! {
    /// Order 40 Art. 19, X-20: two thirds of the committee, the recused left out.
    QuorumMissing { attending: usize, needed: u32, size: u32 } = Rule "quorum-missing", "到会评委不足三分之二", "评委会{size}人，须有{needed}人到会才能投票；除回避的评委外到会{attending}人。";
    /// who is recused is no voter on this candidate.
    RecusedAttending = Rule "recused-judge", "名单中有回避的评委", "到会名单中有对该参评人员回避的评委，请从名单中去掉后再开始投票。";
    /// a ballot that is repeated is repeated by those who voted first.
    ElectorateDiffers = Rule "electorate-differs", "投票人员与原投票不一致", "重新投票须由原投票的评委参加（回避的除外）；确需变更的，请先回退小组评议意见。";
}

/// The input.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OpenBallot {
    /// Who may vote.
    pub attending: Vec<JudgeId>,
}

/// The action as data.
pub const SPEC: ActionSpec = ActionSpec {
    name: "open-ballot",
    label: label("开始投票", "Open ballot"),
    by: &[by(Role::Judge, Place::Chair)],
    from: Start::Stages(&[Stage::OpinionGiven.name()]),
    to: &[Stage::Balloting.name()],
    forward: Forward::Yes,
    form: &[required("attending", "到会评委", FieldType::Structure)],
    ..ActionSpec::DEFAULT
};

/// Opens it.
pub fn decide(input: &OpenBallot, it: &Declaration, _: Uuid, context: &Context<'_>) -> Decision<Event> {
    let Some(meeting) = it.review.meeting else { return Err(common::NotFound.into()) };
    let meeting: &ReviewMeeting = context.load(meeting)?;
    let round = BallotRoundId(context.fresh_id(0));
    enter(it, &input.attending, meeting, round).map(Outcome::of)
}

/// What opening a ballot on this candidate appends.
pub(crate) fn enter(
    it: &Declaration,
    attending: &[JudgeId],
    meeting: &ReviewMeeting,
    round_id: BallotRoundId,
) -> Result<Event, Stop> {
    if meeting.standing() != review_meeting::Stage::Assigned || meeting.cut {
        let stage = meeting.stage_label().to_owned();
        return Err(common::StageRefused { action: SPEC.label.zh, stage }.into());
    }
    let mut checks = Checks::new();
    let mut seen = BTreeSet::new();
    let mut recused = None;
    for (index, judge) in attending.iter().enumerate() {
        let pointer = format!("/attending/{index}");
        checks.ensure(seen.insert(*judge), &pointer, "repeated", "评委重复。");
        checks.ensure(
            meeting.seats.contains(judge),
            &pointer,
            "judge-not-seated",
            "不是本次会议抽取的评委。",
        );
        let present = meeting.attending.is_empty() || meeting.attending.contains(judge);
        checks.ensure(present, &pointer, "judge-not-attending", "该评委没有签到。");
        if it.review.recusals.contains_key(judge) {
            recused.get_or_insert(pointer);
        }
    }
    if let Some(pointer) = recused {
        return Err(RecusedAttending.refusal().at(&pointer).into());
    }
    checks.done()?;
    let size = meeting.size();
    let count = u32::try_from(seen.len()).unwrap_or(u32::MAX);
    if !vote::quorum(count, size) {
        return Err(QuorumMissing { attending: seen.len(), needed: vote::threshold(size), size }.into());
    }
    if let Some(bound) = &it.review.bound_electorate {
        let first: BTreeSet<JudgeId> =
            bound.iter().copied().filter(|judge| !it.review.recusals.contains_key(judge)).collect();
        if first != seen {
            return Err(ElectorateDiffers.refusal().at("/attending").into());
        }
    }
    Ok(Event::BallotOpened { attending: seen.into_iter().collect(), round_id, size })
}
