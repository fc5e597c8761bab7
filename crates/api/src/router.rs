//! All routes. Every route refuses the anonymous unless it is listed in [`ANONYMOUS`].

use crate::problem::Problem;
use crate::routes::{collections, declarations, health, lookups, materials, sessions};
use crate::state::Api;
use axum::Router;
use axum::extract::{DefaultBodyLimit, Request};
use axum::http::{HeaderValue, header};
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::{delete, get, post};

/// The largest JSON body, in bytes (contract.md, HTTP).
pub const BODY_BYTES_MAX: usize = 1024 * 1024;

/// Routes that answer without a session.
pub const ANONYMOUS: &[&str] =
    &["POST /v1/sessions", "POST /v1/accounts", "GET /healthz", "GET /readyz", "GET /metrics"];

/// The whole API.
pub fn router(api: Api) -> Router {
    Router::new()
        .route("/v1/sessions", post(sessions::sign_in).get(sessions::list))
        .route("/v1/sessions/current", delete(sessions::sign_out))
        .route("/v1/sessions/current/reauthentications", post(sessions::reauthenticate))
        .route("/v1/sessions/{id}", delete(sessions::end))
        .route("/v1/me", get(sessions::me))
        .route("/v1/declarations/{id}/tracking", get(declarations::tracking))
        .route("/v1/declarations/{id}/diff", get(declarations::diff))
        .route("/v1/declarations/{id}/checks", get(declarations::checks))
        .route("/v1/paths/resolve", get(lookups::resolve))
        .route("/v1/paths/superiors", get(lookups::superiors))
        .route("/v1/paths/subordinates", get(lookups::subordinates))
        .route("/v1/lookups/{what}", get(lookups::lookup))
        .route("/v1/working-calendar/{year}", get(lookups::calendar))
        .route("/v1/events", get(lookups::log))
        .route(
            "/v1/materials",
            post(materials::upload).layer(DefaultBodyLimit::max(materials::UPLOAD_BYTES_MAX)),
        )
        .route("/v1/materials/{id}", get(materials::download))
        .route("/v1/materials/{id}/preview", get(materials::preview))
        .route("/v1/{collection}", post(collections::create))
        .route("/v1/{collection}/{id}", get(collections::read))
        .route("/v1/{collection}/{id}/events", get(collections::events))
        .route("/v1/{collection}/{id}/actions/{action}", post(collections::act))
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .fallback(async || Problem::not_found())
        .method_not_allowed_fallback(async || {
            Problem::new(
                axum::http::StatusCode::METHOD_NOT_ALLOWED,
                "method-not-allowed",
                "不支持该方法",
                "该地址不支持这个请求方法。",
            )
        })
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .layer(middleware::from_fn(headers))
        .with_state(api)
}

/// What every answer carries.
async fn headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("private, no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers
        .entry(header::CONTENT_SECURITY_POLICY)
        .or_insert(HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"));
    response
}
