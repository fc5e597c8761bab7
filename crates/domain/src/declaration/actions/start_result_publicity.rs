//! 评审结果公示 Start result publicity: within three working days of the vote, for at least five (seed 003 六(一); N02, N03;
//! T49). It makes a round of one; `POST /v1/publicity-rounds` names many. The result of an award (初定, 认定) is published from 终审机构通过 where its batch says so (T58).

use crate::action::{ActionSpec, FieldType, Forward, Place, Start, by, required};
use crate::aggregate::{Decision, Outcome};
use crate::calendar::FirstDay;
use crate::context::{Context, Stop};
use crate::declaration::{Declaration, Event, Stage};
use crate::ids::{DeclarationId, PublicityRoundId};
use crate::label::label;
use crate::publicity_round::actions::create::announcement;
use crate::publicity_round::{self, Period, PublicityRound};
use crate::refusal::{common, refusals};
use crate::values::{PublicityKind, Role};
use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

/// Working days after the vote within which the publicity begins; later is recorded as late (N02).
pub const BEGINS_WITHIN_DAYS: u32 = 3;

refusals! {
    /// T49: what is not declared is not published (domain.md 2.5, T46b).
    ResultNotDeclared = Rule "result-not-declared", "尚未宣布结果", "评审结果尚未在评审会议上宣布，不能公示。请先由主任委员宣布结果。";
    /// contract.md, `start-result-publicity`: only where the batch says `award_publicity`.
    AwardPublicityNotRequired = Rule "award-publicity-not-required", "该批次不公示", "该批次的初定、认定结果不需公示，可直接发放证书。";
    /// T58: once is enough.
    AwardAlreadyPublished = Rule "award-already-published", "已公示", "该结果已公示无异议，不需再次公示。";
}

/// The input.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StartResultPublicity {
    /// 公示开始日期: today or later.
    pub starts_on: NaiveDate,
    /// 公示（工作日）天数: at least 5.
    pub working_days: u32,
    /// 投诉受理部门.
    pub complaint_department: String,
    /// 投诉受理电话.
    pub complaint_phone: String,
}

/// The action as data.
pub const SPEC: ActionSpec = ActionSpec {
    name: "start-result-publicity",
    label: label("评审结果公示", "Start result publicity"),
    by: &[
        by(Role::CommitteeOperator, Place::Committee),
        by(Role::AuthorityReviewer, Place::FinalOrganisation),
    ],
    from: Start::Stages(&[Stage::VotePassed.name(), Stage::FinalApproved.name()]),
    to: &[Stage::ResultPublicity.name()],
    forward: Forward::Yes,
    form: &[
        required("starts_on", "公示开始日期", FieldType::Date),
        required("working_days", "公示天数（工作日）", FieldType::Integer),
        required("complaint_department", "投诉受理部门", FieldType::Text),
        required("complaint_phone", "投诉受理电话", FieldType::Text),
    ],
    ..ActionSpec::DEFAULT
};

/// Starts it, and the round with it.
pub fn decide(
    input: &StartResultPublicity,
    it: &Declaration,
    id: Uuid,
    context: &Context<'_>,
) -> Decision<Event> {
    let announcement = announcement(None, None, &input.complaint_department, &input.complaint_phone)?;
    let period = Period::of(input.starts_on, input.working_days, context)?;
    let Some(chosen) = &it.final_organisation else { return Err(common::NotFound.into()) };
    let round_id = PublicityRoundId(context.fresh_id(0));
    let started = publicity_round::Event::Started {
        announcement,
        by: chosen.node.clone(),
        declaration_ids: vec![DeclarationId(id)],
        kind: PublicityKind::Result,
        period,
        round_id,
        year: it.subject.as_ref().map(|subject| subject.year),
    };
    Ok(Outcome::of(enter(it, period, round_id, context)?).also::<PublicityRound>(round_id, started))
}

/// Whether there is a result to publish: one that was declared and passed, or an award whose batch wants it.
pub(super) fn open(it: &Declaration, context: &Context<'_>) -> bool {
    if it.stage == Stage::FinalApproved {
        return award(it, context).is_ok();
    }
    it.review.declared.is_some_and(|declared| declared.passed)
}

/// The declaration's own event of a round; the shared checks have passed.
pub(crate) fn enter(
    it: &Declaration,
    period: Period,
    round_id: PublicityRoundId,
    context: &Context<'_>,
) -> Result<Event, Stop> {
    let late = if it.stage == Stage::FinalApproved {
        award(it, context)?;
        false
    } else {
        let Some(declared) = it.review.declared.filter(|declared| declared.passed) else {
            return Err(ResultNotDeclared.into());
        };
        let latest =
            context.calendar().add_working_days(declared.vote_on, BEGINS_WITHIN_DAYS, FirstDay::NotCounted);
        latest.is_some_and(|latest| period.starts_on > latest.on)
    };
    Ok(Event::ResultPublicityStarted {
        ends_on: period.ends_on,
        late,
        provisional: period.provisional,
        round_id,
        starts_on: period.starts_on,
        working_days: period.working_days,
    })
}

/// An award is published where its batch says so, and once.
fn award(it: &Declaration, context: &Context<'_>) -> Result<(), Stop> {
    if it.award_published {
        return Err(AwardAlreadyPublished.into());
    }
    if award_publicity(it, context)? { Ok(()) } else { Err(AwardPublicityNotRequired.into()) }
}

