//! What a meeting tells to whom: its judges on whom they vote, its office who judges, everybody else nothing before the results
//! and no names, scores or exact times after them (contract.md, Who sees what).

use crate::support::{PASSWORD, System};
use serde_json::{Value, json};
use uuid::Uuid;

/// The ids of these events' streams in the order of the log.
async fn streams(system: &System, event_type: &str) -> Vec<Uuid> {
    let ids: Vec<(String,)> =
        sqlx::query_as("select aggregate_id from events where event_type = $1 order by position")
            .bind(event_type)
            .fetch_all(&system.pool)
            .await
            .unwrap();
    ids.into_iter().map(|(id,)| id.parse().unwrap()).collect()
}

async fn case(system: &System, who: &str, id: Uuid) -> Value {
    system.get(who, format!("/v1/declarations/{id}")).send().await.expect(200)
}

async fn events(system: &System, who: &str, id: Uuid) -> Vec<Value> {
    let answer = system.get(who, format!("/v1/declarations/{id}/events")).send().await.expect(200);
    answer["events"].as_array().unwrap().clone()
}

fn named<'a>(events: &'a [Value], event: &str) -> Vec<&'a Value> {
    let name = format!("declaration.{event}");
    events.iter().filter(|it| it["type"] == name.as_str()).collect()
}

fn texts(list: &Value) -> Vec<String> {
    list.as_array().unwrap().iter().map(|it| it.as_str().unwrap().to_owned()).collect()
}

