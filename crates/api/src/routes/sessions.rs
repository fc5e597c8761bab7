//! Sessions: sign in, who am I, prove it is you, sign out (contract.md, HTTP).

use crate::extract::{Body, InPath, Peer, SESSION_COOKIE, SignedIn, agent};
use crate::problem::Problem;
use crate::state::{Api, SecureCookies};
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

/// User name and password.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignIn {
    username: String,
    password: String,
}

/// The password again.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Password {
    password: String,
}

/// `POST /v1/sessions`
#[utoipa::path(post, path = "/v1/sessions", tag = "会话", request_body = SignIn, responses((status = 201, description = "已登录"), (status = "default", body = Problem, content_type = "application/problem+json", description = "没有办成")))]
pub async fn sign_in(
    State(api): State<Api>,
    Peer(address): Peer,
    headers: HeaderMap,
    Body(input): Body<SignIn>,
) -> Result<Response, Problem> {
    let opened = api.app.sign_in(&input.username, &input.password, &address, agent(&headers)).await?;
    let body = Json(json!({"token": opened.token, "account": {"id": opened.account}}));
    Ok((StatusCode::CREATED, [(header::SET_COOKIE, session_cookie(&api, &opened.token, None))], body)
        .into_response())
}

/// `DELETE /v1/sessions/current`
#[utoipa::path(delete, path = "/v1/sessions/current", tag = "会话", responses((status = 204, description = "已退出"), (status = "default", body = Problem, content_type = "application/problem+json", description = "没有办成")))]
pub async fn sign_out(State(api): State<Api>, SignedIn(signed): SignedIn) -> Result<Response, Problem> {
    api.app.sign_out(&signed).await?;
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, session_cookie(&api, "", Some(0)))]).into_response())
}

/// `POST /v1/sessions/current/reauthentications`
#[utoipa::path(post, path = "/v1/sessions/current/reauthentications", tag = "会话", request_body = Password, responses((status = 204, description = "已确认身份"), (status = "default", body = Problem, content_type = "application/problem+json", description = "没有办成")))]
pub async fn reauthenticate(
    State(api): State<Api>,
    SignedIn(signed): SignedIn,
    Body(input): Body<Password>,
) -> Result<StatusCode, Problem> {
    api.app.reauthenticate(&signed, &input.password).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `GET /v1/sessions`
#[utoipa::path(get, path = "/v1/sessions", tag = "会话", responses((status = 200, description = "好"), (status = "default", body = Problem, content_type = "application/problem+json", description = "没有办成")))]
pub async fn list(State(api): State<Api>, SignedIn(signed): SignedIn) -> Result<Json<Value>, Problem> {
    let sessions: Vec<Value> = api
        .app
        .sessions(&signed)
        .await?
        .into_iter()
        .map(|it| {
            json!({
                "id": it.id.0, "created_at": it.created_at, "last_seen_at": it.last_seen_at,
                "current": it.id == signed.session,
            })
        })
        .collect();
    Ok(Json(json!({"sessions": sessions})))
}

/// `DELETE /v1/sessions/{id}`
#[utoipa::path(delete, path = "/v1/sessions/{id}", tag = "会话", params(("id" = String, Path, description = "编号")), responses((status = 204, description = "已结束"), (status = "default", body = Problem, content_type = "application/problem+json", description = "没有办成")))]
pub async fn end(
    State(api): State<Api>,
    SignedIn(signed): SignedIn,
    InPath(id): InPath<String>,
) -> Result<StatusCode, Problem> {
    let id: Uuid = id.parse().map_err(|_| Problem::not_found())?;
    api.app.end_session(&signed, zhicheng_app::SessionId(id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `GET /v1/me`
#[utoipa::path(get, path = "/v1/me", tag = "会话", responses((status = 200, description = "好"), (status = "default", body = Problem, content_type = "application/problem+json", description = "没有办成")))]
pub async fn me(State(api): State<Api>, SignedIn(signed): SignedIn) -> Result<Json<Value>, Problem> {
    Ok(Json(api.app.me(&signed).await?))
}

/// The cookie that holds a session's token.
pub(super) fn session_cookie(api: &Api, token: &str, max_age: Option<u32>) -> String {
    let secure = if api.secure_cookies == SecureCookies::Yes { "; Secure" } else { "" };
    let age = max_age.map(|seconds| format!("; Max-Age={seconds}")).unwrap_or_default();
    format!("{SESSION_COOKIE}={token}; Path=/; HttpOnly; SameSite=Strict{secure}{age}")
}
