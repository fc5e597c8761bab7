//! 评审会议 A review meeting: one scheme's candidates, the judges drawn for them, who attends, the cut and the declared
//! result (seed 002 单 1.2.3 to 1.2.5; seed 003 五(二) to 五(五)).
//!
//! The meeting's own events say what concerns everybody; what happens to a candidate is an event of the declaration in
//! the same append. Ballots are in neither before their round closes.

pub mod actions;
pub mod cut;
mod evolve;
mod notices;
pub(crate) mod quota;
#[cfg(test)]
mod tests;

use crate::action::{ActionSpec, Place};
use crate::aggregate::{Aggregate, Stamp, events};
use crate::committee::approved_by;
use crate::context::{Acting, Context, Stop};
use crate::declaration::{Declaration, Stage as DeclarationStage};
use crate::draw::DrawRecord;
use crate::ids::{AccountId, CommitteeId, DeclarationId, JudgeId, PersonId, ReviewMeetingId, SchemeId};
use crate::label::{Named as _, named};
use crate::notice::Told;
use crate::refusal::common;
use crate::scheme::Scheme;
use crate::values::Medium;
use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

named! {
    /// A drawn judge's answer (T35).
    Reply {
        Confirmed = "confirmed", "确认参加", "Confirmed";
        Declined = "declined", "不能参加", "Declined";
    }
}

named! {
    /// Where a meeting stands.
    Stage {
        Planned = "planned", "筹备中", "Planned";
        Drawn = "drawn", "已抽取评委", "Judges drawn";
        Assigned = "assigned", "已分组", "Panels assigned";
        Declared = "declared", "已宣布结果", "Results declared";
        Closed = "closed", "已结束", "Closed";
        Annulled = "annulled", "已作废", "Annulled";
    }
}

/// 评议组: its judges and the candidates they review.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Group {
    /// Its candidates.
    pub declaration_ids: Vec<DeclarationId>,
    /// Its judges, the leader among them.
    pub judge_ids: Vec<JudgeId>,
    /// 组长.
    pub leader_id: JudgeId,
    /// 组: counted through the meeting, given to no other group of it; groups of before numbers have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<u32>,
    /// Who alone does 材料复审.
    pub reviewer_id: JudgeId,
}

events! {
    /// What happens to a review meeting.
    pub enum Event of "review_meeting" {
        /// It was called for an approved scheme, at three separate places (N34).
        Created {
            committee_id: CommitteeId, interview_place: String, material_place: String, medium: Medium, meeting_id: ReviewMeetingId,
            opens_on: NaiveDate, registration_place: String, scheme_id: SchemeId,
        } = "created",
        /// A witness committed to a seed.
        SeedCommitted { account_id: AccountId, commitment: String, person_id: Option<PersonId> } = "seed_committed",
        /// A witness revealed the seed.
        SeedRevealed { account_id: AccountId, seed: String } = "seed_revealed",
        /// 抽取评委: the record suffices for anyone to draw again (T34).
        JudgesDrawn { record: DrawRecord } = "judges_drawn",
        /// A judge's answer.
        ReplyRecorded { judge_id: JudgeId, reply: Reply } = "reply_recorded",
        /// The next substitute took a judge's seat.
        JudgeReplaced { judge_id: JudgeId, reason: String, substitute_id: JudgeId } = "judge_replaced",
        /// 分组: chair and groups; candidates not named keep their panel.
        PanelsAssigned { chair_id: JudgeId, groups: Vec<Group> } = "panels_assigned",
        /// 回避 for one candidate; the ground stands with the candidate.
        JudgeRecused { declaration_id: DeclarationId, judge_id: JudgeId } = "judge_recused",
        /// 面试通知 went out.
        InterviewNoticesSent { declaration_ids: Vec<DeclarationId> } = "interview_notices_sent",
        /// 签到: the whole list.
        AttendanceRecorded { judge_ids: Vec<JudgeId> } = "attendance_recorded",
        /// 开始投票 on these candidates.
        BallotsOpened { declaration_ids: Vec<DeclarationId> } = "ballots_opened",
        /// 投票结束 on these candidates.
        BallotsClosed { declaration_ids: Vec<DeclarationId> } = "ballots_closed",
        /// 按职数和比例确定通过人员 (N15): how many could pass, who did and who was cut.
        CutApplied { cut: Vec<DeclarationId>, kept: Vec<DeclarationId>, places: u32 } = "cut_applied",
        /// An operation on a candidate was rolled back: a cut applied before is void.
        CandidateReopened { cut_voided: bool, declaration_id: DeclarationId } = "candidate_reopened",
        /// 宣布结果; `crosses_year` where the acquisition would fall into the next year (N09).
        ResultsDeclared { crosses_year: bool, declaration_ids: Vec<DeclarationId> } = "results_declared",
        /// 当次评审作废 by the province (RB5).
        Annulled { reason: String } = "annulled",
        /// 会议结束: the committee dissolves (N23).
        Closed = "closed",
    }
}

