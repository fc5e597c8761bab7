//! Nothing about a natural person stands in clear in the log.

use crate::support::{System, new_account};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn a_life_up_to_qualification_leaves_nobody_in_clear() {
    let mut system = System::hunan().await;
    let name = "慕容·𠮷雪";
    system.register("sealed", name).await;
    let input = new_account("sealed");
    let (number, phone) = (input["id_number"].as_str().unwrap(), input["phone"].as_str().unwrap());

    let draft = system.draft("sealed").await;
    let opinion = "业绩材料齐全，罕见之语，同意上报。";
    system.on("sealed", draft, "submit", &crate::support::submission()).await;
    let back = json!({"decision": "return", "opinion": "罕见之退回意见。", "items": [{"anchor": "self_report", "problem": "罕见之问题。"}]});
    system.on("operator", draft, "review-by-employer", &back).await;
    let edited = json!({"sections": {"self_report": {"text": "罕见之述职。"}}});
    system.on("sealed", draft, "save-draft", &edited).await;
    let answers = json!({"answers": [{"item_id": 1, "answer": "罕见之答复。"}]});
    let read = system.get("sealed", format!("/v1/declarations/{draft}")).send().await.expect(200);
    let item = read["data"]["returned"]["items"][0]["item_id"].clone();
    let mut resubmission = crate::support::submission();
    resubmission["answers"] = answers["answers"].clone();
    resubmission["answers"][0]["item_id"] = item;
    system.on("sealed", draft, "submit", &resubmission).await;
    system.publish(draft).await;
    system.at("2023-05-10T09:00:00+08:00");
    system.publicity_passed(draft).await;
    system.on("operator", draft, "recommend", &json!({"opinion": opinion})).await;
    let pass = json!({"decision": "pass", "opinion": opinion, "handled_by": "罕见之经办", "responsible_person": "罕见之负责"});
    system.on("housing-reviewer", draft, "review-by-superior", &pass).await;
    system
        .on(
            "changsha-reviewer",
            draft,
            "review-by-superior",
            &json!({"decision": "pass", "opinion": opinion}),
        )
        .await;
    let qualified = system.on("committee-office", draft, "review-qualification", &pass).await;
    assert_eq!(qualified["stage"], "qualified");

    let secrets = [
        name,
        "慕容",
        number,
        &number[6..14],
        phone,
        "罕见之",
        "管网改造",
        "湖南大学",
        "Xiang-2023",
        "刘·𠮷",
        "周明",
    ];
    for secret in secrets {
        let found: Vec<(i64, String, String)> = sqlx::query_as(
            "select position, event_type, payload::text
             from events
             where strpos(payload::text, $1) > 0
                or strpos(metadata::text, $1) > 0
                or strpos(aggregate_id, $1) > 0",
        )
        .bind(secret)
        .fetch_all(&system.pool)
        .await
        .unwrap();
        assert!(found.is_empty(), "{secret} stands in clear: {found:?}");
    }
    let escaped: Vec<(i64, String)> = sqlx::query_as(
        "select position, payload::text from events where payload::text ~ '\\\\u[0-9a-fA-F]{4}'",
    )
    .fetch_all(&system.pool)
    .await
    .unwrap();
    assert!(escaped.is_empty(), "a character could hide behind its escape: {escaped:?}");
    let claims: Vec<String> =
        sqlx::query_scalar("select name from claims").fetch_all(&system.pool).await.unwrap();
    assert!(
        !claims.is_empty() && claims.iter().all(|claim| !claim.contains(number) && !claim.contains(name))
    );
    let clear: i64 =
        sqlx::query_scalar("select count(*) from events where strpos(payload::text, '$private') > 0")
            .fetch_one(&system.pool)
            .await
            .unwrap();
    assert_eq!(clear, 0, "every private value is sealed");
    let sealed: i64 =
        sqlx::query_scalar("select count(*) from events where strpos(payload::text, '$sealed') > 0")
            .fetch_one(&system.pool)
            .await
            .unwrap();
    assert!(sealed > 10, "{sealed} events hold sealed values");
    let read = system.get("sealed", format!("/v1/declarations/{draft}")).send().await.expect(200);
    assert_eq!(read["data"]["applicant_name"], name, "and with the keys everything is there");
}
