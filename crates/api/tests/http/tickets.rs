//! Signing in by QR code.

use crate::support::System;
use axum::http::Method;
use serde_json::{Value, json};

const TICKETS: &str = "/v1/sessions/tickets";

/// A browser that waits: its ticket.
async fn waiting(system: &System) -> Value {
    let call = system.call(None, Method::POST, TICKETS).header("user-agent", "Firefox/128");
    let answer = call.raw("{}").send().await;
    let ticket = answer.expect(201);
    assert_eq!(answer.header("location"), path(&ticket));
    ticket
}

fn path(ticket: &Value) -> String {
    format!("{TICKETS}/{}", ticket["id"].as_str().unwrap())
}

fn text<'a>(ticket: &'a Value, member: &str) -> &'a str {
    ticket[member].as_str().unwrap()
}

async fn looks(system: &System, ticket: &Value, secret: &str) -> crate::support::Answer {
    system.get(None, path(ticket)).token(secret).send().await
}

async fn scans(system: &System, token: &str, ticket: &Value) -> crate::support::Answer {
    let body = json!({"code": ticket["code"]}).to_string();
    let call = system.call(None, Method::POST, format!("{}/actions/scan", path(ticket)));
    call.token(token).raw(body).send().await
}

async fn confirms(system: &System, token: &str, ticket: &Value) -> crate::support::Answer {
    let call = system.call(None, Method::POST, format!("{}/actions/confirm", path(ticket)));
    call.token(token).raw("{}").send().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_is_let_in_by_a_telephone() {
    let system = System::hunan().await;
    let telephone = system.sign_in("operator").await;
    let ticket = waiting(&system).await;
    assert_eq!(looks(&system, &ticket, text(&ticket, "secret")).await.expect(200)["stage"], "waiting");

    let scanned = scans(&system, &telephone, &ticket).await.expect(200);
    assert_eq!(scanned["stage"], "scanned");
    assert_eq!(scanned["account"]["username"], "operator");
    assert_eq!(scanned["from"]["agent"], "Firefox/128");
    assert_eq!(scanned["expires_at"], ticket["expires_at"]);
    assert_eq!(looks(&system, &ticket, text(&ticket, "secret")).await.expect(200)["stage"], "scanned");
    let confirmed = confirms(&system, &telephone, &ticket).await.expect(200);
    assert_eq!(confirmed["stage"], "confirmed");
    assert_eq!(confirmed["from"], scanned["from"]);
    confirms(&system, &telephone, &ticket).await.expect(200);

    let answer = looks(&system, &ticket, text(&ticket, "secret")).await;
    let session = answer.expect(200);
    assert_eq!(session["account"], json!({"id": system.id("operator")}));
    assert!(answer.header("set-cookie").starts_with("zhicheng_session="), "{}", answer.header("set-cookie"));
    assert_eq!(answer.header("cache-control"), "private, no-store");
    let me = system.get(None, "/v1/me").token(text(&session, "token")).send().await.expect(200);
    assert_eq!(me["account"]["username"], "operator");
    looks(&system, &ticket, text(&ticket, "secret")).await.problem(404, "not-found");
    confirms(&system, &telephone, &ticket).await.problem(404, "not-found");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_cookie_of_a_ticket_is_as_good_as_its_secret_and_kept_from_scripts() {
    let system = System::hunan().await;
    let answer = system.call(None, Method::POST, TICKETS).raw("{}").send().await;
    let ticket = answer.expect(201);
    let cookie = answer.header("set-cookie");
    for part in ["HttpOnly", "SameSite=Strict", "Max-Age=120", &format!("Path={}", path(&ticket))] {
        assert!(cookie.contains(part), "{cookie}");
    }
    let pair = cookie.split(';').next().unwrap();
    let call = system.get(None, path(&ticket)).header("cookie", pair);
    assert_eq!(call.send().await.expect(200)["stage"], "waiting");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_reads_the_code_over_a_shoulder_gets_no_session() {
    let system = System::hunan().await;
    let (telephone, other) = (system.sign_in("operator").await, system.sign_in("neighbour").await);
    let ticket = waiting(&system).await;
    scans(&system, &telephone, &ticket).await.expect(200);
    scans(&system, &other, &ticket).await.problem(409, "ticket-taken");
    confirms(&system, &other, &ticket).await.problem(404, "not-found");
    confirms(&system, &telephone, &ticket).await.expect(200);
    for secret in [text(&ticket, "code"), &telephone, &other, "x"] {
        looks(&system, &ticket, secret).await.problem(404, "not-found");
    }
    system.get(None, path(&ticket)).send().await.problem(404, "not-found");
    looks(&system, &ticket, text(&ticket, "secret")).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_polls_at_once_get_one_session() {
    let system = System::hunan().await;
    let telephone = system.sign_in("operator").await;
    let ticket = waiting(&system).await;
    scans(&system, &telephone, &ticket).await.expect(200);
    let (one, two) =
        tokio::join!(confirms(&system, &telephone, &ticket), confirms(&system, &telephone, &ticket));
    one.expect(200);
    two.expect(200);
    let polls = (0..4).map(|_| looks(&system, &ticket, text(&ticket, "secret")));
    let polls = futures::future::join_all(polls).await;
    let (given, gone): (Vec<_>, Vec<_>) = polls.iter().partition(|answer| answer.status == 200);
    assert_eq!((given.len(), gone.len()), (1, 3));
    gone.iter().for_each(|answer| drop(answer.problem(404, "not-found")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_is_over_after_two_minutes_and_with_the_account_that_confirmed() {
    let system = System::hunan().await;
    let telephone = system.sign_in("operator").await;
    let ticket = waiting(&system).await;
    system.clock.set("2023-05-04T09:01:59+08:00");
    scans(&system, &telephone, &ticket).await.expect(200);
    system.clock.set("2023-05-04T09:02:00+08:00");
    confirms(&system, &telephone, &ticket).await.problem(404, "not-found");
    looks(&system, &ticket, text(&ticket, "secret")).await.problem(404, "not-found");

    let ticket = waiting(&system).await;
    scans(&system, &telephone, &ticket).await.expect(200);
    confirms(&system, &telephone, &ticket).await.expect(200);
    let operator = system.id("operator");
    system.act("admin", "accounts", operator, "suspend", &json!({"reason": "离职。"})).await;
    looks(&system, &ticket, text(&ticket, "secret")).await.problem(404, "not-found");
}

#[tokio::test(flavor = "multi_thread")]
async fn scanning_needs_a_session_and_a_code() {
    let system = System::hunan().await;
    let ticket = waiting(&system).await;
    for action in ["scan", "confirm"] {
        let path = format!("{}/actions/{action}", path(&ticket));
        system.call(None, Method::POST, &*path).raw("{}").refused(401, "unauthenticated").await;
    }
    let scan = format!("{}/actions/scan", path(&ticket));
    system.call("operator", Method::POST, &*scan).raw("{}").refused(400, "malformed-input").await;
    let wrong = json!({"code": "A".repeat(43)}).to_string();
    system.call("operator", Method::POST, &*scan).raw(wrong).refused(404, "not-found").await;
    system
        .call("operator", Method::POST, format!("{TICKETS}/7/actions/confirm"))
        .refused(404, "not-found")
        .await;
}
