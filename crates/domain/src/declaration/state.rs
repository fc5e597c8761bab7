//! A declaration as folded from its events.

use super::outside::Telling;
use super::stage::Stage;
use super::values::{
    ApplicantEmployer, Coded, FinalOrganisation, Material, Notice, QuotaUse, ReturnItem, ScoredItem,
    SectionKey, Sheet, TitleRef,
};
use crate::aggregate::ActorStamp;
use crate::hundredths::Hundredths;
use crate::ids::{
    AccountId, BallotRoundId, BatchId, CertificateId, DeclarationId, JudgeId, MaterialId, NodeId,
    ObjectionId, PersonId, PublicityRoundId, ReviewMeetingId, SchemeId,
};
use crate::notice::Told;
use crate::private::Private;
use crate::registers::paths::{Node, PathSnapshot};
use crate::scheme::ScoringItem;
use crate::values::{Choice, DeclarationKind, Hold, Level, Medium, Mode};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Serialize, Serializer};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The body of a section: JSON text, for as a tree of values it takes five times the memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Body(Box<str>);

impl Body {
    /// Keeps it.
    pub fn of(value: &serde_json::Value) -> Self {
        Self(value.to_string().into())
    }

    /// What was kept.
    pub fn value(&self) -> serde_json::Value {
        // it was written from a value
        serde_json::from_str(&self.0).unwrap_or_default()
    }
}

impl Serialize for Body {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.value().serialize(serializer)
    }
}

/// What the applicant wrote and attached.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Content {
    /// Section bodies by key.
    pub sections: BTreeMap<SectionKey, Arc<Private<Body>>>,
    /// Materials in the order they were attached.
    pub materials: Vec<Material>,
}

impl Content {
    /// A section's body, where it is known.
    pub fn section(&self, key: SectionKey) -> Option<serde_json::Value> {
        self.sections.get(&key).and_then(|body| body.known()).map(Body::value)
    }

    /// The parts in which it differs from another: keys of sections, and `materials/<kind>`.
    pub fn changed_since(&self, before: &Self) -> BTreeSet<String> {
        let keys = self.sections.keys().chain(before.sections.keys());
        let sections = keys
            .filter(|key| self.sections.get(key) != before.sections.get(key))
            .map(|key| key.name().to_owned());
        let in_one = |these: &Self, those: &Self| -> Vec<String> {
            let missing = these.materials.iter().filter(|material| !those.materials.contains(material));
            missing.map(|material| format!("materials/{}", material.kind)).collect()
        };
        sections.chain(in_one(self, before)).chain(in_one(before, self)).collect()
    }
}

/// The part that an anchor of a return is in: a section's key, or `materials/<kind>`.
pub(super) fn anchor_of(anchor: &str) -> &str {
    if anchor.starts_with("materials/") { anchor } else { anchor.split('/').next().unwrap_or(anchor) }
}

/// What was fixed when the declaration was started.
#[derive(Debug, Clone, PartialEq)]
pub struct Subject {
    /// The applicant's account.
    pub account: AccountId,
    /// The applicant.
    pub person: PersonId,
    /// 姓名.
    pub name: Private<String>,
    /// 身份证号.
    pub id_number: Private<String>,
    /// Keyed hash of the ID number.
    pub id_number_hash: String,
    /// 联系电话 as it was then; starts of before it was told have none.
    pub phone: Option<Private<String>>,
    /// 申报编号.
    pub declaration_no: String,
    /// 年度.
    pub year: i32,
    /// 取得方式.
    pub mode: Mode,
    /// 职称等级.
    pub level: Level,
    /// 系列.
    pub series: Coded,
    /// 专业.
    pub specialty: Coded,
    /// 申报职称.
    pub title: TitleRef,
    /// 申报类型.
    pub kind: DeclarationKind,
    /// 所在单位.
    pub employer: ApplicantEmployer,
}

/// A return on its way down, or with the applicant.
#[derive(Debug, Clone, PartialEq)]
pub struct Returned {
    /// Who sent it back.
    pub by: Node,
    /// Why.
    pub opinion: Private<String>,
    /// The complete list of deficiencies (N25).
    pub items: Private<Vec<ReturnItem>>,
    /// Working days the applicant has from arrival.
    pub correction_days: u32,
    /// Until when whoever has it passes it on; by itself after that.
    pub relay_by: Option<NaiveDate>,
    /// Until when the applicant resubmits; known once it arrived there.
    pub correct_by: Option<NaiveDate>,
    /// Deficiencies that could have been named in an earlier return: a breach of the one-time notice (N25).
    pub old_faults: Vec<String>,
}

