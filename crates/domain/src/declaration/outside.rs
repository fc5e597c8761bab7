//! What each reader hears of a declaration (contract.md, Who sees what). Readers without the committee's view hear nothing of a
//! meeting's work from the draw until the results are declared, and of what was undone nothing after that either; what is
//! edited between submissions is the owner's alone. Every answer and every table asks here.

use super::events::Event;
use super::stage::Stage;
use super::state::{Declaration, OperationKind, Step};
use crate::ids::NodeId;
use crate::registers::paths::Node;

/// Beside what is told to everybody: whom else a reader listens with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// The owner: hears of edits.
    Owner,
    /// Whoever has the committee's view: hears of the meeting while it goes on.
    Committee,
}

/// Whom an event is told to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Telling {
    /// Whoever may know of the declaration.
    Everybody,
    /// The owner.
    Owner,
    /// The committee; outside it the steps among them once the results are declared, without a step of the version.
    Committee,
}

impl Telling {
    /// Whom this event is told to, on the state before it.
    pub(super) fn of(event: &Event, before: &Declaration) -> Self {
        match event {
            Event::DraftSaved { .. } | Event::MaterialAttached { .. } | Event::MaterialRemoved { .. } => {
                Self::Owner
            }
            Event::JudgesDrawn { .. }
            | Event::PanelAssigned { .. }
            | Event::InterviewNotified { .. }
            | Event::JudgeRecused { .. }
            | Event::MaterialReviewPassed { .. }
            | Event::MaterialReviewFailed { .. }
            | Event::MaterialScored { .. }
            | Event::InterviewScored { .. }
            | Event::GroupOpinionGiven { .. }
            | Event::BallotOpened { .. }
            | Event::VoteCast { .. }
            | Event::BallotClosed { .. }
            | Event::CommitteeOpinionGiven { .. }
            | Event::OfflineResultRecorded { .. }
            | Event::CutApplied { .. }
            | Event::CutVoided { .. }
            | Event::FailureReasonRecorded { .. } => Self::Committee,
            // A rollback is told to those who are told of what it undoes.
            Event::OperationRolledBack { .. } => match before.operations.last().map(|latest| &latest.kind) {
                Some(
                    OperationKind::MaterialReview
                    | OperationKind::Score(..)
                    | OperationKind::GroupOpinion
                    | OperationKind::Ballot
                    | OperationKind::CommitteeOpinion,
                ) => Self::Committee,
                Some(OperationKind::Qualification | OperationKind::FinalApproval) | None => Self::Everybody,
            },
            Event::Drafted { .. }
            | Event::Submitted { .. }
            | Event::Resubmitted { .. }
            | Event::Withdrawn { .. }
            | Event::Abandoned
            | Event::Lapsed
            | Event::EmployerReviewPassed { .. }
            | Event::ReturnedToApplicant { .. }
            | Event::EmployerReviewFailed { .. }
            | Event::EmployerPublicityStarted { .. }
            | Event::PublicityReckoned { .. }
            | Event::EmployerPublicityEnded
            | Event::EmployerPublicityPassed { .. }
            | Event::EmployerPublicityFailed { .. }
            | Event::EmployerPublicityVoided { .. }
            | Event::Recommended { .. }
            | Event::SuperiorReviewPassed { .. }
            | Event::ForwardedToCommittee { .. }
            | Event::FinalApproved { .. }
            | Event::SuperiorReviewFailed { .. }
            | Event::ReturnedToSubordinate { .. }
            | Event::ReturnRelayed { .. }
            | Event::CommitteeTransferred { .. }
            | Event::QualificationPassed { .. }
            | Event::QualificationFailed { .. }
            | Event::SchemeSubmitted { .. }
            | Event::SchemeApproved { .. }
            | Event::SchemeRejected { .. }
            | Event::ResultDeclared { .. }
            | Event::MeetingAnnulled { .. }
            | Event::ResultPublicityStarted { .. }
            | Event::ResultPublicityPassed { .. }
            | Event::ResultPublicityFailed { .. }
            | Event::ObjectionRaised { .. }
            | Event::ObjectionDismissed { .. }
            | Event::ObjectionUpheld { .. }
            | Event::FilingRequested { .. }
            | Event::Filed { .. }
            | Event::FilingRejected { .. }
            | Event::FilingCancelled { .. }
            | Event::CertificateIssued { .. }
            | Event::ECertificateGenerated { .. }
            | Event::CertificateReported { .. }
            | Event::ReportAcknowledged { .. }
            | Event::CertificateRevoked { .. }
            | Event::Held { .. }
            | Event::HoldLifted { .. }
            | Event::PersonErased => Self::Everybody,
        }
    }
}

