//! 评审方案 A review scheme: who is reviewed at one meeting, by what scores and up to what ratio; the authority that
//! approved the committee approves it (seed 002 单 1.2.2, 人 1.13, 1.14; seed 003 五(一), 五(三)).

pub mod actions;
mod filings;
pub(crate) mod results;
pub mod terms;
#[cfg(test)]
mod tests;

pub use filings::{FilingState, Filings};
pub use results::Results;
pub use terms::{ExpertDemand, ScoringItem, Terms};

use crate::action::Place;
use crate::aggregate::{Aggregate, Stamp, events};
use crate::committee::{Committee, approved_by};
use crate::context::{Acting, Context};
use crate::hundredths::as_numbers;
use crate::ids::{CommitteeId, DeclarationId, ReviewMeetingId, SchemeId};
use crate::refusal::refusals;
use crate::values::PassOrFail;
use chrono::NaiveDate;

refusals! {
    /// N33: the results of a committee that is not valid are not recognised (seed 003 七(四)).
    CommitteeExpired { name: String } = Rule "committee-expired", "评委会不在有效期内", "“{name}”不在有效期内或已停用，其评审结果不予认可。请先办理核准备案。";
}

events! {
    /// What happens to a scheme.
    pub enum Event of "scheme" {
        /// 新增, by the committee as it was called then.
        Created { committee_id: CommitteeId, #[serde(default, skip_serializing_if = "Option::is_none")] committee_name: Option<String>, scheme_id: SchemeId, terms: Terms, #[serde(default, skip_serializing_if = "Option::is_none")] year: Option<i32> } = "created",
        /// 编辑, before it is submitted.
        Amended { terms: Terms, #[serde(default, skip_serializing_if = "Option::is_none")] year: Option<i32> } = "amended",
        /// 呈报: its participants entered it in the same append.
        Submitted = "submitted",
        /// 审核通过.
        Approved { opinion: Option<String> } = "approved",
        /// 审核不通过: its participants were released in the same append.
        Rejected { opinion: String } = "rejected",
        /// A participant left by a rollback of 资格复核: this is another version of what was approved (RB7).
        ParticipantLeft { declaration_id: DeclarationId, edition: u32 } = "participant_left",
        /// 宣布结果 (T46b): who passed, and how many of those take a place of a quota.
        ResultsDeclared { passed: Vec<DeclarationId>, with_quota: u32 } = "results_declared",
        /// 评审结果公示 of these is over (T53): whose has passed may be put on file.
        PublicityRecorded { ends_on: NaiveDate, failed: Vec<DeclarationId>, passed: Vec<DeclarationId>, starts_on: NaiveDate } = "publicity_recorded",
        /// Somebody objected to one of those who passed (T50).
        ObjectionRaised { declaration_id: DeclarationId } = "objection_raised",
        /// An objection against one of those who passed was upheld before the filing was requested (T52).
        ObjectionUpheld { declaration_id: DeclarationId } = "objection_upheld",
        /// 申请备案 for these (T54).
        FilingRequested { declaration_ids: Vec<DeclarationId> } = "filing_requested",
        /// 备案 of these, or their return (T55, T56); the opinion stands with each declaration.
        FilingReviewed { decision: PassOrFail, declaration_ids: Vec<DeclarationId>, filed_on: Option<NaiveDate>, filing_number: Option<String> } = "filing_reviewed",
        /// An objection against one of those whose filing waits was upheld: it is not filed any more (T52).
        FilingDropped { declaration_id: DeclarationId } = "filing_dropped",
        /// 取消备案 of one that was on file (T57).
        FilingCancelled { declaration_id: DeclarationId } = "filing_cancelled",
        /// Its review meeting was called.
        MeetingCalled { meeting_id: ReviewMeetingId } = "meeting_called",
        /// The province annulled its meeting: who took part needs a new scheme (RB5).
        Annulled { meeting_id: ReviewMeetingId } = "annulled",
    }
}

/// Where a scheme stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Stage {
    /// 编制中.
    #[default]
    Draft,
    /// 待审核.
    Submitted,
    /// 已核准.
    Approved,
    /// 未通过: it may be amended and submitted again.
    Rejected,
    /// 已作废.
    Annulled,
}

impl Stage {
    /// The name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Submitted => "submitted",
            Self::Approved => "approved",
            Self::Rejected => "rejected",
            Self::Annulled => "annulled",
        }
    }
}

/// A scheme.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Scheme {
    /// Its id; none before creation.
    pub id: Option<SchemeId>,
    /// The committee that reviews.
    pub committee: Option<CommitteeId>,
    /// What that committee was called when it made the scheme.
    pub committee_name: Option<String>,
    /// What it says; none before creation. Who left is not among the participants any more.
    pub terms: Option<Terms>,
    /// 年度 of its batch; schemes of before it was told have none.
    pub year: Option<i32>,
    /// Where it stands.
    pub stage: Stage,
    /// 1 as submitted; one more whenever a participant leaves.
    pub edition: u32,
    /// Who left after the submission.
    pub left: Vec<DeclarationId>,
    /// What the reviewer said last.
    pub opinion: Option<String>,
    /// Its results, as far as they are declared.
    pub results: Results,
    /// Its filings.
    pub filings: Filings,
    /// Its review meeting, once called.
    pub meeting: Option<ReviewMeetingId>,
}

