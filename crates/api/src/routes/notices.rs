//! Notices: marked as read by whoever they are addressed to.

use super::collections::answer;
use super::tickets::Nothing;
use crate::extract::{Body, Command, InPath, SignedIn};
use crate::problem::Problem;
use crate::state::Api;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use zhicheng_app::Reading;

/// `POST /v1/notices/{id}/actions/mark-read`: the receipt is that of the reader's account.
#[utoipa::path(post, path = "/v1/notices/{id}/actions/mark-read", tag = "列表", params(("id" = String, Path, description = "通知标识"), ("Idempotency-Key" = String, Header, description = "幂等键")), request_body = Nothing, responses((status = 200, description = "好"), (status = "default", body = Problem, content_type = "application/problem+json", description = "没有办成")))]
pub async fn mark_read(
    State(api): State<Api>,
    // who is not signed in is told so before the body is looked at
    SignedIn(_): SignedIn,
    InPath(id): InPath<String>,
    command: Command,
    Body(Nothing {}): Body<Nothing>,
) -> Result<Response, Problem> {
    let notice = id.parse().map_err(|_| Problem::not_found())?;
    let Command { caller, key, acting_as, if_match } = command;
    let done = api.app.mark_read(Reading { caller, acting_as, notice, key, if_match }).await?;
    Ok(answer(&done.receipt()?).into_response())
}
