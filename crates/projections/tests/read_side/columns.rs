//! What the desks show beside the shared columns (domain.md, section 5).

use crate::support::{System, sitting, viewer, viewer_at, way};
use serde_json::{Value, json};
use zhicheng_domain::values::Role;
use zhicheng_domain::world::hunan::Hunan;
use zhicheng_projections::Viewer;

/// The one row of a screen about a declaration.
async fn row(system: &System, screen: &str, viewer: &Viewer, case: uuid::Uuid) -> Value {
    let rows = system.rows(screen, viewer, &[]).await;
    rows.into_iter().find(|row| row["declaration_id"] == case.to_string()).unwrap_or_default()
}

#[tokio::test]
async fn a_person_is_told_with_sex_telephone_and_the_employers_code() {
    let way = way();
    let system = System::of(&way.hunan.world.log).await;
    let operator = viewer(&way.hunan.world.registers, way.hunan.operator, Role::EmployerOperator);
    let row = row(&system, "employer-first-review", &operator, way.returned).await;
    assert!(matches!(row["sex"].as_str(), Some("male" | "female")), "{row}");
    let phone = row["phone"].as_str().unwrap();
    assert!(phone.contains("****") && phone.len() == 11, "{phone} is masked");
    assert_eq!(row["uscc"], "12430100MB1F00022F");
    let counts = ["submissions", "attachments", "special_quota"].map(|name| row[name].clone());
    assert_eq!(counts, [json!(1), json!(0), json!(false)]);
    let audited = system.rows("process-tracking", &crate::support::auditor(), &[]).await;
    assert!(!audited.is_empty() && audited.iter().all(|row| row["phone"].is_null() && row["sex"].is_null()));
}

#[tokio::test]
async fn each_level_is_told_what_it_needs_to_pass_a_case_on() {
    let mut hunan = Hunan::new();
    let case = hunan.published();
    hunan.act(hunan.operator, "declaration", case, "recommend", json!({"opinion": "同意推荐。"}));
    let pass = json!({"decision": "pass", "opinion": "线上线下一致。", "paper_consistent": true});
    hunan.act(hunan.housing_reviewer, "declaration", case, "review-by-superior", pass);
    let system = System::of(&hunan.world.log).await;
    let registers = &hunan.world.registers;
    let operator = viewer(registers, hunan.operator, Role::EmployerOperator);
    let recommended = row(&system, "employer-recommendation", &operator, case).await;
    assert_eq!(
        (&recommended["publicity_result"], &recommended["status"]),
        (&json!("passed"), &json!("done"))
    );
    let housing = viewer(registers, hunan.housing_reviewer, Role::SuperiorReviewer);
    assert_eq!(row(&system, "superior-review", &housing, case).await["paper_consistent"], true);
    let changsha = viewer(registers, hunan.changsha_reviewer, Role::AuthorityReviewer);
    let waiting = row(&system, "authority-review", &changsha, case).await;
    let committee = "省成建制升格认定高校教师系列职称高评会";
    assert_eq!(
        (&waiting["status"], &waiting["next_organisations"]),
        (&json!("waiting"), &json!([committee]))
    );
    let found = system.rows("authority-review", &changsha, &[("next_organisations", committee)]).await;
    assert_eq!(found.len(), 1);

    hunan.act(
        hunan.changsha_reviewer,
        "declaration",
        case,
        "review-by-superior",
        json!({"decision": "pass"}),
    );
    let system = System::of(&hunan.world.log).await;
    let office = viewer(&hunan.world.registers, hunan.committee_operator, Role::CommitteeOperator);
    let opinions = row(&system, "qualification-review", &office, case).await["opinions"].clone();
    let expected = ["长沙市城区排水事务中心：同意推荐。", "长沙市住房和城乡建设局：线上线下一致。"];
    assert_eq!(opinions, json!(expected), "who said nothing is not named");
}

#[tokio::test]
async fn whom_an_employer_publishes_is_told_with_education_and_achievements() {
    let mut hunan = Hunan::new();
    let case = hunan.draft(hunan.applicant);
    let papers =
        json!([{"title": "城区排水管网改造研究", "journal": "给水排水", "published_on": "2021-06-01"}]);
    let saved = json!({"sections": {"papers": papers}});
    hunan.act(hunan.applicant, "declaration", case, "save-draft", saved);
    hunan.act(hunan.applicant, "declaration", case, "submit", zhicheng_domain::world::hunan::submission());
    hunan.act(hunan.operator, "declaration", case, "review-by-employer", json!({"decision": "pass"}));
    let system = System::of(&hunan.world.log).await;
    let operator = viewer(&hunan.world.registers, hunan.operator, Role::EmployerOperator);
    let waiting = row(&system, "employer-publicity", &operator, case).await;
    assert_eq!((&waiting["kind"], &waiting["work_started_on"]), (&json!("normal"), &json!("2005-07-01")));
    assert!(waiting["education"].as_str().is_some_and(|it| it.contains("硕士")), "{waiting}");
    assert_eq!(waiting["achievements"], json!("论文1"));
}

#[tokio::test]
async fn a_publicity_is_of_the_year_of_its_declarations_whenever_it_is_held() {
    let mut hunan = Hunan::new();
    let case = hunan.reviewed_by_employer();
    hunan.world.clock("2024-01-03T09:00:00+08:00");
    let publicity = zhicheng_domain::world::way::publicity("2024-01-03", 5);
    hunan.act(hunan.operator, "declaration", case, "start-employer-publicity", publicity);
    let system = System::of(&hunan.world.log).await;
    let operator = viewer(&hunan.world.registers, hunan.operator, Role::EmployerOperator);
    for (year, rounds) in [("2023", 1), ("2024", 0)] {
        let found =
            system.rows("employer-publicity", &operator, &[("year", year), ("status", "waiting")]).await;
        assert_eq!(found.len(), rounds, "{year}");
    }
}

#[tokio::test]
async fn an_applicant_is_told_when_something_was_done_last_and_nothing_of_a_meeting() {
    let sitting = sitting();
    let system = System::of(&sitting.hunan.world.log).await;
    for (n, case) in sitting.candidates.iter().enumerate() {
        let person = sitting.candidate(n).subject.unwrap().person.0;
        let own = Viewer { person: Some(person), ..viewer_at(Role::Applicant, sitting.hunan.drainage) };
        let told = row(&system, "my-declarations", &own, *case).await;
        let it = sitting.candidate(n);
        let last = it.steps.iter().rev().find(|step| it.tells_outside(step)).unwrap();
        let moment: chrono::DateTime<chrono::Utc> = told["last_action_at"].as_str().unwrap().parse().unwrap();
        assert_eq!(moment, last.handled_at, "{}: {told}", last.action);
        assert!(!last.is_of_meeting(), "the candidate is told of no meeting");
    }
}

#[tokio::test]
async fn who_asks_for_certificates_is_told_why_one_was_revoked() {
    let sitting = sitting();
    let system = System::of(&sitting.hunan.world.log).await;
    let changsha = viewer_at(Role::AuthorityReviewer, sitting.hunan.changsha);
    let revoked = system.rows("certificate-inquiry", &changsha, &[("status", "revoked")]).await;
    assert_eq!(revoked.len(), 1);
    assert_eq!(revoked[0]["revocation_reason"], "弄虚作假");
    assert!(revoked[0]["revoked_on"].is_string() && revoked[0]["sex"].is_string(), "{}", revoked[0]);
    assert_eq!(revoked[0]["uscc"], "12430100MB1F00022F");
}
