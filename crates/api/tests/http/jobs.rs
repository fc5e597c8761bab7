//! Jobs over HTTP: a dry run, a selection, a condition with its second person, and taking a transfer back as one.

use crate::support::{PASSWORD, System, names, new_account};
use serde_json::{Value, json};
use uuid::Uuid;
use zhicheng_app::{ActingAs, Caller, OnBehalf, Request};
use zhicheng_domain::ids::{AccountId, NodeId};
use zhicheng_domain::values::Role;

/// Three declarations, two of which lie with the superior and may be transferred; a second committee of the same series with a
/// batch and an edge, and a second administrator.
struct Given {
    system: System,
    cases: [Uuid; 3],
    other: Uuid,
}

async fn given() -> Given {
    let mut system = System::hunan().await;
    system.register("third", "赵六").await;
    let mut cases = Vec::new();
    for applicant in ["applicant", "neighbour", "third"] {
        cases.push(system.submitted(applicant).await);
    }
    for case in &cases[..2] {
        system.publish(*case).await;
    }
    system.at("2023-05-11T09:00:00+08:00");
    for case in &cases[..2] {
        system.publicity_passed(*case).await;
        system.on("operator", *case, "recommend", &json!({})).await;
    }
    let department = system.id("department");
    let other = system
        .create("province", "committees", &json!({
            "name": "省高校教师系列职称高评会（二）", "level": "senior", "series": "01", "specialties": [], "size": 25,
            "category": "university_hospital", "approved_by_id": department,
            "issuing_organisation_id": department, "valid_from": "2022-01-01", "valid_to": "2024-12-31",
        }))
        .await;
    system.name("other", other);
    for (username, role, organisation) in
        [("other-office", "committee-operator", other), ("second", "provincial-administrator", department)]
    {
        let account = system.create("admin", "accounts", &new_account(username)).await;
        let grant = json!({"role": role, "organisation_id": organisation});
        system.act("admin", "accounts", account, "grant-role", &grant).await;
        system.name(username, account);
    }
    let edge = json!({"kind": "senior", "subordinate_id": system.id("changsha"), "superior_id": other});
    let edge = system.create("province", "path-edges", &edge).await;
    system.act("changsha-reviewer", "path-edges", edge, "confirm", &json!({})).await;
    let batch = system
        .create("other-office", "batches", &json!({
            "holder_id": other, "year": 2023, "mode": "review", "levels": ["full_senior", "associate_senior"],
            "opens_on": "2023-05-04", "submit_until": "2023-08-31", "hand_in_until": "2023-09-28",
            "cut_off_on": "2023-09-28", "quota_required": false, "required_materials": [], "award_publicity": false,
        }))
        .await;
    system.act("other-office", "batches", batch, "open", &json!({})).await;
    Given { system, cases: cases.try_into().unwrap(), other }
}

impl Given {
    fn transfer(&self, selection: Value, expected: usize) -> Value {
        json!({
            "action": "transfer-committee", "selection": selection, "expected_count": expected,
            "input": {"committee_id": self.other, "reason": "申报时选错评委会"},
        })
    }

    async fn job(&self, id: Uuid) -> Value {
        self.system.get("province", format!("/v1/jobs/{id}")).send().await.expect(200)
    }

    async fn lies_with(&self, case: Uuid) -> Value {
        let path = format!("/v1/declarations/{case}");
        self.system.get("province", path).send().await.expect(200)["data"]["final_organisation_id"].clone()
    }

