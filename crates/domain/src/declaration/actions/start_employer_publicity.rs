//! 所在单位申报公示 Start employer publicity: contact, where to complain, first day and at least five working days
//! (seed 001 第三步; seed 003 四(二)2; N01, T12). It makes a round of one; `POST /v1/publicity-rounds` names many.

use crate::action::{ActionSpec, FieldType, Forward, Place, Start, by, required};
use crate::aggregate::{Decision, Outcome};
use crate::context::Context;
use crate::declaration::{Declaration, Event, Stage};
use crate::ids::{DeclarationId, PublicityRoundId};
use crate::label::label;
use crate::publicity_round::actions::create::announcement;
use crate::publicity_round::{self, Period, PublicityRound};
use crate::refusal::common;
use crate::values::{PublicityKind, Role};
use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

/// The input.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StartEmployerPublicity {
    /// 单位联系人.
    pub contact: String,
    /// 单位联系电话.
    pub phone: String,
    /// 投诉受理部门.
    pub complaint_department: String,
    /// 投诉受理电话.
    pub complaint_phone: String,
    /// 单位公示开始日期: today or later.
    pub starts_on: NaiveDate,
    /// 公示（工作日）天数: at least 5.
    pub working_days: u32,
}

/// The action as data.
pub const SPEC: ActionSpec = ActionSpec {
    name: "start-employer-publicity",
    label: label("所在单位申报公示", "Start employer publicity"),
    by: &[by(Role::EmployerOperator, Place::Employer)],
    from: Start::Stages(&[Stage::EmployerPublicityDue.name()]),
    to: &[Stage::EmployerPublicity.name()],
    forward: Forward::Yes,
    form: &[
        required("contact", "单位联系人", FieldType::Text),
        required("phone", "单位联系电话", FieldType::Text),
        required("complaint_department", "投诉受理部门", FieldType::Text),
        required("complaint_phone", "投诉受理电话", FieldType::Text),
        required("starts_on", "单位公示开始日期", FieldType::Date),
        required("working_days", "公示天数（工作日）", FieldType::Integer),
    ],
    ..ActionSpec::DEFAULT
};

/// Starts it, and the round with it.
pub fn decide(
    input: &StartEmployerPublicity,
    it: &Declaration,
    id: Uuid,
    context: &Context<'_>,
) -> Decision<Event> {
    let announcement = announcement(
        Some(&input.contact),
        Some(&input.phone),
        &input.complaint_department,
        &input.complaint_phone,
    )?;
    let period = Period::of(input.starts_on, input.working_days, context)?;
    let Some(subject) = &it.subject else { return Err(common::NotFound.into()) };
    let round_id = PublicityRoundId(context.fresh_id(0));
    let started = publicity_round::Event::Started {
        announcement,
        by: subject.employer.node(),
        declaration_ids: vec![DeclarationId(id)],
        kind: PublicityKind::Employer,
        period,
        round_id,
        year: Some(subject.year),
    };
    Ok(Outcome::of(enter(period, round_id)).also::<PublicityRound>(round_id, started))
}