impl Scheme {
    /// Who is reviewed.
    pub fn participants(&self) -> &[DeclarationId] {
        self.terms.as_ref().map_or(&[], |terms| &terms.participants)
    }

    /// The committee, which must be valid today (N33).
    pub(crate) fn valid_committee<'a>(&self, context: &Context<'a>) -> Result<&'a Committee, crate::Stop> {
        let found = self.committee.and_then(|id| context.registers.committees.get(id));
        let Some(committee) = found else { return Err(crate::refusal::common::NotFound.into()) };
        if committee.valid_on(context.today()) {
            return Ok(committee);
        }
        Err(CommitteeExpired { name: committee.name.clone() }.into())
    }
}

impl Aggregate for Scheme {
    const TYPE: &'static str = "scheme";
    const COLLECTION: &'static str = "schemes";
    type Command = actions::Command;
    type Event = Event;

    fn exists(&self) -> bool {
        self.id.is_some()
    }

    fn stage(&self) -> Option<&'static str> {
        self.id.map(|_| self.stage.name())
    }

    fn stage_label(&self) -> &'static str {
        match self.stage {
            Stage::Draft => "编制中",
            Stage::Submitted => "待审核",
            Stage::Approved => "已核准",
            Stage::Rejected => "审核不通过",
            Stage::Annulled => "已作废",
        }
    }

    fn stands(&self, place: Place, acting: &Acting, context: &Context<'_>) -> bool {
        let Some(committee) = self.committee else { return false };
        place == Place::Committee && acting.at(committee)
            || place == Place::ApprovingAuthority && approved_by(committee, acting, context)
    }

    fn view(&self) -> serde_json::Value {
        let Some(terms) = &self.terms else { return serde_json::Value::Null };
        let view = serde_json::json!({
            "committee_id": self.committee, "batch_id": terms.batch_id, "kind": terms.kind, "medium": terms.medium,
            "opens_on": terms.opens_on, "participants": terms.participants, "experts": terms.experts,
            "scoring": terms.scoring, "ratio_percent": terms.ratio_percent, "ratio_exception": terms.ratio_exception,
            "interview": terms.interview, "edition": self.edition, "left": self.left, "opinion": self.opinion,
            "review_meeting_id": self.meeting, "filing_number": self.filings.latest.as_ref().map(|(number, _)| number),
            "filed_on": self.filings.latest.as_ref().map(|(_, on)| on),
        });
        as_numbers(view, &["max", "weight", "ratio_percent"])
    }

    fn evolve(&mut self, event: &Event, stamp: &Stamp) {
        match event {
            Event::Created { committee_id, committee_name, scheme_id, terms, year } => {
                self.committee_name.clone_from(committee_name);
                self.id = Some(*scheme_id);
                self.committee = Some(*committee_id);
                self.terms = Some(terms.clone());
                self.year = *year;
            }
            Event::Amended { terms, year } => {
                self.terms = Some(terms.clone());
                self.year = *year;
            }
            Event::Submitted => {
                self.stage = Stage::Submitted;
                self.edition = 1;
                self.left.clear();
            }
            Event::Approved { opinion } => {
                self.stage = Stage::Approved;
                self.opinion.clone_from(opinion);
            }
            Event::Rejected { opinion } => {
                self.stage = Stage::Rejected;
                self.opinion = Some(opinion.clone());
            }
            Event::ParticipantLeft { declaration_id, edition } => {
                if let Some(terms) = &mut self.terms {
                    terms.participants.retain(|participant| participant != declaration_id);
                }
                self.left.push(*declaration_id);
                self.edition = *edition;
            }
            Event::FilingRequested { declaration_ids } => self.filings.request(declaration_ids, stamp.time),
            Event::FilingReviewed { decision, declaration_ids, filed_on, filing_number } => {
                self.filings.review(declaration_ids, *decision, stamp.time);
                if let (Some(number), Some(on)) = (filing_number, filed_on) {
                    self.filings.latest = Some((number.clone(), *on));
                }
            }
            Event::ResultsDeclared { passed, with_quota } => {
                self.results.passed = passed.iter().copied().collect();
                self.results.with_quota = *with_quota;
            }
            Event::PublicityRecorded { ends_on, failed, passed, starts_on } => {
                self.results.publish(*starts_on, *ends_on, failed);
                self.filings.allow(passed, stamp.time);
            }
            Event::ObjectionRaised { declaration_id } => {
                self.results.objected.insert(*declaration_id);
            }
            Event::ObjectionUpheld { declaration_id } | Event::FilingDropped { declaration_id } => {
                self.results.objected.insert(*declaration_id);
                self.filings.drop(*declaration_id, stamp.time);
            }
            Event::FilingCancelled { declaration_id } => self.filings.cancel(*declaration_id),
            Event::MeetingCalled { meeting_id } => self.meeting = Some(*meeting_id),
            Event::Annulled { meeting_id: _ } => {
                self.stage = Stage::Annulled;
                self.results = Results::default();
            }
        }
    }
}
