//! Signing in and out.

use crate::support::{PASSWORD, System, new_account};
use axum::http::Method;
use serde_json::{Value, json};

async fn refused(system: &System, username: &str, password: &str) -> Value {
    let input = json!({"username": username, "password": password});
    system.post(None, "/v1/sessions", &input).refused(401, "sign-in-refused").await
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_unknown_gets_the_answer_of_who_is_wrong() {
    let system = System::hunan().await;
    let wrong = refused(&system, "applicant", "Wrong-2023-word").await;
    for (username, password) in [("nobody-here", PASSWORD), ("applicant", ""), ("", ""), ("admin'--", "x")] {
        assert_eq!(refused(&system, username, password).await, wrong, "{username}");
    }
    assert_eq!(refused(&system, "applicant", &"x".repeat(100_000)).await, wrong);
    let suspended = system.id("province");
    system.act("admin", "accounts", suspended, "suspend", &json!({"reason": "离职。"})).await;
    assert_eq!(refused(&system, "province", PASSWORD).await, wrong);
}

#[tokio::test(flavor = "multi_thread")]
async fn guessing_locks_out_whether_the_name_exists_or_not() {
    let system = System::hunan().await;
    for username in ["applicant", "nobody-here"] {
        let mut waits = 0;
        for _ in 0..8 {
            let input = json!({"username": username, "password": "Wrong-2023-word"});
            let answer = system.post(None, "/v1/sessions", &input).send().await;
            answer.problem(401, "sign-in-refused");
            waits += usize::from(!answer.header("retry-after").is_empty());
        }
        assert_eq!(waits, 2, "{username} waits after six attempts");
    }
    refused(&system, "applicant", PASSWORD).await;
    system.token("neighbour").await;
    system.at("2023-05-04T09:00:29+08:00");
    refused(&system, "applicant", PASSWORD).await;
    system.at("2023-05-04T09:00:30+08:00");
    system.token("applicant").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_out_ends_the_session() {
    let system = System::hunan().await;
    let (one, other) = (system.sign_in("applicant").await, system.sign_in("applicant").await);
    let me = |token: &str| system.get(None, "/v1/me").token(token).send();
    me(&one).await.expect(200);
    let out = system.call(None, Method::DELETE, "/v1/sessions/current").token(&one).send().await;
    assert_eq!(out.status, 204);
    assert!(out.header("set-cookie").contains("Max-Age=0"), "{}", out.header("set-cookie"));
    me(&one).await.problem(401, "unauthenticated");
    me(&other).await.expect(200);

    let list = |token: &str| system.get(None, "/v1/sessions").token(token).send();
    let third = system.sign_in("applicant").await;
    let sessions = list(&other).await.expect(200)["sessions"].as_array().unwrap().clone();
    assert_eq!(sessions.len(), 2);
    let ended = sessions.iter().find(|session| session["current"] == false).unwrap()["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let stranger = system.call("neighbour", Method::DELETE, format!("/v1/sessions/{ended}")).send().await;
    stranger.problem(404, "not-found");
    let end = system.call(None, Method::DELETE, format!("/v1/sessions/{ended}")).token(&other).send().await;
    assert_eq!(end.status, 204);
    me(&third).await.problem(401, "unauthenticated");
    let odd = system.call("applicant", Method::DELETE, "/v1/sessions/7").send().await;
    odd.problem(404, "not-found");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_ends_by_itself() {
    let system = System::hunan().await;
    let token = system.sign_in("applicant").await;
    let me = || system.get(None, "/v1/me").token(&token).send();
    system.clock.set("2023-05-04T09:29:59+08:00");
    me().await.expect(200);
    system.clock.set("2023-05-04T10:01:00+08:00");
    me().await.problem(401, "unauthenticated");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_cookie_is_as_good_as_the_token_and_kept_from_scripts() {
    let system = System::hunan().await;
    let input = json!({"username": "applicant", "password": PASSWORD});
    let session = system.post(None, "/v1/sessions", &input).send().await;
    let token = session.expect(201)["token"].as_str().unwrap().to_owned();
    let cookie = session.header("set-cookie").to_owned();
    for part in ["HttpOnly", "SameSite=Strict", "Path=/"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    let pair = cookie.split(';').next().unwrap();
    assert!(pair.ends_with(&token));
    let me = system.get(None, "/v1/me").header("cookie", format!("a=b; {pair}")).send().await;
    assert_eq!(me.expect(200)["account"]["username"], "applicant");
    assert_eq!(me.header("cache-control"), "private, no-store");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_counts_from_the_next_request() {
    let system = System::hunan().await;
    let account = system.create("admin", "accounts", &new_account("newcomer")).await;
    let token = system.sign_in("newcomer").await;
    let create = || {
        let input = json!({"name": "岳阳市人社局", "kind": "authority", "region": "430600"});
        system.post(None, "/v1/organisations", &input).token(&token).send()
    };
    create().await.problem(403, "not-allowed");
    let grant = json!({"role": "provincial-administrator", "organisation_id": system.id("department")});
    system.act("admin", "accounts", account, "grant-role", &grant).await;
    create().await.expect(201);
    system.act("admin", "accounts", account, "revoke-role", &grant).await;
    create().await.problem(403, "not-allowed");
    system.act("admin", "accounts", account, "suspend", &json!({"reason": "离职。"})).await;
    let answer = create().await;
    assert!(matches!(answer.status, 401 | 403), "who is suspended does nothing more: {}", answer.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_is_proved_again_or_not() {
    let system = System::hunan().await;
    let path = "/v1/sessions/current/reauthentications";
    let prove = |password: &str| {
        let body = json!({"password": password}).to_string();
        system.call("province", Method::POST, path).raw(body)
    };
    prove("wrong").refused(401, "sign-in-refused").await;
    assert_eq!(prove(PASSWORD).send().await.status, 204);
    system.call("province", Method::POST, path).raw("{}").refused(400, "malformed-input").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_password_is_the_only_one() {
    let system = System::hunan().await;
    let account = system.id("applicant");
    let grant = json!({"role": "employer-operator", "organisation_id": system.id("housing")});
    system.act("admin", "accounts", account, "grant-role", &grant).await;
    let path = format!("/v1/accounts/{account}/actions/change-password");
    let new = "Zi-2024-yuan-shui";
    let change = json!({"current_password": PASSWORD, "new_password": new});
    let answer = system.post("applicant", &*path, &change).send().await;
    answer.expect(200);
    refused(&system, "applicant", PASSWORD).await;
    let input = json!({"username": "applicant", "password": new});
    system.post(None, "/v1/sessions", &input).send().await.expect(201);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_changes_a_password_stays_signed_in_alone() {
    let system = System::hunan().await;
    let (own, other) = (system.sign_in("applicant").await, system.sign_in("applicant").await);
    let path = format!("/v1/accounts/{}/actions/change-password", system.id("applicant"));
    let change = json!({"current_password": PASSWORD, "new_password": "Zi-2024-yuan-shui"});
    system.post(None, path, &change).token(&own).send().await.expect(200);
    system.get(None, "/v1/me").token(&own).send().await.expect(200);
    system.get(None, "/v1/me").token(&other).refused(401, "unauthenticated").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_of_password_that_was_cut_short_is_finished_by_sending_it_again() {
    let system = System::hunan().await;
    let (account, new) = (system.id("applicant"), "Zi-2024-yuan-shui");
    let token = system.sign_in("applicant").await;
    // the process died when the vault had it and the log had not
    let now = chrono::Utc::now();
    system.app.vault().credentials().set_password(account, new, now).await.unwrap();
    let path = format!("/v1/accounts/{account}/actions/change-password");
    let change = json!({"current_password": PASSWORD, "new_password": new});
    system.post(None, &*path, &change).token(&token).send().await.expect(200);
    let wrong = json!({"current_password": "Wrong-2023-word", "new_password": "Yuan-2025-li-shui"});
    system.post(None, &*path, &wrong).token(&token).refused(422, "invalid-input").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_suspended_account_is_signed_out_at_once() {
    let system = System::hunan().await;
    system.get("operator", "/v1/me").send().await.expect(200);
    let account = system.id("operator");
    let input = json!({"reason": "离职。"});
    system.act("admin", "accounts", account, "suspend", &input).await;
    system.get("operator", "/v1/me").refused(401, "unauthenticated").await;
    system.act("admin", "accounts", account, "resume", &json!({})).await;
    system.get("operator", "/v1/me").send().await.expect(200);
}
