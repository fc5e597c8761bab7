//! A job from its start to its end, and back.

use crate::aggregate::StreamId;
use crate::context::Approval;
use crate::ids::AccountId;
use crate::job::{Job, Stage};
use crate::world::hunan::Hunan;
use crate::world::{Done, Who};
use serde_json::{Value, json};
use uuid::Uuid;

fn selected(ids: &[Uuid]) -> Value {
    json!({"action": "generate-e-certificate", "selection": {"ids": ids}, "expected_count": ids.len(), "input": {"document_number": "湘人社函〔2023〕1号"}})
}

fn by_condition(count: usize) -> Value {
    json!({
        "action": "transfer-committee", "selection": {"screen": "committee-transfer", "filters": {"year": "2023"}},
        "expected_count": count, "input": {"committee_id": Uuid::from_u128(9), "reason": "申报时选错评委会"},
    })
}

fn three() -> Vec<Uuid> {
    (1..=3).map(Uuid::from_u128).collect()
}

fn told(hunan: &mut Hunan, job: Uuid, ids: &[Uuid], result: &str, reverting: bool) {
    let outcomes: Vec<Value> = ids.iter().map(|id| json!({"id": id, "result": result})).collect();
    let input = json!({"outcomes": outcomes, "reverting": reverting});
    hunan.world.act(Who::System, "job", job, "advance", input).unwrap();
}

/// What the log knows as carried out when a cancelled job is looked at.
fn settled(hunan: &mut Hunan, job: Uuid, ids: &[Uuid]) {
    let outcomes: Vec<Value> = ids.iter().map(|id| json!({"id": id, "result": "done"})).collect();
    hunan.world.act(Who::System, "job", job, "settle", json!({"outcomes": outcomes})).unwrap();
}

fn to_revert(hunan: &Hunan, job: Uuid) -> Vec<Uuid> {
    hunan.world.get::<Job>(job).to_revert().collect()
}

fn offers(hunan: &Hunan, job: Uuid, action: &str) -> bool {
    let offered = hunan.world.offered(hunan.province, StreamId::of::<Job>(job));
    offered.iter().any(|(name, _)| *name == action)
}

fn stage(hunan: &Hunan, job: Uuid) -> Stage {
    hunan.world.get::<Job>(job).stage.unwrap()
}

#[test]
fn freezes_its_items_and_ends_with_the_last() {
    let mut hunan = Hunan::new();
    let ids = three();
    let job = hunan.create(Who::Account(hunan.province), "job", selected(&ids));
    assert!(hunan.world.registers.jobs_under_way.contains(&job));
    told(&mut hunan, job, &ids[..1], "done", false);
    // told again after a restart: the first word stands
    told(&mut hunan, job, &ids[..2], "refused", false);
    let it = hunan.world.get::<Job>(job);
    assert_eq!((it.count(super::ItemResult::Done), it.count(super::ItemResult::Refused)), (1, 1));
    assert_eq!((stage(&hunan, job), it.waiting().collect::<Vec<_>>()), (Stage::Running, ids[2..].to_vec()));
    told(&mut hunan, job, &ids[2..], "done", false);
    assert_eq!(stage(&hunan, job), Stage::Finished);
    assert!(hunan.world.registers.jobs_under_way.is_empty());
}

#[test]
fn the_count_must_be_the_one_that_was_seen() {
    let mut hunan = Hunan::new();
    let mut input = selected(&three());
    input["expected_count"] = json!(4);
    let refusal = hunan.world.create(Who::Account(hunan.province), "job", input).unwrap_err();
    assert_eq!(refusal.code, "expected-count-differs");
    let nothing = hunan.world.create(Who::Account(hunan.province), "job", selected(&[])).unwrap_err();
    assert_eq!(nothing.code, "nothing-selected");
    let mut other = selected(&three());
    other["action"] = json!("submit");
    assert_eq!(
        hunan.world.create(Who::Account(hunan.province), "job", other).unwrap_err().code,
        "invalid-input"
    );
    let mut form = selected(&three());
    form["input"] = json!({"number": 1});
    assert_eq!(
        hunan.world.create(Who::Account(hunan.province), "job", form).unwrap_err().code,
        "malformed-input"
    );
}

