//! Listing screens: the menu, a page, an export.

use super::materials::attached;
use crate::extract::{InPath, Role, SignedIn};
use crate::problem::Problem;
use crate::state::Api;
use axum::Json;
use axum::body::Body;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use futures::StreamExt;
use serde_json::{Value, json};
use tokio_util::io::ReaderStream;

/// The position of the log as of which an export's rows are true.
const LOG_POSITION: HeaderName = HeaderName::from_static("log-position");
/// Bytes of a file that are sent at one time.
const CHUNK_BYTES: usize = 64 * 1024;

/// `GET /v1/screens`: in all of the caller's roles together, or in the one that `Acting-As` names.
#[utoipa::path(get, path = "/v1/screens", tag = "列表", responses((status = 200, description = "好"), (status = "default", body = Problem, content_type = "application/problem+json", description = "没有办成")))]
pub async fn menu(
    State(api): State<Api>,
    SignedIn(signed): SignedIn,
    Role(acting_as): Role,
) -> Result<Json<Value>, Problem> {
    Ok(Json(json!({"screens": api.app.screens(&signed, acting_as).await?})))
}

/// `GET /v1/screens/{screen}`: filters are query parameters named after columns; `sort`, `limit`, `cursor`, `after`.
#[utoipa::path(get, path = "/v1/screens/{screen}", tag = "列表", params(("screen" = String, Path, description = "列表名称")), responses((status = 200, description = "好"), (status = "default", body = Problem, content_type = "application/problem+json", description = "没有办成")))]
pub async fn page(
    State(api): State<Api>,
    SignedIn(signed): SignedIn,
    InPath(screen): InPath<String>,
    RawQuery(query): RawQuery,
    Role(acting_as): Role,
) -> Result<Json<Value>, Problem> {
    let parameters = parameters(query.as_deref().unwrap_or_default())?;
    Ok(Json(api.app.page(&signed, acting_as, &screen, parameters).await?))
}

/// `GET /v1/screens/{screen}/export`: filters as of the page, `sort`, `after`, `format`. The position of the log as of which the rows
/// are true stands in the file and in `Log-Position`.
#[utoipa::path(get, path = "/v1/screens/{screen}/export", tag = "列表", params(("screen" = String, Path, description = "列表名称"), ("format" = Option<String>, Query, description = "文件格式：xlsx（默认）或 csv")), responses((status = 200, description = "文件", content((Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"), (Vec<u8> = "text/csv")), headers(("Log-Position" = i64, description = "数据截至的日志位置"))), (status = "default", body = Problem, content_type = "application/problem+json", description = "没有办成")))]
pub async fn export(
    State(api): State<Api>,
    SignedIn(signed): SignedIn,
    InPath(screen): InPath<String>,
    RawQuery(query): RawQuery,
    Role(acting_as): Role,
) -> Result<Response, Problem> {
    let parameters = parameters(query.as_deref().unwrap_or_default())?;
    let export = api.app.export(&signed, acting_as, &screen, parameters).await?;
    let mut headers = attached(&export.name, export.media_type, "attachment");
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(export.size_bytes));
    headers.insert(LOG_POSITION, HeaderValue::from(export.position));
    let file = tokio::fs::File::from_std(export.file);
    let place = export.place;
    let chunks = ReaderStream::with_capacity(file, CHUNK_BYTES).map(move |chunk| {
        // its place is free once all is sent, or the client has gone away
        let _ = &place;
        chunk
    });
    Ok((headers, Body::from_stream(chunks)).into_response())
}

/// The query's parameters as they were sent, in order.
fn parameters(query: &str) -> Result<Vec<(String, String)>, Problem> {
    let decode = |text: &str| -> Result<String, Problem> {
        let mut bytes = Vec::with_capacity(text.len());
        let mut rest = text.bytes();
        while let Some(byte) = rest.next() {
            bytes.push(match byte {
                b'+' => b' ',
                b'%' => {
                    let digits = [rest.next(), rest.next()];
                    let [Some(high), Some(low)] = digits else { return Err(malformed()) };
                    let hex = [high, low];
                    let hex = std::str::from_utf8(&hex).map_err(|_| malformed())?;
                    u8::from_str_radix(hex, 16).map_err(|_| malformed())?
                }
                other => other,
            });
        }
        let text = String::from_utf8(bytes).map_err(|_| malformed())?;
        if text.contains('\0') { Err(malformed()) } else { Ok(text) }
    };
    query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            Ok((decode(name)?, decode(value)?))
        })
        .collect()
}

fn malformed() -> Problem {
    Problem::malformed("查询参数不符合接口要求，请检查名称和取值。")
}