/// What a meeting does with a candidate.
const MEETING: &[&str] = &[
    "review-material",
    "score-material",
    "score-interview",
    "give-opinion",
    "open-ballot",
    "close-ballot",
    "record-offline-result",
    "declare-results",
];

/// Actions by which an organisation of the way handles a case: where they are taken is where the case lies.
const LEVELS: &[&str] = &[
    "review-by-employer",
    "start-employer-publicity",
    "record-employer-publicity-result",
    "recommend",
    "review-by-superior",
    "relay-return",
    "review-qualification",
];

impl Step {
    /// Whether it is the work of a meeting: outside, of the day alone.
    pub fn is_of_meeting(&self) -> bool {
        MEETING.contains(&self.action)
    }
}

impl Declaration {
    /// The stage as it is told outside: the scheme's approval, while the meeting's work is not.
    pub const fn stage_outside(&self) -> Stage {
        match self.stage {
            Stage::JudgesDrawn
            | Stage::MaterialReviewed
            | Stage::MaterialReviewFailed
            | Stage::Scoring
            | Stage::OpinionGiven
            | Stage::Balloting
            | Stage::VotePassed
            | Stage::VoteFailed
                if self.review.declared.is_none() =>
            {
                Stage::SchemeApproved
            }
            stage => stage,
        }
    }

    /// Whether a step is told outside.
    pub fn tells_outside(&self, step: &Step) -> bool {
        match self.telling(step.version) {
            Telling::Everybody | Telling::Owner => true,
            Telling::Committee => self.review.declared.is_some() && step.is_of_meeting() && !step.rolled_back,
        }
    }

    /// Whether the event that made this version is told to this audience.
    pub fn tells(&self, version: u64, audience: &[Audience]) -> bool {
        self.makes_version(version, audience)
            || self.telling(version) == Telling::Committee
                && self.steps.iter().any(|step| step.version == version && self.tells_outside(step))
    }

    /// Whether the event that made this version is a step of the version that this audience counts; a meeting's work is one to
    /// the committee alone.
    pub fn makes_version(&self, version: u64, audience: &[Audience]) -> bool {
        match self.telling(version) {
            Telling::Everybody => true,
            Telling::Owner => audience.contains(&Audience::Owner),
            Telling::Committee => audience.contains(&Audience::Committee),
        }
    }

    /// The version that this audience knows: that of the last event that makes one to it.
    pub fn version_for(&self, audience: &[Audience]) -> u64 {
        (1..=self.version).rev().find(|version| self.makes_version(*version, audience)).unwrap_or_default()
    }

    /// Whether the moment at which the case arrived where this step was taken may be told outside: not where a meeting's work
    /// lies between it and the step before.
    pub fn tells_arrival_outside(&self, step: &Step) -> bool {
        let told = |other: &&Step| {
            other.version < step.version
                && !other.is_of_meeting()
                && self.telling(other.version) == Telling::Everybody
        };
        let before = self.steps.iter().rev().find(told).map_or(0, |other| other.version);
        !step.is_of_meeting()
            && (before.saturating_add(1)..step.version)
                .all(|version| self.telling(version) != Telling::Committee)
    }

    /// 终审机构 as of the last submission: the applicant may be choosing another one in a draft.
    pub fn final_organisation_submitted(&self) -> Option<&Node> {
        let hops = &self.path.hops;
        let last = hops
            .iter()
            .map(|hop| &hop.superior)
            .find(|node| hops.iter().all(|other| other.subordinate.id != node.id))
            .filter(|_| {
                matches!(
                    self.stage,
                    Stage::ReturnedToApplicant | Stage::Withdrawn | Stage::Abandoned | Stage::Lapsed
                )
            });
        last.or(self.final_organisation.as_ref().map(|it| &it.node))
    }