/// A publicity that this declaration is or was in.
#[derive(Debug, Clone, PartialEq)]
pub struct Publicity {
    /// The round.
    pub round: PublicityRoundId,
    /// First day.
    pub starts_on: NaiveDate,
    /// Last day, inclusive.
    pub ends_on: NaiveDate,
    /// Whether the last day rests on an unpublished calendar.
    pub provisional: bool,
}

/// What was published and passed: it stays valid while none of it changes.
#[derive(Debug, Clone, PartialEq)]
pub struct Published {
    /// The published sections.
    pub sections: BTreeMap<SectionKey, Arc<Private<Body>>>,
    /// 申报类型.
    pub kind: DeclarationKind,
    /// 申报职称.
    pub title: TitleRef,
}

/// The panel of a candidate.
#[derive(Debug, Clone, PartialEq)]
pub struct Panel {
    /// 组: its number among the groups of the meeting; panels of before it was told have none.
    pub group: Option<u32>,
    /// The chair of the meeting.
    pub chair: JudgeId,
    /// The group's leader.
    pub leader: JudgeId,
    /// Who alone reviews the material.
    pub reviewer: JudgeId,
    /// The group's judges.
    pub judges: Vec<JudgeId>,
}

/// A judge's score sheet.
#[derive(Debug, Clone, PartialEq)]
pub struct ScoreSheet {
    /// The items.
    pub items: Vec<ScoredItem>,
    /// The candidate did not appear at the interview.
    pub absent: bool,
    /// Editable until locked.
    pub locked: bool,
    /// The version of the declaration that it was saved with: its step tells when.
    pub version: u64,
}

impl ScoreSheet {
    /// 合计: its points added up.
    pub fn total(&self) -> Hundredths {
        Hundredths(self.items.iter().fold(0, |sum, item| item.score.0.saturating_add(sum)))
    }
}

/// An opinion of the group or of the committee.
#[derive(Debug, Clone, PartialEq)]
pub struct Opinion {
    /// Who gave it.
    pub judge: JudgeId,
    /// For or against.
    pub conclusion: Choice,
    /// The text.
    pub opinion: Private<String>,
    /// The version of the declaration that it was given with: its step tells when.
    pub version: u64,
}

/// A ballot round of this candidate.
#[derive(Debug, Clone, PartialEq)]
pub struct Ballot {
    /// Its id.
    pub round: BallotRoundId,
    /// Who may vote.
    pub attending: Vec<JudgeId>,
    /// Members of the committee.
    pub size: u32,
    /// The result, once closed.
    pub tally: Option<Tally>,
    /// The procedural ground on which it was annulled, where it was.
    pub annulled: Option<String>,
}

/// A counted ballot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tally {
    /// Judges present.
    pub attending: u32,
    /// For.
    pub agree: u32,
    /// Against.
    pub disagree: u32,
    /// Whether two thirds of those present agreed.
    pub passed: bool,
    /// The day of the vote.
    pub vote_on: NaiveDate,
}

/// The result of a review held outside the system.
#[derive(Debug, Clone, PartialEq)]
pub struct OfflineResult {
    /// The count.
    pub tally: Tally,
    /// Members of the committee.
    pub size: u32,
    /// 材料分.
    pub material_score: Option<Hundredths>,
    /// 面试分.
    pub interview_score: Option<Hundredths>,
    /// Draw record, attendance, minutes and vote sheets.
    pub evidence: Vec<MaterialId>,
}

/// The cut of the meeting for this candidate.
#[derive(Debug, Clone, PartialEq)]
pub struct Cut {
    /// Within quota and ratio.
    pub kept: bool,
    /// The rank among those who passed.
    pub rank: u32,
}

/// The declared result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Declared {
    /// Whether the title was granted.
    pub passed: bool,
    /// The day of the vote.
    pub vote_on: NaiveDate,
    /// Vote day + 5 working days (N05).
    pub acquired_on: NaiveDate,
}

