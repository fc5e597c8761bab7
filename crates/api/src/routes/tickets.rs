//! Signing in by QR code: a browser waits with a ticket, a signed-in session scans and confirms it (contract.md, HTTP).
//!
//! The browser's secret comes back to it in a cookie for the ticket's own path; it also works as `Authorization: Bearer`. It is
//! never part of a URL, nor of the QR code.

use super::declarations::parse;
use super::sessions::session_cookie;
use crate::extract::{Body, InPath, Peer, SignedIn, TICKET_COOKIE, agent, told};
use crate::problem::Problem;
use crate::state::{Api, SecureCookies};
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};
use zhicheng_app::{TICKET_SECONDS, Waited};

/// Nothing: a ticket needs no input.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Nothing {}

/// What the QR code showed.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Code {
    code: String,
}

/// `POST /v1/sessions/tickets`
#[utoipa::path(post, path = "/v1/sessions/tickets", tag = "会话", request_body = Nothing, responses((status = 201, description = "等待扫码"), (status = "default", body = Problem, content_type = "application/problem+json", description = "没有办成")))]
pub async fn open(
    State(api): State<Api>,
    Peer(address): Peer,
    headers: HeaderMap,
    Body(Nothing {}): Body<Nothing>,
) -> Result<Response, Problem> {
    let ticket = api.app.open_ticket(&address, agent(&headers)).await?;
    let path = format!("/v1/sessions/tickets/{}", ticket.id);
    let secure = if api.secure_cookies == SecureCookies::Yes { "; Secure" } else { "" };
    let cookie = format!(
        "{TICKET_COOKIE}={}; Path={path}; HttpOnly; SameSite=Strict{secure}; Max-Age={TICKET_SECONDS}",
        ticket.secret.as_str()
    );
    let body = json!({
        "id": ticket.id, "stage": "waiting", "secret": ticket.secret.as_str(), "code": ticket.code.as_str(),
        "expires_at": ticket.expires_at,
    });
    let mut response = (StatusCode::CREATED, [(header::SET_COOKIE, cookie)], Json(body)).into_response();
    if let Ok(value) = HeaderValue::from_str(&path) {
        response.headers_mut().insert(header::LOCATION, value);
    }
    Ok(response)
}

/// `POST /v1/sessions/tickets/{id}/actions/scan`
#[utoipa::path(post, path = "/v1/sessions/tickets/{id}/actions/scan", tag = "会话", params(("id" = String, Path, description = "编号")), request_body = Code, responses((status = 200, description = "谁将在何处登录"), (status = "default", body = Problem, content_type = "application/problem+json", description = "没有办成")))]
pub async fn scan(
    State(api): State<Api>,
    SignedIn(signed): SignedIn,
    InPath(id): InPath<String>,
    Body(Code { code }): Body<Code>,
) -> Result<Json<Value>, Problem> {
    Ok(Json(json!(api.app.scan_ticket(&signed, parse(&id)?, &code).await?)))
}

/// `POST /v1/sessions/tickets/{id}/actions/confirm`
#[utoipa::path(post, path = "/v1/sessions/tickets/{id}/actions/confirm", tag = "会话", params(("id" = String, Path, description = "编号")), request_body = Nothing, responses((status = 200, description = "谁已获准在何处登录"), (status = "default", body = Problem, content_type = "application/problem+json", description = "没有办成")))]
pub async fn confirm(
    State(api): State<Api>,
    SignedIn(signed): SignedIn,
    InPath(id): InPath<String>,
    Body(Nothing {}): Body<Nothing>,
) -> Result<Json<Value>, Problem> {
    Ok(Json(json!(api.app.confirm_ticket(&signed, parse(&id)?).await?)))
}

/// `GET /v1/sessions/tickets/{id}`: for the browser that holds its secret; once confirmed the session, handed out once.
#[utoipa::path(get, path = "/v1/sessions/tickets/{id}", tag = "会话", params(("id" = String, Path, description = "编号")), responses((status = 200, description = "等待中，或已登录"), (status = "default", body = Problem, content_type = "application/problem+json", description = "没有办成")))]
pub async fn wait(
    State(api): State<Api>,
    InPath(id): InPath<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let id = parse(&id)?;
    let secret = told(&headers, TICKET_COOKIE).ok_or_else(Problem::not_found)?;
    Ok(match api.app.wait_with_ticket(id, &secret).await? {
        Waited::Still { stage, expires_at } => {
            Json(json!({"id": id, "stage": stage, "expires_at": expires_at})).into_response()
        }
        Waited::In(opened) => {
            let body = json!({
                "id": id, "stage": "confirmed", "token": opened.token, "account": {"id": opened.account},
            });
            ([(header::SET_COOKIE, session_cookie(&api, &opened.token, None))], Json(body)).into_response()
        }
    })
}
