//! 推荐上报 Recommend: the employer puts a reviewed and published declaration forward to the next organisation on its path,
//! within its quota (seed 001 第四步; seed 003 三(二)1, 四(二)3; T18, N10, N15, N17, N26).

use super::next_hop::next_hop;
use super::quota::{self, Reservation};
use super::reviews;
use crate::action::{ActionSpec, FieldType, Forward, Place, Start, by, optional};
use crate::aggregate::{Decision, Outcome};
use crate::context::{Context, Stop};
use crate::declaration::checks;
use crate::declaration::{Declaration, Event, Stage};
use crate::ids::NodeId;
use crate::input::Checks;
use crate::label::label;
use crate::publicity_round;
use crate::refusal::{Refusal, common};
use crate::values::Role;
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

/// The input.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Recommend {
    /// 上级单位: where the path has several.
    pub next_organisation_id: Option<NodeId>,
    /// 推荐意见.
    pub opinion: Option<String>,
}

/// The action as data.
pub const SPEC: ActionSpec = ActionSpec {
    name: "recommend",
    label: label("推荐上报", "Recommend"),
    by: &[by(Role::EmployerOperator, Place::Employer)],
    from: Start::Stages(&[Stage::Recommendation.name()]),
    to: &[Stage::SuperiorReview.name(), Stage::QualificationReview.name()],
    forward: Forward::Yes,
    form: &[
        optional("next_organisation_id", "上级单位", FieldType::Reference("organisations")),
        optional("opinion", "推荐意见", FieldType::LongText),
    ],
    ..ActionSpec::DEFAULT
};

/// Puts it forward.
pub fn decide(input: &Recommend, it: &Declaration, id: Uuid, context: &Context<'_>) -> Decision<Event> {
    let mut checks = Checks::new();
    let opinion = checks.opinion("/opinion", input.opinion.as_deref());
    checks.done()?;
    reviews::published(it)?;
    let Some(subject) = &it.subject else { return Err(common::NotFound.into()) };
    let next = next_hop(it, subject.employer.id.into(), input.next_organisation_id, context)?;
    let reservation = match checks::batch(it, context) {
        Some(batch) => quota::reserve(it, id, batch, context)?,
        None => None,
    };
    let quota = reservation.as_ref().map(|reservation| reservation.quota.clone());
    let recommended = Event::Recommended { next, opinion: opinion.into(), quota };
    Ok(Reservation::keep(reservation, Outcome::of(recommended), it, id))
}

