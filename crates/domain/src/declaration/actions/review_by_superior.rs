//! 上级单位审核、资格审核 Review by superior: pass on along the path, to the committee, or to take effect at a final
//! organisation; return one level down; or fail (seed 002 单 1.1.3, 人 1.12; seed 003 四(三); T19 to T25).

use super::next_hop::next_hop;
use super::reviews::{self, may_pass, send_back};
use super::start_result_publicity::award_publicity;
use crate::action::{ActionSpec, Field, FieldType, Place, Start, by, optional, required};
use crate::aggregate::{Decision, Outcome};
use crate::context::Context;
use crate::declaration::{Declaration, Event, Stage};
use crate::label::label;
use crate::refusal::common;
use crate::values::{NodeType, Role, Verdict};
use uuid::Uuid;

pub use super::reviews::Review as ReviewBySuperior;

/// The form of the reviews above the employer.
pub(super) const FORM: &[Field] = &[
    required("decision", "审核结果", FieldType::Choice(&["pass", "return", "fail"])),
    optional("opinion", "审核意见", FieldType::LongText),
    optional("items", "退回条目", FieldType::Structure),
    optional("correction_days", "修改期限（工作日）", FieldType::Integer),
    optional("next_organisation_id", "上级审核单位或评委会", FieldType::Reference("organisations")),
    optional("handled_by", "经办人", FieldType::Text),
    optional("responsible_person", "负责人", FieldType::Text),
    optional("paper_consistent", "线上线下一致", FieldType::Boolean),
];

/// The action as data.
pub const SPEC: ActionSpec = ActionSpec {
    name: "review-by-superior",
    label: label("上级审核", "Review by superior"),
    by: &[by(Role::SuperiorReviewer, Place::Holder), by(Role::AuthorityReviewer, Place::Holder)],
    from: Start::Stages(&[Stage::SuperiorReview.name()]),
    to: &[
        Stage::SuperiorReview.name(),
        Stage::QualificationReview.name(),
        Stage::FinalApproved.name(),
        Stage::ReturnedToSubordinate.name(),
        Stage::SuperiorFailed.name(),
    ],
    form: FORM,
    ..ActionSpec::DEFAULT
};

