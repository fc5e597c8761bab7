//! What the system does by itself: holds of who is blacklisted, ends of entries and approvals, days reckoned anew.

use crate::support::{System, complete_sections, new_account, publicity, submission};
use serde_json::{Value, json};
use uuid::Uuid;
use zhicheng_app::CheckScope;

async fn read(system: &System, who: &str, path: String) -> Value {
    system.get(who, path).send().await.expect(200)
}

async fn holds(system: &System, case: Uuid) -> Value {
    read(system, "applicant", format!("/v1/declarations/{case}")).await["holds"].clone()
}

async fn due(system: &System) -> Option<i64> {
    system.app.take_due_steps().await.unwrap()
}

/// Enters the applicant on the blacklist.
async fn barred(system: &System) -> Uuid {
    let entry = json!({"id_number": new_account("applicant")["id_number"], "reason": "论文造假"});
    system.create("province", "blacklist-entries", &entry).await
}

/// Asks for an entry to be lifted; answers the approval that waits.
async fn asked_to_lift(system: &System, entry: Uuid) -> Uuid {
    let lift = json!({"reason": "查无此事"});
    let path = format!("/v1/blacklist-entries/{entry}/actions/lift");
    proved(system, "province").await;
    let waits = system.post("province", path, &lift).send().await.expect(202);
    waits["approval_id"].as_str().unwrap().parse().unwrap()
}

