//! 资格复核 Review qualification: the committee's office checks completeness, truth and conditions; who fails has ended for
//! this year (seed 002 单 1.2.1; seed 003 四(四); T26 to T28, N33, X-17, X-18).

use super::next_hop::valid_committee;
use super::review_by_superior::FORM;
use super::reviews::{self, may_pass, send_back};
use crate::action::{ActionSpec, Place, Start, by};
use crate::aggregate::{Decision, Outcome};
use crate::context::Context;
use crate::declaration::{Declaration, Event, Stage};
use crate::label::label;
use crate::refusal::{common, refusals};
use crate::values::{Role, Verdict};
use uuid::Uuid;

pub use super::reviews::Review as ReviewQualification;

refusals! {
    /// T26; seed 003 七(四): what lies beyond a committee's range is not recognised.
    CommitteeLacksSpecialty { name: String } = Rule "committee-lacks-specialty", "超出评审范围", "“{name}”不能评审该专业，其评审结果不予认可。请联系省本级专技处转换评委会。";
}

/// The action as data.
pub const SPEC: ActionSpec = ActionSpec {
    name: "review-qualification",
    label: label("资格复核", "Review qualification"),
    by: &[by(Role::CommitteeOperator, Place::Committee)],
    from: Start::Stages(&[Stage::QualificationReview.name()]),
    to: &[Stage::Qualified.name(), Stage::QualificationFailed.name(), Stage::ReturnedToSubordinate.name()],
    form: FORM,
    ..ActionSpec::DEFAULT
};

/// Passes, returns or fails it. Who fails keeps the claim: no other declaration of that level this year.
pub fn decide(input: &reviews::Review, it: &Declaration, id: Uuid, context: &Context<'_>) -> Decision<Event> {
    let review = input.check(it)?;
    match input.decision {
        Verdict::Pass => {
            may_pass(it, &review.handling)?;
            let (Some(node), Some(subject)) = (it.committee(), &it.subject) else {
                return Err(common::NotFound.into());
            };
            let committee = valid_committee(node, context)?;
            if !committee.can_review(&subject.series.code, &subject.specialty.code) {
                return Err(CommitteeLacksSpecialty { name: committee.name.clone() }.into());
            }
            Ok(Outcome::of(Event::QualificationPassed { handling: review.handling }))
        }
        Verdict::Return => send_back(it, review, context),
        Verdict::Fail => {
            let failed = Event::QualificationFailed { handling: review.handling };
            Ok(super::end_for_the_year(Outcome::of(failed), it, id))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::Who;
    use crate::world::hunan::Hunan;
    use serde_json::json;

    #[test]
    fn qualifies_the_candidate() {
        let mut hunan = Hunan::new();
        let case = hunan.at_committee();
        let pass = json!({"decision": "pass", "opinion": "符合条件。"});
        let refused = hunan.refused_on(hunan.changsha_reviewer, case, "review-qualification", pass.clone());
        assert_eq!(refused.code, "not-allowed");
        hunan.act(hunan.committee_operator, "declaration", case, "review-qualification", pass);
        assert_eq!(hunan.world.get::<Declaration>(case).stage, Stage::Qualified);
    }

    #[test]
    fn who_fails_has_ended_for_the_year() {
        let mut hunan = Hunan::new();
        let case = hunan.at_committee();
        let fail = json!({"decision": "fail", "opinion": "业绩不足。"});
        hunan.act(hunan.committee_operator, "declaration", case, "review-qualification", fail);
        assert_eq!(hunan.world.get::<Declaration>(case).stage, Stage::QualificationFailed);
        let again = hunan.world.create(
            Who::Account(hunan.applicant),
            "declaration",
            json!({
                "year": 2023, "mode": "review", "level": "associate_senior", "series": "01",
                "specialty": hunan.specialty("01"), "title": "副教授", "employer_id": hunan.drainage,
            }),
        );
        assert_eq!(again.unwrap_err().code, "claim-held");
    }

    #[test]
    fn an_expired_committee_qualifies_nobody() {
        let mut hunan = Hunan::new();
        let case = hunan.at_committee();
        hunan.world.clock("2025-01-01T09:00:00+08:00");
        let pass = json!({"decision": "pass"});
        let refused = hunan.refused_on(hunan.committee_operator, case, "review-qualification", pass);
        assert_eq!(refused.code, "committee-expired");
    }

    #[test]
    fn sends_back_while_the_hand_in_period_lasts() {
        let mut hunan = Hunan::new();
        let case = hunan.at_committee();
        let back = json!({"decision": "return", "opinion": "请更正。"});
        hunan.world.clock("2023-09-29T09:00:00+08:00");
        let refused = hunan.refused_on(hunan.committee_operator, case, "review-qualification", back.clone());
        assert_eq!(refused.code, "return-closed");
        hunan.world.clock("2023-09-28T09:00:00+08:00");
        hunan.act(hunan.committee_operator, "declaration", case, "review-qualification", back);
        let it = hunan.world.get::<Declaration>(case);
        assert_eq!((it.stage, it.hop()), (Stage::ReturnedToSubordinate, 2));
    }
}