    /// The organisations of the way that are told what was said at a step (domain.md 1.8, review opinions: below and own): the one
    /// that said it, those above it on a way that the case went, and the one that decides. What sends the case back is told on
    /// the whole way down too, for those below pass it on. What no organisation said the applicant did, below all of them.
    pub fn opinion_levels(&self, step: &Step) -> Vec<NodeId> {
        let ways = self.ways();
        let said = step.organisation.as_ref().map(|node| node.id);
        let above_or_own = |way: &[NodeId]| -> Vec<NodeId> {
            match said {
                Some(said) => way.iter().skip_while(|node| **node != said).copied().collect(),
                None => way.to_vec(),
            }
        };
        let told = ways.iter().flat_map(|(_, way)| above_or_own(way));
        let down = ways.iter().find(|(version, _)| *version == step.version && step.result == Some("return"));
        let down = down.into_iter().flat_map(|(_, way)| way.iter().copied());
        let decides = self.final_organisation_submitted().map(|node| node.id);
        let mut levels = Vec::new();
        for level in told.chain(down).chain(said).chain(decides) {
            if !levels.contains(&level) {
                levels.push(level);
            }
        }
        levels
    }

    /// The way, from the employer on, to where the case lay at this step of a level.
    pub fn way_at(&self, step: &Step) -> Vec<NodeId> {
        let ways = self.ways();
        ways.into_iter().find(|(version, _)| *version == step.version).map(|(_, way)| way).unwrap_or_default()
    }

    /// The way up to where the case lay at each step of a level, from the employer on; at last the way to where it lies now.
    fn ways(&self) -> Vec<(u64, Vec<NodeId>)> {
        let employer: Vec<NodeId> = self.subject.iter().map(|subject| subject.employer.node().id).collect();
        let mut way = employer.clone();
        let mut ways = Vec::new();
        for step in &self.steps {
            if step.action == "submit" {
                way.clone_from(&employer);
            }
            let Some(at) = step.organisation.as_ref().filter(|_| LEVELS.contains(&step.action)) else {
                continue;
            };
            match way.iter().position(|node| *node == at.id) {
                Some(index) => way.truncate(index + 1),
                None => way.push(at.id),
            }
            ways.push((step.version, way.clone()));
        }
        ways.push((self.version, self.route.iter().map(|node| node.id).collect()));
        ways
    }

    fn telling(&self, version: u64) -> Telling {
        let index = usize::try_from(version).ok().and_then(|version| version.checked_sub(1));
        index.and_then(|index| self.tellings.get(index)).copied().unwrap_or(Telling::Everybody)
    }
}

#[cfg(test)]
mod tests {
    use crate::declaration::{Audience, Declaration, Stage, Step};
    use crate::ids::NodeId;
    use crate::registers::paths::Node;
    use crate::world::hunan::Hunan;
    use crate::world::sitting::Sitting;
    use serde_json::json;
    use uuid::Uuid;

