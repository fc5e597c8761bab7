//! What a level says of a case is told at that level and above, and on its way down where it sends the case back (domain.md 1.8,
//! review opinions), wherever it is read.

use crate::support::{System, new_account};
use serde_json::{Value, json};
use uuid::Uuid;

const EMPLOYER: &str = "单位认为材料属实";
const HOUSING: &str = "住建局同意推荐";
const CHANGSHA: &str = "长沙市同意呈报";
const COMMITTEE: &str = "高评会复核合格";
const SENT_BACK: &str = "学历证明缺少验证报告";

/// A case before the committee, every level of which said something.
async fn at_committee(system: &System, applicant: &str) -> Uuid {
    let id = system.draft(applicant).await;
    system.on(applicant, id, "submit", &crate::support::submission()).await;
    let pass = |opinion: &str| json!({"decision": "pass", "opinion": opinion});
    system.on("operator", id, "review-by-employer", &pass(EMPLOYER)).await;
    let publicity = crate::support::publicity("2023-05-04", 5);
    system.on("operator", id, "start-employer-publicity", &publicity).await;
    system.at("2023-05-17T09:00:00+08:00");
    system.publicity_passed(id).await;
    system.on("operator", id, "recommend", &json!({})).await;
    system.on("housing-reviewer", id, "review-by-superior", &pass(HOUSING)).await;
    system.on("changsha-reviewer", id, "review-by-superior", &pass(CHANGSHA)).await;
    id
}

/// Everything in which somebody reads of a case, as text.
async fn read(system: &System, who: &str, id: Uuid, screens: &[&str]) -> Vec<(String, String)> {
    let head = system.head().await;
    let mut paths: Vec<String> = ["", "/tracking", "/events", "/diff?from=1&to=999999", "?as_of=999999"]
        .iter()
        .map(|rest| format!("/v1/declarations/{id}{rest}"))
        .collect();
    let no = &system.get(who, format!("/v1/declarations/{id}")).send().await.expect(200)["declaration_no"];
    let only = format!("declaration_no={}&after={head}", no.as_str().unwrap());
    for screen in screens {
        paths.push(format!("/v1/screens/{screen}?{only}"));
        paths.push(format!("/v1/screens/{screen}?{only}&sort=-opinion"));
        paths.push(format!("/v1/screens/{screen}/export?format=csv&{only}"));
    }
    let mut read = Vec::new();
    for path in paths {
        let answer = system.get(who, path).send().await;
        // of the time before it got there, an organisation reads nothing
        if answer.status == 200 {
            read.push((answer.asked.clone(), answer.text));
        }
    }
    read
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_level_says_is_told_at_that_level_and_above() {
    let system = System::hunan().await;
    let account = system.create("admin", "accounts", &new_account("department-reviewer")).await;
    let grant = json!({"role": "authority-reviewer", "organisation_id": system.id("department")});
    system.act("admin", "accounts", account, "grant-role", &grant).await;
    let id = at_committee(&system, "applicant").await;
    let qualified = json!({"decision": "pass", "opinion": COMMITTEE});
    system.on("committee-office", id, "review-qualification", &qualified).await;
    let inquiry = &["declaration-inquiry"][..];
    let steps = &["process-tracking-steps"][..];
    for (who, screens, tracked) in [
        ("operator", inquiry, &[EMPLOYER, HOUSING, CHANGSHA, COMMITTEE][..]),
        ("housing-reviewer", inquiry, &[EMPLOYER, HOUSING]),
        ("changsha-reviewer", steps, &[EMPLOYER, HOUSING, CHANGSHA]),
        ("department-reviewer", steps, &[EMPLOYER, HOUSING, CHANGSHA, COMMITTEE]),
        ("committee-office", &[], &[EMPLOYER, HOUSING, CHANGSHA, COMMITTEE]),
        ("province", &[], &[EMPLOYER, HOUSING, CHANGSHA, COMMITTEE]),
        ("applicant", &[], &[EMPLOYER, HOUSING, CHANGSHA, COMMITTEE]),
    ] {
        let answers = read(&system, who, id, screens).await;
        for (asked, text) in &answers {
            for said in [EMPLOYER, HOUSING, CHANGSHA, COMMITTEE] {
                assert!(tracked.contains(&said) || !text.contains(said), "{who} reads {said}: {asked}");
            }
        }
        for wherever in
            ["tracking", "events"].into_iter().chain(screens.iter().copied().filter(|it| *it == steps[0]))
        {
            let (asked, text) = answers.iter().find(|(asked, _)| asked.contains(wherever)).unwrap();
            for said in tracked {
                assert!(text.contains(said), "{who} is told {said}: {asked} {text}");
            }
        }
    }
    let head = system.head().await;
    for (who, found) in [("operator", 1), ("housing-reviewer", 0)] {
        let path = format!("/v1/screens/declaration-inquiry?after={head}&opinion=%E5%A4%8D%E6%A0%B8");
        let rows = system.get(who, path).send().await.expect(200)["rows"].as_array().unwrap().len();
        assert_eq!(rows, found, "{who} looks for what the committee said");
    }
    let rows =
        system.get("housing-reviewer", format!("/v1/screens/declaration-inquiry?after={head}")).send().await;
    let row = &rows.expect(200)["rows"][0];
    assert_eq!((&row["result"], &row["opinion"]), (&json!("pass"), &Value::Null), "that it passed is told");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_sends_a_case_back_is_told_on_its_whole_way_down() {
    let system = System::hunan().await;
    let id = at_committee(&system, "applicant").await;
    let back = json!({
        "decision": "return", "opinion": SENT_BACK,
        "items": [{"anchor": "education", "problem": "缺少学信网验证报告"}],
    });
    system.on("committee-office", id, "review-qualification", &back).await;
    for (who, screen, above) in [
        ("housing-reviewer", "declaration-inquiry", Some(CHANGSHA)),
        ("changsha-reviewer", "process-tracking-steps", None),
    ] {
        let answers = read(&system, who, id, &[screen]).await;
        let bare = format!("/v1/declarations/{id}");
        for wherever in [bare.as_str(), "tracking", "events", screen] {
            let (asked, text) = answers.iter().find(|(asked, _)| asked.contains(wherever)).unwrap();
            assert!(text.contains(SENT_BACK), "{who} passes it on: {asked} {text}");
        }
        let told = |(_, text): &(String, String)| above.is_some_and(|above| text.contains(above));
        assert!(!answers.iter().any(told), "{who} reads what the level above said when it passed the case");
    }
    let read = system.get("changsha-reviewer", format!("/v1/declarations/{id}")).send().await.expect(200);
    assert_eq!(read["data"]["returned"]["items"][0]["problem"], "缺少学信网验证报告");
}
