//! Health: alive, ready, and figures for Prometheus.

use crate::problem::Problem;
use crate::state::Api;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde_json::{Value, json};

/// `GET /healthz`: the process answers.
#[utoipa::path(get, path = "/healthz", tag = "运行状况", responses((status = 200, description = "好"), (status = "default", body = Problem, content_type = "application/problem+json", description = "没有办成")))]
pub async fn alive() -> &'static str {
    "ok\n"
}

/// `GET /readyz`: the database answers, and how far each table is.
#[utoipa::path(get, path = "/readyz", tag = "运行状况", responses((status = 200, description = "好"), (status = "default", body = Problem, content_type = "application/problem+json", description = "没有办成")))]
pub async fn ready(State(api): State<Api>) -> Result<(StatusCode, Json<Value>), Problem> {
    let readiness = api.app.readiness().await;
    let status = if readiness.ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    Ok((status, Json(json!(readiness))))
}

/// `GET /metrics`: figures for Prometheus, without personal data.
pub async fn metrics(State(api): State<Api>) -> String {
    api.metrics.as_ref().map(metrics_exporter_prometheus::PrometheusHandle::render).unwrap_or_default()
}
