//! 延期 Extend: later deadlines for everyone alike, with a reason (contract.md, Batches).

use crate::action::{ActionSpec, FieldType, Place, Start, by, optional, required};
use crate::aggregate::{Decision, Outcome};
use crate::batch::{Batch, Event};
use crate::context::Context;
use crate::input::Checks;
use crate::label::label;
use crate::refusal::common;
use crate::values::Role;
use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

/// The input: at least one of the days.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Extend {
    /// 申报截止, later than it was.
    pub submit_until: Option<NaiveDate>,
    /// 材料报送截止, later than it was.
    pub hand_in_until: Option<NaiveDate>,
    /// 职数审核截止, later than it was.
    pub quota_review_until: Option<NaiveDate>,
    /// 特殊情况职数上报省级截止, later than it was.
    pub special_quota_until: Option<NaiveDate>,
    /// Why.
    pub reason: String,
}

/// The action as data.
pub const SPEC: ActionSpec = ActionSpec {
    name: "extend",
    label: label("延期", "Extend batch"),
    by: &[
        by(Role::CommitteeOperator, Place::BatchHolder),
        by(Role::AuthorityReviewer, Place::BatchHolder),
        by(Role::SuperiorReviewer, Place::BatchHolder),
        by(Role::ProvincialAdministrator, Place::BatchHolder),
    ],
    from: Start::Stages(&["open"]),
    form: &[
        optional("submit_until", "申报截止日期", FieldType::Date),
        optional("hand_in_until", "材料报送截止日期", FieldType::Date),
        optional("quota_review_until", "职数审核截止日期", FieldType::Date),
        optional("special_quota_until", "特殊情况职数上报截止日期", FieldType::Date),
        required("reason", "延期原因", FieldType::LongText),
    ],
    ..ActionSpec::DEFAULT
};

/// Moves the deadlines, never to an earlier day and never beyond the batch's last day.
pub fn decide(input: &Extend, it: &Batch, _: Uuid, _: &Context<'_>) -> Decision<Event> {
    let Some(terms) = &it.terms else { return Err(common::NotFound.into()) };
    let mut checks = Checks::new();
    let reason = checks.reason("/reason", &input.reason);
    let days = [
        ("/submit_until", input.submit_until, Some(terms.submit_until)),
        ("/hand_in_until", input.hand_in_until, Some(terms.hand_in_until)),
        ("/quota_review_until", input.quota_review_until, terms.quota_review_until),
        ("/special_quota_until", input.special_quota_until, terms.special_quota_until),
    ];
    let given = days.iter().any(|(_, new, _)| new.is_some());
    checks.ensure(given, "/submit_until", "empty", "请填写至少一个新的截止日期。");
    for (pointer, new, old) in days {
        let Some(new) = new else { continue };
        match old {
            Some(old) => {
                let message = format!("延期后的日期须晚于原定的{old}。");
                checks.ensure(new > old, pointer, "not-later", message);
            }
            None => checks.problem(pointer, "never-set", "该批次没有设定这一截止日期，无须延期。"),
        }
        let message = format!("批次于{}终结，截止日期不能晚于这一天。", terms.closes_on);
        checks.ensure(new <= terms.closes_on, pointer, "after-closing", message);
    }
    let submit_until = input.submit_until.unwrap_or(terms.submit_until);
    let hand_in_until = input.hand_in_until.unwrap_or(terms.hand_in_until);
    checks.ensure(
        hand_in_until >= submit_until,
        "/hand_in_until",
        "ends-before-start",
        "材料报送截止日期不能早于申报截止日期，请一并延期。",
    );
    checks.done()?;
    Ok(Outcome::of(Event::Extended {
        hand_in_until: input.hand_in_until,
        quota_review_until: input.quota_review_until,
        reason,
        special_quota_until: input.special_quota_until,
        submit_until: input.submit_until,
    }))
}

#[cfg(test)]
mod tests {
    use crate::batch::Batch;
    use crate::world::hunan::Hunan;
    use chrono::NaiveDate;
    use serde_json::json;

    #[test]
    fn moves_the_deadline_for_everyone() {
        let mut hunan = Hunan::new();
        let (operator, batch) = (hunan.committee_operator, hunan.batch);
        let day = |day| NaiveDate::from_ymd_opt(2023, 9, day).unwrap();
        assert!(!hunan.world.get::<Batch>(batch).takes_submissions_on(day(8)));
        let input = json!({"submit_until": "2023-09-08", "reason": "系统停机维护"});
        hunan.act(operator, "batch", batch, "extend", input);
        assert!(hunan.world.get::<Batch>(batch).takes_submissions_on(day(8)));
        assert!(!hunan.world.get::<Batch>(batch).takes_submissions_on(day(9)));
    }

    #[test]
    fn never_to_the_same_or_an_earlier_day_nor_beyond_the_end() {
        let mut hunan = Hunan::new();
        for (input, pointer, code) in [
            (json!({"submit_until": "2023-08-31", "reason": "延期"}), "/submit_until", "not-later"),
            (json!({"submit_until": "2023-09-29", "reason": "延期"}), "/hand_in_until", "ends-before-start"),
            (json!({"hand_in_until": "2024-01-01", "reason": "延期"}), "/hand_in_until", "after-closing"),
            (json!({"reason": "延期"}), "/submit_until", "empty"),
            (
                json!({"quota_review_until": "2023-09-01", "reason": "延期"}),
                "/quota_review_until",
                "never-set",
            ),
        ] {
            let refused = hunan.refused(hunan.committee_operator, "batch", hunan.batch, "extend", input);
            assert_eq!(
                (refused.problems[0].pointer.as_str(), refused.problems[0].code.as_str()),
                (pointer, code)
            );
        }
        let input = json!({"hand_in_until": "2023-12-31", "reason": "延期"});
        hunan.act(hunan.committee_operator, "batch", hunan.batch, "extend", input);
    }
}
