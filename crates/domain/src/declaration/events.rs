//! What happens to a declaration. A released name never changes; released versions only gain optional fields.
//! Persons' names, numbers, section bodies and every free text are private (architecture.md, Personal data).

use super::values::{
    Answer, ApplicantEmployer, Coded, Duty, FinalOrganisation, HandledBy, Material, Notice, QuotaUse,
    ReturnItem, ScoredItem, SectionKey, TitleRef,
};
use crate::aggregate::events;
use crate::certificate::AcknowledgementOutcome;
use crate::hundredths::Hundredths;
use crate::ids::{
    AccountId, BallotRoundId, BatchId, CertificateId, DeclarationId, JudgeId, MaterialId, NodeId,
    ObjectionId, PersonId, PublicityRoundId, ReviewMeetingId, SchemeId,
};
use crate::private::Private;
use crate::registers::paths::{Hop, Node, PathSnapshot};
use crate::scheme::ScoringItem;
use crate::values::{Choice, DeclarationKind, Hold, Level, Medium, Mode};
use chrono::NaiveDate;
use std::collections::BTreeMap;

events! {
    /// What happens to a declaration, in the order of a life.
    pub enum Event of "declaration" {
        /// 职称申报 started (T01).
        Drafted {
            account_id: AccountId, declaration_id: DeclarationId, declaration_no: String, employer: ApplicantEmployer, id_number: Private<String>,
            id_number_hash: String, kind: DeclarationKind, level: Level, mode: Mode, name: Private<String>, person_id: PersonId,
            #[serde(default, skip_serializing_if = "Option::is_none")] phone: Option<Private<String>>, series: Coded, specialty: Coded, title: TitleRef, year: i32,
        } = "drafted",
        /// 暂存: sections were replaced whole, or the final organisation chosen (T02, T03).
        DraftSaved { final_organisation: Option<FinalOrganisation>, sections: BTreeMap<SectionKey, Private<serde_json::Value>> } = "draft_saved",
        /// 申报材料上传 (T04). The file lies in the material store under its digest.
        MaterialAttached { material: Material } = "material_attached",
        /// A material was taken out of the draft.
        MaterialRemoved { material_id: MaterialId } = "material_removed",
        /// 提交 (T05), with the ways as they were then.
        Submitted { batch_id: BatchId, path: PathSnapshot, pledge_version: String } = "submitted",
        /// 修改后重新提交 (T10).
        Resubmitted { answers: Private<Vec<Answer>>, batch_id: BatchId, path: PathSnapshot, pledge_version: String } = "resubmitted",
        /// 撤回 by the applicant (T06).
        Withdrawn { reason: Private<Option<String>> } = "withdrawn",
        /// 逾期未补正 (T11), by the system.
        Abandoned = "abandoned",
        /// 年度终结, by the system when the batch closed.
        Lapsed = "lapsed",
        /// 初审通过 (T07).
        EmployerReviewPassed { handling: HandledBy, publicity_still_valid: bool, responsibility_card: Private<Vec<Duty>> } = "employer_review_passed",
        /// 退回 to the applicant, by the employer or at the end of a relay (T08, T23).
        ReturnedToApplicant {
            by: Node, correct_by: NaiveDate, correction_days: u32, items: Private<Vec<ReturnItem>>, opinion: Private<String>,
        } = "returned_to_applicant",
        /// 初审不通过, or 不予推荐 (T09).
        EmployerReviewFailed { handling: HandledBy } = "employer_review_failed",
        /// 单位公示 began (T12).
        EmployerPublicityStarted { ends_on: NaiveDate, provisional: bool, round_id: PublicityRoundId, starts_on: NaiveDate, working_days: u32 } = "employer_publicity_started",
        /// 截止日期重新计算: the calendar of a year was published on which the last day rested, of either publicity; by the system.
        PublicityReckoned { ends_on: NaiveDate, provisional: bool, round_id: PublicityRoundId } = "publicity_reckoned",
        /// 公示期满 (T14), by the system.
        EmployerPublicityEnded = "employer_publicity_ended",
        /// 公示通过 (T15).
        EmployerPublicityPassed { reason: Private<Option<String>> } = "employer_publicity_passed",
        /// 公示不通过 (T16).
        EmployerPublicityFailed { reason: Private<Option<String>> } = "employer_publicity_failed",
        /// The publicity of this person is void (T17).
        EmployerPublicityVoided { reason: Private<Option<String>>, round_id: PublicityRoundId } = "employer_publicity_voided",
        /// 推荐上报 (T18).
        Recommended { next: Hop, opinion: Private<Option<String>>, quota: Option<QuotaUse> } = "recommended",
        /// 审核通过, on to the next organisation (T19).
        SuperiorReviewPassed { handling: HandledBy, next: Hop } = "superior_review_passed",
        /// 审核通过, on to the committee (T20).
        ForwardedToCommittee { handling: HandledBy, next: Hop } = "forwarded_to_committee",
        /// 终审机构通过: it takes effect (T21). `award_publicity`: the batch has it published first.
        FinalApproved { #[serde(default, skip_serializing_if = "std::ops::Not::not")] award_publicity: bool, handling: HandledBy } = "final_approved",
        /// 上级审核不通过 (T25).
        SuperiorReviewFailed { handling: HandledBy } = "superior_review_failed",
        /// 退回 one level down (T22, T28).
        ReturnedToSubordinate {
            by: Node, correction_days: u32, handling: HandledBy, items: Private<Vec<ReturnItem>>, #[serde(default, skip_serializing_if = "Vec::is_empty")] old_faults: Vec<String>,
            opinion: Private<String>, relay_by: NaiveDate, to: Node,
        } = "returned_to_subordinate",
        /// 退回补充材料: the return went one level further down (T23).
        ReturnRelayed { opinion: Private<Option<String>>, relay_by: NaiveDate, to: Node } = "return_relayed",
        /// 转换评委会 (T29): the rest of the path was resolved anew.
        CommitteeTransferred { batch_id: BatchId, from: Node, path: PathSnapshot, quota: Option<QuotaUse>, reason: Private<String>, to: Node } = "committee_transferred",
        /// 资格复核通过 (T26).
        QualificationPassed { handling: HandledBy } = "qualification_passed",
        /// 资格复核不合格 (T27).
        QualificationFailed { handling: HandledBy } = "qualification_failed",
        /// 纳入方案呈报 (T30).
        SchemeSubmitted { scheme_id: SchemeId } = "scheme_submitted",
        /// 方案核准 (T31, T32), with the rules by which the candidate is scored.
        SchemeApproved {
            medium: Medium, opens_on: NaiveDate, scheme_id: SchemeId, #[serde(default, skip_serializing_if = "Vec::is_empty")] scoring: Vec<ScoringItem>,
        } = "scheme_approved",
        /// 方案未通过: released from it (T33).
        SchemeRejected { scheme_id: SchemeId } = "scheme_rejected",
        /// 抽取评委 (T34).
        JudgesDrawn { meeting_id: ReviewMeetingId } = "judges_drawn",
        /// The panel that reviews this candidate.
        PanelAssigned { chair_id: JudgeId, #[serde(default, skip_serializing_if = "Option::is_none")] group: Option<u32>, judge_ids: Vec<JudgeId>, leader_id: JudgeId, meeting_id: ReviewMeetingId, reviewer_id: JudgeId } = "panel_assigned",
        /// 面试通知 (T36).
        InterviewNotified { notice: Notice } = "interview_notified",
        /// 回避 (T37).
        JudgeRecused { ground: Private<String>, judge_id: JudgeId } = "judge_recused",
        /// 材料复审通过 (T38).
        MaterialReviewPassed { judge_id: JudgeId, opinion: Private<Option<String>> } = "material_review_passed",
        /// 材料复审不通过 (T39).
        MaterialReviewFailed { judge_id: JudgeId, opinion: Private<Option<String>> } = "material_review_failed",
        /// 材料打分 (T40): a judge's whole sheet.
        MaterialScored { items: Vec<ScoredItem>, judge_id: JudgeId, locked: bool } = "material_scored",
        /// 面试答辩打分 (T41): a judge's whole sheet.
        InterviewScored { absent: bool, items: Vec<ScoredItem>, judge_id: JudgeId, locked: bool } = "interview_scored",
        /// 小组评议意见 (T42).
        GroupOpinionGiven { conclusion: Choice, judge_id: JudgeId, opinion: Private<String> } = "group_opinion_given",
        /// 开始投票 (T43). Attending leaves the recused out.
        BallotOpened { attending: Vec<JudgeId>, round_id: BallotRoundId, size: u32 } = "ballot_opened",
        /// One ballot, shuffled among the others, without an actor (T45, X-02).
        VoteCast { choice: Choice, round_id: BallotRoundId } = "vote_cast",
        /// 投票结束并计票 (T45).
        BallotClosed { agree: u32, attending: u32, disagree: u32, passed: bool, round_id: BallotRoundId, voters: Vec<JudgeId> } = "ballot_closed",
        /// 评议意见 of the committee, after the vote.
        CommitteeOpinionGiven { conclusion: Choice, judge_id: JudgeId, opinion: Private<String> } = "committee_opinion_given",
        /// 线下录入评审结果 (T48).
        OfflineResultRecorded {
            agree: u32, attending: u32, evidence: Vec<MaterialId>, interview_score: Option<Hundredths>, material_score: Option<Hundredths>, passed: bool, size: u32,
        } = "offline_result_recorded",
        /// The quota-and-ratio cut of the meeting (T46).
        CutApplied { kept: bool, meeting_id: ReviewMeetingId, quota: Option<QuotaUse>, rank: u32 } = "cut_applied",
        /// The cut was voided by a rollback in the meeting; it is applied again.
        CutVoided { meeting_id: ReviewMeetingId } = "cut_voided",
        /// 宣布结果 (T46b).
        ResultDeclared { acquired_on: NaiveDate, meeting_id: ReviewMeetingId, passed: bool, vote_on: NaiveDate } = "result_declared",
        /// 当次评审作废: the province annulled the meeting (RB5).
        MeetingAnnulled { meeting_id: ReviewMeetingId } = "meeting_annulled",
        /// 未通过原因记录 (T47), restricted.
        FailureReasonRecorded { category: String, reason: Private<String> } = "failure_reason_recorded",
        /// 评审结果公示 began (T49), or the publicity of an award.
        ResultPublicityStarted { ends_on: NaiveDate, late: bool, provisional: bool, round_id: PublicityRoundId, starts_on: NaiveDate, working_days: u32 } = "result_publicity_started",
        /// 公示无异议 (T53).
        ResultPublicityPassed { reason: Private<Option<String>> } = "result_publicity_passed",
        /// 公示有异议且成立 (T53).
        ResultPublicityFailed { reason: Private<Option<String>> } = "result_publicity_failed",
        /// 异议 was lodged (T13, T50).
        ObjectionRaised { content: Private<String>, evidence: Private<Option<String>>, objection_id: ObjectionId, source: Private<String> } = "objection_raised",
        /// 异议不成立 (T51).
        ObjectionDismissed { finding: Private<String>, objection_id: ObjectionId } = "objection_dismissed",
        /// 异议成立 (T52).
        ObjectionUpheld { finding: Private<String>, objection_id: ObjectionId } = "objection_upheld",
        /// 申请备案 (T54): of whom, since it says so.
        FilingRequested { #[serde(default, skip_serializing_if = "Option::is_none")] filing_authority: Option<Node>, late: bool } = "filing_requested",
        /// 备案通过 (T55). `early` warns that the filing day or the day of acquisition lies within the publicity.
        Filed { early: bool, filed_on: NaiveDate, filing_number: String, opinion: Private<Option<String>> } = "filed",
        /// 备案不通过 (T56).
        FilingRejected { opinion: Private<Option<String>> } = "filing_rejected",
        /// 取消备案 (T57).
        FilingCancelled { basis: Private<Option<String>>, reason: Private<String> } = "filing_cancelled",
        /// 证书发放 (T59): the number was taken in the same append.
        CertificateIssued { acquired_on: NaiveDate, certificate_id: CertificateId, certificate_number: String, issuing_organisation: Node } = "certificate_issued",
        /// 生成电子证书 (T60).
        ECertificateGenerated { certificate_id: CertificateId, document_number: String } = "e_certificate_generated",
        /// 证书报送人社部 (T62): sent.
        CertificateReported { certificate_id: CertificateId } = "certificate_reported",
        /// The ministry's answer.
        ReportAcknowledged { message: Private<Option<String>>, outcome: AcknowledgementOutcome, receipt_number: Option<String> } = "report_acknowledged" version "2",
        /// 证书撤销 (T63).
        CertificateRevoked { basis: Private<Option<String>>, certificate_id: CertificateId, reason: Private<String> } = "certificate_revoked",
        /// 回退 (RB3): names the operation it undoes; nothing is erased.
        OperationRolledBack { action: String, ground: Option<String>, operation: String, reason: Private<String> } = "operation_rolled_back",
        /// 暂停: a hold was put (T64).
        Held { hold: Hold, source: Option<NodeId> } = "held",
        /// 解除暂停 (T65).
        HoldLifted { hold: Hold } = "hold_lifted",
        /// The person's key was destroyed.
        PersonErased = "person_erased",
    }
}
