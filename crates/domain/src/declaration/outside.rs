//! What readers without the committee's view see of the meeting's work: nothing from the draw until the results are declared,
//! and of what was undone nothing after that either (contract.md, Who sees what). Every answer and every table asks here.

use super::stage::Stage;
use super::state::{Declaration, Step};

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

impl Step {
    /// Whether it is the work of a meeting.
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
        if step.action == "rollback" {
            self.stage_outside() == self.stage
        } else {
            !step.is_of_meeting() || (self.review.declared.is_some() && !step.rolled_back)
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::declaration::{Declaration, Stage};
    use crate::world::sitting::Sitting;
    use serde_json::json;

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
        assert!(
            it.steps.iter().any(|step| step.is_of_meeting() && it.tells_outside(step)),
            "{}",
            json!(told(&it))
        );
    }
}
