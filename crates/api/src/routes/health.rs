//! Health: alive, ready, and figures for Prometheus.

use crate::problem::Problem;
use crate::state::Api;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde_json::{Value, json};

/// `GET /healthz`: the process answers.
pub async fn alive() -> &'static str {
    "ok\n"
}

/// `GET /readyz`: the database answers, and how far each table is.
pub async fn ready(State(api): State<Api>) -> Result<(StatusCode, Json<Value>), Problem> {
    let readiness = api.app.readiness().await;
    let status = if readiness.ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    Ok((status, Json(json!(readiness))))
}
