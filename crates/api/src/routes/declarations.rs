//! What only declarations have: the tracking view, differences, checks before submission.

use crate::extract::{InPath, Parameters, SignedIn};
use crate::problem::Problem;
use crate::state::Api;
use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

/// `GET /v1/declarations/{id}/tracking`
#[utoipa::path(get, path = "/v1/declarations/{id}/tracking", tag = "职称申报", params(("id" = String, Path, description = "编号")), responses((status = 200, description = "好"), (status = "default", body = Problem, content_type = "application/problem+json", description = "没有办成")))]
pub async fn tracking(
    State(api): State<Api>,
    SignedIn(signed): SignedIn,
    InPath(id): InPath<String>,
) -> Result<Json<Value>, Problem> {
    let steps = api.app.tracking(&signed, parse(&id)?).await?;
    Ok(Json(json!({"steps": steps})))
}

/// Two positions.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Between {
    from: i64,
    to: i64,
}

/// `GET /v1/declarations/{id}/diff?from=&to=`
#[utoipa::path(get, path = "/v1/declarations/{id}/diff", tag = "职称申报", params(("id" = String, Path, description = "编号"), Between), responses((status = 200, description = "好"), (status = "default", body = Problem, content_type = "application/problem+json", description = "没有办成")))]
pub async fn diff(
    State(api): State<Api>,
    SignedIn(signed): SignedIn,
    InPath(id): InPath<String>,
    Parameters(Between { from, to }): Parameters<Between>,
) -> Result<Json<Value>, Problem> {
    Ok(Json(Value::Array(api.app.diff(&signed, parse(&id)?, from, to).await?)))
}

/// `GET /v1/declarations/{id}/checks`
#[utoipa::path(get, path = "/v1/declarations/{id}/checks", tag = "职称申报", params(("id" = String, Path, description = "编号")), responses((status = 200, description = "好"), (status = "default", body = Problem, content_type = "application/problem+json", description = "没有办成")))]
pub async fn checks(
    State(api): State<Api>,
    SignedIn(signed): SignedIn,
    InPath(id): InPath<String>,
) -> Result<Json<Value>, Problem> {
    Ok(Json(json!(api.app.checks(&signed, parse(&id)?).await?)))
}

/// An id in a path; what is not one names nothing.
pub fn parse(id: &str) -> Result<Uuid, Problem> {
    id.parse().map_err(|_| Problem::not_found())
}
