//! Two at once: what can be had once is had once, and who comes too late is told what the rule says.

use crate::support::{System, new_account};
use serde_json::json;
use uuid::Uuid;

async fn grant_quota(system: &System, number: u32) {
    let input = json!({
        "employer_id": system.id("drainage"), "year": 2023, "level": "associate_senior", "kind": "normal", "number": number,
    });
    let application = system.create("operator", "quota-applications", &input).await;
    system.act("operator", "quota-applications", application, "submit", &json!({})).await;
    let pass = json!({"decision": "pass", "approved": number});
    system.act("housing-reviewer", "quota-applications", application, "review", &pass).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_quota_goes_to_one_of_two() {
    let mut system = System::hunan().await;
    grant_quota(&system, 1).await;
    let names = ["first", "second"];
    let mut cases: Vec<Uuid> = Vec::new();
    for name in names {
        system.register(name, "申报人").await;
        let case = system.submitted_under_quota(name).await;
        system.publish(case).await;
        cases.push(case);
    }
    system.at("2023-05-10T09:00:00+08:00");
    for case in &cases {
        system.publicity_passed(*case).await;
    }
    let recommend = |case: &Uuid| {
        system.post("operator", format!("/v1/declarations/{case}/actions/recommend"), &json!({})).send()
    };
    let answers = futures::future::join_all(cases.iter().map(recommend)).await;
    let lost: Vec<_> = answers.iter().filter(|answer| answer.status != 200).collect();
    assert_eq!(lost.len(), 1, "{answers:?}");
    let problem = lost[0].problem(422, "quota-exhausted");
    assert!(problem["detail"].as_str().unwrap().contains('1'), "{problem}");
    let stages: Vec<_> = futures::future::join_all(cases.iter().map(async |case| {
        system.get("operator", format!("/v1/declarations/{case}")).send().await.expect(200)["stage"].clone()
    }))
    .await;
    assert!(
        stages.contains(&json!("superior_review")) && stages.contains(&json!("recommendation")),
        "{stages:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn however_many_change_one_thing_at_once_each_of_them_does() {
    const AT_ONCE: u32 = 120;
    let system = System::hunan().await;
    let case = system.draft("applicant").await;
    let before = system.get("applicant", format!("/v1/declarations/{case}")).send().await.expect(200);
    let save = |number: u32| {
        let text = format!("第{number}次修改自评报告。");
        let input = json!({"sections": {"self_report": {"text": text}}});
        let path = format!("/v1/declarations/{case}/actions/save-draft");
        let system = &system;
        async move { system.post("applicant", path, &input).send().await }
    };
    system.token("applicant").await;
    let answers = futures::future::join_all((0..AT_ONCE).map(save)).await;
    for answer in &answers {
        answer.expect(200);
    }
    let after = system.get("applicant", format!("/v1/declarations/{case}")).send().await.expect(200);
    let version = |it: &serde_json::Value| it["version"].as_i64().unwrap();
    assert_eq!(version(&after) - version(&before), i64::from(AT_ONCE));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_certificates_that_are_issued_at_once_each_gets_the_next_number_and_none_two() {
    const CASES: u32 = 24;
    let mut system = System::hunan().await;
    system.recognises().await;
    let mut cases: Vec<Uuid> = Vec::new();
    for number in 0..CASES {
        let name = format!("lecturer-{number}");
        system.register(&name, "申报人").await;
        let case = system.submitted_for_recognition(&name).await;
        system.publish(case).await;
        cases.push(case);
    }
    system.at("2023-05-11T09:00:00+08:00");
    for case in &cases {
        system.recognised(*case).await;
    }
    system.token("issuer").await;
    // each of them twice: by two clicks, which are two commands
    let issue = |case: &Uuid| {
        system.post("issuer", format!("/v1/declarations/{case}/actions/issue-certificate"), &json!({})).send()
    };
    let answers = futures::future::join_all(cases.iter().chain(&cases).map(issue)).await;
    for refused in answers.iter().filter(|answer| answer.status != 200) {
        refused.problem(422, "stage-refused");
    }
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), cases.len());
    let mut numbers: Vec<String> = Vec::new();
    for case in &cases {
        let it = system.get("issuer", format!("/v1/declarations/{case}")).send().await.expect(200);
        numbers.push(it["data"]["certificate_number"].as_str().unwrap().to_owned());
    }
    numbers.sort_unstable();
    let serials: Vec<u32> = numbers.iter().map(|number| number[14..].parse().unwrap()).collect();
    assert_eq!(serials, (1..=CASES).collect::<Vec<_>>(), "{numbers:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_open_declaration_a_person_year_and_level() {
    let system = System::hunan().await;
    system.token("applicant").await;
    let input = system.declaration();
    let calls = (0..5).map(|_| system.post("applicant", "/v1/declarations", &input).send());
    let answers = futures::future::join_all(calls).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 1, "{answers:?}");
    for answer in answers.iter().filter(|answer| answer.status != 201) {
        answer.problem(409, "claim-held");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_name_is_taken_once_whatever_its_case() {
    let system = System::hunan().await;
    let calls = ["zhang.san", "Zhang.San", "ZHANG.SAN"].into_iter().enumerate().map(|(n, username)| {
        let mut input = new_account(&format!("person{n}"));
        input["username"] = json!(username);
        system.post(None, "/v1/accounts", &input).send()
    });
    let answers = futures::future::join_all(calls).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 1, "{answers:?}");
    for answer in answers.iter().filter(|answer| answer.status != 201) {
        answer.problem(409, "claim-held");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_decisions_at_once_are_one() {
    let system = System::hunan().await;
    let case = system.submitted("applicant").await;
    let path = format!("/v1/declarations/{case}/actions/review-by-employer");
    system.token("operator").await;
    let decide = |input| {
        let path = path.clone();
        let system = &system;
        async move { system.post("operator", path, &input).send().await }
    };
    let decisions = [json!({"decision": "pass"}), json!({"decision": "fail", "opinion": "年限不足。"})];
    let answers = futures::future::join_all(decisions.map(decide)).await;
    let lost: Vec<_> = answers.iter().filter(|answer| answer.status != 200).collect();
    assert_eq!(lost.len(), 1, "{answers:?}");
    lost[0].problem(422, "stage-refused");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_listing_never_shows_less_than_it_was_asked_for() {
    let system = System::hunan().await;
    let case = system.submitted("applicant").await;
    let after = system.head().await;
    let path = format!("/v1/screens/my-declarations?after={after}");
    let page = system.get("applicant", &path).send().await.expect(200);
    assert_eq!(page["rows"][0]["stage"], "employer_review");
    // As after a crash of PostgreSQL: what this process was told of the table is no longer so.
    let behind =
        "update projections.checkpoint set position = position - 1 where table_name = 'my_declarations'";
    sqlx::query(behind).execute(&system.pool).await.unwrap();
    let late = system.get("applicant", &path).send();
    let pass = json!({"decision": "pass"});
    let next = system.on("operator", case, "review-by-employer", &pass);
    let (late, _) = tokio::join!(late, next);
    assert!(late.expect(200)["position"].as_i64().unwrap() >= after, "{}", late.text);
}