async fn proved(system: &System, who: &str) {
    let password = json!({"password": crate::support::PASSWORD});
    let path = "/v1/sessions/current/reauthentications";
    let answer = system.post(who, path, &password).send().await;
    assert!((200..300).contains(&answer.status), "{}: {}", answer.asked, answer.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_blacklisted_is_held_until_the_entry_is_lifted() {
    let mut system = System::hunan().await;
    let case = system.submitted("applicant").await;
    let others = system.submitted("neighbour").await;
    let entry = barred(&system).await;
    assert!(due(&system).await.is_some());
    assert_eq!(due(&system).await, None, "nothing is left to do");
    assert_eq!(holds(&system, case).await, json!(["blacklist"]));
    let path = format!("/v1/declarations/{others}");
    assert_eq!(read(&system, "neighbour", path).await["holds"], json!([]));
    let events = read(&system, "applicant", format!("/v1/declarations/{case}/events")).await;
    let held = events["events"].as_array().unwrap().last().unwrap();
    assert_eq!((&held["type"], &held["actor"]["kind"]), (&json!("declaration.held"), &json!("system")));
    let path = format!("/v1/declarations/{case}/actions/review-by-employer");
    let back = json!({"decision": "return", "opinion": "请说明情况。"});
    system.post("operator", path, &back).send().await.expect(200);
    let path = format!("/v1/declarations/{case}/actions/submit");
    system.post("applicant", path, &submission()).refused(422, "declaration-held").await;
    let second = system.create("admin", "accounts", &new_account("second")).await;
    let grant = json!({"role": "provincial-administrator", "organisation_id": system.id("department")});
    system.act("admin", "accounts", second, "grant-role", &grant).await;
    system.name("second", second);
    let approval = asked_to_lift(&system, entry).await;
    assert_eq!(due(&system).await, None, "asking lifts nothing");
    proved(&system, "second").await;
    system.act("second", "approvals", approval, "approve", &json!({})).await;
    assert!(due(&system).await.is_some());
    assert_eq!(holds(&system, case).await, json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entry_ends_after_three_years_and_a_new_draft_is_held_meanwhile() {
    let system = System::hunan().await;
    let draft = system.draft("applicant").await;
    let entry = barred(&system).await;
    due(&system).await;
    assert_eq!(holds(&system, draft).await, json!(["blacklist"]));
    let stage =
        async || read(&system, "province", format!("/v1/blacklist-entries/{entry}")).await["stage"].clone();
    system.at("2026-05-03T23:59:59+08:00");
    due(&system).await;
    assert_eq!(stage().await, "active");
    system.at("2026-05-04T00:00:00+08:00");
    due(&system).await;
    assert_eq!(stage().await, "expired");
    assert_eq!(holds(&system, draft).await, json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_for_a_second_person_ends_to_the_second() {
    let system = System::hunan().await;
    let entry = barred(&system).await;
    let approval = asked_to_lift(&system, entry).await;
    let object = async || read(&system, "province", format!("/v1/approvals/{approval}")).await;
    assert_eq!(object().await["expires_at"], "2023-05-11T01:00:00Z");
    system.at("2023-05-11T08:59:59+08:00");
    due(&system).await;
    assert_eq!(object().await["stage"], "open");
    system.at("2023-05-11T09:00:00+08:00");
    assert!(due(&system).await.is_some());
    assert_eq!(object().await["stage"], "expired");
    assert_eq!(due(&system).await, None);
}

/// A declaration for 2027 that its employer has reviewed, on 2026-12-30.
async fn reviewed_for_2027(system: &System) -> Uuid {
    system.at("2026-12-30T09:00:00+08:00");
    let renewed = json!({"valid_from": "2026-01-01", "valid_to": "2028-12-31"});
    system.act("province", "committees", system.id("committee"), "renew", &renewed).await;
    let batch = json!({
        "holder_id": system.id("committee"), "year": 2027, "mode": "review", "levels": ["associate_senior"],
        "opens_on": "2026-12-01", "submit_until": "2027-08-31", "hand_in_until": "2027-09-28", "cut_off_on": "2027-09-28",
        "quota_required": false, "required_materials": [], "award_publicity": false,
    });
    let batch = system.create("committee-office", "batches", &batch).await;
    system.act("committee-office", "batches", batch, "open", &json!({})).await;
    let mut input = system.declaration();
    input["year"] = json!(2027);
    let case = system.create("applicant", "declarations", &input).await;
    let draft = json!({"sections": complete_sections(), "final_organisation_id": system.id("committee")});
    system.on("applicant", case, "save-draft", &draft).await;
    system.on("applicant", case, "submit", &submission()).await;
    system.on("operator", case, "review-by-employer", &json!({"decision": "pass"})).await;
    case
}

#[tokio::test(flavor = "multi_thread")]
async fn a_published_calendar_moves_a_provisional_end_everywhere() {
    let system = System::hunan().await;
    let case = reviewed_for_2027(&system).await;
    let mut round = publicity("2026-12-30", 5);
    round["kind"] = json!("employer");
    round["declaration_ids"] = json!([case]);
    let round = system.create("operator", "publicity-rounds", &round).await;
    due(&system).await;
    let seen = async || {
        let head = system.head().await;
        let object = read(&system, "operator", format!("/v1/publicity-rounds/{round}")).await;
        let path = format!("/v1/screens/employer-publicity?status=waiting&after={head}");
        let rows = read(&system, "operator", path).await["rows"].as_array().unwrap().clone();
        let row = rows.iter().find(|row| row["id"] == json!(round)).unwrap().clone();
        assert_eq!((&object["ends_on"], &object["provisional"]), (&row["ends_on"], &row["provisional"]));
        (object["ends_on"].clone(), object["provisional"].clone())
    };
    assert_eq!(seen().await, (json!("2027-01-06"), json!(true)));
    let notice = json!({"notice": "国务院办公厅关于2027年部分节假日安排的通知", "days": [
        {"date": "2027-01-01", "working": false}, {"date": "2027-01-04", "working": false},
    ]});
    system.act("province", "working-calendar", Uuid::nil(), "publish-year", &notice).await;
    assert!(due(&system).await.is_some());
    assert_eq!(seen().await, (json!("2027-01-07"), json!(false)));
    assert_eq!(due(&system).await, None);
    system.at("2027-01-07T09:00:00+08:00");
    let path = format!("/v1/declarations/{case}/actions/record-employer-publicity-result");
    let passed = json!({"result": "passed"});
    system.post("operator", path, &passed).refused(422, "publicity-not-ended").await;
}

/// Has the person of an account erased, by two of the province.
async fn erased(system: &mut System, who: &str) {
    let second = system.create("admin", "accounts", &new_account("second")).await;
    let grant = json!({"role": "provincial-administrator", "organisation_id": system.id("department")});
    system.act("admin", "accounts", second, "grant-role", &grant).await;
    system.name("second", second);
    let person = read(system, who, "/v1/me".to_owned()).await["person_id"].clone();
    let person: Uuid = person.as_str().unwrap().parse().unwrap();
    for who in ["province", "second"] {
        proved(system, who).await;
    }
    let path = format!("/v1/persons/{person}/actions/erase");
    let waits = system.post("province", path, &json!({"reason": "本人申请。"})).send().await.expect(202);
    let approval: Uuid = waits["approval_id"].as_str().unwrap().parse().unwrap();
    system.act("second", "approvals", approval, "approve", &json!({})).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_case_of_somebody_erased_goes_on_without_words() {
    let mut system = System::hunan().await;
    let case = system.submitted("applicant").await;
    erased(&mut system, "applicant").await;
    let path = format!("/v1/declarations/{case}/actions/review-by-employer");
    let fail = json!({"decision": "fail", "opinion": "申报人已离职，此处写有其姓名。"});
    let failed = system.post("operator", path, &fail).send().await.expect(200);
    assert_eq!(failed["stage"], "employer_failed");
    let stored: String = sqlx::query_scalar("select string_agg(payload::text, '') from events")
        .fetch_one(&system.pool)
        .await
        .unwrap();
    assert!(!stored.contains("此处写有其姓名"), "nothing is sealed with a key that is gone");
    for checked in system.app.check(&CheckScope::default(), &|_| {}).await.unwrap() {
        assert_eq!(checked.faults, [""; 0], "{}", checked.check.name());
    }
    let again = new_account("applicant");
    let again = json!({
        "username": "again1", "password": again["password"], "name": again["name"],
        "id_number": again["id_number"], "phone": again["phone"],
    });
    system.create("", "accounts", &again).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_begins_about_somebody_erased_is_told_of_it_by_the_sweep() {
    let mut system = System::hunan().await;
    let case = system.submitted("applicant").await;
    system.publish(case).await;
    erased(&mut system, "applicant").await;
    let objection = json!({"source": "来信", "content": "论文署名不实。"});
    system.on("operator", case, "raise-objection", &objection).await;
    let told = async || -> i64 {
        system.app.sweep_erased().await.unwrap();
        sqlx::query_scalar("select count(*) from events where event_type = 'objection.person_erased'")
            .fetch_one(&system.pool)
            .await
            .unwrap()
    };
    assert_eq!(told().await, 1);
    assert_eq!(told().await, 1, "once");
}
