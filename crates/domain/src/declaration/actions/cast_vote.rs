//! 投票 Cast vote: one judge's secret ballot. Nothing is appended: the ballot waits in the vault until its round closes
//! (seed 003 五(四); N20; contract.md, Voting in secret; T44).

use super::judging;
use crate::action::Proof;
use crate::action::{ActionSpec, FieldType, Forward, Place, Start, by, required};
use crate::aggregate::{Decision, Outcome};
use crate::context::{Context, Stop};
use crate::declaration::{Declaration, Event, Stage};
use crate::ids::{BallotRoundId, JudgeId};
use crate::label::label;
use crate::refusal::{common, refusals};
use crate::values::Choice;
use crate::values::Role;
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

refusals! {
    /// Order 40 Art. 20: nobody votes later.
    BallotOver = Rule "ballot-closed", "投票已结束", "该参评人员的投票已结束，不能再投票。";
    /// The electorate was frozen when the ballot opened.
    NotInElectorate = Forbidden "not-in-electorate", "不在投票名单中", "您不在该参评人员的投票名单中，不能投票。";
    /// contract.md, Voting in secret: another key of a judge who has voted.
    AlreadyVoted = Conflict "already-voted", "已经投过票", "您已对该参评人员投票，不能再投。";
}

/// The input.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CastVote {
    /// 同意 or 反对.
    pub choice: Choice,
}

/// Who hands in a ballot, and in which round: what the vault takes it in under.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ballot {
    /// The round.
    pub round: BallotRoundId,
    /// Who votes.
    pub voter: JudgeId,
}

/// The action as data.
pub const SPEC: ActionSpec = ActionSpec {
    name: "cast-vote",
    label: label("投票", "Cast vote"),
    by: &[by(Role::Judge, Place::Committee)],
    from: Start::Stages(&[Stage::Balloting.name()]),
    forward: Forward::Yes,
    proof: Proof::Reauthenticated,
    form: &[required("choice", "表决", FieldType::Choice(&["agree", "disagree"]))],
    ..ActionSpec::DEFAULT
};

/// Checks that the judge may vote; appends nothing.
pub fn decide(_: &CastVote, it: &Declaration, _: Uuid, context: &Context<'_>) -> Decision<Event> {
    ballot(it, context).map(|_| Outcome::nothing())
}

/// The ballot of the judge who acts, where that judge may vote now.
pub fn ballot(it: &Declaration, context: &Context<'_>) -> Result<Ballot, Stop> {
    let voter = judging::judge(it, SPEC.label.zh, context)?;
    let Some(open) = it.review.ballot.as_ref().filter(|_| it.stage == Stage::Balloting) else {
        return Err(BallotOver.into());
    };
    if !open.attending.contains(&voter) {
        return Err(NotInElectorate.into());
    }
    Ok(Ballot { round: open.round, voter })
}

/// A vote on a round that was counted is told so, instead of being told the stage (contract.md, Voting in secret).
pub(crate) fn closed_instead(stop: Stop, it: &Declaration) -> Stop {
    let counted = it.review.ballot.as_ref().is_some_and(|ballot| ballot.tally.is_some())
        || (!it.annulled_ballots.is_empty() && it.stage != Stage::Balloting);
    match stop {
        Stop::Refused(refusal) if counted && refusal.code == stage_refused() => BallotOver.into(),
        Stop::Refused(refusal) => Stop::Refused(refusal),
        Stop::Need(needs) => Stop::Need(needs),
        Stop::SecondPerson => Stop::SecondPerson,
    }
}

fn stage_refused() -> &'static str {
    common::StageRefused { action: "", stage: String::new() }.refusal().code
}