#[test]
fn an_input_that_every_item_must_refuse_is_refused_at_once() {
    let mut hunan = Hunan::new();
    hunan.world.selected = three();
    let province = Who::Account(hunan.province);
    let mut order = by_condition(3);
    order["input"]["reason"] = json!(" ");
    let refused = hunan.world.send(province, "job", Uuid::from_u128(8), "create", order, Approval::NotGiven);
    let refused = refused.unwrap_err();
    assert_eq!((refused.code, refused.problems[0].pointer.as_str()), ("reason-required", "/input/reason"));
    let mut number = selected(&three());
    number["input"] = json!({"document_number": "9号"});
    let refused = hunan.world.create(province, "job", number).unwrap_err();
    assert_eq!(refused.code, "invalid-input");
    let problem = &refused.problems[0];
    assert_eq!(
        (problem.code.as_str(), problem.pointer.as_str()),
        ("document-number-format", "/input/document_number")
    );
    let mut basis = selected(&three());
    (basis["action"], basis["input"]) = (json!("revoke-certificate"), json!({"reason": ""}));
    assert_eq!(hunan.world.create(province, "job", basis).unwrap_err().code, "reason-required");
}

#[test]
fn a_selection_that_is_none_names_the_member_that_is_wrong() {
    let mut hunan = Hunan::new();
    for (selection, pointer, code) in [
        (json!({}), "/selection/ids", "missing-member"),
        (json!({"filters": {}}), "/selection/screen", "missing-member"),
        (json!({"ids": null}), "/selection/ids", "wrong-type"),
        (json!({"ids": "all"}), "/selection/ids", "wrong-type"),
        (json!({"ids": [1]}), "/selection/ids/0", "wrong-type"),
        (json!(7), "/selection", "wrong-type"),
        (json!({"ids": [], "all": true}), "/selection/all", "unknown-member"),
        (json!({"ids": [], "screen": "rollback"}), "/selection", "unknown-member"),
        (json!({"screen": "rollback", "filters": {"year": 2023}}), "/selection/filters/year", "wrong-type"),
    ] {
        let mut order = selected(&three());
        order["selection"] = selection.clone();
        let refused = hunan.world.create(Who::Account(hunan.province), "job", order).unwrap_err();
        let problem = &refused.problems[0];
        assert_eq!(
            (refused.code, problem.pointer.as_str(), problem.code.as_str()),
            ("malformed-input", pointer, code),
            "{selection}"
        );
    }
    let mut order = selected(&three());
    order["selection"] = json!({"ids": ["7"]});
    let refused = hunan.world.create(Who::Account(hunan.province), "job", order).unwrap_err();
    assert_eq!(refused.code, "invalid-input", "the right type, and no id");
}

#[test]
fn whoever_may_take_the_action_approves_and_nobody_else_is_asked() {
    let mut hunan = Hunan::new();
    hunan.world.selected = three();
    let issuer = hunan.staff("发证人", "certificate-issuer", hunan.department);
    let colleague = hunan.staff("另一发证人", "certificate-issuer", hunan.department);
    let elsewhere = hunan.staff("外地发证人", "certificate-issuer", hunan.changsha);
    let province = hunan.staff("省直单位", "provincial-administrator", hunan.changsha);
    let order = |action: &str, input: Value| {
        json!({
            "action": action, "selection": {"screen": "certificate-revocation", "filters": {}}, "expected_count": 3,
            "input": input,
        })
    };
    let revocation = order("revoke-certificate", json!({"reason": "学历造假。"}));
    let issue = order("issue-certificate", json!({}));
    for (asks, order, approves, refused) in [
        // of the province another of the province, wherever the role is held; no issuer takes part in a transfer
        (hunan.province, by_condition(3), vec![province], vec![issuer, elsewhere]),
        (province, by_condition(3), vec![hunan.province], vec![issuer, elsewhere]),
        // of an issuer another of the same unit, or the province where it may do the same
        (issuer, revocation.clone(), vec![colleague, province], vec![elsewhere]),
        (issuer, issue, vec![colleague], vec![elsewhere, province]),
        (hunan.province, revocation, vec![province], vec![issuer, elsewhere]),
    ] {
        for second in approves {
            let mut hunan = hunan.clone();
            let id = hunan.world.fresh();
            let approval =
                hunan.world.request(Who::Account(asks), "job", id, "create", order.clone()).unwrap();
            for other in &refused {
                let said = hunan.refused(*other, "approval", approval, "approve", json!({}));
                assert_eq!(said.code, "not-allowed", "{order}");
                assert!(!told_of(&hunan, approval, *other), "nobody is asked who is refused: {order}");
            }
            assert!(told_of(&hunan, approval, second), "{order}");
            hunan.act(second, "approval", approval, "approve", json!({}));
            let order = hunan.world.get::<Job>(id).order.unwrap();
            let asker = hunan.world.registers.roles_of(asks).remove(0);
            assert_eq!(order.acting(), asker, "every item is done in the role in which it was asked for");
        }
    }
}

