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
