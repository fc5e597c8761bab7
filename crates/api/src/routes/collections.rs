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
use zhicheng_domain::AnyState;
use zhicheng_domain::action::Start;

/// `POST /v1/{collection}`
pub async fn create(
    State(api): State<Api>,
    InPath(collection): InPath<String>,
    command: Command,
    Body(input): Body<Value>,
) -> Result<Response, Problem> {
    let aggregate = aggregate_of(&collection)?;
    let receipt = execute(&api, command, aggregate, None, "create".into(), input).await?.receipt()?;
    let location = format!("/v1/{collection}/{}", receipt.id);
    let mut response = (StatusCode::CREATED, answer(&receipt)).into_response();
    if let Ok(value) = HeaderValue::from_str(&location) {
        response.headers_mut().insert(header::LOCATION, value);
    }
    Ok(response)
}

/// `POST /v1/{collection}/{id}/actions/{action}`
pub async fn act(
    State(api): State<Api>,
    InPath((collection, id, action)): InPath<(String, String, String)>,
    command: Command,
    Body(input): Body<Value>,
) -> Result<Response, Problem> {
    let aggregate = aggregate_of(&collection)?;
    let id: Uuid = id.parse().map_err(|_| Problem::not_found())?;
    match execute(&api, command, aggregate, Some(id), action, input).await? {
        Done::Receipt(receipt) => Ok(answer(&receipt).into_response()),
        Done::AwaitsApproval { approval_id, position, replayed } => {
            let body = Json(json!({"approval_id": approval_id, "position": position}));
            let mut response = (StatusCode::ACCEPTED, body).into_response();
            if replayed {
                response.headers_mut().insert("idempotency-replayed", HeaderValue::from_static("true"));
            }
            Ok(response)
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
    let id: Uuid = id.parse().map_err(|_| Problem::not_found())?;
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

fn answer(receipt: &Receipt) -> impl IntoResponse + use<> {
    let body = json!({"id": receipt.id, "version": receipt.version, "position": receipt.position, "stage": receipt.stage});
    (marks(receipt), Json(body))
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
