//! Who sees what: a case is not there for those whom it does not concern, and masked for those whom it half concerns.

use crate::support::{System, new_account, specialty};
use serde_json::{Value, json};
use uuid::Uuid;

const EVERYBODY_ELSE: &[&str] = &[
    "neighbour",
    "operator",
    "housing-reviewer",
    "changsha-reviewer",
    "committee-office",
    "engineers-office",
    "province",
    "auditor",
    "admin",
];

/// The ways to read a case that is there since this position.
fn reads(case: Uuid, since: i64) -> Vec<String> {
    ["", "/events", "/tracking", "/checks", "?as_of=9999"]
        .iter()
        .map(|rest| format!("/v1/declarations/{case}{rest}"))
        .chain([format!("/v1/declarations/{case}/diff?from={since}&to=9999")])
        .collect()
}

async fn case(system: &System, who: &str, case: Uuid) -> Value {
    system.get(who, format!("/v1/declarations/{case}")).send().await.expect(200)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_is_its_owners_alone() {
    let system = System::hunan().await;
    let since = system.head().await + 1;
    let draft = system.draft("applicant").await;
    for path in reads(draft, since) {
        system.get("applicant", &*path).send().await.expect(200);
        for who in EVERYBODY_ELSE {
            system.get(*who, &*path).refused(404, "not-found").await;
        }
    }
    for who in EVERYBODY_ELSE {
        let act = format!("/v1/declarations/{draft}/actions/withdraw");
        let answer = system.post(*who, act, &json!({})).send().await;
        assert!(matches!(answer.status, 403 | 404), "{}: {}", answer.asked, answer.text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_exist_and_what_may_not_be_known_of_answer_alike() {
    let system = System::hunan().await;
    let draft = system.draft("applicant").await;
    let missing = Uuid::new_v4();
    // An operator may do this on cases of theirs; on this draft and on nothing they get one answer.
    for (who, action) in [
        ("neighbour", "withdraw"),
        ("neighbour", "review-by-employer"),
        ("operator", "review-by-employer"),
        ("neighbour", "review-qualification"),
    ] {
        let body = json!({"decision": "pass"});
        let body = if action == "withdraw" { json!({}) } else { body };
        let ask =
            |id: Uuid| system.post(who, format!("/v1/declarations/{id}/actions/{action}"), &body).send();
        let (hidden, missing) = (ask(draft).await, ask(missing).await);
        assert_eq!(
            (hidden.status, hidden.json()),
            (missing.status, missing.json()),
            "{who}: {action} tells that it is there"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_acts_on_a_case_that_has_not_come_up_to_them() {
    let system = System::hunan().await;
    let id = system.submitted("applicant").await;
    system.publish(id).await;
    let objection = json!({"source": "来信", "content": "论文署名不实。"});
    let head = system.head().await;
    for (action, input) in [("raise-objection", &objection), ("request-filing", &json!({}))] {
        let path = format!("/v1/declarations/{id}/actions/{action}");
        system.post("committee-office", path, input).refused(404, "not-found").await;
    }
    assert_eq!(system.head().await, head, "and nothing happened");
    system.on("operator", id, "raise-objection", &objection).await;

    let draft = system.draft("neighbour").await;
    let missing = Uuid::new_v4();
    let announce = async |who: &str, kind: &str, id: Uuid| {
        let mut round = json!({
            "kind": kind, "declaration_ids": [id], "complaint_department": "人事科",
            "complaint_phone": "0731-84900001", "starts_on": "2023-05-04", "working_days": 5,
        });
        if kind == "employer" {
            round["contact"] = json!("李经办");
            round["phone"] = json!("13900000001");
        }
        let answer = system.post(who, "/v1/publicity-rounds", &round).send().await;
        (answer.status, answer.text.replace(&id.to_string(), ""))
    };
    for (who, kind, hidden) in [
        ("operator", "employer", draft),
        ("committee-office", "result", draft),
        ("committee-office", "result", id),
    ] {
        assert_eq!(announce(who, kind, hidden).await, announce(who, kind, missing).await, "{who} {kind}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_case_is_seen_where_it_has_arrived() {
    let system = System::hunan().await;
    let id = system.submitted("applicant").await;
    let path = format!("/v1/declarations/{id}");
    assert_eq!(case(&system, "operator", id).await["stage"], "employer_review");
    for who in [
        "neighbour",
        "housing-reviewer",
        "changsha-reviewer",
        "committee-office",
        "engineers-office",
        "admin",
    ] {
        system.get(who, &*path).refused(404, "not-found").await;
    }
    system.publish(id).await;
    system.at("2023-05-10T09:00:00+08:00");
    system.publicity_passed(id).await;
    system.get("housing-reviewer", &*path).refused(404, "not-found").await;
    system.on("operator", id, "recommend", &json!({})).await;
    assert_eq!(case(&system, "housing-reviewer", id).await["stage"], "superior_review");
    system.get("changsha-reviewer", &*path).refused(404, "not-found").await;
    let pass = json!({"decision": "pass", "opinion": "同意。"});
    system.on("housing-reviewer", id, "review-by-superior", &pass).await;
    case(&system, "changsha-reviewer", id).await;
    system.get("committee-office", &*path).refused(404, "not-found").await;
    system.on("changsha-reviewer", id, "review-by-superior", &json!({"decision": "pass"})).await;
    assert_eq!(case(&system, "committee-office", id).await["stage"], "qualification_review");
    for who in ["neighbour", "engineers-office", "admin"] {
        system.get(who, &*path).refused(404, "not-found").await;
    }
    assert_eq!(case(&system, "housing-reviewer", id).await["stage"], "qualification_review");
}

#[tokio::test(flavor = "multi_thread")]
async fn id_numbers_are_masked_for_reviewers_and_whole_for_their_owner() {
    let mut system = System::hunan().await;
    system.register("masked", "欧阳春").await;
    let number = new_account("masked")["id_number"].as_str().unwrap().to_owned();
    let id = system.submitted("masked").await;
    let since = system.head().await;
    assert_eq!(case(&system, "masked", id).await["data"]["id_number"], json!(number));
    for who in ["operator", "province"] {
        let read = case(&system, who, id).await;
        let shown = read["data"]["id_number"].as_str().unwrap();
        assert!(shown.contains('*') && shown.starts_with(&number[..3]), "{who}: {shown}");
        assert_eq!(read["data"]["applicant_name"], "欧阳春", "{who}");
    }
    let audited = case(&system, "auditor", id).await;
    assert_eq!(audited["data"]["applicant_name"], "欧**");
    assert!(audited["data"].get("sections").is_none(), "{audited}");
    for who in ["operator", "province", "auditor"] {
        for path in reads(id, since).into_iter().filter(|path| !path.ends_with("/checks")) {
            let answer = system.get(who, path).send().await;
            answer.expect(200);
            assert!(!answer.text.contains(&number), "{} tells the ID number", answer.asked);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn events_are_cut_down_to_their_reader() {
    let system = System::hunan().await;
    let id = system.submitted("applicant").await;
    let events = async |who: &str| system.get(who, format!("/v1/declarations/{id}/events")).send().await;
    let own = events("applicant").await.expect(200)["events"].as_array().unwrap().clone();
    let types: Vec<_> = own.iter().map(|event| event["type"].as_str().unwrap()).collect();
    assert_eq!(types, ["declaration.drafted", "declaration.draft_saved", "declaration.submitted"]);
    assert_eq!(own[0]["data"]["name"], "刘·𠮷");
    let saved = &own[1]["data"]["sections"]["self_report"]["text"];
    assert!(saved.as_str().is_some_and(|text| text.contains("管网")), "{}", own[1]);
    let audited = events("auditor").await;
    audited.expect(200);
    for secret in ["管网", "湖南大学", "刘·𠮷", "$private", "$sealed", "id_number_hash"] {
        assert!(!audited.text.contains(secret), "{secret} is told: {}", audited.text);
    }
    for who in ["applicant", "operator", "province"] {
        let answer = events(who).await;
        for marker in ["$private", "$sealed"] {
            assert!(!answer.text.contains(marker), "{}: {}", answer.asked, answer.text);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn edits_after_a_return_are_the_owners_until_they_are_submitted() {
    let system = System::hunan().await;
    let id = system.submitted("applicant").await;
    let since = system.head().await;
    let back = json!({"decision": "return", "opinion": "请补充。", "items": [{"anchor": "self_report", "problem": "太短。"}]});
    system.on("operator", id, "review-by-employer", &back).await;
    let edit = json!({"sections": {"self_report": {"text": "补充了很多内容。"}}});
    let (before, own) = (case(&system, "operator", id).await, case(&system, "applicant", id).await);
    system.on("applicant", id, "save-draft", &edit).await;
    let after = case(&system, "operator", id).await;
    assert_eq!([&after["version"], &after["position"]], [&before["version"], &before["position"]]);
    assert_ne!(case(&system, "applicant", id).await["version"], own["version"]);
    let told = system.get("operator", format!("/v1/declarations/{id}/events")).send().await.expect(200);
    let told = told["events"].as_array().unwrap();
    assert!(told.iter().all(|event| event["type"] != "declaration.draft_saved"), "{told:?}");
    let hold = json!({"source": "来信", "content": "反映情况。"});
    let seen = before["version"].as_i64().unwrap();
    let path = format!("/v1/declarations/{id}/actions/raise-objection");
    let answer = system.post("operator", path, &hold).seen(seen).send().await;
    assert_ne!(answer.status, 412, "an edit makes nobody's version stale: {}", answer.text);
    let text = |read: &Value| read["data"]["sections"]["self_report"]["text"].as_str().unwrap().to_owned();
    assert_eq!(text(&case(&system, "applicant", id).await), "补充了很多内容。");
    assert!(text(&case(&system, "operator", id).await).contains("管网"));
    let past = format!("/v1/declarations/{id}?as_of=999999");
    assert!(text(&system.get("operator", past).send().await.expect(200)).contains("管网"));
    for path in ["events".to_owned(), format!("diff?from={since}&to=999999")] {
        let answer = system.get("operator", format!("/v1/declarations/{id}/{path}")).send().await;
        answer.expect(200);
        assert!(!answer.text.contains("补充了很多"), "{}: {}", answer.asked, answer.text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn tracking_tells_by_name_who_handled_it_to_those_who_may_know() {
    let system = System::hunan().await;
    let id = system.submitted("applicant").await;
    system.on("operator", id, "review-by-employer", &json!({"decision": "pass"})).await;
    let operator = new_account("operator")["name"].clone();
    let applicant = "刘·𠮷".to_owned();
    let masked: String =
        applicant.chars().enumerate().map(|(at, it)| if at == 0 { it } else { '*' }).collect();
    for (who, submitted, reviewed) in [
        ("operator", json!(applicant), operator.clone()),
        ("applicant", json!(applicant), Value::Null),
        ("auditor", json!(masked), operator),
    ] {
        let answer = system.get(who, format!("/v1/declarations/{id}/tracking")).send().await.expect(200);
        let of = |action: &str| {
            let mut steps = answer["steps"].as_array().unwrap().iter();
            steps.find(|step| step["action"] == action).unwrap()["actor_name"].clone()
        };
        assert_eq!((of("submit"), of("review-by-employer")), (submitted, reviewed), "{who}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_and_persons_are_their_owners_and_the_administrators() {
    let system = System::hunan().await;
    let account = system.id("applicant");
    let me = system.get("applicant", "/v1/me").send().await.expect(200);
    let person = me["person_id"].as_str().unwrap().to_owned();
    let number = new_account("applicant")["id_number"].as_str().unwrap().to_owned();
    for path in [format!("/v1/accounts/{account}"), format!("/v1/persons/{person}")] {
        system.get("applicant", &*path).send().await.expect(200);
        for who in ["neighbour", "operator", "housing-reviewer", "committee-office"] {
            for path in [path.clone(), format!("{path}/events")] {
                system.get(who, path).refused(404, "not-found").await;
            }
        }
    }
    let seen = system.get("province", format!("/v1/persons/{person}")).send().await;
    seen.expect(200);
    assert!(!seen.text.contains(&number), "masked on the province's page: {}", seen.text);
    let log = system.get("auditor", "/v1/events?limit=1000").send().await;
    log.expect(200);
    assert!(!log.text.contains(&number) && !log.text.contains("刘·𠮷"));
    for who in ["applicant", "operator", "province", "committee-office"] {
        system.get(who, "/v1/events").refused(403, "not-allowed").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_belongs_to_other_organisations_is_out_of_reach() {
    let system = System::hunan().await;
    let id = system.submitted("applicant").await;
    let pass = json!({"decision": "pass"});
    for (who, collection, id, action, input) in [
        ("housing-reviewer", "declarations", id, "review-by-superior", pass.clone()),
        ("engineers-office", "declarations", id, "review-qualification", pass.clone()),
        ("engineers-office", "batches", system.id("batch"), "close", json!({"reason": "提前结束。"})),
        ("committee-office", "committees", system.id("committee"), "suspend", json!({"reason": "停用。"})),
        (
            "operator",
            "employers",
            system.id("housing"),
            "add-operator",
            json!({"account_id": system.id("operator")}),
        ),
        (
            "operator",
            "accounts",
            system.id("operator"),
            "grant-role",
            json!({"role": "system-administrator"}),
        ),
        (
            "applicant",
            "accounts",
            system.id("province"),
            "change-password",
            json!({"current_password": "x", "new_password": "Zi-2024-yuan-shui"}),
        ),
    ] {
        let head = system.head().await;
        let answer = system.post(who, format!("/v1/{collection}/{id}/actions/{action}"), &input).send().await;
        assert!(matches!(answer.status, 403 | 404), "{}: {} {}", answer.asked, answer.status, answer.text);
        assert_eq!(system.head().await, head, "{}", answer.asked);
    }
    let quota = json!({"employer_id": system.id("drainage"), "year": 2023, "level": "associate_senior", "kind": "normal", "number": 2});
    let application = system.create("operator", "quota-applications", &quota).await;
    for path in ["", "/events"] {
        let path = format!("/v1/quota-applications/{application}{path}");
        system.get("operator", &*path).send().await.expect(200);
        for who in ["applicant", "committee-office"] {
            system.get(who, &*path).refused(404, "not-found").await;
        }
    }
    let judge = json!({
        "committee_id": system.id("committee"), "account_id": system.id("housing-reviewer"),
        "employer_id": system.id("housing"), "specialties": [specialty("01")], "term_from": "2023-01-01",
        "term_to": "2026-01-01",
    });
    let judge = system.create("committee-office", "judges", &judge).await;
    for path in ["", "/events"] {
        let path = format!("/v1/judges/{judge}{path}");
        for who in ["committee-office", "province", "housing-reviewer"] {
            system.get(who, &*path).send().await.expect(200);
        }
        for who in ["applicant", "operator", "engineers-office", "changsha-reviewer", "auditor"] {
            system.get(who, &*path).refused(404, "not-found").await;
        }
    }
    let entry = json!({"id_number": new_account("neighbour")["id_number"], "reason": "提供虚假材料。"});
    let entry = system.create("province", "blacklist-entries", &entry).await;
    for path in ["", "/events"] {
        let path = format!("/v1/blacklist-entries/{entry}{path}");
        system.get("province", &*path).send().await.expect(200);
        for who in ["applicant", "operator"] {
            system.get(who, &*path).refused(404, "not-found").await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_shows_its_readers_own_rows() {
    let mut system = System::hunan().await;
    system.register("listed", "欧阳春").await;
    let number = new_account("listed")["id_number"].as_str().unwrap().to_owned();
    let (own, other) = (system.submitted("listed").await, system.draft("applicant").await);
    let head = system.head().await;
    let rows = async |who: &str, screen: &str| {
        let answer = system.get(who, format!("/v1/screens/{screen}?after={head}")).send().await;
        let ids = answer.expect(200)["rows"]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| row["id"].clone())
            .collect::<Vec<_>>();
        (ids, answer.text)
    };
    assert_eq!(rows("listed", "my-declarations").await.0, [json!(own)]);
    assert_eq!(rows("applicant", "my-declarations").await.0, [json!(other)]);
    assert_eq!(rows("neighbour", "my-declarations").await.0, Vec::<Value>::new());
    let (ids, text) = rows("operator", "employer-first-review").await;
    assert_eq!(ids, [json!(own)], "a draft is in nobody else's list");
    assert!(text.contains("欧阳春") && !text.contains(&number), "{text}");
    assert_eq!(rows("housing-reviewer", "superior-review").await.0, Vec::<Value>::new());
    let audited = rows("auditor", "audit-trail").await.1;
    assert!(!audited.contains(&number) && !audited.contains("欧阳春"), "{audited}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_answers_what_it_was_created_with_and_a_blacklist_entry_whose_it_is() {
    let system = System::hunan().await;
    let mut input = new_account("nobody-yet");
    input["name"] = json!("谭𠮷");
    let account = system.create("admin", "accounts", &input).await;
    let path = format!("/v1/accounts/{account}");
    let own = system.get("nobody-yet", &*path).send().await.expect(200);
    for member in ["name", "id_number", "phone"] {
        assert_eq!(own[member], input[member], "an account without a role reads itself");
    }
    let administered = system.get("admin", &*path).send().await.expect(200);
    assert_eq!(administered["name"], "谭𠮷");
    for member in ["id_number", "phone"] {
        assert!(administered[member].as_str().unwrap().contains('*'), "{administered}");
    }
    let entry = json!({"id_number": input["id_number"], "reason": "提供虚假材料。"});
    let entry = system.create("province", "blacklist-entries", &entry).await;
    let read = system.get("province", format!("/v1/blacklist-entries/{entry}")).send().await.expect(200);
    assert!(read["id_number"].as_str().unwrap().contains('*'), "{read}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_return_is_offered_until_the_hand_in_day() {
    let system = System::hunan().await;
    let id = system.submitted("applicant").await;
    let options = async || {
        let it = case(&system, "operator", id).await;
        let actions = it["actions"].as_array().unwrap();
        let review = actions.iter().find(|action| action["action"] == "review-by-employer").unwrap();
        let fields = review["form"]["fields"].as_array().unwrap();
        fields.iter().find(|field| field["name"] == "decision").unwrap()["options"].clone()
    };
    system.at("2023-09-28T23:00:00+08:00");
    assert_eq!(options().await, json!(["pass", "return", "fail"]));
    system.at("2023-09-29T00:00:00+08:00");
    assert_eq!(options().await, json!(["pass", "fail"]));
}