/// The declaration's own event of a round; the shared checks have passed.
pub(crate) const fn enter(period: Period, round_id: PublicityRoundId) -> Event {
    Event::EmployerPublicityStarted {
        ends_on: period.ends_on,
        provisional: period.provisional,
        round_id,
        starts_on: period.starts_on,
        working_days: period.working_days,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::Who;
    use crate::world::hunan::Hunan;
    use crate::world::way::publicity;
    use serde_json::json;

    #[test]
    fn five_working_days_end_on_the_fifth() {
        let mut hunan = Hunan::new();
        let case = hunan.reviewed_by_employer();
        hunan.act(
            hunan.operator,
            "declaration",
            case,
            "start-employer-publicity",
            publicity("2023-05-04", 5),
        );
        let it = hunan.world.get::<Declaration>(case);
        assert_eq!(it.stage, Stage::EmployerPublicity);
        let running = it.publicity.unwrap();
        assert_eq!(running.ends_on.to_string(), "2023-05-09", "Saturday the 6th was worked");
        let round = hunan.world.get::<PublicityRound>(running.round);
        assert_eq!(round.ends_on(), Some(running.ends_on));
        assert_eq!(round.declarations.len(), 1);
    }

    #[test]
    fn four_working_days_are_too_short() {
        let mut hunan = Hunan::new();
        let case = hunan.reviewed_by_employer();
        let refused =
            hunan.refused_on(hunan.operator, case, "start-employer-publicity", publicity("2023-05-04", 4));
        assert_eq!(refused.code, "publicity-too-short");
        assert_eq!(refused.problems[0].pointer, "/working_days");
    }

    #[test]
    fn nobody_publishes_backwards() {
        let mut hunan = Hunan::new();
        let case = hunan.reviewed_by_employer();
        let refused =
            hunan.refused_on(hunan.operator, case, "start-employer-publicity", publicity("2023-05-03", 5));
        assert_eq!(refused.code, "publicity-start-refused");
    }

    #[test]
    fn only_ones_own_employer_publishes_and_only_after_its_review() {
        let mut hunan = Hunan::new();
        let case = hunan.submitted(hunan.applicant);
        let input = publicity("2023-05-04", 5);
        let refused = hunan.refused_on(hunan.operator, case, "start-employer-publicity", input.clone());
        assert_eq!(refused.code, "stage-refused");
        let stranger = hunan.staff("别家经办", "employer-operator", hunan.housing);
        let refused = hunan.refused_on(stranger, case, "start-employer-publicity", input);
        assert_eq!(refused.code, "not-allowed");
    }

    #[test]
    fn where_to_complain_is_part_of_it() {
        let mut hunan = Hunan::new();
        let case = hunan.reviewed_by_employer();
        let mut input = publicity("2023-05-04", 5);
        input["complaint_department"] = json!(" ");
        input["complaint_phone"] = json!("12");
        let refused = hunan.refused_on(hunan.operator, case, "start-employer-publicity", input);
        let pointers: Vec<&str> = refused.problems.iter().map(|it| it.pointer.as_str()).collect();
        assert_eq!(pointers, ["/complaint_department", "/complaint_phone"]);
    }

    #[test]
    fn one_round_publishes_many_and_records_them_together() {
        let mut hunan = Hunan::new();
        let cases: Vec<Uuid> = (0..3).map(|n| hunan.another_reviewed_by_employer(n)).collect();
        let mut input = publicity("2023-05-04", 5);
        input["kind"] = json!("employer");
        input["declaration_ids"] = json!(cases);
        let operator = Who::Account(hunan.operator);
        let round = hunan.create(operator, "publicity_round", input);
        for case in &cases {
            let it = hunan.world.get::<Declaration>(*case);
            assert_eq!(it.publicity.unwrap().round, PublicityRoundId(round));
        }
        hunan.world.clock("2023-05-10T09:00:00+08:00");
        let results = json!({"results": [
            {"declaration_id": cases[0], "result": "passed"},
            {"declaration_id": cases[1], "result": "failed", "reason": "论文与事实不符。"},
        ]});
        hunan.act(hunan.operator, "publicity_round", round, "record-result", results.clone());
        let stages: Vec<Stage> =
            cases.iter().map(|case| hunan.world.get::<Declaration>(*case).stage).collect();
        assert_eq!(stages, [Stage::Recommendation, Stage::EmployerPublicityFailed, Stage::EmployerPublicity]);
        let again = hunan.world.act(operator, "publicity_round", round, "record-result", results);
        assert_eq!(again.unwrap_err().code, "round-settled");
    }

    #[test]
    fn a_round_is_all_or_nothing() {
        let mut hunan = Hunan::new();
        let ready = hunan.reviewed_by_employer();
        let other = hunan.register("张三");
        let not_ready = hunan.submitted(other);
        let mut input = publicity("2023-05-04", 5);
        input["kind"] = json!("employer");
        input["declaration_ids"] = json!([ready, not_ready]);
        let operator = Who::Account(hunan.operator);
        let refused = hunan.world.create(operator, "publicity_round", input.clone()).unwrap_err();
        assert_eq!(refused.code, "stage-refused");
        assert_eq!(refused.problems[0].pointer, "/declaration_ids/1");
        assert_eq!(hunan.world.get::<Declaration>(ready).stage, Stage::EmployerPublicityDue);
        input["declaration_ids"] = json!([ready, ready]);
        let refused = hunan.world.create(operator, "publicity_round", input.clone()).unwrap_err();
        assert_eq!(refused.problems[0].code, "duplicate");
        input["declaration_ids"] = json!([ready]);
        input.as_object_mut().unwrap().remove("phone");
        let refused = hunan.world.create(operator, "publicity_round", input).unwrap_err();
        assert_eq!(refused.problems[0].pointer, "/phone");
    }

    #[test]
    fn a_voided_publicity_is_held_anew() {
        let mut hunan = Hunan::new();
        let case = hunan.in_employer_publicity();
        let round = hunan.world.get::<Declaration>(case).publicity.unwrap().round;
        let input = json!({"declaration_ids": [case], "reason": "公示内容有误。"});
        hunan.act(hunan.operator, "publicity_round", round.0, "void", input);
        let it = hunan.world.get::<Declaration>(case);
        assert_eq!((it.stage, it.publicity), (Stage::EmployerPublicityDue, None));
        hunan.act(
            hunan.operator,
            "declaration",
            case,
            "start-employer-publicity",
            publicity("2023-05-04", 6),
        );
    }
}