/// The committee's work on a candidate: gone as a whole when the candidate leaves the scheme.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Review {
    /// The scheme.
    pub scheme: Option<SchemeId>,
    /// 线上 or 线下, once approved.
    pub medium: Option<Medium>,
    /// The planned opening.
    pub opens_on: Option<NaiveDate>,
    /// 打分细则, once approved.
    pub scoring: Vec<ScoringItem>,
    /// The review meeting.
    pub meeting: Option<ReviewMeetingId>,
    /// Who reviews this candidate.
    pub panel: Option<Panel>,
    /// 面试通知.
    pub notice: Option<Notice>,
    /// Judges who may not act on this candidate, and why.
    pub recusals: BTreeMap<JudgeId, Private<String>>,
    /// 材料复审: by whom, and whether it passed.
    pub material_review: Option<(JudgeId, bool)>,
    /// Score sheets by kind and judge.
    pub sheets: BTreeMap<(Sheet, JudgeId), ScoreSheet>,
    /// 小组评议意见.
    pub group_opinion: Option<Opinion>,
    /// The ballot round that counts.
    pub ballot: Option<Ballot>,
    /// 评议意见 of the committee.
    pub committee_opinion: Option<Opinion>,
    /// The result of an offline review.
    pub offline: Option<OfflineResult>,
    /// The cut.
    pub cut: Option<Cut>,
    /// The declared result.
    pub declared: Option<Declared>,
    /// 未通过原因: category and text.
    pub failure_reason: Option<(String, Private<String>)>,
    /// Who votes when the ballot is repeated without leaving 已有评审意见: the electorate of the round that was annulled.
    pub bound_electorate: Option<Vec<JudgeId>>,
}

impl Review {
    /// Whether judges fill in this sheet. Approvals of before it was told tell by the interview's notice.
    pub fn asks_for(&self, sheet: Sheet) -> bool {
        let told = self.scoring.iter().any(|item| item.sheet == sheet);
        let untold = self.scoring.is_empty() && (sheet == Sheet::Material || self.notice.is_some());
        told || untold || self.sheets.keys().any(|(saved, _)| *saved == sheet)
    }

    /// The vote's count, of a ballot or of a review outside the system.
    pub fn tally(&self) -> Option<Tally> {
        let balloted = self.ballot.as_ref().and_then(|ballot| ballot.tally);
        balloted.or_else(|| self.offline.as_ref().map(|offline| offline.tally))
    }
}

/// What an undoable operation did, so that it can be undone (domain.md 2.6).
#[derive(Debug, Clone, PartialEq)]
pub enum OperationKind {
    /// 资格复核.
    Qualification,
    /// 材料复审.
    MaterialReview,
    /// A judge's score sheet.
    Score(Sheet, JudgeId),
    /// 小组评议意见.
    GroupOpinion,
    /// The ballot round as one operation.
    Ballot,
    /// 评议意见.
    CommitteeOpinion,
    /// 终审机构审核.
    FinalApproval,
}

/// An undoable operation.
#[derive(Debug, Clone, PartialEq)]
pub struct Operation {
    /// Opaque id: tells neither the version nor how many there were.
    pub id: String,
    /// The action that did it.
    pub action: &'static str,
    /// Who.
    pub by: Option<ActorStamp>,
    /// When.
    pub at: DateTime<Utc>,
    /// What.
    pub kind: OperationKind,
    /// Its row in the tracking view.
    pub step: usize,
}

/// A certificate of this declaration.
#[derive(Debug, Clone, PartialEq)]
pub struct CertificateRef {
    /// Its id.
    pub id: CertificateId,
    /// 证书编号.
    pub number: String,
    /// 取得时间.
    pub acquired_on: NaiveDate,
    /// 发证单位.
    pub issuing: Node,
    /// 发文文号, once generated.
    pub document_number: Option<String>,
    /// `sent`, `accepted` or `rejected`, once reported.
    pub report_state: Option<&'static str>,
}

