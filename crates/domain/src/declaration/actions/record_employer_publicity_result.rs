//! 公示结果保存 Record employer publicity result: once the period has ended by the clock of the request, no matter
//! whether the timer has come by (seed 001 第三步; seed 003 四(二)2; T15, T16).

use crate::action::{ActionSpec, FieldType, Place, Start, by, optional, required};
use crate::aggregate::{Aggregate, Decision, Outcome};
use crate::context::Context;
use crate::declaration::{Declaration, Event, Stage};
use crate::ids::DeclarationId;
use crate::input::Checks;
use crate::label::label;
use crate::private::Private;
use crate::publicity_round::{self, PublicityRound, Recorded};
use crate::refusal::{common, refusals};
use crate::values::{PublicityResult, Role};
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

refusals! {
    /// contract.md, `resolve-objection`: in employer publicity the hold stays and only `failed` can be saved.
    ObjectionUpheld = Rule "objection-upheld", "异议已成立", "公示期间的异议经核查成立，只能将公示结果保存为“不通过”（湘人社函〔2023〕118号四(二)2）。";
}

/// The input.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RecordEmployerPublicityResult {
    /// 单位公示结果.
    pub result: PublicityResult,
    /// Why: required where it failed.
    pub reason: Option<String>,
}

/// The action as data.
pub const SPEC: ActionSpec = ActionSpec {
    name: "record-employer-publicity-result",
    label: label("公示结果保存", "Record employer publicity result"),
    by: &[by(Role::EmployerOperator, Place::Employer)],
    from: Start::Stages(&[Stage::EmployerPublicity.name(), Stage::EmployerPublicityEnded.name()]),
    to: &[Stage::Recommendation.name(), Stage::EmployerPublicityFailed.name()],
    form: &[
        required("result", "单位公示结果", FieldType::Choice(&["passed", "failed"])),
        optional("reason", "说明", FieldType::LongText),
    ],
    ..ActionSpec::DEFAULT
};

/// Saves it, on the round too.
pub fn decide(
    input: &RecordEmployerPublicityResult,
    it: &Declaration,
    id: Uuid,
    context: &Context<'_>,
) -> Decision<Event> {
    let Some(publicity) = &it.publicity else { return Err(common::NotFound.into()) };
    let outcome = enter(it, id, input.result, input.reason.as_deref(), context)?;
    let recorded = Recorded { declaration_id: DeclarationId(id), result: input.result };
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
    let Some(publicity) = &it.publicity else { return Err(common::NotFound.into()) };
    publicity_round::over(publicity.ends_on, context)?;
    let reason = Private::Known(reason);
    match result {
        PublicityResult::Passed if it.objection_upheld => Err(ObjectionUpheld.into()),
        PublicityResult::Passed => match it.holds() {
            Some(holds) => Err(common::DeclarationHeld { holds }.into()),
            None => Ok(Outcome::of(Event::EmployerPublicityPassed { reason })),
        },
        PublicityResult::Failed => {
            Ok(super::end(Outcome::of(Event::EmployerPublicityFailed { reason }), it, id))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::publicity_round::Standing;
    use crate::world::hunan::Hunan;
    use serde_json::json;

    #[test]
    fn waits_for_the_end_of_the_last_day() {
        let mut hunan = Hunan::new();
        let case = hunan.in_employer_publicity();
        let passed = json!({"result": "passed"});
        hunan.world.clock("2023-05-09T23:59:59+08:00");
        let refused =
            hunan.refused_on(hunan.operator, case, "record-employer-publicity-result", passed.clone());
        assert_eq!(refused.code, "publicity-not-ended");
        hunan.world.clock("2023-05-10T00:00:00+08:00");
        hunan.act(hunan.operator, "declaration", case, "record-employer-publicity-result", passed);
        let it = hunan.world.get::<Declaration>(case);
        assert_eq!(it.stage, Stage::Recommendation);
        let round = hunan.world.get::<PublicityRound>(it.publicity.unwrap().round);
        assert_eq!(round.standing(DeclarationId(case)), Some(Standing::Passed));
        assert_eq!(round.stage(), Some("closed"));
    }

    #[test]
    fn failing_needs_a_reason_and_ends_the_declaration() {
        let mut hunan = Hunan::new();
        let case = hunan.in_employer_publicity();
        hunan.world.clock("2023-05-10T09:00:00+08:00");
        let act = "record-employer-publicity-result";
        let refused = hunan.refused_on(hunan.operator, case, act, json!({"result": "failed"}));
        assert_eq!(refused.code, "reason-required");
        let input = json!({"result": "failed", "reason": "获奖证书不实。"});
        hunan.act(hunan.operator, "declaration", case, act, input);
        assert_eq!(hunan.world.get::<Declaration>(case).stage, Stage::EmployerPublicityFailed);
        hunan.draft(hunan.applicant);
    }
}