/// Why it cannot be recommended yet, where the reason is the publicity and not merely the stage (N26).
pub(super) fn too_early(it: &Declaration, context: &Context<'_>) -> Option<Refusal> {
    let publicity = it.publicity.as_ref();
    if it.stage == Stage::EmployerPublicityDue {
        return Some(reviews::PublicityMissing.into());
    }
    if !matches!(it.stage, Stage::EmployerPublicity | Stage::EmployerPublicityEnded) {
        return None;
    }
    match publicity.map(|publicity| publicity_round::over(publicity.ends_on, context)) {
        Some(Err(Stop::Refused(refusal))) => Some(refusal),
        Some(_) | None => Some(reviews::PublicityMissing.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quota_ledger::{QuotaLedger, ledger_id};
    use crate::values::Level;
    use crate::world::hunan::Hunan;
    use serde_json::json;

    #[test]
    fn goes_up_once_publicity_has_passed() {
        let mut hunan = Hunan::new();
        let case = hunan.published();
        hunan.act(hunan.operator, "declaration", case, "recommend", json!({"opinion": "同意推荐。"}));
        let it = hunan.world.get::<Declaration>(case);
        assert_eq!((it.stage, it.hop()), (Stage::SuperiorReview, 1));
        assert_eq!(it.holder().unwrap().name, "长沙市住房和城乡建设局");
    }

    #[test]
    fn what_was_not_published_may_not_be_recommended() {
        let mut hunan = Hunan::new();
        let case = hunan.reviewed_by_employer();
        let refused = hunan.refused_on(hunan.operator, case, "recommend", json!({}));
        assert_eq!(refused.code, "publicity-missing");
        assert!(refused.detail.contains("四(二)3"));
        hunan.publish(case);
        assert_eq!(
            hunan.refused_on(hunan.operator, case, "recommend", json!({})).code,
            "publicity-not-ended"
        );
        hunan.world.clock("2023-05-10T00:00:00+08:00");
        assert_eq!(hunan.refused_on(hunan.operator, case, "recommend", json!({})).code, "publicity-missing");
    }

    #[test]
    fn several_superiors_must_be_chosen_from() {
        let mut hunan = Hunan::new();
        hunan.edge("senior", hunan.drainage, hunan.changsha, hunan.operator);
        let case = hunan.published();
        let refused = hunan.refused_on(hunan.operator, case, "recommend", json!({}));
        assert_eq!(refused.code, "next-organisation-required");
        let mut names: Vec<&str> = refused.choices.iter().map(|choice| choice.name.as_str()).collect();
        names.sort_unstable();
        assert_eq!(names, ["长沙市住房和城乡建设局", "长沙市本级专业技术人员管理处"]);
        let stranger = json!({"next_organisation_id": hunan.department});
        let refused = hunan.refused_on(hunan.operator, case, "recommend", stranger);
        assert_eq!(refused.code, "reference-refused");
        let input = json!({"next_organisation_id": hunan.changsha});
        hunan.act(hunan.operator, "declaration", case, "recommend", input);
        assert_eq!(hunan.world.get::<Declaration>(case).holder().unwrap().id, NodeId(hunan.changsha));
    }

    #[test]
    fn straight_to_the_committee_where_the_path_leads_there() {
        let mut hunan = Hunan::new();
        hunan.edge("senior", hunan.drainage, hunan.committee, hunan.operator);
        let case = hunan.published();
        hunan.world.clock("2023-09-29T00:00:00+08:00");
        let input = json!({"next_organisation_id": hunan.committee});
        let refused = hunan.refused_on(hunan.operator, case, "recommend", input.clone());
        assert_eq!(refused.code, "hand-in-closed");
        hunan.world.clock("2023-09-28T23:59:00+08:00");
        hunan.act(hunan.operator, "declaration", case, "recommend", input);
        assert_eq!(hunan.world.get::<Declaration>(case).stage, Stage::QualificationReview);
    }

    #[test]
    fn an_expired_committee_gets_nothing() {
        let mut hunan = Hunan::new();
        hunan.edge("senior", hunan.drainage, hunan.committee, hunan.operator);
        let case = hunan.published();
        hunan.world.clock("2025-01-01T09:00:00+08:00");
        let input = json!({"next_organisation_id": hunan.committee});
        assert_eq!(hunan.refused_on(hunan.operator, case, "recommend", input).code, "committee-expired");
    }

    #[test]
    fn the_last_place_is_given_once_and_kept_through_returns() {
        let mut hunan = Hunan::new();
        hunan.quota_batch("1.5");
        hunan.quota(1);
        let cases: Vec<Uuid> = (0..2).map(|n| hunan.another_published(n)).collect();
        hunan.act(hunan.operator, "declaration", cases[0], "recommend", json!({}));
        let refused = hunan.refused_on(hunan.operator, cases[1], "recommend", json!({}));
        assert_eq!(refused.code, "quota-exhausted");
        let back = json!({"decision": "return", "opinion": "请补充材料。"});
        hunan.act(hunan.housing_reviewer, "declaration", cases[0], "review-by-superior", back);
        let refused = hunan.refused_on(hunan.operator, cases[1], "recommend", json!({}));
        assert_eq!(refused.code, "quota-exhausted", "a return keeps the place");
        hunan.act(hunan.operator, "declaration", cases[0], "relay-return", json!({}));
        let it = hunan.world.get::<Declaration>(cases[0]);
        assert!(it.quota.is_some());
        let owner = it.subject.unwrap().account;
        hunan.act(owner, "declaration", cases[0], "withdraw", json!({}));
        hunan.act(hunan.operator, "declaration", cases[1], "recommend", json!({}));
        let employer = crate::ids::EmployerId(hunan.drainage);
        let ledger = ledger_id(employer, 2023, Level::AssociateSenior);
        assert_eq!(hunan.world.get::<QuotaLedger>(ledger).reserved.len(), 1);
    }

    #[test]
    fn another_employer_recommends_nobody() {
        let mut hunan = Hunan::new();
        let case = hunan.published();
        let other = hunan.staff("别家经办", "employer-operator", hunan.housing);
        assert_eq!(hunan.refused_on(other, case, "recommend", json!({})).code, "not-allowed");
    }
}
