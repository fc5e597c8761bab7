//! 回退 Rollback: the province undoes the latest operation with a new event; nothing is erased (seed 002 人 1.26;
//! domain.md 2.6, RB1 to RB8; ).

use super::quota::reserve_again;
use crate::action::{ActionSpec, FieldType, Place, Proof, Start, by, optional, required};
use crate::aggregate::{Decision, Outcome, StreamId};
use crate::context::{Context, Stop};
use crate::declaration::{Declaration, Event, OperationKind, Stage, open_claim};
use crate::ids::DeclarationId;
use crate::input::Checks;
use crate::label::{label, named};
use crate::private::Private;
use crate::quota_ledger::QuotaLedger;
use crate::refusal::refusals;
use crate::review_meeting::{self, ReviewMeeting, quota};
use crate::scheme::{self, Scheme};
use crate::values::Role;
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

named! {
    /// The procedural ground on which a ballot round is annulled.
    Ground {
        WrongElectorate = "wrong_electorate", "投票人员有误", "Wrong electorate";
        RecusedJudgeVoted = "recused_judge_voted", "回避评委参与投票", "A recused judge voted";
        WrongCandidate = "wrong_candidate", "参评人员有误", "Wrong candidate";
        BallotsLost = "ballots_lost", "选票无法开启", "The ballots cannot be opened";
    }
}

refusals! {
    /// RB1: strictly from the latest backwards.
    RollbackNotLatest { latest: String } = Rule "rollback-not-latest", "只能回退最近一步操作", "只能从最近一步操作开始回退，当前可回退的是：{latest}。请刷新后重新选择。";
    /// RB5, RB6: declared, published or certified results are not rolled back.
    NothingToRollBack = Rule "rollback-not-latest", "没有可回退的操作", "结果宣布、开始公示或发放证书后不能回退，其他环节也没有可回退的操作。";
    /// a vote is annulled for a procedural error only.
    GroundRequired = Rule "ground-required", "须指明程序错误", "回退投票须指明程序错误：投票人员有误、回避评委参与投票、参评人员有误或选票无法开启。";
    /// The person has started another declaration for the same year and level meanwhile.
    AnotherIsOpen = Rule "another-declaration-open", "本人已有另一份申报", "申报人已另行提交同年度同等级的申报，须先撤回该申报才能回退。";
}

/// The input.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rollback {
    /// The operation's opaque id.
    pub operation: String,
    /// Why.
    pub reason: String,
    /// The procedural error, for a ballot round.
    pub ground: Option<Ground>,
}

/// The action as data.
pub const SPEC: ActionSpec = ActionSpec {
    name: "rollback",
    label: label("回退", "Roll back"),
    by: &[by(Role::ProvincialAdministrator, Place::Anywhere)],
    from: Start::Any,
    to: &[
        Stage::QualificationReview.name(),
        Stage::JudgesDrawn.name(),
        Stage::MaterialReviewed.name(),
        Stage::Scoring.name(),
        Stage::OpinionGiven.name(),
        Stage::VotePassed.name(),
        Stage::VoteFailed.name(),
        Stage::SuperiorReview.name(),
    ],
    proof: Proof::Reauthenticated,
    form: &[
        required("operation", "操作", FieldType::Text),
        required("reason", "回退原因", FieldType::LongText),
        optional(
            "ground",
            "程序错误",
            FieldType::Choice(&[
                "wrong_electorate",
                "recused_judge_voted",
                "wrong_candidate",
                "ballots_lost",
            ]),
        ),
    ],
    ..ActionSpec::DEFAULT
};

