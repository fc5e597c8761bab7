//! Applications reach whoever reviews them, and what is approved is in the ledger.

use super::*;
use crate::ids::EmployerId;
use crate::quota_ledger::{QuotaLedger, ledger_id};
use crate::world::Who;
use crate::world::hunan::Hunan;
use serde_json::json;
use uuid::Uuid;

fn submitted(hunan: &mut Hunan, kind: &str) -> Uuid {
    let input = json!({
        "employer_id": hunan.drainage, "year": 2023, "level": "associate_senior", "kind": kind, "number": 3,
        "grounds": "引进省级人才计划人选。",
    });
    let application = hunan.create(Who::Account(hunan.operator), "quota_application", input);
    hunan.act(hunan.operator, "quota_application", application, "submit", json!({}));
    application
}

fn ledger(hunan: &Hunan) -> QuotaLedger {
    hunan.world.get(ledger_id(EmployerId(hunan.drainage), 2023, Level::AssociateSenior))
}

fn code(
    hunan: &mut Hunan,
    who: crate::ids::AccountId,
    id: Uuid,
    action: &str,
    input: serde_json::Value,
) -> &'static str {
    hunan.world.act(Who::Account(who), "quota_application", id, action, input).unwrap_err().code
}

#[test]
fn the_next_superior_approves_at_most_what_was_asked() {
    let mut hunan = Hunan::new();
    let application = submitted(&mut hunan, "normal");
    let reviewer = hunan.housing_reviewer;
    let stranger = hunan.changsha_reviewer;
    let pass = |approved: u32| json!({"decision": "pass", "approved": approved});
    assert_eq!(code(&mut hunan, stranger, application, "review", pass(2)), "not-allowed");
    assert_eq!(code(&mut hunan, reviewer, application, "review", pass(4)), "invalid-input");
    assert_eq!(code(&mut hunan, reviewer, application, "review", pass(0)), "invalid-input");
    assert_eq!(code(&mut hunan, reviewer, application, "forward", json!({})), "nothing-to-forward");
    hunan.act(reviewer, "quota_application", application, "review", pass(2));
    assert_eq!(ledger(&hunan).approved(QuotaKind::Normal), 2);
    assert_eq!(code(&mut hunan, reviewer, application, "review", pass(2)), "stage-refused");
}

#[test]
fn special_kinds_are_the_provinces() {
    let mut hunan = Hunan::new();
    let application = submitted(&mut hunan, "special_1");
    let reviewer = hunan.housing_reviewer;
    let province = hunan.staff("省厅审核", "authority-reviewer", hunan.department);
    let pass = json!({"decision": "pass"});
    assert_eq!(code(&mut hunan, reviewer, application, "review", pass.clone()), "forward-first");
    assert_eq!(code(&mut hunan, province, application, "review", pass.clone()), "not-allowed");
    hunan.act(reviewer, "quota_application", application, "forward", json!({"opinion": "属实。"}));
    assert_eq!(code(&mut hunan, reviewer, application, "review", pass.clone()), "not-allowed");
    hunan.act(province, "quota_application", application, "review", pass);
    assert_eq!(ledger(&hunan).approved(QuotaKind::Special1), 3);
}

#[test]
fn failing_needs_an_opinion_and_leaves_the_ledger_alone() {
    let mut hunan = Hunan::new();
    let application = submitted(&mut hunan, "normal");
    let reviewer = hunan.housing_reviewer;
    let fail = json!({"decision": "fail"});
    assert_eq!(code(&mut hunan, reviewer, application, "review", fail), "reason-required");
    let fail = json!({"decision": "fail", "opinion": "岗位设置未完成。"});
    hunan.act(reviewer, "quota_application", application, "review", fail);
    assert!(!ledger(&hunan).exists());
}

#[test]
fn only_ones_own_employer_applies_and_amends_before_submitting() {
    let mut hunan = Hunan::new();
    let input = json!({
        "employer_id": hunan.housing, "year": 2023, "level": "associate_senior", "kind": "normal", "number": 1,
    });
    let operator = Who::Account(hunan.operator);
    let refused = hunan.world.create(operator, "quota_application", input).unwrap_err();
    assert_eq!(refused.code, "not-allowed");
    let input = json!({
        "employer_id": hunan.drainage, "year": 2023, "level": "associate_senior", "kind": "special_2", "number": 1,
    });
    let refused = hunan.world.create(operator, "quota_application", input).unwrap_err();
    assert_eq!(refused.code, "reason-required");
    let application = submitted(&mut hunan, "normal");
    let operator = hunan.operator;
    assert_eq!(code(&mut hunan, operator, application, "amend", json!({"number": 5})), "stage-refused");
}

/// An open batch of the committee with quotas: special kinds until 20 July, reviews until 15 August (seed 003 三(二)).
fn dated_batch(hunan: &mut Hunan, special_quota_until: &str) -> Uuid {
    let operator = hunan.committee_operator;
    let batch = hunan.create(Who::Account(operator), "batch", json!({
        "holder_id": hunan.committee, "year": 2023, "mode": "review", "levels": ["full_senior", "associate_senior"],
        "opens_on": "2023-05-04", "submit_until": "2023-08-31", "hand_in_until": "2023-09-28", "cut_off_on": "2023-09-28",
        "quota_required": true, "quota_review_until": "2023-08-15", "special_quota_until": special_quota_until,
        "required_materials": [], "award_publicity": false,
    }));
    hunan.act(operator, "batch", batch, "open", json!({}));
    batch
}

