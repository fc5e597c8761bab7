//! The clock of a rehearsal; elsewhere there is none.

use crate::extract::{Body, Command, SignedIn};
use crate::problem::Problem;
use crate::state::Api;
use axum::Json;
use axum::extract::State;
use chrono::{DateTime, FixedOffset};
use serde::Deserialize;
use serde_json::{Value, json};
use zhicheng_app::ClockReading;
use zhicheng_domain::context::in_shanghai;

/// What the clock shows from now on.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Move {
    #[schema(value_type = String, format = "date-time")]
    now: DateTime<FixedOffset>,
}

/// `GET /v1/clock`
#[utoipa::path(get, path = "/v1/clock", tag = "演练", responses((status = 200, description = "好"), (status = "default", body = Problem, content_type = "application/problem+json", description = "没有办成")))]
pub async fn read(State(api): State<Api>, _: SignedIn) -> Result<Json<Value>, Problem> {
    Ok(Json(answer(api.app.clock().await?)))
}

/// `PUT /v1/clock`: forwards only; every step that is due then was appended before the answer.
#[utoipa::path(put, path = "/v1/clock", tag = "演练", request_body = Move, responses((status = 200, description = "好"), (status = "default", body = Problem, content_type = "application/problem+json", description = "没有办成")))]
pub async fn set(
    State(api): State<Api>,
    SignedIn(signed): SignedIn,
    command: Command,
    Body(Move { now }): Body<Move>,
) -> Result<Json<Value>, Problem> {
    Ok(Json(answer(api.app.move_clock(&signed, command.acting_as, command.key, now.to_utc()).await?)))
}

fn answer(reading: ClockReading) -> Value {
    json!({"now": in_shanghai(reading.now), "position": reading.position})
}