/// One row of the tracking view 过程跟踪.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// The action, or `publicity-ended`, `relay-return` and the like by the system.
    pub action: &'static str,
    /// 申报环节 at which it was taken.
    pub at: Stage,
    /// Where it was handled; shared with the other steps there.
    pub organisation: Option<Arc<Node>>,
    /// Who handled it; shared with the other steps of the same.
    pub actor: Option<Arc<ActorStamp>>,
    /// When the case arrived there.
    pub arrived_at: DateTime<Utc>,
    /// When it was handled.
    pub handled_at: DateTime<Utc>,
    /// `pass`, `return`, `fail` and the like.
    pub result: Option<&'static str>,
    /// The opinion, where there is one.
    pub opinion: Private<Option<String>>,
    /// The deficiencies that it named, where it sent the case back.
    pub items: Option<Arc<Private<Vec<ReturnItem>>>>,
    /// 线上线下一致, where somebody compared.
    pub paper_consistent: Option<bool>,
    /// Whether a rollback undid it.
    pub rolled_back: bool,
    /// The version of the declaration after it.
    pub version: u64,
}

/// A declaration 职称申报: one person's case for one title in one year.
#[derive(Debug, Clone, PartialEq)]
pub struct Declaration {
    /// Its id; none before the first event.
    pub id: Option<DeclarationId>,
    /// Number of events.
    pub version: u64,
    /// What was fixed at the start.
    pub subject: Option<Box<Subject>>,
    /// 申报环节.
    pub stage: Stage,
    /// When the case arrived at this stage.
    pub arrived_at: DateTime<Utc>,
    /// When the applicant saved, attached or removed something last.
    pub edited_at: Option<DateTime<Utc>>,
    /// What the applicant is writing.
    pub draft: Arc<Content>,
    /// The content as of the last submission: what others see.
    pub submitted: Option<Arc<Content>>,
    /// 终审机构.
    pub final_organisation: Option<FinalOrganisation>,
    /// The batch whose window the submission met.
    pub batch: Option<BatchId>,
    /// The ways as they were at submission.
    pub path: PathSnapshot,
    /// The organisations it went through, from the employer to the one that has it.
    pub route: Vec<Node>,
    /// The committee from which it was moved to another one last.
    pub transferred_from: Option<Node>,
    /// How many submissions there were.
    pub submissions: u32,
    /// First submission.
    pub submitted_at: Option<DateTime<Utc>>,
    /// A return on its way.
    pub returned: Option<Returned>,
    /// How many times it was sent back.
    pub return_count: u32,
    /// Parts that returns have named so far (N25).
    pub faults_told: BTreeSet<String>,
    /// Parts that the latest resubmission changed (N25).
    pub amended: BTreeSet<String>,
    /// Whether the employer has acted since the last submission.
    pub employer_acted: bool,
    /// The employer publicity under way.
    pub publicity: Option<Publicity>,
    /// What was published and passed.
    pub published: Option<Published>,
    /// The place reserved in the employer's quota; kept through returns.
    pub quota: Option<QuotaUse>,
    /// The committee's work.
    pub review: Review,
    /// Ballot rounds that were annulled: they stay on record.
    pub annulled_ballots: Vec<Ballot>,
    /// The result publicity.
    pub result_publicity: Option<Publicity>,
    /// Whether the award is published before its certificate, as its batch said when it was approved (初定, 认定).
    pub award_publicity: bool,
    /// Whether the publicity of an award has passed (初定, 认定).
    pub award_published: bool,
    /// Open objections.
    pub objections: BTreeSet<ObjectionId>,
    /// An objection was upheld during employer publicity: only `failed` can be saved.
    pub objection_upheld: bool,
    /// Flags that refuse every step forward.
    pub holds: BTreeSet<Hold>,
    /// Who was asked to put the result on file.
    pub filing_authority: Option<Arc<Node>>,
    /// 备案文号 and 备案时间.
    pub filing: Option<(String, NaiveDate)>,
    /// The certificate.
    pub certificate: Option<CertificateRef>,
    /// Whom each event is told to, in order.
    pub tellings: Vec<Telling>,
    /// What people were told of it, in order.
    pub told: Vec<Told>,
    /// Undoable operations, oldest first.
    pub operations: Vec<Operation>,
    /// What was done, in order.
    pub steps: Vec<Step>,
    /// Whether the person's key is gone.
    pub erased: bool,
}

