//! Review paths, names for forms, the working calendar, the log.

use crate::extract::{InPath, Parameters, SignedIn};
use crate::problem::Problem;
use crate::state::Api;
use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use serde_json::{Value, json};
use zhicheng_app::{Lookup, PathQuestion, Side};
use zhicheng_domain::ids::{EmployerId, NodeId};
use zhicheng_domain::values::{Level, Mode};

/// What is to be declared, and from where.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Resolve {
    #[param(value_type = String)]
    employer_id: EmployerId,
    #[param(value_type = String)]
    mode: Mode,
    #[param(value_type = String)]
    level: Level,
    series: String,
    specialty: String,
}

/// `GET /v1/paths/resolve`
#[utoipa::path(get, path = "/v1/paths/resolve", tag = "审核路径", params(Resolve), responses((status = 200, description = "好"), (status = "default", body = Problem, content_type = "application/problem+json", description = "没有办成")))]
pub async fn resolve(
    State(api): State<Api>,
    _: SignedIn,
    Parameters(it): Parameters<Resolve>,
) -> Result<Json<Value>, Problem> {
    let question = PathQuestion {
        employer: it.employer_id,
        mode: it.mode,
        level: it.level,
        series: it.series,
        specialty: it.specialty,
    };
    Ok(Json(json!(api.app.resolve_path(&question).await?)))
}

/// A node.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Of {
    #[param(value_type = String)]
    of: NodeId,
}

/// `GET /v1/paths/superiors?of=`
#[utoipa::path(get, path = "/v1/paths/superiors", tag = "审核路径", params(Of), responses((status = 200, description = "好"), (status = "default", body = Problem, content_type = "application/problem+json", description = "没有办成")))]
pub async fn superiors(
    State(api): State<Api>,
    _: SignedIn,
    Parameters(Of { of }): Parameters<Of>,
) -> Result<Json<Value>, Problem> {
    Ok(Json(Value::Array(api.app.edges(of, Side::Superiors).await?)))
}

/// `GET /v1/paths/subordinates?of=`
#[utoipa::path(get, path = "/v1/paths/subordinates", tag = "审核路径", params(Of), responses((status = 200, description = "好"), (status = "default", body = Problem, content_type = "application/problem+json", description = "没有办成")))]
pub async fn subordinates(
    State(api): State<Api>,
    _: SignedIn,
    Parameters(Of { of }): Parameters<Of>,
) -> Result<Json<Value>, Problem> {
    Ok(Json(Value::Array(api.app.edges(of, Side::Subordinates).await?)))
}

/// What is looked for.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Query {
    q: Option<String>,
    series: Option<String>,
    #[param(value_type = Option<String>)]
    level: Option<Level>,
}

/// `GET /v1/lookups/{what}`
#[utoipa::path(get, path = "/v1/lookups/{what}", tag = "查询", params(("what" = String, Path, description = "employers, organisations, committees, series, specialties, titles, batches or regions"), Query), responses((status = 200, description = "好"), (status = "default", body = Problem, content_type = "application/problem+json", description = "没有办成")))]
pub async fn lookup(
    State(api): State<Api>,
    _: SignedIn,
    InPath(what): InPath<String>,
    Parameters(Query { q, series, level }): Parameters<Query>,
) -> Result<Json<Value>, Problem> {
    Ok(Json(Value::Array(api.app.lookup(&what, &Lookup { q, series, level }).await?)))
}

/// `GET /v1/working-calendar/{year}`
#[utoipa::path(get, path = "/v1/working-calendar/{year}", tag = "查询", params(("year" = i32, Path, description = "年")), responses((status = 200, description = "好"), (status = "default", body = Problem, content_type = "application/problem+json", description = "没有办成")))]
pub async fn calendar(
    State(api): State<Api>,
    _: SignedIn,
    InPath(year): InPath<String>,
) -> Result<Json<Value>, Problem> {
    let year: i32 =
        year.parse().ok().filter(|year| (1900..=2999).contains(year)).ok_or_else(Problem::not_found)?;
    Ok(Json(json!(api.app.working_calendar(year).await?)))
}

/// A page of the log.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Page {
    #[serde(default)]
    after: i64,
    limit: Option<u32>,
}

/// `GET /v1/events?after=&limit=`
#[utoipa::path(get, path = "/v1/events", tag = "日志", params(Page), responses((status = 200, description = "好"), (status = "default", body = Problem, content_type = "application/problem+json", description = "没有办成")))]
pub async fn log(
    State(api): State<Api>,
    SignedIn(signed): SignedIn,
    Parameters(Page { after, limit }): Parameters<Page>,
) -> Result<Json<Value>, Problem> {
    let events = api.app.log(&signed, after, limit.unwrap_or(100)).await?;
    Ok(Json(json!({"events": events})))
}
