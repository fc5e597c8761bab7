//! Where declarations stand for those on their way, and which may be moved to another committee.

use crate::support::{System, readers, viewer, viewer_at, way};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use uuid::Uuid;
use zhicheng_domain::declaration::Declaration;
use zhicheng_domain::values::Role;
use zhicheng_domain::world::hunan::Hunan;
use zhicheng_domain::world::sitting::Sitting;
use zhicheng_projections::reader::Count;
use zhicheng_projections::rebuild;

fn ids(rows: &[Value]) -> BTreeSet<Uuid> {
    rows.iter().filter_map(|row| row["declaration_id"].as_str()?.parse().ok()).collect()
}

#[tokio::test]
async fn an_organisation_finds_what_is_or_was_with_it_and_nothing_else() {
    let way = way();
    let system = System::of(&way.hunan.world.log).await;
    let registers = &way.hunan.world.registers;
    let employer = viewer(registers, way.hunan.operator, Role::EmployerOperator);
    let rows = system.rows("declaration-inquiry", &employer, &[]).await;
    let submitted =
        [way.submitted, way.returned, way.publicity_due, way.in_publicity, way.at_committee, way.granted];
    assert_eq!(ids(&rows), BTreeSet::from(submitted), "all but the draft");
    let returned = rows.iter().find(|row| row["declaration_id"] == way.returned.to_string()).unwrap();
    assert_eq!((&returned["result"], &returned["opinion"]), (&"return".into(), &"缺少论文\t原件".into()));
    assert_eq!(returned["reviewing_organisation_name"], "长沙市城区排水事务中心");
    assert_eq!((&returned["status"], &returned["overdue"]), (&"waiting".into(), &true.into()));
    assert!(returned["due_on"].is_string(), "until when to correct: {returned}");
    let housing = viewer(registers, way.hunan.housing_reviewer, Role::SuperiorReviewer);
    let rows = system.rows("declaration-inquiry", &housing, &[]).await;
    assert_eq!(ids(&rows), BTreeSet::from([way.at_committee, way.granted]));
    let superior = viewer_at(Role::EmployerOperator, way.hunan.housing);
    let rows = system.rows("declaration-inquiry", &superior, &[]).await;
    assert_eq!(rows, Vec::<Value>::new(), "the operators of a superior read of its own people");
    let elsewhere = viewer_at(Role::EmployerOperator, way.hunan.department);
    assert_eq!(system.rows("declaration-inquiry", &elsewhere, &[]).await, Vec::<Value>::new());
    assert_eq!(readers("declaration-inquiry"), [Role::EmployerOperator, Role::SuperiorReviewer]);
}

#[tokio::test]
async fn what_is_over_is_listed_and_not_counted() {
    let mut hunan = Hunan::new();
    hunan.submitted(hunan.applicant);
    let failed = hunan.register("张三");
    let failed = hunan.submitted(failed);
    let fail = json!({"decision": "fail", "opinion": "不符合申报条件。"});
    hunan.act(hunan.operator, "declaration", failed, "review-by-employer", fail);
    let system = System::of(&hunan.world.log).await;
    let employer = viewer_at(Role::EmployerOperator, hunan.drainage);
    assert_eq!(system.rows("declaration-inquiry", &employer, &[]).await.len(), 2);
    let done = system.rows("declaration-inquiry", &employer, &[("status", "done")]).await;
    assert_eq!(ids(&done), BTreeSet::from([failed]));
    let inquiry = zhicheng_projections::screen("declaration-inquiry").unwrap();
    let once = [employer.clone()];
    assert_eq!(system.reader().count(inquiry, &once).await.unwrap(), Count::Exactly(1));
    let twice = [employer, viewer_at(Role::SuperiorReviewer, hunan.drainage)];
    assert_eq!(system.reader().count(inquiry, &twice).await.unwrap(), Count::Exactly(1), "each row once");
}

#[tokio::test]
async fn who_failed_the_vote_still_waits_until_the_results_are_declared() {
    let mut sitting = Sitting::assigned(1, |_| {});
    sitting.decided(0, 3, 40);
    let system = System::of(&sitting.hunan.world.log).await;
    let employer = viewer_at(Role::EmployerOperator, sitting.hunan.drainage);
    let rows = system.rows("declaration-inquiry", &employer, &[]).await;
    let shown = ["stage", "status", "arrived_at"].map(|name| rows[0][name].clone());
    assert_eq!(shown, ["scheme_approved".into(), "waiting".into(), Value::Null]);
    assert_eq!(system.rows("declaration-inquiry", &employer, &[("status", "done")]).await.len(), 0);
}

#[tokio::test]
async fn what_may_be_moved_is_moved_and_stays_listed() {
    let mut hunan = Hunan::new();
    let case = hunan.qualified();
    let submitted = hunan.register("张三");
    hunan.submitted(submitted);
    let province = viewer_at(Role::ProvincialAdministrator, hunan.department);
    let mut system = System::of(&hunan.world.log).await;
    let rows = system.rows("committee-transfer", &province, &[]).await;
    assert_eq!(ids(&rows), BTreeSet::from([case]), "not what the employer still has");
    assert_eq!((&rows[0]["status"], &rows[0]["stage"]), (&"waiting".into(), &"qualified".into()));
    assert_eq!([&rows[0]["handled_at"], &rows[0]["transferred_from_name"]], [&Value::Null; 2]);
    let first = rows[0]["final_organisation_name"].as_str().unwrap().to_owned();

    let (other, operator) = hunan.other_committee("01", "2024-12-31");
    hunan.edge("senior", hunan.changsha, other, hunan.changsha_reviewer);
    let input = json!({"committee_id": other, "reason": "选错评委会。"});
    hunan.act(hunan.province, "declaration", case, "transfer-committee", input);
    let fail = json!({"decision": "fail", "opinion": "不符合条件。"});
    let table = zhicheng_projections::table("committee_transfer").unwrap();
    for (moves, status) in [(false, "waiting"), (true, "done")] {
        if moves {
            hunan.act(operator, "declaration", case, "review-qualification", fail.clone());
        }
        system.write(&hunan.world.log).await;
        rebuild(&system.store, &system.pool, &[table], |_| {}).await.unwrap();
        let rows = system.rows("committee-transfer", &province, &[]).await;
        assert_eq!((rows.len(), &rows[0]["status"]), (1, &status.into()));
        assert_eq!(rows[0]["final_organisation_id"], other.to_string());
        assert!(rows[0]["handled_at"].is_string(), "when it was moved is told of who waits again too");
        assert_eq!(rows[0]["transferred_from_name"], first);
        assert!(rows[0]["dwell_working_days"].is_number(), "who waits again waits until today");
        for (name, found) in [(first.as_str(), 1), ("没有这个评委会", 0)] {
            let moved = [("transferred_from_name", name), ("handled_at_from", "2023-05-04")];
            assert_eq!(system.rows("committee-transfer", &province, &moved).await.len(), found, "{name}");
        }
    }
    assert_eq!(readers("committee-transfer"), [Role::ProvincialAdministrator]);
}

#[tokio::test]
async fn an_award_is_moved_to_no_committee() {
    let mut hunan = Hunan::new();
    let case = hunan.granted_case();
    assert_eq!(hunan.world.get::<Declaration>(case).stage.name(), "superior_review");
    let system = System::of(&hunan.world.log).await;
    let province = viewer_at(Role::ProvincialAdministrator, hunan.department);
    assert_eq!(system.rows("committee-transfer", &province, &[]).await, Vec::<Value>::new());
}
