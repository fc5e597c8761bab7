//! What a committee's meeting came to, and what of it is sent to be filed, as its office reads it.

use crate::support::{System, readers, sitting, viewer_at};
use serde_json::{Value, json};
use uuid::Uuid;
use zhicheng_domain::StreamId;
use zhicheng_domain::scheme::{self, Scheme};
use zhicheng_domain::values::{PassOrFail, Role};
use zhicheng_domain::world::given::result_publicity;
use zhicheng_domain::world::sitting::Sitting;
use zhicheng_projections::{Viewer, rebuild};

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
    let voted: [Value; 7] =
        [90.into(), 40.into(), 86.into(), 20.into(), 5.into(), "passed".into(), "waiting".into()];
    assert_eq!(shown(0), voted, "it waits for the declaration of the results");
    let balloting = shown(1);
    assert_eq!(balloting[..3], [80, 40, 80].map(Value::from));
    assert_eq!(balloting[3..6], [Value::Null, Value::Null, Value::Null], "nobody knows before the close");
    assert_eq!(shown(2)[..6], [const { Value::Null }; 6]);
    assert_eq!(shown(3)[6], "done");
    let row = of(&rows, sitting.candidates[0]);
    assert_eq!(values(&row, ["size", "attending", "rank"]), [25.into(), 25.into(), Value::Null]);
    assert_eq!((&row["stage"], &row["medium"]), (&"vote_passed".into(), &"online".into()));
    for (asked, found) in [("total_score_from", 3), ("total_score_to", 0)] {
        let rows = system.rows("review-results", &office(sitting), &[(asked, "9.5")]).await;
        assert_eq!(rows.len(), found, "{asked}: 86 is more than 9.5, as a number");
    }
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
    rebuild(&system.store, &system.pool, &[table], |_| {}).await.unwrap();
    let rows = system.rows("review-results", &office(&sitting), &[("failure_reason", "代表作")]).await;
    let standing = |n: usize| values(&of(&rows, sitting.candidates[n]), ["failure_category", "status"]);
    assert_eq!(standing(0), ["业绩", "waiting"].map(Value::from), "the results are not declared");
    assert_eq!(
        standing(1),
        ["业绩", "done"].map(Value::from),
        "nothing is declared of a failed material review"
    );
}

#[tokio::test]
async fn a_scheme_waits_to_be_filed_once_its_publicity_has_passed() {
    let mut sitting = Sitting::assigned(2, |_| {});
    for (at, agree) in [25, 3].into_iter().enumerate() {
        sitting.decided(at, agree, 95);
    }
    let (operator, chair, meeting) = (sitting.hunan.committee_operator, sitting.seat(3), sitting.meeting);
    sitting.office("review_meeting", meeting, "apply-cut", json!({}));
    sitting.hunan.act(chair, "review_meeting", meeting, "declare-results", json!({}));
    let case = sitting.candidates[0];
    let publicity = result_publicity("2023-10-24", 5);
    sitting.hunan.act(operator, "declaration", case, "start-result-publicity", publicity);
    let mut system = System::of(&sitting.hunan.world.log).await;
    assert_eq!(system.rows("filing-request", &office(&sitting), &[]).await, Vec::<Value>::new());

    let table = zhicheng_projections::table("filing_request").unwrap();
    let mut follow = async |sitting: &Sitting| {
        system.write(&sitting.hunan.world.log).await;
        rebuild(&system.store, &system.pool, &[table], |_| {}).await.unwrap();
        let elsewhere = viewer_at(Role::CommitteeOperator, sitting.hunan.department);
        assert_eq!(system.rows("filing-request", &elsewhere, &[]).await, Vec::<Value>::new());
        let mut rows = system.rows("filing-request", &office(sitting), &[]).await;
        assert_eq!((rows.len(), &rows[0]["id"]), (1, &sitting.scheme.to_string().into()));
        rows.remove(0)
    };
    sitting.world().clock("2023-10-31T09:00:00+08:00");
    let passed = json!({"result": "passed"});
    sitting.hunan.act(operator, "declaration", case, "record-result-publicity", passed);
    let row = follow(&sitting).await;
    assert_eq!(values(&row, ["status", "filing_state"]), ["waiting".into(), Value::Null]);
    assert_eq!(values(&row, ["participants", "passed", "objected", "ready"]), [2, 1, 0, 1].map(Value::from));
    let period = ["2023-10-24", "2023-10-30"].map(Value::from);
    assert_eq!(values(&row, ["publicity_starts_on", "publicity_ends_on"]), period);

    sitting.office("scheme", sitting.scheme, "request-filing", json!({}));
    let row = follow(&sitting).await;
    assert_eq!(values(&row, ["status", "filing_state"]), ["done", "requested"].map(Value::from));
    let stream = StreamId::of::<Scheme>(sitting.scheme);
    let filed = scheme::Event::FilingReviewed {
        decision: PassOrFail::Pass,
        declaration_ids: vec![case.into()],
        filed_on: Some("2023-10-31".parse().unwrap()),
        filing_number: Some("湘人社函〔2023〕118号".into()),
    };
    sitting.hunan.world.given(stream, filed, None);
    let row = follow(&sitting).await;
    assert_eq!(values(&row, ["filing_state", "filed_on"]), ["filed", "2023-10-31"].map(Value::from));
    let cancelled = scheme::Event::FilingCancelled { declaration_id: case.into() };
    sitting.hunan.world.given(stream, cancelled, None);
    let row = follow(&sitting).await;
    assert_eq!(values(&row, ["filed", "cancelled"]), [0, 1].map(Value::from));
    assert_eq!(row["filing_state"], "cancelled");
    assert_eq!(readers("filing-request"), [Role::CommitteeOperator]);
}
