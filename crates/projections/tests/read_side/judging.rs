//! What a judge finds to do, and reads of what the judge did: nobody else's.

use crate::support::{System, sitting, viewer_at};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use uuid::Uuid;
use zhicheng_domain::values::Role;
use zhicheng_domain::world::sitting::{Sitting, opinion, sheet};
use zhicheng_projections::{SCREENS, Viewer};

/// The judge on a seat.
fn judge(sitting: &Sitting, seat: usize) -> Viewer {
    Viewer { judges: vec![sitting.seats[seat].0], ..viewer_at(Role::Judge, sitting.hunan.committee) }
}

/// `(candidate, status)` of every row, as the seat's judge reads them.
async fn standing(
    system: &System,
    sitting: &Sitting,
    screen: &str,
    seat: usize,
) -> BTreeSet<(usize, String)> {
    let rows = system.rows(screen, &judge(sitting, seat), &[]).await;
    let candidate = |row: &Value| {
        let id: Uuid = row["declaration_id"].as_str().unwrap().parse().unwrap();
        sitting.candidates.iter().position(|candidate| *candidate == id).unwrap()
    };
    rows.iter().map(|row| (candidate(row), row["status"].as_str().unwrap().to_owned())).collect()
}

fn are<const N: usize>(expected: [(usize, &str); N]) -> BTreeSet<(usize, String)> {
    expected.map(|(candidate, status)| (candidate, status.to_owned())).into()
}

#[tokio::test]
async fn a_judge_finds_what_there_is_to_do_and_what_was_done() {
    let sitting = sitting();
    let system = System::of(&sitting.hunan.world.log).await;
    let reviews = are([(0, "done"), (1, "done"), (2, "waiting"), (3, "done")]);
    assert_eq!(standing(&system, sitting, "material-review", 0).await, reviews);
    assert_eq!(standing(&system, sitting, "material-review", 1).await, are([]), "the reviewer alone");
    let scored = are([(0, "done"), (1, "done"), (3, "done")]);
    for screen in ["material-scoring", "interview-scoring"] {
        assert_eq!(standing(&system, sitting, screen, 1).await, scored, "{screen}");
        assert_eq!(standing(&system, sitting, screen, 5).await, are([]), "{screen}: not of the group");
    }
    assert_eq!(
        standing(&system, sitting, "review-opinions", 0).await,
        are([(0, "done"), (1, "done"), (3, "done")]),
        "the group's leader"
    );
    assert_eq!(
        standing(&system, sitting, "review-opinions", 3).await,
        are([(0, "done"), (3, "done")]),
        "the chair, once the vote is counted"
    );
    assert_eq!(standing(&system, sitting, "review-opinions", 1).await, are([]));
    let voting = system.rows("voting", &judge(sitting, 7), &[]).await;
    let on = |candidate: usize| {
        let id = sitting.candidates[candidate].to_string();
        voting.iter().find(|row| row["declaration_id"] == id.as_str()).unwrap()
    };
    // 60 x 80 / 100 + 40 x 40 / 50: nobody tells one sheet from another
    assert_eq!(on(1)["total_score"], 80, "whoever votes reads the total, of another group too");
    let rows = system.rows("review-opinions", &judge(sitting, 0), &[("opinion_kind", "group")]).await;
    assert_eq!(rows.len(), 1);
    assert_eq!(
        (&rows[0]["group_conclusion"], &rows[0]["committee_opinion"]),
        (&"agree".into(), &Value::Null)
    );
}