impl Default for Declaration {
    fn default() -> Self {
        Self {
            id: None,
            version: 0,
            subject: None,
            stage: Stage::Draft,
            arrived_at: DateTime::UNIX_EPOCH,
            edited_at: None,
            draft: Arc::default(),
            submitted: None,
            final_organisation: None,
            batch: None,
            path: PathSnapshot::default(),
            route: Vec::new(),
            transferred_from: None,
            submissions: 0,
            submitted_at: None,
            returned: None,
            return_count: 0,
            faults_told: BTreeSet::new(),
            amended: BTreeSet::new(),
            employer_acted: false,
            publicity: None,
            published: None,
            quota: None,
            review: Review::default(),
            annulled_ballots: Vec::new(),
            result_publicity: None,
            award_publicity: false,
            award_published: false,
            objections: BTreeSet::new(),
            objection_upheld: false,
            holds: BTreeSet::new(),
            filing_authority: None,
            filing: None,
            certificate: None,
            tellings: Vec::new(),
            told: Vec::new(),
            operations: Vec::new(),
            steps: Vec::new(),
            erased: false,
        }
    }
}

impl Declaration {
    /// The organisation that has the case now: employer, superior, committee or final organisation; from the request for filing on the
    /// authority that puts it on file, and then the unit that issued the certificate.
    pub fn holder(&self) -> Option<Node> {
        let employer = || self.subject.as_ref().map(|subject| subject.employer.node());
        let last = || self.route.last().cloned();
        let decider = || self.final_organisation.as_ref().map(|it| it.node.clone());
        let files = || self.filing_authority.as_deref().cloned().or_else(decider);
        let issued = || self.certificate.as_ref().map(|it| it.issuing.clone()).or_else(files);
        match self.stage {
            Stage::Draft
            | Stage::ReturnedToApplicant
            | Stage::Withdrawn
            | Stage::Abandoned
            | Stage::Lapsed => None,
            Stage::EmployerReview
            | Stage::EmployerFailed
            | Stage::EmployerPublicityDue
            | Stage::EmployerPublicity
            | Stage::EmployerPublicityEnded
            | Stage::EmployerPublicityFailed
            | Stage::Recommendation => employer(),
            Stage::SuperiorReview | Stage::ReturnedToSubordinate | Stage::SuperiorFailed => last(),
            Stage::QualificationReview
            | Stage::QualificationFailed
            | Stage::Qualified
            | Stage::SchemeSubmitted
            | Stage::SchemeApproved
            | Stage::JudgesDrawn
            | Stage::MaterialReviewed
            | Stage::MaterialReviewFailed
            | Stage::Scoring
            | Stage::OpinionGiven
            | Stage::Balloting
            | Stage::VotePassed
            | Stage::VoteFailed
            | Stage::ResultPublicity
            | Stage::ResultPublicityPassed
            | Stage::ObjectionUpheld
            | Stage::FinalApproved => decider(),
            Stage::FilingRequested | Stage::Filed | Stage::FilingCancelled => files(),
            Stage::CertificateIssued | Stage::ECertificateGenerated | Stage::Reported | Stage::Revoked => {
                issued()
            }
        }
    }

    /// Whether an employer publicity is under way, or over without its result.
    pub const fn publicity_running(&self) -> bool {
        matches!(self.stage, Stage::EmployerPublicity | Stage::EmployerPublicityEnded)
    }

    /// How far up the path the case is: 0 at the employer, 1 at its superior, and so on.
    pub fn hop(&self) -> usize {
        self.route.len().saturating_sub(1)
    }

    /// The organisation one level below the one that has the case; none where that is the employer.
    pub fn below(&self) -> Option<Node> {
        self.route.len().checked_sub(2).and_then(|index| self.route.get(index)).cloned()
    }

    /// The committee, where the final organisation is one.
    pub fn committee(&self) -> Option<NodeId> {
        let it = self.final_organisation.as_ref()?;
        (it.node_type == crate::values::NodeType::Committee).then_some(it.node.id)
    }

    /// The round in which votes are taken now.
    pub fn voted_in(&self) -> Option<BallotRoundId> {
        let ballot = self.review.ballot.as_ref().filter(|ballot| ballot.tally.is_none())?;
        (self.stage == Stage::Balloting).then_some(ballot.round)
    }

    /// The one operation that may be rolled back now; none once the result is declared or published, or a certificate
    /// is issued (domain.md 2.6, RB5, RB6).
    pub fn latest_operation(&self) -> Option<&Operation> {
        let over = self.review.declared.is_some()
            || self.result_publicity.is_some()
            || self.certificate.is_some()
            || self.stage == Stage::Lapsed;
        if over { None } else { self.operations.last() }
    }
}