/// A witness's part in the draw.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Witness {
    /// The account.
    pub account: AccountId,
    /// Whose it is.
    pub person: Option<PersonId>,
    /// What was published first.
    pub commitment: String,
    /// The seed, once revealed.
    pub seed: Option<String>,
}

/// Registration, material review and interview are held apart (N34).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Places {
    /// 报到地点.
    pub registration: String,
    /// 材料评审地点.
    pub material: String,
    /// 面试答辩地点.
    pub interview: String,
}

/// A review meeting.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ReviewMeeting {
    /// Its id; none before creation.
    pub id: Option<ReviewMeetingId>,
    /// The scheme; none before creation.
    pub scheme: Option<SchemeId>,
    /// The committee; none before creation.
    pub committee: Option<CommitteeId>,
    /// 线上, or 线下 without draw and ballots.
    pub medium: Option<Medium>,
    /// 开评.
    pub opens_on: Option<NaiveDate>,
    /// Where.
    pub places: Places,
    /// The witnesses, in the order of commitment.
    pub witnesses: Vec<Witness>,
    /// The draw.
    pub draw: Option<DrawRecord>,
    /// Who sits now: drawn, or a substitute in the place of one.
    pub seats: Vec<JudgeId>,
    /// Who is next, in order.
    pub substitutes: Vec<JudgeId>,
    /// Answers of those who were asked.
    pub replies: BTreeMap<JudgeId, Reply>,
    /// 主任委员.
    pub chair: Option<JudgeId>,
    /// The groups.
    pub groups: Vec<Group>,
    /// Who may not act on whom.
    pub recusals: BTreeSet<(DeclarationId, JudgeId)>,
    /// Who signed in.
    pub attending: Vec<JudgeId>,
    /// Whether the cut was applied and stands.
    pub cut: bool,
    /// Whether the results were declared.
    pub declared: bool,
    /// Why it was annulled, where it was.
    pub annulled: Option<String>,
    /// Whether it is over.
    pub closed: bool,
    /// What its judges were told, in order.
    pub told: Vec<Told>,
}

impl ReviewMeeting {
    /// Where it stands.
    pub fn standing(&self) -> Stage {
        match (&self.annulled, self.closed, self.declared) {
            (Some(_), ..) => Stage::Annulled,
            (None, true, _) => Stage::Closed,
            (None, false, true) => Stage::Declared,
            (None, false, false) if self.chair.is_some() => Stage::Assigned,
            (None, false, false) if self.draw.is_some() => Stage::Drawn,
            (None, false, false) => Stage::Planned,
        }
    }

    /// How many members the committee meets with, where judges were drawn.
    pub fn size(&self) -> u32 {
        self.draw.as_ref().map_or(0, |record| record.size)
    }

    /// The scheme.
    pub(crate) fn load_scheme<'a>(&self, context: &Context<'a>) -> Result<&'a Scheme, Stop> {
        let Some(scheme) = self.scheme else { return Err(common::NotFound.into()) };
        context.load::<Scheme>(scheme)
    }

    /// Its candidates: the scheme's participants that are still in it, in the scheme's order.
    pub(crate) fn candidates<'a>(
        &self,
        context: &Context<'a>,
    ) -> Result<Vec<(DeclarationId, &'a Declaration)>, Stop> {
        let participants = self.load_scheme(context)?.participants();
        let declarations = context.load_all::<Declaration>(participants.iter().map(|id| id.0))?;
        Ok(participants
            .iter()
            .copied()
            .zip(declarations)
            .filter(|(_, it)| it.review.scheme == self.scheme && in_review(it.stage))
            .collect())
    }
}

