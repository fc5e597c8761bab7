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

#[tokio::test(flavor = "multi_thread")]
async fn two_administrators_who_dismiss_each_other_leave_one() {
    let mut system = System::hunan().await;
    for round in 0..5 {
        let name = format!("second{round}");
        system.register(&name, "管理员").await;
        let me = system.get("admin", "/v1/me").send().await.expect(200);
        let first: Uuid = me["account"]["id"].as_str().unwrap().parse().unwrap();
        let second = system.id(&name);
        let grant = json!({"role": "system-administrator"});
        system.act("admin", "accounts", second, "grant-role", &grant).await;
        let revoke =
            |who: &'static str, whom: Uuid| (who, format!("/v1/accounts/{whom}/actions/revoke-role"));
        let (one, other) = (revoke("admin", second), revoke("", first));
        let answers = tokio::join!(
            system.post(one.0, one.1, &grant).send(),
            system.post(&*name, other.1, &grant).send()
        );
        let done = [&answers.0, &answers.1].iter().filter(|answer| answer.status == 200).count();
        assert_eq!(done, 1, "{answers:?}");
        if answers.1.status == 200 {
            system.act(&name, "accounts", first, "grant-role", &grant).await;
            system.act("admin", "accounts", second, "revoke-role", &grant).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_becomes_reviewer_of_both_kinds_of_schemes() {
    let mut system = System::hunan().await;
    for round in 0..5 {
        let name = format!("reviewer{round}");
        system.register(&name, "审核人").await;
        let path = format!("/v1/accounts/{}/actions/grant-role", system.id(&name));
        let grant = |role: &str| json!({"role": role, "organisation_id": system.id("department")});
        let (one, other) = (grant("scheme-reviewer"), grant("special-scheme-reviewer"));
        let answers = tokio::join!(
            system.post("admin", &*path, &one).send(),
            system.post("admin", &*path, &other).send()
        );
        let mut statuses = [answers.0.status, answers.1.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 422], "{answers:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn paths_that_are_entered_at_once_make_no_ring() {
    let mut system = System::hunan().await;
    for round in 0..5 {
        let mut ends = Vec::new();
        for end in ["甲", "乙"] {
            let name = format!("{end}{round}");
            let input = json!({"name": format!("环路试验{name}"), "kind": "agency", "region": "430100"});
            let id = system.create("province", "organisations", &input).await;
            system.name(&name, id);
            ends.push(id);
        }
        let edge =
            |from: Uuid, to: Uuid| json!({"kind": "senior", "subordinate_id": from, "superior_id": to});
        let (one, other) = (edge(ends[0], ends[1]), edge(ends[1], ends[0]));
        let answers = tokio::join!(
            system.post("province", "/v1/path-edges", &one).send(),
            system.post("province", "/v1/path-edges", &other).send()
        );
        let mut statuses = [answers.0.status, answers.1.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [201, 422], "{answers:?}");
    }
}
