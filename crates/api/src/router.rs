//! All routes. Every route refuses the anonymous unless it is listed in [`ANONYMOUS`]; a test enumerates them.

use crate::openapi::{self, Document};
use crate::problem::Problem;
use crate::routes::{
    clock, collections, declarations, health, jobs, lookups, materials, notices, public, screens, sessions,
    tickets,
};
use crate::state::Api;
use axum::extract::{DefaultBodyLimit, MatchedPath, Request};
use axum::http::{HeaderValue, header};
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::{get, post};
use axum::{Json, Router};
use std::time::Instant;
use utoipa::OpenApi;
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouterExt};
use utoipa_axum::routes;
use utoipa_swagger_ui::{Config, SwaggerUi};
use zhicheng_domain::AnyState;

/// The largest JSON body, in bytes (contract.md, HTTP).
pub const BODY_BYTES_MAX: usize = 1024 * 1024;

/// Routes that answer without a session, by method and path.
pub const ANONYMOUS: &[(&str, &str)] = &[
    ("post", "/v1/sessions"),
    ("post", "/v1/sessions/tickets"),
    ("get", "/v1/sessions/tickets/{id}"),
    ("post", "/v1/accounts"),
    ("get", "/v1/public/certificates"),
    ("get", "/v1/public/publicity"),
    ("get", "/v1/public/draws/{id}"),
    ("get", "/healthz"),
    ("get", "/readyz"),
    ("get", "/metrics"),
    ("get", "/v1/openapi.json"),
    ("get", "/v1/asyncapi.json"),
];

/// The OpenAPI document.
pub fn document() -> serde_json::Value {
    openapi::document(annotated().split_for_parts().1)
}

fn annotated() -> OpenApiRouter<Api> {
    OpenApiRouter::with_openapi(Document::openapi())
        .routes(routes!(sessions::sign_in, sessions::list))
        .routes(routes!(sessions::sign_out))
        .routes(routes!(sessions::reauthenticate))
        .routes(routes!(sessions::end))
        .routes(routes!(sessions::me))
        .routes(routes!(tickets::open))
        .routes(routes!(tickets::wait))
        .routes(routes!(tickets::scan))
        .routes(routes!(tickets::confirm))
        .routes(routes!(declarations::tracking))
        .routes(routes!(declarations::diff))
        .routes(routes!(declarations::checks))
        .routes(routes!(lookups::resolve))
        .routes(routes!(lookups::superiors))
        .routes(routes!(lookups::subordinates))
        .routes(routes!(lookups::lookup))
        .routes(routes!(lookups::calendar))
        .routes(routes!(lookups::log))
        .routes(routes!(materials::upload).layer(DefaultBodyLimit::max(materials::UPLOAD_BYTES_MAX)))
        .routes(routes!(materials::download))
        .routes(routes!(materials::preview))
        .routes(routes!(screens::menu))
        .routes(routes!(screens::page))
        .routes(routes!(notices::mark_read))
        .routes(routes!(screens::export))
        .routes(routes!(public::certificate))
        .routes(routes!(public::publicity))
        .routes(routes!(public::draw))
        .routes(routes!(clock::read, clock::set))
        .routes(routes!(health::alive))
        .routes(routes!(health::ready))
}

/// The whole API and its OpenAPI document.
pub fn router(api: Api) -> (Router, serde_json::Value) {
    let (annotated, routes) = annotated().split_for_parts();
    let document = openapi::document(routes);
    let served = document.clone();
    let router = annotated
        .route("/v1/jobs", post(jobs::start))
        .route("/v1/{collection}", post(collections::create))
        .route("/v1/{collection}/{id}", get(collections::read))
        .route("/v1/{collection}/{id}/events", get(collections::events))
        .route("/v1/{collection}/{id}/actions/{action}", post(collections::act))
        .route("/metrics", get(health::metrics))
        .route("/v1/openapi.json", get(async move || Json(served)))
        .route("/v1/asyncapi.json", get(async || Json(zhicheng_app::asyncapi())))
        .merge(SwaggerUi::new("/docs").config(Config::from("/v1/openapi.json")))
        .fallback(async || Problem::not_found())
        .method_not_allowed_fallback(async |request: Request| no_such_method(&request))
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .layer(middleware::from_fn(observe))
        .with_state(api);
    (router, document)
}

/// What every answer carries, and what is told of it: no query, no body, nothing of a vote.
async fn observe(request: Request, next: Next) -> Response {
    let begun = Instant::now();
    let method = request.method().clone();
    let docs = request.uri().path().starts_with("/docs");
    let route = request.extensions().get::<MatchedPath>().map_or("none", MatchedPath::as_str).to_owned();
    let secret =
        request.uri().path().ends_with("/cast-vote") || request.uri().path().ends_with("/cast-votes");
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("private, no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    let policy = if docs {
        "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'"
    } else {
        "default-src 'none'; frame-ancestors 'none'"
    };
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(HeaderValue::from_static(policy));
    if !secret {
        let status = response.status().as_u16();
        let seconds = begun.elapsed().as_secs_f64();
        let labels =
            [("method", method.to_string()), ("route", route.clone()), ("status", status.to_string())];
        metrics::counter!("http_requests_total", &labels).increment(1);
        metrics::histogram!("http_request_seconds", &labels).record(seconds);
        tracing::info!(%method, route, status, milliseconds = seconds * 1000.0, "request");
    }
    response
}

/// A collection that there is not is not there for any method.
fn no_such_method(request: &Request) -> Problem {
    let route = request.extensions().get::<MatchedPath>();
    let of_collection = route.is_some_and(|route| route.as_str().starts_with("/v1/{collection}"));
    let name = request.uri().path().trim_start_matches("/v1/").split('/').next();
    let known = |name| AnyState::TYPES.iter().any(|(_, collection)| *collection == name);
    if of_collection && !name.is_some_and(known) {
        Problem::not_found()
    } else {
        Problem::method_not_allowed()
    }
}