/// Whether a declaration stands in the committee's work, a failure in it included.
pub(crate) const fn in_review(stage: DeclarationStage) -> bool {
    match stage {
        DeclarationStage::SchemeSubmitted
        | DeclarationStage::SchemeApproved
        | DeclarationStage::JudgesDrawn
        | DeclarationStage::MaterialReviewed
        | DeclarationStage::MaterialReviewFailed
        | DeclarationStage::Scoring
        | DeclarationStage::OpinionGiven
        | DeclarationStage::Balloting
        | DeclarationStage::VotePassed
        | DeclarationStage::VoteFailed => true,
        DeclarationStage::Draft
        | DeclarationStage::EmployerReview
        | DeclarationStage::ReturnedToApplicant
        | DeclarationStage::EmployerFailed
        | DeclarationStage::EmployerPublicityDue
        | DeclarationStage::EmployerPublicity
        | DeclarationStage::EmployerPublicityEnded
        | DeclarationStage::EmployerPublicityFailed
        | DeclarationStage::Recommendation
        | DeclarationStage::SuperiorReview
        | DeclarationStage::ReturnedToSubordinate
        | DeclarationStage::SuperiorFailed
        | DeclarationStage::QualificationReview
        | DeclarationStage::QualificationFailed
        | DeclarationStage::Qualified
        | DeclarationStage::ResultPublicity
        | DeclarationStage::ResultPublicityPassed
        | DeclarationStage::ObjectionUpheld
        | DeclarationStage::FilingRequested
        | DeclarationStage::Filed
        | DeclarationStage::FinalApproved
        | DeclarationStage::CertificateIssued
        | DeclarationStage::ECertificateGenerated
        | DeclarationStage::Reported
        | DeclarationStage::Revoked
        | DeclarationStage::Withdrawn
        | DeclarationStage::Abandoned
        | DeclarationStage::FilingCancelled
        | DeclarationStage::Lapsed => false,
    }
}

impl Aggregate for ReviewMeeting {
    const TYPE: &'static str = "review_meeting";
    const COLLECTION: &'static str = "review-meetings";
    type Command = actions::Command;
    type Event = Event;

    fn exists(&self) -> bool {
        self.id.is_some()
    }

    fn stage(&self) -> Option<&'static str> {
        self.id.map(|_| self.standing().name())
    }

    fn stage_label(&self) -> &'static str {
        self.standing().label().zh
    }

    fn stands(&self, place: Place, acting: &Acting, context: &Context<'_>) -> bool {
        let Some(committee) = self.committee else { return false };
        let judge = || context.registers.judge_of(acting).filter(|_| acting.at(committee));
        place == Place::Committee && acting.at(committee)
            || place == Place::ApprovingAuthority && approved_by(committee, acting, context)
            || place == Place::Chair && self.chair.is_some() && judge() == self.chair
            || place == Place::Panel && judge().is_some_and(|judge| self.seats.contains(&judge))
    }

    fn open_to(&self, spec: &ActionSpec, acting: &Acting, context: &Context<'_>) -> bool {
        actions::open_to(self, spec, acting, context)
    }

    fn view(&self) -> serde_json::Value {
        let record = self.draw.as_ref();
        serde_json::json!({
            "scheme_id": self.scheme, "committee_id": self.committee, "medium": self.medium, "opens_on": self.opens_on,
            "registration_place": self.places.registration, "material_place": self.places.material,
            "interview_place": self.places.interview,
            "commitments": self.witnesses.iter().map(|it| &it.commitment).collect::<Vec<_>>(),
            "size": record.map(|it| it.size), "drawn": self.seats, "substitutes": self.substitutes,
            "replies": self.replies.iter().map(|(judge, reply)| serde_json::json!({"judge_id": judge, "reply": reply})).collect::<Vec<_>>(),
            "chair_id": self.chair, "groups": self.groups, "attending": self.attending, "cut_applied": self.cut,
            "declared": self.declared,
        })
    }

    fn evolve(&mut self, event: &Event, stamp: &Stamp) {
        evolve::evolve(self, event, stamp);
    }
}