#[tokio::test]
async fn a_judge_reads_the_own_scores_alone() {
    let mut sitting = Sitting::assigned(1, |_| {});
    sitting.judged(0, 0, "review-material", json!({"decision": "pass"}));
    sitting.judged(0, 0, "score-material", sheet("业绩成果", 91));
    let saved = json!({"items": [{"item": "业绩成果", "score": 73.5}], "locked": false});
    sitting.judged(1, 0, "score-material", saved);
    let system = System::of(&sitting.hunan.world.log).await;
    let own = system.rows("material-scoring", &judge(&sitting, 0), &[]).await;
    assert_eq!(own.len(), 1);
    assert_eq!((&own[0]["total"], &own[0]["locked"]), (&91.into(), &true.into()));
    assert_eq!(own[0]["scores"], json!(["业绩成果 91"]));
    assert_eq!(
        (&own[0]["items"], &own[0]["weighted_total"]),
        (&json!(["业绩成果（满分100，权重60%）"]), &54.6.into())
    );
    let other = system.rows("material-scoring", &judge(&sitting, 1), &[]).await;
    assert_eq!((&other[0]["total"], &other[0]["locked"]), (&73.5.into(), &false.into()));
    assert_eq!((&other[0]["status"], &other[0]["handled_at"]), (&"waiting".into(), &Value::Null));
    let not_yet = system.rows("material-scoring", &judge(&sitting, 2), &[]).await;
    assert_eq!((&not_yet[0]["total"], &not_yet[0]["scores"]), (&Value::Null, &json!([])));
    assert_eq!(standing(&system, &sitting, "review-opinions", 0).await, are([(0, "waiting")]));
}

#[tokio::test]
async fn without_an_interview_in_the_scheme_nobody_has_one_to_score() {
    let mut sitting = Sitting::assigned(1, |scheme| {
        scheme["interview"] = false.into();
        scheme["scoring"] = json!([{"item": "业绩成果", "sheet": "material", "max": 100, "weight": 100}]);
    });
    sitting.judged(0, 0, "review-material", json!({"decision": "pass"}));
    let system = System::of(&sitting.hunan.world.log).await;
    assert_eq!(standing(&system, &sitting, "material-scoring", 1).await, are([(0, "waiting")]));
    assert_eq!(standing(&system, &sitting, "interview-scoring", 1).await, are([]));
}

#[tokio::test]
async fn who_is_recused_has_nothing_to_do_and_follows_nothing() {
    let mut sitting = Sitting::assigned(1, |_| {});
    let (meeting, candidate) = (sitting.meeting, sitting.candidates[0]);
    for seat in [0, 1] {
        let input = json!({"judge_id": sitting.seats[seat], "declaration_id": candidate, "ground": "近亲属"});
        sitting.office("review_meeting", meeting, "declare-recusal", input);
    }
    let system = System::of(&sitting.hunan.world.log).await;
    let rows = system.rows("material-review", &judge(&sitting, 0), &[]).await;
    assert_eq!((rows.len(), &rows[0]["recused"]), (1, &true.into()));
    assert_eq!((&rows[0]["status"], &rows[0]["stage"]), (&"done".into(), &"scheme_approved".into()));
    assert_eq!(rows[0]["arrived_at"], Value::Null);
}

#[tokio::test]
async fn after_an_opinion_is_undone_it_waits_again() {
    let mut sitting = Sitting::assigned(1, |_| {});
    sitting.reviewed(0, 80, 40);
    sitting.roll_back(0).unwrap();
    let system = System::of(&sitting.hunan.world.log).await;
    assert_eq!(standing(&system, &sitting, "review-opinions", 0).await, are([(0, "waiting")]));
    sitting.judged(0, 0, "give-opinion", opinion("group"));
    sitting.balloted(0, 25);
    let system = System::of(&sitting.hunan.world.log).await;
    for seat in [0, 3] {
        let rows = system.rows("review-opinions", &judge(&sitting, seat), &[]).await;
        assert_eq!((rows.len(), &rows[0]["opinion_kind"]), (1, &"committee".into()));
        assert_eq!(
            (&rows[0]["status"], &rows[0]["group_opinion"]),
            (&"waiting".into(), &"业绩突出，同意。".into())
        );
    }
}

#[test]
fn nobody_but_judges_reads_what_judges_do() {
    for name in ["material-review", "material-scoring", "interview-scoring", "voting", "review-opinions"] {
        let screen = SCREENS.iter().find(|screen| screen.name == name).unwrap();
        assert!(screen.grants.iter().all(|grant| grant.role == Role::Judge), "{name}");
    }
}