    async fn proved(&self, who: &str) {
        let password = json!({"password": PASSWORD});
        let answer = self.system.post(who, "/v1/sessions/current/reauthentications", &password).send().await;
        assert!((200..300).contains(&answer.status), "{}", answer.text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_selection_is_tried_then_done_and_each_refusal_keeps_its_reason() {
    let given = given().await;
    let system = &given.system;
    let selection = json!({"ids": given.cases});
    let head = system.head().await;
    let mut dry = given.transfer(selection.clone(), 3);
    dry["dry_run"] = json!(true);
    let tried = system.post("province", "/v1/jobs", &dry).send().await.expect(200);
    assert_eq!(
        (&tried["count"], &tried["ready"], &tried["excluded_count"]),
        (&json!(3), &json!(2), &json!(1))
    );
    assert_eq!(tried["excluded"][0]["code"], "stage-refused");
    assert!(tried["sample"][0]["declaration_no"].is_string());
    assert_eq!(system.head().await, head, "a dry run appends nothing");

    let few = given.transfer(selection.clone(), 2);
    let problem = system.post("province", "/v1/jobs", &few).refused(422, "expected-count-differs").await;
    assert!(names(&problem, "/expected_count"));
    system
        .post("operator", "/v1/jobs", &given.transfer(selection.clone(), 3))
        .refused(403, "not-allowed")
        .await;

    let order = given.transfer(selection, 3);
    let answer = system.post("province", "/v1/jobs", &order).key("transfer-1").send().await;
    let job = answer.id(202);
    assert_eq!(answer.header("location"), format!("/v1/jobs/{job}"));
    let again = system.post("province", "/v1/jobs", &order).key("transfer-1").send().await;
    assert_eq!((again.id(202), again.header("idempotency-replayed")), (job, "true"));
    system.app.work_off_jobs().await.unwrap();
    let it = given.job(job).await;
    assert_eq!((&it["stage"], &it["done"], &it["refused"]), (&json!("finished"), &json!(2), &json!(1)));
    assert_eq!(it["items"][2]["code"], "stage-refused");
    assert!(it["items"][2]["detail"].as_str().unwrap().contains("转换评委会"));
    let nowhere = json!({"committee_id": Uuid::nil(), "reason": "试"});
    let mut dry =
        json!({"dry_run": true, "action": "transfer-committee", "selection": {"ids": [given.cases[0]]}});
    dry["input"] = nowhere;
    let tried = system.post("province", "/v1/jobs", &dry).send().await.expect(200);
    let detail = tried["excluded"][0]["detail"].as_str().unwrap();
    assert_eq!(
        detail.matches("请重新选择").count(),
        1,
        "what a refusal and its field both say is said once: {detail}"
    );
    for case in &given.cases[..2] {
        assert_eq!(given.lies_with(*case).await, json!(given.other));
    }
    // it was done by the account that started it, in its role
    let path = format!("/v1/declarations/{}/events", given.cases[0]);
    let events = system.get("province", path).send().await.expect(200);
    let last = events["events"].as_array().unwrap().last().unwrap().clone();
    assert_eq!(last["type"], "declaration.committee_transferred");
    assert_eq!(last["actor"]["account_id"], json!(system.id("province")));

    // in the menu it stands with whoever started it; the province knows of a transfer, for it may undo it
    let seen = system.get("second", format!("/v1/jobs/{job}")).send().await.expect(200);
    assert_eq!(actions(&seen), ["undo"]);
    system.get("operator", format!("/v1/jobs/{job}")).refused(404, "not-found").await;
    let page = system.get("admin", "/v1/screens/jobs").send().await.expect(200);
    assert_eq!((&page["rows"][0]["id"], &page["rows"][0]["done_count"]), (&json!(job), &json!(2)));
    let none = system.get("second", "/v1/screens/jobs").send().await.expect(200);
    assert_eq!(none["rows"], json!([]));
    system.get("operator", "/v1/screens/jobs").refused(403, "not-allowed").await;

    // what is no transfer is nobody's but theirs
    let numbers = json!({
        "action": "generate-e-certificate", "selection": {"ids": given.cases}, "expected_count": 3,
        "input": {"document_number": "湘人社函〔2023〕1号"},
    });
    let other = system.post("province", "/v1/jobs", &numbers).send().await.id(202);
    system.get("second", format!("/v1/jobs/{other}")).refused(404, "not-found").await;
}

/// The actions that a thing offers.
fn actions(it: &Value) -> Vec<&str> {
    it["actions"].as_array().unwrap().iter().map(|action| action["action"].as_str().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn another_administrator_undoes_a_transfer_when_its_starter_no_longer_may() {
    let given = given().await;
    let system = &given.system;
    let order = given.transfer(json!({"ids": given.cases}), 3);
    let job = system.post("province", "/v1/jobs", &order).send().await.id(202);
    system.app.work_off_jobs().await.unwrap();
    let role = json!({"role": "provincial-administrator", "organisation_id": system.id("department")});
    system.act("admin", "accounts", system.id("province"), "revoke-role", &role).await;
    system.act("second", "jobs", job, "undo", &json!({"reason": "选错评委会"})).await;
    system.app.work_off_jobs().await.unwrap();
    let it = system.get("second", format!("/v1/jobs/{job}")).send().await.expect(200);
    assert_eq!((&it["stage"], &it["reverted"]), (&json!("undone"), &json!(2)));
    assert_eq!(
        (&it["started_by"], &it["undone_by"]),
        (&json!(system.id("province")), &json!(system.id("second")))
    );
    for case in &given.cases[..2] {
        let events = system.get("second", format!("/v1/declarations/{case}/events")).send().await.expect(200);
        let last = events["events"].as_array().unwrap().last().unwrap().clone();
        assert_eq!(last["type"], "declaration.committee_transferred");
        assert_eq!(last["actor"]["account_id"], json!(system.id("second")), "whoever took it back did it");
        let there = system.get("second", format!("/v1/declarations/{case}")).send().await.expect(200);
        assert_eq!(there["data"]["final_organisation_id"], json!(system.id("committee")));
    }
    let undo = format!("/v1/jobs/{job}/actions/undo");
    system.post("second", undo, &json!({"reason": "再撤"})).refused(422, "nothing-to-undo").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_carried_out_and_not_told_before_the_end_is_known_to_a_cancelled_job_and_undone() {
    let given = given().await;
    let system = &given.system;
    let order = given.transfer(json!({"ids": given.cases}), 3);
    let job = system.post("province", "/v1/jobs", &order).send().await.id(202);
    // an item as the job carries it out, in a process that ends before it tells
    let department = NodeId(system.id("department"));
    let item = Request {
        caller: Caller::Job(OnBehalf { job, account: AccountId(system.id("province")) }),
        acting_as: Some(ActingAs { role: Role::ProvincialAdministrator, organisation: Some(department) }),
        aggregate: "declaration",
        id: Some(given.cases[1]),
        action: "transfer-committee".to_owned(),
        input: order["input"].clone(),
        key: given.cases[1].to_string(),
        if_match: None,
    };
    system.app.execute(item).await.unwrap();
    system.act("province", "jobs", job, "cancel", &json!({})).await;
    assert_eq!(given.job(job).await["done"], 0, "nobody has told it");
    system.app.work_off_jobs().await.unwrap();
    let it = given.job(job).await;
    assert_eq!(
        (&it["stage"], &it["done"], &it["waiting"]),
        (&json!("cancelled"), &json!(1), &json!(2)),
        "the rest stays as it is"
    );
    assert_eq!(given.lies_with(given.cases[0]).await, json!(system.id("committee")));
    system.act("province", "jobs", job, "undo", &json!({"reason": "选错评委会"})).await;
    system.app.work_off_jobs().await.unwrap();
    assert_eq!(given.job(job).await["stage"], "undone");
    assert_eq!(given.lies_with(given.cases[1]).await, json!(system.id("committee")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_is_sent_again_after_a_crash_does_nothing_twice() {
    let given = given().await;
    let system = &given.system;
    let job = system
        .post("province", "/v1/jobs", &given.transfer(json!({"ids": given.cases}), 3))
        .send()
        .await
        .id(202);
    // two processes at the same time, neither of which knows of the other
    let (one, two) = tokio::join!(system.app.work_off_jobs(), system.app.work_off_jobs());
    one.unwrap();
    two.unwrap();
    let it = given.job(job).await;
    assert_eq!((&it["stage"], &it["done"], &it["refused"]), (&json!("finished"), &json!(2), &json!(1)));
    let transfers: i64 = sqlx::query_scalar(
        "select count(*) from events where event_type = 'declaration.committee_transferred'",
    )
    .fetch_one(&system.pool)
    .await
    .unwrap();
    assert_eq!(transfers, 2);
    let named: i64 = sqlx::query_scalar("select count(*) from events where metadata ->> 'job' = $1")
        .bind(job.to_string())
        .fetch_one(&system.pool)
        .await
        .unwrap();
    assert!(named >= 2, "the log names the job");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_condition_waits_for_a_second_person_and_a_transfer_is_taken_back_as_one() {
    let given = given().await;
    let system = &given.system;
    // nothing else can be undone, so the rows of that screen are those that a condition of the province finds
    for case in &given.cases[..2] {
        system.on("housing-reviewer", *case, "review-by-superior", &json!({"decision": "pass"})).await;
        system
            .on(
                "changsha-reviewer",
                *case,
                "review-by-superior",
                &json!({"decision": "pass", "next_organisation_id": system.id("committee")}),
            )
            .await;
        system.on("committee-office", *case, "review-qualification", &json!({"decision": "pass"})).await;
    }
    let condition = |filters: Value| json!({"screen": "rollback", "filters": filters});
    let unknown = given.transfer(condition(json!({"nothing": "1"})), 2);
    let problem = system.post("province", "/v1/jobs", &unknown).refused(400, "malformed-input").await;
    assert!(names(&problem, "/selection/filters/nothing"));
    for page in ["sort", "limit", "cursor", "after", "format"] {
        let paged = given.transfer(condition(json!({page: "1"})), 2);
        let problem = system.post("province", "/v1/jobs", &paged).refused(400, "malformed-input").await;
        assert!(names(&problem, &format!("/selection/filters/{page}")), "all rows are meant: {problem}");
    }
    let neither = given.transfer(json!({"screen": "rollback", "ids": given.cases}), 2);
    system.post("province", "/v1/jobs", &neither).refused(400, "malformed-input").await;
    let order = given.transfer(condition(json!({"year": "2023"})), 2);
    system.post("province", "/v1/jobs", &order).refused(403, "reauthentication-required").await;
    given.proved("province").await;
    let mut empty = order.clone();
    empty["input"]["reason"] = json!("");
    let problem = system.post("province", "/v1/jobs", &empty).refused(422, "reason-required").await;
    assert!(names(&problem, "/input/reason"), "before anybody is asked to approve it: {problem}");
    let waits = system.post("province", "/v1/jobs", &order).key("condition").send().await.expect(202);
    let approval: Uuid = waits["approval_id"].as_str().unwrap().parse().unwrap();
    system.app.work_off_jobs().await.unwrap();
    assert_eq!(given.lies_with(given.cases[0]).await, json!(system.id("committee")), "nothing happens yet");
    let path = format!("/v1/approvals/{approval}/actions/approve");
    system.post("province", &path, &json!({})).refused(422, "same-person").await;
    given.proved("second").await;
    let job = system.post("second", &path, &json!({})).send().await.id(200);
    system.app.work_off_jobs().await.unwrap();
    let it = given.job(job).await;
    assert_eq!(
        (&it["stage"], &it["done"], &it["started_by"]),
        (&json!("finished"), &json!(2), &json!(system.id("province")))
    );
    assert_eq!(it["selection"], json!({"screen": "rollback", "filters": {"year": "2023"}}));
    assert_eq!(given.lies_with(given.cases[1]).await, json!(given.other));

    // one of them moved on meanwhile, back by hand
    let back = json!({"committee_id": system.id("committee"), "reason": "单独更正"});
    system.on("province", given.cases[0], "transfer-committee", &back).await;
    let undo = format!("/v1/jobs/{job}/actions/undo");
    system.at("2023-05-12T09:00:00+08:00");
    let again = system.post("province", "/v1/jobs", &order).key("condition").send().await;
    assert_eq!(
        (again.status, again.header("idempotency-replayed")),
        (202, "true"),
        "asked for once, proved then"
    );
    system
        .post("province", &undo, &json!({"reason": "选错条件"}))
        .refused(403, "reauthentication-required")
        .await;
    given.proved("province").await;
    given.proved("second").await;
    let waits = system.post("province", &undo, &json!({"reason": "选错条件"})).send().await.expect(202);
    let path = format!("/v1/approvals/{}/actions/approve", waits["approval_id"].as_str().unwrap());
    system.post("second", &path, &json!({})).send().await.expect(200);
    system.app.work_off_jobs().await.unwrap();
    let it = given.job(job).await;
    assert_eq!((&it["stage"], &it["reverted"]), (&json!("undone"), &json!(2)));
    let reverted = |at: usize| it["items"][at]["reverted"].clone();
    let of = |case: Uuid| {
        it["items"].as_array().unwrap().iter().position(|item| item["id"] == json!(case)).unwrap()
    };
    assert_eq!(reverted(of(given.cases[0]))["code"], "moved-on");
    assert_eq!(reverted(of(given.cases[1]))["result"], "done");
    assert_eq!(given.lies_with(given.cases[1]).await, json!(system.id("committee")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_suspended_job_waits_and_a_cancelled_one_leaves_the_rest() {
    let given = given().await;
    let system = &given.system;
    let job = system
        .post("province", "/v1/jobs", &given.transfer(json!({"ids": given.cases}), 3))
        .send()
        .await
        .id(202);
    system.act("province", "jobs", job, "suspend", &json!({})).await;
    system.app.work_off_jobs().await.unwrap();
    assert_eq!(given.job(job).await["waiting"], 3);
    system.act("admin", "jobs", job, "resume", &json!({})).await;
    system.act("province", "jobs", job, "cancel", &json!({})).await;
    system.app.work_off_jobs().await.unwrap();
    let it = given.job(job).await;
    assert_eq!((&it["stage"], &it["waiting"]), (&json!("cancelled"), &json!(3)));
    system
        .post("province", format!("/v1/jobs/{job}/actions/undo"), &json!({"reason": "无"}))
        .refused(422, "nothing-to-undo")
        .await;
}