/// Whether an approval waits for this account, by the roles that were told and by what it is offered.
fn told_of(hunan: &Hunan, approval: Uuid, account: AccountId) -> bool {
    let acting = hunan.world.registers.roles_of(account).remove(0);
    let request = hunan.world.get::<crate::approval::Approval>(approval).request.unwrap();
    let told = |grant: &crate::account::RoleGrant| {
        (grant.role, grant.organisation_id) == (acting.role, acting.organisation)
    };
    let told = request.approvers.iter().any(told);
    let stream = StreamId::of::<crate::approval::Approval>(approval);
    let offered = hunan.world.offered(account, stream).iter().any(|(name, _)| *name == "approve");
    assert_eq!(told, offered, "who is told is offered it");
    told
}

#[test]
fn whoever_asked_must_still_hold_the_role() {
    let mut hunan = Hunan::new();
    hunan.world.selected = three();
    let id = hunan.world.fresh();
    let asks = hunan.staff("省专技处乙", "provincial-administrator", hunan.department);
    let approval = hunan.world.request(Who::Account(asks), "job", id, "create", by_condition(3)).unwrap();
    let role = json!({"role": "provincial-administrator", "organisation_id": hunan.department});
    hunan.act(hunan.administrator, "account", asks.0, "revoke-role", role);
    let refused = hunan.refused(hunan.province, "approval", approval, "approve", json!({}));
    assert_eq!(refused.code, "not-allowed");
}

#[test]
fn a_condition_waits_for_a_second_person_of_the_same_role_and_place() {
    let mut hunan = Hunan::new();
    hunan.world.selected = three();
    let province = Who::Account(hunan.province);
    let id = hunan.world.fresh();
    let alone = hunan.world.send(province, "job", id, "create", by_condition(3), Approval::NotGiven);
    assert_eq!(alone, Ok(Done::SecondPersonNeeded));
    let approval = hunan.world.request(province, "job", id, "create", by_condition(3)).unwrap();
    // what it selects is looked up when the job starts, and must still be what was seen
    hunan.world.selected.pop();
    let second = hunan.staff("复核人", "provincial-administrator", hunan.department);
    let fewer = hunan.refused(second, "approval", approval, "approve", json!({}));
    assert_eq!(fewer.code, "expected-count-differs");
    hunan.world.selected = three();
    hunan.act(second, "approval", approval, "approve", json!({}));
    let it = hunan.world.get::<Job>(id);
    let order = it.order.unwrap();
    assert_eq!((order.by, order.items, it.stage), (hunan.province, three(), Some(Stage::Running)));
}

#[test]
fn only_who_started_it_and_the_administrator_keep_it() {
    let mut hunan = Hunan::new();
    let ids = three();
    let job = hunan.create(Who::Account(hunan.province), "job", selected(&ids));
    let other = hunan.staff("另一人", "provincial-administrator", hunan.department);
    assert_eq!(hunan.refused(other, "job", job, "suspend", json!({})).code, "not-allowed");
    hunan.act(hunan.province, "job", job, "suspend", json!({}));
    assert!(hunan.world.registers.jobs_under_way.is_empty());
    told(&mut hunan, job, &ids, "done", false);
    assert_eq!(stage(&hunan, job), Stage::Suspended);
    hunan.act(hunan.administrator, "job", job, "resume", json!({}));
    told(&mut hunan, job, &[], "done", false);
    assert_eq!(stage(&hunan, job), Stage::Finished);
    assert_eq!(hunan.refused(hunan.province, "job", job, "cancel", json!({})).code, "stage-refused");
    assert!(!offers(&hunan, job, "undo"), "it is no transfer");
    let undo = hunan.refused(hunan.province, "job", job, "undo", json!({"reason": "误操作"}));
    assert_eq!(undo.code, "not-undoable");
}

#[test]
fn a_transfer_is_taken_back_as_one_from_the_last_item_on() {
    let mut hunan = Hunan::new();
    hunan.world.selected = three();
    let ids = three();
    let job = hunan.create(Who::Account(hunan.province), "job", by_condition(3));
    told(&mut hunan, job, &ids[..2], "done", false);
    hunan.act(hunan.province, "job", job, "cancel", json!({}));
    settled(&mut hunan, job, &[]);
    let alone = json!({"reason": "选错条件"});
    let who = Who::Account(hunan.province);
    assert!(offers(&hunan, job, "undo"));
    let needs = hunan.world.send(who, "job", job, "undo", alone.clone(), Approval::NotGiven);
    assert_eq!(needs, Ok(Done::SecondPersonNeeded));
    hunan.act(hunan.province, "job", job, "undo", alone);
    assert_eq!(hunan.world.get::<Job>(job).to_revert().collect::<Vec<_>>(), [ids[1], ids[0]]);
    told(&mut hunan, job, &ids[1..2], "refused", true);
    assert_eq!(stage(&hunan, job), Stage::Undoing);
    told(&mut hunan, job, &ids[..1], "done", true);
    assert_eq!(stage(&hunan, job), Stage::Undone);
}

