//! Jobs: one action on many. Everything but starting one goes the way of all collections.

use super::collections::{awaits_approval, made};
use crate::extract::{Body, Command};
use crate::problem::Problem;
use crate::state::Api;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use zhicheng_app::{Done, Request};
use zhicheng_domain::Aggregate as _;
use zhicheng_domain::job::Job;

/// `POST /v1/jobs`: 202, for its items are worked off afterwards; with `dry_run` what it would come to.
pub async fn start(
    State(api): State<Api>,
    command: Command,
    Body(mut input): Body<Value>,
) -> Result<Response, Problem> {
    let Command { caller, key, acting_as, if_match } = command;
    let dry_run = input.as_object_mut().and_then(|members| members.remove("dry_run"));
    match dry_run {
        None | Some(Value::Bool(false)) => {}
        Some(Value::Bool(true)) => {
            let tried = api.app.try_job(caller.signed()?, acting_as, input).await?;
            return Ok(Json(tried).into_response());
        }
        Some(_) => return Err(Problem::malformed("dry_run 应为 true 或 false。")),
    }
    let request = Request {
        caller,
        acting_as,
        aggregate: Job::TYPE,
        id: None,
        action: "create".to_owned(),
        input,
        key,
        if_match,
    };
    match api.app.execute(request).await? {
        Done::AwaitsApproval { approval_id, position, replayed } => {
            Ok(awaits_approval(approval_id, position, replayed))
        }
        Done::Receipt(receipt) => Ok(made(StatusCode::ACCEPTED, Job::COLLECTION, &receipt)),
    }
}