/// Passes, returns or fails it.
pub fn decide(input: &reviews::Review, it: &Declaration, id: Uuid, context: &Context<'_>) -> Decision<Event> {
    let review = input.check(it)?;
    match input.decision {
        Verdict::Pass => {
            may_pass(it, &review.handling)?;
            let handling = review.handling;
            let Some(holder) = it.holder() else { return Err(common::NotFound.into()) };
            if it.final_organisation.as_ref().is_some_and(|chosen| chosen.node.id == holder.id) {
                let award_publicity = award_publicity(it, context)?;
                return Ok(Outcome::of(Event::FinalApproved { award_publicity, handling }));
            }
            let next = next_hop(it, holder.id, input.next_organisation_id, context)?;
            Ok(Outcome::of(match next.node_type {
                NodeType::Committee => Event::ForwardedToCommittee { handling, next },
                NodeType::Agency | NodeType::Employer => Event::SuperiorReviewPassed { handling, next },
            }))
        }
        Verdict::Return => send_back(it, review, context),
        Verdict::Fail => {
            Ok(super::end(Outcome::of(Event::SuperiorReviewFailed { handling: review.handling }), it, id))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::hunan::Hunan;
    use serde_json::json;

    #[test]
    fn walks_the_path_to_the_committee() {
        let mut hunan = Hunan::new();
        let case = hunan.recommended();
        let pass = json!({"decision": "pass", "handled_by": "王五", "responsible_person": "赵六", "paper_consistent": true});
        hunan.act(hunan.housing_reviewer, "declaration", case, "review-by-superior", pass.clone());
        let it = hunan.world.get::<Declaration>(case);
        assert_eq!((it.stage, it.hop()), (Stage::SuperiorReview, 2));
        let refused = hunan.refused_on(hunan.housing_reviewer, case, "review-by-superior", pass.clone());
        assert_eq!(refused.code, "stage-refused", "it is no longer theirs, and they know of it");
        assert!(refused.detail.contains("长沙市本级"), "{}", refused.detail);
        hunan.act(hunan.changsha_reviewer, "declaration", case, "review-by-superior", pass);
        let it = hunan.world.get::<Declaration>(case);
        assert_eq!((it.stage, it.hop()), (Stage::QualificationReview, 3));
        assert_eq!(it.holder().map(|node| node.id), it.committee());
    }

    #[test]
    fn arrives_at_the_committee_by_the_hand_in_day() {
        let mut hunan = Hunan::new();
        let case = hunan.at_changsha();
        let pass = json!({"decision": "pass"});
        hunan.world.clock("2023-09-29T00:00:00+08:00");
        let refused = hunan.refused_on(hunan.changsha_reviewer, case, "review-by-superior", pass.clone());
        assert_eq!(refused.code, "hand-in-closed");
        let back = json!({"decision": "return", "opinion": "请更正。"});
        let refused = hunan.refused_on(hunan.changsha_reviewer, case, "review-by-superior", back);
        assert_eq!(refused.code, "return-closed");
        hunan.world.clock("2023-09-28T23:59:59+08:00");
        hunan.act(hunan.changsha_reviewer, "declaration", case, "review-by-superior", pass);
    }

    #[test]
    fn an_expired_committee_gets_nothing() {
        let mut hunan = Hunan::new();
        let case = hunan.at_changsha();
        hunan.world.clock("2025-01-01T09:00:00+08:00");
        let pass = json!({"decision": "pass"});
        let refused = hunan.refused_on(hunan.changsha_reviewer, case, "review-by-superior", pass);
        assert_eq!(refused.code, "committee-expired");
    }

    #[test]
    fn paper_and_online_must_agree() {
        let mut hunan = Hunan::new();
        let case = hunan.recommended();
        let pass = json!({"decision": "pass", "paper_consistent": false});
        let refused = hunan.refused_on(hunan.housing_reviewer, case, "review-by-superior", pass);
        assert_eq!(refused.code, "paper-inconsistent");
    }

    #[test]
    fn returning_and_failing_need_an_opinion() {
        let mut hunan = Hunan::new();
        let case = hunan.recommended();
        for decision in ["return", "fail"] {
            let input = json!({"decision": decision, "opinion": "  "});
            let refused = hunan.refused_on(hunan.housing_reviewer, case, "review-by-superior", input);
            assert_eq!(refused.code, "reason-required");
        }
        let fail = json!({"decision": "fail", "opinion": "不符合申报条件。"});
        hunan.act(hunan.housing_reviewer, "declaration", case, "review-by-superior", fail);
        assert_eq!(hunan.world.get::<Declaration>(case).stage, Stage::SuperiorFailed);
        hunan.draft(hunan.applicant);
    }

    #[test]
    fn takes_effect_at_an_agency_that_grants() {
        let mut hunan = Hunan::new();
        let case = hunan.granted_case();
        let pass = json!({"decision": "pass", "opinion": "符合初定条件。"});
        hunan.act(hunan.changsha_reviewer, "declaration", case, "review-by-superior", pass);
        let it = hunan.world.get::<Declaration>(case);
        assert_eq!(it.stage, Stage::FinalApproved);
        assert!(it.latest_operation().is_some());
    }

    #[test]
    fn a_second_list_of_old_faults_is_flagged() {
        let mut hunan = Hunan::new();
        let case = hunan.recommended();
        let flagged = |hunan: &Hunan| hunan.world.get::<Declaration>(case).returned.unwrap().old_faults;
        let back = |anchors: &[&str]| {
            let items: Vec<_> =
                anchors.iter().map(|anchor| json!({"anchor": anchor, "problem": "有误。"})).collect();
            json!({"decision": "return", "opinion": "请更正。", "items": items})
        };
        let act = "review-by-superior";
        hunan.act(hunan.housing_reviewer, "declaration", case, act, back(&["self_report", "employment/0"]));
        assert!(flagged(&hunan).is_empty());
        hunan.act(hunan.operator, "declaration", case, "relay-return", json!({}));
        let report = json!({"sections": {"self_report": {"text": "任现职以来的新述职。"}}});
        hunan.act(hunan.applicant, "declaration", case, "save-draft", report);
        hunan.resubmit_and_recommend(case);
        let again = back(&["self_report", "employment/0", "education/0", "materials/证书"]);
        hunan.act(hunan.housing_reviewer, "declaration", case, act, again);
        assert_eq!(flagged(&hunan), ["2-3", "2-4"], "education and materials were there the first time");
    }
}