#[test]
fn a_cancelled_job_is_looked_at_once_more_and_what_is_told_late_is_taken_back_too() {
    let mut hunan = Hunan::new();
    hunan.world.selected = three();
    let ids = three();
    let job = hunan.create(Who::Account(hunan.province), "job", by_condition(3));
    told(&mut hunan, job, &ids[..1], "done", false);
    hunan.act(hunan.province, "job", job, "cancel", json!({}));
    let under_way = |hunan: &Hunan| hunan.world.registers.jobs_under_way.contains(&job);
    assert!(under_way(&hunan), "somebody may have ended before telling");
    let mut early = hunan.clone();
    settled(&mut hunan, job, &ids[..2]);
    assert!(!under_way(&hunan));
    assert_eq!(to_revert(&hunan, job), [ids[1], ids[0]]);
    settled(&mut hunan, job, &ids);
    assert_eq!(to_revert(&hunan, job), [ids[1], ids[0]], "once");

    // undone before anybody looked: it does not end before that, nor without what is told meanwhile
    let undo = json!({"reason": "选错条件"});
    early.act(early.province, "job", job, "undo", undo.clone());
    told(&mut early, job, &ids[..1], "done", true);
    assert_eq!(stage(&early, job), Stage::Undoing);
    settled(&mut early, job, &ids[..2]);
    assert!(under_way(&early), "it is being taken back");
    assert_eq!(to_revert(&early, job), [ids[1]]);
    told(&mut early, job, &ids[1..2], "done", true);
    assert_eq!(stage(&early, job), Stage::Undone);
    assert!(!under_way(&early) && !offers(&early, job, "undo"));
    // later still: it is undone once more
    told(&mut early, job, &ids[2..], "done", false);
    early.act(early.province, "job", job, "undo", undo);
    assert_eq!((to_revert(&early, job), under_way(&early)), (vec![ids[2]], true));
}

#[test]
fn what_was_refused_is_undone_again_in_the_name_of_whoever_undoes_it() {
    let mut hunan = Hunan::new();
    let ids = three();
    let mut order = by_condition(3);
    order["selection"] = json!({"ids": ids});
    let job = hunan.create(Who::Account(hunan.province), "job", order);
    told(&mut hunan, job, &ids, "done", false);
    let undo = json!({"reason": "选错条件"});
    hunan.act(hunan.province, "job", job, "undo", undo.clone());
    let outcome = |id: Uuid, code: &str| json!({"id": id, "result": "refused", "code": code, "detail": "无"});
    let outcomes = json!([outcome(ids[2], "not-allowed"), outcome(ids[1], "moved-on"), {"id": ids[0], "result": "done"}]);
    let input = json!({"outcomes": outcomes, "reverting": true});
    hunan.world.act(Who::System, "job", job, "advance", input).unwrap();
    assert_eq!(stage(&hunan, job), Stage::Undone);

    let second = hunan.staff("另一人", "provincial-administrator", hunan.department);
    hunan.act(second, "job", job, "undo", undo.clone());
    let it = hunan.world.get::<Job>(job);
    assert_eq!(it.undo.as_ref().unwrap().by.as_ref().unwrap().account, second);
    assert_eq!(it.order.unwrap().by, hunan.province, "that it was done by");
    assert_eq!(to_revert(&hunan, job), [ids[2]], "what moved on is nobody's to take back");
    told(&mut hunan, job, &ids[2..], "done", true);
    let over = hunan.refused(second, "job", job, "undo", undo);
    assert_eq!(over.code, "nothing-to-undo");
}

#[test]
fn an_undo_by_condition_is_in_the_name_of_whoever_asked_for_it() {
    let mut hunan = Hunan::new();
    hunan.world.selected = three();
    let job = hunan.create(Who::Account(hunan.province), "job", by_condition(3));
    told(&mut hunan, job, &three(), "done", false);
    let asks = hunan.staff("另一人", "provincial-administrator", hunan.changsha);
    let undo = json!({"reason": "选错条件"});
    let approval = hunan.world.request(Who::Account(asks), "job", job, "undo", undo).unwrap();
    hunan.act(hunan.province, "approval", approval, "approve", json!({}));
    let by = hunan.world.get::<Job>(job).undo.unwrap().by.unwrap();
    assert_eq!(by, hunan.world.registers.roles_of(asks).remove(0));
}