#[test]
fn special_kinds_reach_the_province_until_the_day_and_not_after() {
    let mut hunan = Hunan::new();
    dated_batch(&mut hunan, "2023-07-20");
    let reviewer = hunan.housing_reviewer;
    let in_time = submitted(&mut hunan, "special_1");
    let too_late = submitted(&mut hunan, "special_2");
    let input = json!({
        "employer_id": hunan.drainage, "year": 2023, "level": "associate_senior", "kind": "special_3", "number": 1, "grounds": "扎根基层。",
    });
    let unsent = hunan.create(Who::Account(hunan.operator), "quota_application", input);
    hunan.world.clock("2023-07-20T23:59:59+08:00");
    hunan.act(reviewer, "quota_application", in_time, "forward", json!({}));
    hunan.world.clock("2023-07-21T00:00:00+08:00");
    assert_eq!(code(&mut hunan, reviewer, too_late, "forward", json!({})), "special-quota-closed");
    let operator = hunan.operator;
    assert_eq!(code(&mut hunan, operator, unsent, "submit", json!({})), "special-quota-closed");
    let normal = submitted(&mut hunan, "normal");
    hunan.act(reviewer, "quota_application", normal, "review", json!({"decision": "pass"}));
}

#[test]
fn extending_a_batch_or_another_batch_of_the_year_opens_the_window_again() {
    let mut hunan = Hunan::new();
    let batch = dated_batch(&mut hunan, "2023-07-20");
    let reviewer = hunan.housing_reviewer;
    let application = submitted(&mut hunan, "special_1");
    hunan.world.clock("2023-07-21T09:00:00+08:00");
    assert_eq!(code(&mut hunan, reviewer, application, "forward", json!({})), "special-quota-closed");
    let later = json!({"special_quota_until": "2023-07-21", "reason": "系统停机维护"});
    hunan.act(hunan.committee_operator, "batch", batch, "extend", later);
    hunan.act(reviewer, "quota_application", application, "forward", json!({}));
    hunan.world.clock("2023-07-24T09:00:00+08:00");
    let application = submitted_after(&mut hunan);
    dated_batch(&mut hunan, "2023-07-24");
    hunan.act(hunan.operator, "quota_application", application, "submit", json!({}));
}

/// A draft that is refused for the day.
fn submitted_after(hunan: &mut Hunan) -> Uuid {
    let input = json!({
        "employer_id": hunan.drainage, "year": 2023, "level": "full_senior", "kind": "special_4", "number": 1, "grounds": "退多补少。",
    });
    let application = hunan.create(Who::Account(hunan.operator), "quota_application", input);
    let operator = hunan.operator;
    assert_eq!(code(hunan, operator, application, "submit", json!({})), "special-quota-closed");
    application
}

#[test]
fn a_review_after_the_day_is_marked_as_late_and_never_refused() {
    for (now, late) in [("2023-08-15T23:59:59+08:00", false), ("2023-08-16T00:00:00+08:00", true)] {
        for review in [json!({"decision": "pass"}), json!({"decision": "fail", "opinion": "没有空缺岗位。"})]
        {
            let mut hunan = Hunan::new();
            dated_batch(&mut hunan, "2023-07-20");
            let application = submitted(&mut hunan, "normal");
            hunan.world.clock(now);
            hunan.act(hunan.housing_reviewer, "quota_application", application, "review", review);
            assert_eq!(hunan.world.get::<QuotaApplication>(application).late, late, "{now}");
        }
    }
}

#[test]
fn the_provinces_own_review_has_no_day() {
    let mut hunan = Hunan::new();
    dated_batch(&mut hunan, "2023-07-20");
    let province = hunan.staff("省厅审核", "authority-reviewer", hunan.department);
    let application = submitted(&mut hunan, "special_1");
    hunan.act(hunan.housing_reviewer, "quota_application", application, "forward", json!({}));
    hunan.world.clock("2023-08-16T09:00:00+08:00");
    hunan.act(province, "quota_application", application, "review", json!({"decision": "pass"}));
    assert!(!hunan.world.get::<QuotaApplication>(application).late);
}

#[test]
fn days_for_quotas_belong_to_batches_that_control_them() {
    let mut hunan = Hunan::new();
    let input = |required: bool, until: &str| {
        json!({
            "holder_id": hunan.committee, "year": 2023, "mode": "review", "levels": ["associate_senior"],
            "opens_on": "2023-05-04", "submit_until": "2023-08-31", "hand_in_until": "2023-09-28", "cut_off_on": "2023-09-28",
            "quota_required": required, "special_quota_until": until, "required_materials": [], "award_publicity": false,
        })
    };
    let inputs =
        [(input(false, "2023-07-20"), "quota-not-required"), (input(true, "2024-01-01"), "after-closing")];
    for (input, expected) in inputs {
        let operator = Who::Account(hunan.committee_operator);
        let refused = hunan.world.create(operator, "batch", input).unwrap_err();
        let problem = &refused.problems[0];
        assert_eq!((problem.pointer.as_str(), problem.code.as_str()), ("/special_quota_until", expected));
    }
}