    fn told(it: &Declaration) -> Vec<&'static str> {
        it.steps.iter().filter(|step| it.tells_outside(step)).map(|step| step.action).collect()
    }

    #[test]
    fn nothing_of_a_meeting_is_told_before_the_results_are_declared() {
        let mut sitting = Sitting::assigned(1, |_| {});
        let before = told(&sitting.candidate(0));
        sitting.decided(0, 25, 40);
        let voted = sitting.candidate(0);
        assert_eq!((voted.stage, voted.stage_outside()), (Stage::VotePassed, Stage::SchemeApproved));
        assert!(voted.steps.iter().any(|step| step.action == "open-ballot"), "the walk came to the ballot");
        assert_eq!(told(&voted), before);
    }

    #[test]
    fn the_version_outside_is_that_of_the_scheme_until_the_results_are_declared() {
        let mut sitting = Sitting::assigned(1, |_| {});
        let approved = sitting.candidate(0).version_for(&[]);
        sitting.decided(0, 25, 40);
        let it = sitting.candidate(0);
        assert_eq!(it.version_for(&[]), approved);
        assert_eq!(
            it.version_for(&[Audience::Owner]),
            approved,
            "what was edited before was submitted since"
        );
        assert_eq!(it.version_for(&[Audience::Committee]), it.version);
        assert!((approved + 1..=it.version).all(|version| !it.tells(version, &[Audience::Owner])));
    }

    /// Whom of employer, housing bureau, city and committee the last step of this action at this organisation is told.
    fn hear(hunan: &Hunan, case: Uuid, action: &str, at: Uuid) -> [bool; 4] {
        let it: Declaration = hunan.world.get(case);
        let here = |node: &Node| node.id.0 == at;
        let taken = |step: &&Step| step.action == action && step.organisation.as_deref().is_some_and(here);
        let levels = it.opinion_levels(it.steps.iter().rev().find(taken).unwrap());
        [hunan.drainage, hunan.housing, hunan.changsha, hunan.committee]
            .map(|id| levels.contains(&NodeId(id)))
    }

    #[test]
    fn what_a_level_says_is_told_there_and_above() {
        let mut hunan = Hunan::new();
        let case = hunan.qualified();
        for (action, at, told) in [
            ("review-by-employer", hunan.drainage, [true, true, true, true]),
            ("recommend", hunan.drainage, [true, true, true, true]),
            ("review-by-superior", hunan.housing, [false, true, true, true]),
            ("review-by-superior", hunan.changsha, [false, false, true, true]),
            ("review-qualification", hunan.committee, [false, false, false, true]),
        ] {
            assert_eq!(hear(&hunan, case, action, at), told, "{action}");
        }
    }

    #[test]
    fn what_sends_a_case_back_is_told_below_and_after_the_next_submission_too() {
        let mut hunan = Hunan::new();
        let case = hunan.at_committee();
        let back = json!({
            "decision": "return", "opinion": "缺少学历验证报告。", "items": [{"anchor": "education", "problem": "缺少报告"}],
        });
        hunan.act(hunan.committee_operator, "declaration", case, "review-qualification", back);
        let everybody = [true; 4];
        assert_eq!(hear(&hunan, case, "review-qualification", hunan.committee), everybody);
        for (who, at) in [
            (hunan.changsha_reviewer, hunan.changsha),
            (hunan.housing_reviewer, hunan.housing),
            (hunan.operator, hunan.drainage),
        ] {
            hunan.act(who, "declaration", case, "relay-return", json!({"opinion": "请按要求补正。"}));
            assert_eq!(hear(&hunan, case, "relay-return", at), everybody, "on its way down, and known above");
        }
        hunan.resubmit_and_recommend(case);
        let pass = json!({"decision": "pass", "opinion": "已补正。"});
        hunan.act(hunan.housing_reviewer, "declaration", case, "review-by-superior", pass);
        assert_eq!(hear(&hunan, case, "review-qualification", hunan.committee), everybody);
        assert_eq!(hear(&hunan, case, "review-by-superior", hunan.housing), [false, true, true, true]);
    }

    #[test]
    fn an_operations_id_tells_no_version() {
        let mut sitting = Sitting::assigned(2, |_| {});
        sitting.reviewed(0, 40, 40);
        sitting.reviewed(1, 40, 40);
        let (one, other) = (sitting.candidate(0), sitting.candidate(1));
        let ids: Vec<&str> =
            one.operations.iter().chain(&other.operations).map(|it| it.id.as_str()).collect();
        let different: std::collections::BTreeSet<&&str> = ids.iter().collect();
        assert_eq!(different.len(), ids.len());
        assert!(
            ids.iter().all(|id| id.len() == 32 && id.bytes().all(|it| it.is_ascii_hexdigit())),
            "{ids:?}"
        );
    }

    #[test]
    fn what_was_undone_is_not_told_after_the_results_either() {
        let mut sitting = Sitting::assigned(1, |_| {});
        sitting.reviewed(0, 40, 40);
        sitting.roll_back(0).unwrap();
        let mut it = sitting.candidate(0);
        it.review.declared = Some(crate::declaration::Declared {
            passed: true,
            vote_on: chrono::NaiveDate::MIN,
            acquired_on: chrono::NaiveDate::MIN,
        });
        let undone = it.steps.iter().find(|step| step.rolled_back).unwrap();
        assert!(!it.tells_outside(undone));
        assert!(!told(&it).contains(&"rollback"), "nor that it was undone");
        assert!(
            it.steps.iter().any(|step| step.is_of_meeting() && it.tells_outside(step)),
            "{}",
            json!(told(&it))
        );
    }
}
