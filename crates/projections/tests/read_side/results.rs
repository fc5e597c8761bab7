//! What a committee's meeting came to, as its office reads it.

use crate::support::{System, readers, sitting, viewer_at};
use serde_json::{Value, json};
use uuid::Uuid;
use zhicheng_domain::values::Role;
use zhicheng_domain::world::sitting::Sitting;
use zhicheng_projections::Viewer;

fn office(sitting: &Sitting) -> Viewer {
    viewer_at(Role::CommitteeOperator, sitting.hunan.committee)
}

fn of(rows: &[Value], case: Uuid) -> Value {
    rows.iter().find(|row| row["declaration_id"] == case.to_string()).unwrap().clone()
}

fn values<const N: usize>(row: &Value, names: [&str; N]) -> [Value; N] {
    names.map(|name| row[name].clone())
}

#[tokio::test]
async fn the_office_reads_scores_once_they_are_locked_and_votes_once_they_are_counted() {
    let sitting = sitting();
    let system = System::of(&sitting.hunan.world.log).await;
    let rows = system.rows("review-results", &office(sitting), &[]).await;
    assert_eq!(rows.len(), 4);
    let shown = |candidate: usize| {
        let row = of(&rows, sitting.candidates[candidate]);
        values(
            &row,
            ["material_score", "interview_score", "total_score", "agree", "disagree", "result", "status"],
        )
    };
    let voted: [Value; 7] = [
        "90.00".into(),
        "40.00".into(),
        "86.00".into(),
        20.into(),
        5.into(),
        "passed".into(),
        "waiting".into(),
    ];
    assert_eq!(shown(0), voted, "it waits for the declaration of the results");
    let balloting = shown(1);
    assert_eq!(balloting[..3], ["80.00", "40.00", "80.00"].map(Value::from));
    assert_eq!(balloting[3..6], [Value::Null, Value::Null, Value::Null], "nobody knows before the close");
    assert_eq!(shown(2)[..6], [const { Value::Null }; 6]);
    assert_eq!(shown(3)[6], "done");
    let row = of(&rows, sitting.candidates[0]);
    assert_eq!(values(&row, ["size", "attending", "rank"]), [25.into(), 25.into(), Value::Null]);
    assert_eq!((&row["stage"], &row["medium"]), (&"vote_passed".into(), &"online".into()));
}

#[tokio::test]
async fn another_committees_office_reads_nothing_and_nobody_else_the_screen() {
    let sitting = sitting();
    let system = System::of(&sitting.hunan.world.log).await;
    let elsewhere = viewer_at(Role::CommitteeOperator, sitting.hunan.department);
    let asked = sitting.hunan.committee.to_string();
    let asked = [("final_organisation_id", asked.as_str())];
    assert_eq!(system.rows("review-results", &elsewhere, &asked).await, Vec::<Value>::new());
    assert_eq!(readers("review-results"), [Role::CommitteeOperator]);
}

#[tokio::test]
async fn who_did_not_pass_waits_for_the_reason() {
    let mut sitting = Sitting::assigned(2, |_| {});
    sitting.decided(0, 3, 40);
    sitting.judged(0, 1, "review-material", json!({"decision": "fail", "opinion": "材料不实。"}));
    let case = |n: usize| sitting.candidates[n];
    let mut system = System::of(&sitting.hunan.world.log).await;
    let rows = system.rows("review-results", &office(&sitting), &[("status", "waiting")]).await;
    assert_eq!(rows.len(), 2);
    let failed = values(&of(&rows, case(0)), ["result", "agree", "failure_reason", "takes_quota"]);
    assert_eq!(failed, ["failed".into(), 3.into(), Value::Null, false.into()]);
    let reason = json!({"category": "业绩", "reason": "代表作不足。"});
    let operator = sitting.hunan.committee_operator;
    for n in [0, 1] {
        let id = sitting.candidates[n];
        sitting.hunan.act(operator, "declaration", id, "record-failure-reason", reason.clone());
    }
    system.write(&sitting.hunan.world.log).await;
    let table = zhicheng_projections::table("review_results").unwrap();
    zhicheng_projections::rebuild(&system.store, &system.pool, &[table], |_| {}).await.unwrap();
    let rows = system.rows("review-results", &office(&sitting), &[("failure_reason", "代表作")]).await;
    let standing = |n: usize| values(&of(&rows, sitting.candidates[n]), ["failure_category", "status"]);
    assert_eq!(standing(0), ["业绩", "waiting"].map(Value::from), "the results are not declared");
    assert_eq!(
        standing(1),
        ["业绩", "done"].map(Value::from),
        "nothing is declared of a failed material review"
    );
}