fn username(system: &System, judge: &str) -> String {
    let judge: Uuid = judge.parse().unwrap();
    system.app.registry().read(|registers| {
        let account = registers.judges.get(judge).and_then(|judge| judge.account).unwrap();
        registers.accounts.get(account).unwrap().username.clone()
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn every_voter_reads_on_whom_the_vote_is_and_the_own_group_alone() {
    let system = System::told_until("01-senior-review-online", "cast-votes").await;
    let meeting = streams(&system, "review_meeting.ballots_opened").await[0];
    let read =
        async |who: &str| system.get(who, format!("/v1/review-meetings/{meeting}")).send().await.expect(200);
    let whole = read("高评会办").await;
    let (drawn, substitutes) = (texts(&whole["drawn"]), texts(&whole["substitutes"]));
    let names = whole["names"].as_array().unwrap();
    assert_eq!(names.len(), drawn.len() + substitutes.len());
    assert!(names.iter().all(|it| it["name"].is_string()), "{names:?}");
    let chair = whole["chair_id"].as_str().unwrap();
    for all in [username(&system, chair), "纪检监督甲".to_owned(), "纪检监督乙".to_owned()] {
        let read = read(&all).await;
        assert_eq!((&read["drawn"], &read["names"]), (&whole["drawn"], &whole["names"]), "{all}");
    }
    let groups = whole["groups"].as_array().unwrap();
    let candidate: Uuid = groups[0]["declaration_ids"][0].as_str().unwrap().parse().unwrap();
    let panel = texts(&groups[0]["judge_ids"]);
    assert!(panel.len() < drawn.len(), "the others vote too");
    for judge in &drawn {
        let who = username(&system, judge);
        let it = case(&system, &who, candidate).await;
        assert_eq!(it["stage"], "balloting", "{who}");
        assert!(it["data"]["sections"].is_object() && it["data"].get("id_number").is_none(), "{who}");
        assert!(!events(&system, &who, candidate).await.is_empty());
        assert_eq!(it["data"].get("panel").is_some(), panel.contains(judge), "the own group: {who}");
        let own = it["data"].get("own_sheets").map(|own| own.as_array().unwrap().len());
        assert_eq!(
            own,
            panel.contains(judge).then_some(2),
            "the own sheets, of material and interview: {who}"
        );
        if judge != chair {
            let own = read(&who).await;
            let group: Vec<String> = groups
                .iter()
                .map(|group| texts(&group["judge_ids"]))
                .find(|group| group.contains(judge))
                .unwrap_or_else(|| vec![judge.clone()]);
            assert!(texts(&own["drawn"]).iter().all(|id| group.contains(id)), "{who}: {own}");
            assert_eq!(own["substitutes"], json!([]));
            let log = system.get(&*who, format!("/v1/review-meetings/{meeting}/events")).send().await;
            log.expect(200);
            assert!(substitutes.iter().all(|id| !log.text.contains(id)), "{}", log.text);
        }
    }
    let office = case(&system, "高评会办", candidate).await;
    assert_eq!(office["data"].get("own_sheets"), None, "sheets are their judges'");
    for who in ["省专技处", "审计"] {
        let read = read(who).await;
        assert!(read.get("drawn").is_none() && read["names"] == json!([]), "{who}: {read}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn judges_appear_on_a_declaration_from_the_opening_day() {
    let system = System::told_until("02-rollback", "review-material").await;
    let id = streams(&system, "declaration.panel_assigned").await[0];
    let seen = async || {
        let log = events(&system, "高评会办", id).await;
        let assigned = named(&log, "panel_assigned")[0]["data"].clone();
        (case(&system, "高评会办", id).await["data"]["panel"].clone(), assigned["judge_ids"].clone())
    };
    assert_eq!(seen().await, (Value::Null, Value::Null), "the day before");
    let now = json!({"now": "2023-10-30T00:00:00+08:00"});
    system
        .call("admin", axum::http::Method::PUT, "/v1/clock")
        .key(&Uuid::new_v4().to_string())
        .raw(now.to_string())
        .send()
        .await
        .expect(200);
    let (panel, assigned) = seen().await;
    assert!(panel["judge_ids"].is_array() && assigned.is_array(), "{panel} {assigned}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_province_undoes_what_it_is_told_of_by_a_day_and_an_opaque_id() {
    let system = System::told_until("02-rollback", "rollback").await;
    let id = streams(&system, "declaration.committee_opinion_given").await[0];
    let (secret,): (i64,) = sqlx::query_as("select max(sequence) from events where aggregate_id = $1")
        .bind(id.to_string())
        .fetch_one(&system.pool)
        .await
        .unwrap();
    let before = case(&system, "省专技处", id).await;
    let operation = &before["rollback"];
    assert_eq!((&before["stage"], &operation["action"]), (&json!("scheme_approved"), &json!("give-opinion")));
    assert_eq!(operation["at"].as_str().unwrap().len(), "2023-10-30".len());
    assert!(!operation["operation"].as_str().unwrap().contains('-'), "{operation}");
    assert!(before["version"].as_i64().unwrap() < secret);
    let head = system.head().await;
    let rows = system.get("省专技处", format!("/v1/screens/rollback?after={head}")).send().await.expect(200);
    let row = rows["rows"].as_array().unwrap().iter().find(|row| row["id"] == json!(id)).unwrap().clone();
    assert_eq!(
        [&row["stage"], &row["version"], &row["operation"], &row["operation_on"], &row["arrived_at"]],
        [&before["stage"], &before["version"], &operation["operation"], &operation["at"], &Value::Null],
    );
    let proof = json!({"password": PASSWORD});
    system.post("省专技处", "/v1/sessions/current/reauthentications", &proof).send().await;
    let undo = json!({"operation": operation["operation"], "reason": "程序须重新进行。"});
    let receipt = system.on("省专技处", id, "rollback", &undo).await;
    assert_eq!((&receipt["version"], &receipt["stage"]), (&before["version"], &before["stage"]));
    assert_eq!(named(&events(&system, "省专技处", id).await, "operation_rolled_back").len(), 0);
    assert_eq!(named(&events(&system, "高评会办", id).await, "operation_rolled_back").len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rollback_is_told_to_whom_what_it_undid_is_told() {
    let system = System::told_until("02-rollback", "record-result-publicity").await;
    let id = streams(&system, "declaration.operation_rolled_back").await[0];
    for who in ["谭若曦", "排水经办", "省专技处", "审计"] {
        let log = events(&system, who, id).await;
        let undone = named(&log, "operation_rolled_back");
        assert_eq!(undone.len(), 1, "{who}");
        assert_eq!(undone[0]["data"]["action"], "review-qualification");
        for hidden in ["material_scored", "ballot_closed", "vote_cast", "panel_assigned"] {
            assert_eq!(named(&log, hidden).len(), 0, "{who}: {hidden}");
        }
        let it = case(&system, who, id).await;
        assert_eq!(it["version"], log.last().unwrap()["version"], "{who}: that of the last event told");
        assert_eq!(it["position"], log.last().unwrap()["position"], "{who}");
        let path = format!("/v1/declarations/{id}/tracking");
        let steps = system.get(who, path).send().await.expect(200)["steps"].as_array().unwrap().clone();
        assert_eq!(steps.iter().filter(|step| step["action"] == "rollback").count(), 1, "{who}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn after_the_results_judges_actions_are_told_by_their_day_and_the_province_reads_sums() {
    let system = System::told_until("02-rollback", "record-result-publicity").await;
    let id = streams(&system, "declaration.result_declared").await[0];
    for who in ["易仲田", "排水经办", "审计"] {
        let log = events(&system, who, id).await;
        assert_eq!(named(&log, "material_scored").len(), 3, "{who}");
        assert_eq!(named(&log, "vote_cast").len(), 0, "{who}");
        for event in ["material_review_passed", "material_scored", "group_opinion_given", "ballot_closed"] {
            for told in named(&log, event) {
                assert_eq!(told["actor"], json!({"kind": "account", "role": "judge"}), "{who}");
                assert_eq!((told["time"].as_str().unwrap().len(), &told["version"]), (10, &Value::Null));
                for hidden in ["judge_id", "items", "opinion", "voters"] {
                    assert!(told["data"].get(hidden).is_none(), "{who}: {told}");
                }
            }
        }
        let tally = named(&log, "ballot_closed")[0]["data"].get("agree").is_some();
        assert_eq!(tally, who == "审计", "{who}");
        let last = log.iter().rev().find(|event| !event["version"].is_null()).unwrap();
        assert_eq!(case(&system, who, id).await["version"], last["version"], "{who}");
    }
    let log = events(&system, "省专技处", id).await;
    for scored in named(&log, "material_scored") {
        let items = scored["data"]["items"].as_array().unwrap();
        assert_eq!((items.len(), &items[0]["item"]), (1, &json!("合计")), "{scored}");
        assert!(scored["version"].is_i64() && scored["data"]["judge_id"].is_string(), "{scored}");
    }
    assert!(named(&log, "failure_reason_recorded").iter().all(|it| it["data"].get("reason").is_none()));
}

#[tokio::test(flavor = "multi_thread")]
async fn before_the_opening_day_a_judge_knows_of_no_other() {
    let system = System::told_until("02-rollback", "review-material").await;
    let meeting = streams(&system, "review_meeting.panels_assigned").await[0];
    let path = format!("/v1/review-meetings/{meeting}");
    let whole = system.get("高评会办", &*path).send().await.expect(200);
    for judge in texts(&whole["drawn"]) {
        let read = system.get(&*username(&system, &judge), &*path).send().await.expect(200);
        assert_eq!(read["drawn"], json!([judge]), "the own seat alone");
        assert!(read["chair_id"].is_null() || read["chair_id"] == judge.as_str(), "{read}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn tracking_tells_judges_of_one_another_the_day_alone() {
    let system = System::told_until("01-senior-review-online", "cast-votes").await;
    let meeting = streams(&system, "review_meeting.ballots_opened").await[0];
    let case = streams(&system, "declaration.material_scored").await[0];
    let whole = system.get("高评会办", format!("/v1/review-meetings/{meeting}")).send().await.expect(200);
    for judge in texts(&whole["drawn"]) {
        let who = username(&system, &judge);
        let answer = system.get(&*who, format!("/v1/declarations/{case}/tracking")).send().await;
        if answer.status == 404 {
            continue;
        }
        let steps = answer.expect(200)["steps"].as_array().unwrap().clone();
        let scored: Vec<&Value> = steps.iter().filter(|step| step["action"] == "score-material").collect();
        assert!(!scored.is_empty());
        for step in scored {
            assert_eq!(step["handled_at"].as_str().unwrap().len(), "2023-10-30".len(), "{who}: {step}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_names_its_holder_to_those_whom_it_concerns() {
    let system = System::told_until("01-senior-review-online", "report-certificate").await;
    let id = streams(&system, "certificate.issued").await[0];
    let path = format!("/v1/certificates/{id}");
    let name = system.get("省厅发证", &*path).send().await.expect(200)["name"].clone();
    let masked = system.get("审计", &*path).send().await.expect(200)["name"].clone();
    assert!(masked.as_str().unwrap().contains('*') && masked != name, "{masked}");
    system.get("纪检监督甲", &*path).refused(404, "not-found").await;
}
