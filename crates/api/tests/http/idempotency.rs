//! A command is carried out once, however often it is sent.

use crate::support::{System, new_account};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_key_gets_the_same_answer() {
    let system = System::hunan().await;
    let create = || system.post("applicant", "/v1/declarations", &system.declaration()).key("create-1");
    let first = create().send().await;
    first.expect(201);
    assert_eq!(first.header("idempotency-replayed"), "");
    let head = system.head().await;
    let again = create().send().await;
    assert_eq!(again.expect(201), first.json());
    assert_eq!(again.header("idempotency-replayed"), "true");
    for name in ["location", "etag"] {
        assert_eq!(again.header(name), first.header(name));
    }
    assert_eq!(system.head().await, head);

    let draft = first.id(201);
    let path = format!("/v1/declarations/{draft}/actions/save-draft");
    let save = |text: &str, key: &str| {
        system.post("applicant", &*path, &json!({"sections": {"self_report": {"text": text}}})).key(key)
    };
    let saved = save("一。", "save-1").send().await.expect(200);
    save("二。", "save-2").send().await.expect(200);
    let again = save("一。", "save-1").send().await;
    assert_eq!(again.expect(200), saved, "as it was then, though the declaration moved on");
    let withdraw = format!("/v1/declarations/{draft}/actions/withdraw");
    system.post("applicant", &*withdraw, &json!({})).send().await.expect(200);
    let again = save("一。", "save-1").send().await;
    assert_eq!(again.expect(200), saved, "though the stage no longer allows it");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_for_one_body_one_path_and_one_account() {
    let system = System::hunan().await;
    let draft = system.create("applicant", "declarations", &system.declaration()).await;
    let path = |action: &str| format!("/v1/declarations/{draft}/actions/{action}");
    let body = |text: &str| json!({"sections": {"self_report": {"text": text}}});
    let save = |text: &str| system.post("applicant", path("save-draft"), &body(text)).key("k");
    save("一。").send().await.expect(200);
    save("二。").refused(422, "idempotency-key-reused").await;
    system
        .post("applicant", path("withdraw"), &json!({}))
        .key("k")
        .refused(422, "idempotency-key-reused")
        .await;
    let other = system.post("neighbour", "/v1/declarations", &system.declaration()).key("k");
    other.send().await.expect(201);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_order_of_members_and_blanks_make_no_other_body() {
    let system = System::hunan().await;
    let first = system.post("applicant", "/v1/declarations", &system.declaration()).key("k").send().await;
    first.expect(201);
    let mut members: Vec<String> = system
        .declaration()
        .as_object()
        .unwrap()
        .iter()
        .map(|(name, value)| format!(" \"{name}\" : {value}"))
        .collect();
    members.reverse();
    let turned = format!("{{{}\n}}", members.join(","));
    let again = system.post("applicant", "/v1/declarations", &json!({})).raw(turned).key("k").send().await;
    assert_eq!(again.expect(201), first.json());
    assert_eq!(again.header("idempotency-replayed"), "true");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_asked_for() {
    let system = System::hunan().await;
    let input = system.declaration();
    for (who, path) in
        [("applicant", "/v1/declarations"), ("admin", "/v1/accounts"), ("applicant", "/v1/materials")]
    {
        let call = system.post(who, path, &input).without("idempotency-key");
        call.refused(400, "idempotency-key-missing").await;
    }
    let anonymous = system.post(None, "/v1/accounts", &new_account("nobody")).without("idempotency-key");
    anonymous.refused(400, "idempotency-key-missing").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_registers_twice_with_one_key_is_registered_once() {
    let system = System::hunan().await;
    let register = |username: &str| system.post(None, "/v1/accounts", &new_account(username)).key("same");
    let first = register("one").send().await.expect(201);
    let again = register("one").send().await;
    assert_eq!((again.expect(201), again.header("idempotency-replayed")), (first, "true"));
    register("other").send().await.expect(201);
    system.token("one").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_name_or_number_can_be_tried_on_the_id_of_a_registration() {
    let mut ids = Vec::new();
    for _ in 0..2 {
        let system = System::rehearsal().await;
        system.post(None, "/v1/accounts", &new_account("one")).key("known").send().await.expect(201);
        let id: uuid::Uuid = sqlx::query_scalar(
            "select command_id from events where event_type = 'account.registered' order by position desc limit 1",
        )
        .fetch_one(&system.pool)
        .await
        .unwrap();
        ids.push(id);
    }
    assert_ne!(ids[0], ids[1], "it depends on the key of the installation, which nobody else has");
}

#[tokio::test(flavor = "multi_thread")]
async fn sent_ten_times_at_once_it_happens_once() {
    let system = System::hunan().await;
    system.token("applicant").await;
    let head = system.head().await;
    let input = system.declaration();
    let calls = (0..10).map(|_| system.post("applicant", "/v1/declarations", &input).key("k").send());
    let answers = futures::future::join_all(calls).await;
    let ids: std::collections::BTreeSet<_> = answers.iter().map(|answer| answer.id(201)).collect();
    assert_eq!(ids.len(), 1);
    let fresh = answers.iter().filter(|answer| answer.header("idempotency-replayed").is_empty()).count();
    assert_eq!(fresh, 1);
    assert_eq!(system.head().await, head + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeat_is_marked_although_nothing_would_change_any_more() {
    let system = System::hunan().await;
    let draft = system.create("applicant", "declarations", &system.declaration()).await;
    let path = format!("/v1/declarations/{draft}/actions/save-draft");
    let body = json!({"sections": {"self_report": {"text": "一。"}}});
    let save = || system.post("applicant", &*path, &body).key("save");
    let first = save().send().await;
    assert_eq!(first.header("idempotency-replayed"), "");
    let again = save().send().await;
    assert_eq!(again.expect(200), first.expect(200));
    assert_eq!(again.header("idempotency-replayed"), "true");
}