/// Whether the batch has the results of awards published before the certificate.
pub(crate) fn award_publicity(it: &Declaration, context: &Context<'_>) -> Result<bool, Stop> {
    let batch = it.batch.and_then(|batch| context.registers.batches.get(batch));
    match batch.and_then(|batch| batch.terms.as_ref()) {
        Some(terms) => Ok(terms.award_publicity),
        None => Err(common::ReferenceRefused { what: "批次" }.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::Who;
    use crate::world::given::{AwardTerms, result_publicity};
    use crate::world::hunan::Hunan;
    use serde_json::json;

    const ACT: &str = "start-result-publicity";

    #[test]
    fn three_working_days_after_the_vote_are_in_time_and_four_are_late() {
        for (starts_on, late) in [("2023-10-19", false), ("2023-10-20", true)] {
            let mut hunan = Hunan::new();
            let case = hunan.vote_passed();
            let operator = hunan.committee_operator;
            hunan.act(operator, "declaration", case, ACT, result_publicity(starts_on, 5));
            let it = hunan.world.get::<Declaration>(case);
            assert_eq!(it.stage, Stage::ResultPublicity);
            let Event::ResultPublicityStarted { late: found, .. } = hunan.last_of_declaration(case) else {
                panic!("the publicity began")
            };
            assert_eq!(found, late, "{starts_on}");
        }
    }

    #[test]
    fn it_runs_at_least_five_working_days() {
        let mut hunan = Hunan::new();
        let case = hunan.vote_passed();
        let operator = hunan.committee_operator;
        let refused = hunan.refused(operator, "declaration", case, ACT, result_publicity("2023-10-17", 4));
        assert_eq!(refused.code, "publicity-too-short");
        hunan.act(operator, "declaration", case, ACT, result_publicity("2023-10-17", 5));
        let running = hunan.world.get::<Declaration>(case).result_publicity.unwrap();
        assert_eq!(running.ends_on.to_string(), "2023-10-23");
        let round = hunan.world.get::<PublicityRound>(running.round);
        assert_eq!(
            (round.ends_on(), round.announcement.complaint_department.as_str()),
            (Some(running.ends_on), "职改办")
        );
    }

    #[test]
    fn one_round_publishes_the_results_of_many() {
        let mut hunan = Hunan::new();
        let first = hunan.vote_passed();
        let second = hunan.vote_passed_of_another("张三");
        let not_declared = hunan.voted_of_another("李四");
        let operator = Who::Account(hunan.committee_operator);
        let mut input = result_publicity("2023-10-17", 5);
        input["kind"] = json!("result");
        input["declaration_ids"] = json!([first, not_declared]);
        let refused = hunan.world.create(operator, "publicity_round", input.clone()).unwrap_err();
        assert_eq!(
            (refused.code, refused.problems[0].pointer.as_str()),
            ("result-not-declared", "/declaration_ids/1")
        );
        assert_eq!(hunan.world.get::<Declaration>(first).stage, Stage::VotePassed, "all or nothing");
        input["declaration_ids"] = json!([first, second]);
        let round = hunan.create(operator, "publicity_round", input);
        let results = json!({"results": [
            {"declaration_id": first, "result": "passed"},
            {"declaration_id": second, "result": "failed", "reason": "经查论文不实。"},
        ]});
        let early = hunan.refused(
            hunan.committee_operator,
            "publicity_round",
            round,
            "record-result",
            results.clone(),
        );
        assert_eq!(early.code, "publicity-not-ended");
        hunan.world.clock("2023-10-24T00:00:00+08:00");
        hunan.act(hunan.committee_operator, "publicity_round", round, "record-result", results);
        let stages = [first, second].map(|case| hunan.world.get::<Declaration>(case).stage);
        assert_eq!(stages, [Stage::ResultPublicityPassed, Stage::ObjectionUpheld]);
    }

    #[test]
    fn what_is_not_declared_is_not_published() {
        let mut hunan = Hunan::new();
        let case = hunan.voted();
        let operator = hunan.committee_operator;
        let refused = hunan.refused(operator, "declaration", case, ACT, result_publicity("2023-10-17", 5));
        assert_eq!(refused.code, "result-not-declared");
    }

    #[test]
    fn only_the_committees_own_office_publishes() {
        let mut hunan = Hunan::new();
        let case = hunan.vote_passed();
        for stranger in [hunan.operator, hunan.changsha_reviewer, hunan.province] {
            let input = result_publicity("2023-10-17", 5);
            let refused = hunan.refused(stranger, "declaration", case, ACT, input);
            assert_eq!(refused.code, "not-allowed");
        }
    }

    #[test]
    fn a_hold_stops_it() {
        let mut hunan = Hunan::new();
        let case = hunan.vote_passed();
        hunan.held(case);
        let operator = hunan.committee_operator;
        let refused = hunan.refused(operator, "declaration", case, ACT, result_publicity("2023-10-17", 5));
        assert_eq!(refused.code, "declaration-held");
    }

    #[test]
    fn an_award_is_published_where_its_batch_says_so() {
        let mut hunan = Hunan::new();
        let case = hunan.final_approved(AwardTerms::Publicity);
        let reviewer = hunan.changsha_reviewer;
        hunan.act(reviewer, "declaration", case, ACT, result_publicity("2023-06-05", 5));
        assert_eq!(hunan.world.get::<Declaration>(case).stage, Stage::ResultPublicity);
        let mut hunan = Hunan::new();
        let case = hunan.final_approved(AwardTerms::NoPublicity);
        let reviewer = hunan.changsha_reviewer;
        let refused = hunan.refused(reviewer, "declaration", case, ACT, result_publicity("2023-06-05", 5));
        assert_eq!(refused.code, "award-publicity-not-required");
    }
}