/// Undoes the operation, with all that hangs on it in the same append: the person leaves the scheme with 资格复核, and a cut
/// that was applied is void for everybody in the meeting.
pub fn decide(input: &Rollback, it: &Declaration, id: Uuid, context: &Context<'_>) -> Decision<Event> {
    let mut checks = Checks::new();
    let reason = checks.reason("/reason", &input.reason);
    checks.done()?;
    let Some(latest) = it.latest_operation() else { return Err(NothingToRollBack.into()) };
    if latest.id != input.operation {
        return Err(RollbackNotLatest { latest: in_words(&latest.kind).to_owned() }
            .refusal()
            .at("/operation")
            .into());
    }
    let ballot = latest.kind == OperationKind::Ballot;
    if ballot && input.ground.is_none() {
        return Err(GroundRequired.refusal().at("/ground").into());
    }
    let scheme = match it.review.scheme {
        Some(scheme) => Some((scheme, context.load::<Scheme>(scheme)?)),
        None => None,
    };
    let meeting = match scheme.and_then(|(_, scheme)| scheme.meeting) {
        Some(meeting) => Some((meeting, context.load::<ReviewMeeting>(meeting)?)),
        None => None,
    };
    if meeting.is_some_and(|(_, meeting)| meeting.declared) {
        return Err(NothingToRollBack.into());
    }
    let mut outcome = Outcome::nothing();
    if let Some((meeting_id, meeting)) = meeting {
        let declaration_id = DeclarationId(id);
        let voided = review_meeting::Event::CandidateReopened { cut_voided: meeting.cut, declaration_id };
        outcome = outcome.also::<ReviewMeeting>(meeting_id, voided);
        if meeting.cut {
            if it.review.cut.is_some() {
                outcome = outcome.and(Event::CutVoided { meeting_id });
            }
            outcome = void_others(outcome, meeting_id, meeting, declaration_id, context)?;
        }
    }
    if let (OperationKind::Qualification, Some((scheme_id, scheme))) = (&latest.kind, scheme) {
        let left = scheme::Event::ParticipantLeft {
            declaration_id: DeclarationId(id),
            edition: scheme.edition.saturating_add(1),
        };
        outcome = outcome.also::<Scheme>(scheme_id, left);
    }
    if let (Stage::QualificationFailed, Some(subject)) = (it.stage, &it.subject) {
        let claim = open_claim(subject.person, subject.year, subject.level);
        let own = StreamId::of::<Declaration>(id);
        match context.claim_holder(&claim)? {
            None => outcome = outcome.take(claim, own),
            Some(holder) if *holder == own => {}
            Some(_) => return Err(AnotherIsOpen.into()),
        }
        outcome = reserve_again(outcome, it, id, context)?;
    }
    if ballot {
        context.second_person()?;
    }
    Ok(outcome.and(Event::OperationRolledBack {
        action: latest.action.to_owned(),
        ground: input.ground.map(|ground| ground.name().to_owned()),
        operation: latest.id.clone(),
        reason: Private::Known(reason),
    }))
}

/// The cut of everybody else in the meeting is void, and what it did to quotas: it is applied again when all are counted.
fn void_others(
    outcome: Outcome<Event>,
    meeting_id: crate::ids::ReviewMeetingId,
    meeting: &ReviewMeeting,
    except: DeclarationId,
    context: &Context<'_>,
) -> Result<Outcome<Event>, Stop> {
    let candidates = meeting.candidates(context)?;
    let outcome = quota::voided(&candidates)
        .fold(outcome, |outcome, (ledger, event)| outcome.also::<QuotaLedger>(ledger, event));
    Ok(candidates
        .into_iter()
        .filter(|(candidate, state)| *candidate != except && state.review.cut.is_some())
        .fold(outcome, |outcome, (candidate, _)| {
            outcome.also::<Declaration>(candidate, Event::CutVoided { meeting_id })
        }))
}

const fn in_words(kind: &OperationKind) -> &'static str {
    use crate::declaration::values::Sheet;
    match kind {
        OperationKind::Qualification => "资格复核",
        OperationKind::MaterialReview => "材料复审",
        OperationKind::Score(Sheet::Material, _) => "材料打分",
        OperationKind::Score(Sheet::Interview, _) => "面试答辩打分",
        OperationKind::GroupOpinion => "小组评议意见",
        OperationKind::Ballot => "投票",
        OperationKind::CommitteeOpinion => "评议意见",
        OperationKind::FinalApproval => "终审机构审核",
    }
}
