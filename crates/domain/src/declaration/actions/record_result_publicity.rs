//! 公示结果保存 Record result publicity: once the period has ended by the clock of the request (seed 003 六(一), 六(二); T53).
//! A passed review goes on to filing; a published award returns to 终审机构通过 and may be certified (T58).

use crate::action::{ActionSpec, FieldType, Place, Start, by, optional, required};
use crate::aggregate::{Aggregate, Decision, Outcome};
use crate::context::Context;
use crate::declaration::{Declaration, Event, Stage};
use crate::ids::DeclarationId;
use crate::input::Checks;
use crate::label::label;
use crate::private::Private;
use crate::publicity_round::{self, PublicityRound, Recorded};
use crate::refusal::common;
use crate::scheme::results::{self, Published};
use crate::values::{PublicityResult, Role};
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

/// The input.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RecordResultPublicity {
    /// 公示结果.
    pub result: PublicityResult,
    /// Why: required where it failed.
    pub reason: Option<String>,
}

/// The action as data. Saving that it failed stays possible under a hold.
pub const SPEC: ActionSpec = ActionSpec {
    name: "record-result-publicity",
    label: label("评审结果公示结果保存", "Record result publicity"),
    by: &[
        by(Role::CommitteeOperator, Place::Committee),
        by(Role::AuthorityReviewer, Place::FinalOrganisation),
    ],
    from: Start::Stages(&[Stage::ResultPublicity.name()]),
    to: &[Stage::ResultPublicityPassed.name(), Stage::ObjectionUpheld.name(), Stage::FinalApproved.name()],
    form: &[
        required("result", "公示结果", FieldType::Choice(&["passed", "failed"])),
        optional("reason", "说明", FieldType::LongText),
    ],
    ..ActionSpec::DEFAULT
};

/// Saves it, on the round too; its scheme is told.
pub fn decide(
    input: &RecordResultPublicity,
    it: &Declaration,
    id: Uuid,
    context: &Context<'_>,
) -> Decision<Event> {
    let Some(publicity) = &it.result_publicity else { return Err(common::NotFound.into()) };
    let outcome = enter(it, id, input.result, input.reason.as_deref(), context)?;
    let recorded = Recorded { declaration_id: DeclarationId(id), result: input.result };
    let published = Published { id: DeclarationId(id), it, result: input.result };
    let outcome = results::tell(outcome, &[published], context)?;
    Ok(outcome.also::<PublicityRound>(
        publicity.round,
        publicity_round::Event::ResultsRecorded { results: vec![recorded] },
    ))
}

/// The declaration's part of a round's result; the shared checks have passed.
pub(crate) fn enter(
    it: &Declaration,
    id: Uuid,
    result: PublicityResult,
    reason: Option<&str>,
    context: &Context<'_>,
) -> Decision<Event> {
    let mut checks = Checks::new();
    let reason = match result {
        PublicityResult::Passed => checks.opinion("/reason", reason),
        PublicityResult::Failed => Some(checks.reason("/reason", reason.unwrap_or_default())),
    };
    checks.done()?;
    let Some(publicity) = &it.result_publicity else { return Err(common::NotFound.into()) };
    publicity_round::over(publicity.ends_on, context)?;
    let reason = Private::Known(reason);
    match result {
        // an open objection is a hold
        PublicityResult::Passed => match it.holds() {
            Some(holds) => Err(common::DeclarationHeld { holds }.into()),
            None => Ok(Outcome::of(Event::ResultPublicityPassed { reason })),
        },
        PublicityResult::Failed => {
            Ok(super::end(Outcome::of(Event::ResultPublicityFailed { reason }), it, id))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::given::{AwardTerms, result_publicity};
    use crate::world::hunan::Hunan;
    use serde_json::json;

    const ACT: &str = "record-result-publicity";

    #[test]
    fn waits_for_the_end_of_the_last_day() {
        let mut hunan = Hunan::new();
        let case = hunan.in_result_publicity();
        let operator = hunan.committee_operator;
        hunan.world.clock("2023-10-23T23:59:59+08:00");
        let passed = json!({"result": "passed"});
        assert_eq!(
            hunan.refused(operator, "declaration", case, ACT, passed.clone()).code,
            "publicity-not-ended"
        );
        hunan.world.clock("2023-10-24T00:00:00+08:00");
        hunan.act(operator, "declaration", case, ACT, passed);
        let it = hunan.world.get::<Declaration>(case);
        assert_eq!(it.stage, Stage::ResultPublicityPassed);
        let round = hunan.world.get::<PublicityRound>(it.result_publicity.unwrap().round);
        assert_eq!(round.stage(), Some("closed"));
    }

    #[test]
    fn an_open_objection_lets_it_fail_only() {
        let mut hunan = Hunan::new();
        let case = hunan.in_result_publicity();
        let operator = hunan.committee_operator;
        let objection = json!({"source": "实名举报", "content": "论文系他人所作。"});
        hunan.act(operator, "declaration", case, "raise-objection", objection);
        hunan.world.clock("2023-10-24T09:00:00+08:00");
        let refused = hunan.refused(operator, "declaration", case, ACT, json!({"result": "passed"}));
        assert_eq!(refused.code, "declaration-held");
        let refused = hunan.refused(operator, "declaration", case, ACT, json!({"result": "failed"}));
        assert_eq!(refused.code, "reason-required");
        let failed = json!({"result": "failed", "reason": "异议成立。"});
        hunan.act(operator, "declaration", case, ACT, failed);
        assert_eq!(hunan.world.get::<Declaration>(case).stage, Stage::ObjectionUpheld);
    }

    #[test]
    fn a_published_award_returns_to_where_it_was() {
        let mut hunan = Hunan::new();
        let case = hunan.final_approved(AwardTerms::Publicity);
        let reviewer = hunan.changsha_reviewer;
        let start = "start-result-publicity";
        hunan.act(reviewer, "declaration", case, start, result_publicity("2023-06-05", 5));
        hunan.world.clock("2023-06-10T09:00:00+08:00");
        hunan.act(reviewer, "declaration", case, ACT, json!({"result": "passed"}));
        let it = hunan.world.get::<Declaration>(case);
        assert_eq!((it.stage, it.award_published), (Stage::FinalApproved, true));
        let again = hunan.refused(reviewer, "declaration", case, start, result_publicity("2023-06-12", 5));
        assert_eq!(again.code, "award-already-published");
    }
}
