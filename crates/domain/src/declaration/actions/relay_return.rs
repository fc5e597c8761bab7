//! 退回补充材料 Relay return: passes a return one level down; at the employer it reaches the applicant, whose time begins
//! then (seed 002 人 1.12-2; T23, X-15).

use super::returns::{self, CorrectionTerms};
use crate::action::{ActionSpec, FieldType, Place, Start, by, optional};
use crate::aggregate::{Decision, Outcome};
use crate::context::Context;
use crate::declaration::{Declaration, Event, Stage};
use crate::input::Checks;
use crate::label::label;
use crate::refusal::common;
use crate::values::Role;
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

/// The input.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RelayReturn {
    /// 说明.
    pub opinion: Option<String>,
}

/// The action as data.
pub const SPEC: ActionSpec = ActionSpec {
    name: "relay-return",
    label: label("退回补充材料", "Relay return"),
    by: &[
        by(Role::SuperiorReviewer, Place::Holder),
        by(Role::AuthorityReviewer, Place::Holder),
        by(Role::EmployerOperator, Place::Holder),
    ],
    from: Start::Stages(&[Stage::ReturnedToSubordinate.name()]),
    to: &[Stage::ReturnedToSubordinate.name(), Stage::ReturnedToApplicant.name()],
    form: &[optional("opinion", "说明", FieldType::LongText)],
    ..ActionSpec::DEFAULT
};

/// Passes it on.
pub fn decide(input: &RelayReturn, it: &Declaration, _: Uuid, context: &Context<'_>) -> Decision<Event> {
    let mut checks = Checks::new();
    let opinion = checks.opinion("/opinion", input.opinion.as_deref());
    checks.done()?;
    relay(it, opinion, context)
}

/// The return, one level further down.
pub(super) fn relay(it: &Declaration, opinion: Option<String>, context: &Context<'_>) -> Decision<Event> {
    let Some(returned) = &it.returned else { return Err(common::NotFound.into()) };
    Ok(Outcome::of(match it.below() {
        Some(to) => {
            Event::ReturnRelayed { opinion: opinion.into(), relay_by: returns::relay_by(context), to }
        }
        None => Event::ReturnedToApplicant {
            by: returned.by.clone(),
            correct_by: CorrectionTerms { days: returned.correction_days }.correct_by(context),
            correction_days: returned.correction_days,
            items: returned.items.clone(),
            opinion: returned.opinion.clone(),
        },
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::hunan::Hunan;
    use serde_json::json;

    #[test]
    fn goes_down_level_by_level_to_the_applicant() {
        let mut hunan = Hunan::new();
        let case = hunan.at_committee();
        let back = json!({"decision": "return", "opinion": "缺学时认定单。", "correction_days": 3});
        hunan.act(hunan.committee_operator, "declaration", case, "review-qualification", back);
        let it = hunan.world.get::<Declaration>(case);
        assert_eq!(it.holder().unwrap().name, "长沙市本级专业技术人员管理处");
        let refused = hunan.refused_on(hunan.operator, case, "relay-return", json!({}));
        assert_eq!(refused.code, "stage-refused", "it has not come down to them yet");
        hunan.act(hunan.changsha_reviewer, "declaration", case, "relay-return", json!({}));
        hunan.act(hunan.housing_reviewer, "declaration", case, "relay-return", json!({}));
        assert_eq!(hunan.world.get::<Declaration>(case).stage, Stage::ReturnedToSubordinate);
        hunan.world.clock("2023-05-12T17:00:00+08:00");
        hunan.act(hunan.operator, "declaration", case, "relay-return", json!({}));
        let it = hunan.world.get::<Declaration>(case);
        let returned = it.returned.unwrap();
        assert_eq!(it.stage, Stage::ReturnedToApplicant);
        assert_eq!(returned.correct_by.unwrap().to_string(), "2023-05-17", "three working days from arrival");
        assert_eq!(returned.by.name, "省成建制升格认定高校教师系列职称高评会");
        assert_eq!(it.return_count, 1);
    }

    #[test]
    fn after_the_correction_every_level_is_walked_again_without_a_new_publicity() {
        let mut hunan = Hunan::new();
        let case = hunan.recommended();
        let back = json!({"decision": "return", "opinion": "请更正述职。"});
        hunan.act(hunan.housing_reviewer, "declaration", case, "review-by-superior", back);
        hunan.act(hunan.operator, "declaration", case, "relay-return", json!({}));
        let report = json!({"sections": {"self_report": {"text": "任现职以来的新述职。"}}});
        hunan.act(hunan.applicant, "declaration", case, "save-draft", report);
        hunan.resubmit_and_recommend(case);
        let it = hunan.world.get::<Declaration>(case);
        assert_eq!((it.stage, it.hop()), (Stage::SuperiorReview, 1));
    }
}
