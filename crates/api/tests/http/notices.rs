//! Notices: everybody reads their own, and marks them as read.

use crate::support::System;
use serde_json::{Value, json};

async fn notices(system: &System, who: &str, after: i64) -> Vec<Value> {
    let path = format!("/v1/screens/notices?after={after}");
    let page = system.get(who, path).send().await.expect(200);
    assert!(page["position"].as_i64().unwrap() >= after);
    page["rows"].as_array().unwrap().clone()
}

async fn unread(system: &System, who: &str) -> Value {
    let menu = system.get(who, "/v1/screens").send().await.expect(200);
    let screens = menu["screens"].as_array().unwrap();
    screens.iter().find(|screen| screen["screen"] == "notices").unwrap()["count"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_returned_is_told_and_marks_it_as_read() {
    let system = System::hunan().await;
    let case = system.submitted("applicant").await;
    let others = system.submitted("neighbour").await;
    let back = json!({"decision": "return", "opinion": "请补充。", "items": [{"anchor": "self_report", "problem": "太短。"}]});
    for id in [case, others] {
        system.on("operator", id, "review-by-employer", &back).await;
    }
    let head = system.head().await;
    let told = notices(&system, "applicant", head).await;
    assert_eq!(told.len(), 1, "the own one alone");
    let notice = &told[0];
    assert_eq!((&notice["kind"], &notice["status"]), (&json!("returned"), &json!("waiting")));
    assert_eq!((&notice["declaration_id"], &notice["read_at"]), (&json!(case), &Value::Null));
    let (text, due) = (notice["text"].as_str().unwrap(), notice["due_on"].as_str().unwrap());
    assert!(text.contains(due), "{text}");
    assert!(!text.contains("请补充"), "what was found stands with the case: {text}");
    assert_eq!(unread(&system, "applicant").await, "1");
    assert_eq!(notices(&system, "operator", head).await, [] as [Value; 0]);

    let id = notice["id"].as_str().unwrap();
    let path = format!("/v1/notices/{id}/actions/mark-read");
    for stranger in ["neighbour", "operator"] {
        system.post(stranger, &*path, &json!({})).refused(404, "not-found").await;
    }
    let nothing = "/v1/notices/018a0000-0000-7000-8000-000000000000/actions/mark-read";
    system.post("applicant", nothing, &json!({})).refused(404, "not-found").await;
    let receipt = system.post("applicant", &*path, &json!({})).send().await.expect(200);
    let position = receipt["position"].as_i64().unwrap();
    let read = notices(&system, "applicant", position).await;
    assert_eq!((read.len(), &read[0]["status"]), (1, &json!("done")));
    assert!(read[0]["read_at"].is_string());
    assert_eq!(unread(&system, "applicant").await, "0");
    let waiting = system.get("applicant", "/v1/screens/notices?status=waiting").send().await.expect(200);
    assert_eq!(waiting["rows"], json!([]));
    let again = system.post("applicant", &*path, &json!({})).send().await.expect(200);
    assert_eq!(again["version"], receipt["version"], "once is enough");
    assert_eq!(system.head().await, position);
}
