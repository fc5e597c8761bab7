//! Every collection alike: create, act, read, events. One handler each; what an action is, the domain says.

use crate::extract::{Body, Command, InPath, Parameters, SignedIn};
use crate::problem::Problem;
use crate::state::Api;
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;
use zhicheng_app::{Done, Receipt, Request};
use zhicheng_domain::action::Start;
use zhicheng_domain::refusal::{FieldProblem, Refusal, common};
use zhicheng_domain::working_calendar::{self, PublishedCalendar};
use zhicheng_domain::{Aggregate as _, AnyState};

/// `POST /v1/{collection}`
pub async fn create(
    State(api): State<Api>,
    InPath(collection): InPath<String>,
    command: Command,
    Body(input): Body<Value>,
) -> Result<Response, Problem> {
    let aggregate = aggregate_of(&collection)?;
    let receipt = execute(&api, command, aggregate, None, "create".into(), input).await?.receipt()?;
    Ok(made(StatusCode::CREATED, &collection, &receipt))
}

/// The answer to a creation: its receipt, and where the thing is.
pub(super) fn made(status: StatusCode, collection: &str, receipt: &Receipt) -> Response {
    let mut response = (status, answer(receipt)).into_response();
    if let Ok(value) = HeaderValue::from_str(&format!("/v1/{collection}/{}", receipt.id)) {
        response.headers_mut().insert(header::LOCATION, value);
    }
    response
}

/// `POST /v1/{collection}/{id}/actions/{action}`
pub async fn act(
    State(api): State<Api>,
    InPath((collection, id, action)): InPath<(String, String, String)>,
    command: Command,
    Body(mut input): Body<Value>,
) -> Result<Response, Problem> {
    let aggregate = aggregate_of(&collection)?;
    let Addressed { id, year } = addressed(aggregate, &id)?;
    if let (Some(year), Value::Object(input)) = (year, &mut input) {
        let named = input.entry("year").or_insert_with(|| year.into());
        if *named != year {
            let problem = FieldProblem::new("/year", "year-differs", "与地址中的年度不一致，请改正后重试。");
            return Err(Refusal { problems: vec![problem], ..common::InvalidInput.refusal() }.into());
        }
    }
    match execute(&api, command, aggregate, Some(id), action, input).await? {
        Done::Receipt(receipt) => Ok(answer(&receipt).into_response()),
        Done::AwaitsApproval { approval_id, position, replayed } => {
            Ok(awaits_approval(approval_id, position, replayed))
        }
    }
}

/// A moment of the past.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AsOf {
    /// A position, or an RFC 3339 time.
    as_of: Option<String>,
}

/// `GET /v1/{collection}/{id}`
pub async fn read(
    State(api): State<Api>,
    SignedIn(signed): SignedIn,
    InPath((collection, id)): InPath<(String, String)>,
    Parameters(AsOf { as_of }): Parameters<AsOf>,
) -> Result<Response, Problem> {
    let aggregate = aggregate_of(&collection)?;
    let id: Uuid = id.parse().map_err(|_| Problem::not_found())?;
    let object = api.app.read(&signed, aggregate, id, as_of.as_deref()).await?;
    let mut headers = HeaderMap::new();
    if let Some(Ok(tag)) = object.etag.map(|version| HeaderValue::from_str(&format!("\"{version}\""))) {
        headers.insert(header::ETAG, tag);
    }
    Ok((headers, Json(object.body)).into_response())
}

/// `GET /v1/{collection}/{id}/events`
pub async fn events(
    State(api): State<Api>,
    SignedIn(signed): SignedIn,
    InPath((collection, id)): InPath<(String, String)>,
) -> Result<Json<Value>, Problem> {
    let aggregate = aggregate_of(&collection)?;
    let id = addressed(aggregate, &id)?.id;
    let events = api.app.events(&signed, aggregate, id).await?;
    Ok(Json(json!({"events": events})))
}

fn aggregate_of(collection: &str) -> Result<&'static str, Problem> {
    AnyState::TYPES
        .iter()
        .find(|(_, name)| *name == collection)
        .map(|(aggregate, _)| *aggregate)
        .ok_or_else(Problem::not_found)
}

/// What an id in a URL names.
struct Addressed {
    id: Uuid,
    /// Of the working calendar, whose years are one stream.
    year: Option<i32>,
}

fn addressed(aggregate: &str, id: &str) -> Result<Addressed, Problem> {
    if let Some(year) =
        (aggregate == PublishedCalendar::TYPE).then(|| working_calendar::year_of(id)).flatten()
    {
        return Ok(Addressed { id: working_calendar::STREAM, year: Some(year) });
    }
    id.parse().map(|id| Addressed { id, year: None }).map_err(|_| Problem::not_found())
}

async fn execute(
    api: &Api,
    command: Command,
    aggregate: &'static str,
    id: Option<Uuid>,
    action: String,
    input: Value,
) -> Result<Done, Problem> {
    // Internal commands of the system, and creation under the name of an action, are not for the outside.
    let spec = AnyState::specs(aggregate).iter().find(|spec| spec.name == action);
    let fits = spec.is_some_and(|spec| !spec.by.is_empty() && (spec.from == Start::Nothing) == id.is_none());
    if !fits {
        return Err(Problem::not_found());
    }
    let Command { caller, key, acting_as, if_match } = command;
    Ok(api.app.execute(Request { caller, acting_as, aggregate, id, action, input, key, if_match }).await?)
}

pub(super) fn answer(receipt: &Receipt) -> impl IntoResponse + use<> {
    let body = json!({"id": receipt.id, "version": receipt.version, "position": receipt.position, "stage": receipt.stage});
    (marks(receipt), Json(body))
}

/// The answer to a command that waits for a second person.
pub(super) fn awaits_approval(approval_id: Uuid, position: i64, replayed: bool) -> Response {
    let body = Json(json!({"approval_id": approval_id, "position": position}));
    let mut response = (StatusCode::ACCEPTED, body).into_response();
    if replayed {
        response.headers_mut().insert("idempotency-replayed", HeaderValue::from_static("true"));
    }
    response
}

/// The headers of a receipt: the version, and whether the command had been carried out before.
pub(super) fn marks(receipt: &Receipt) -> HeaderMap {
    let mut headers = HeaderMap::new();
    if let Ok(tag) = HeaderValue::from_str(&format!("\"{}\"", receipt.version)) {
        headers.insert(header::ETAG, tag);
    }
    if receipt.replayed {
        headers.insert("idempotency-replayed", HeaderValue::from_static("true"));
    }
    headers
}
