//! Materials: upload, download, preview. Files are given out as attachments, never executed.

use super::collections::marks;
use super::declarations::parse;
use crate::extract::{Command, InPath, SignedIn};
use crate::problem::Problem;
use crate::state::Api;
use axum::Json;
use axum::extract::{Multipart, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures::StreamExt;
use serde_json::json;
use zhicheng_app::Download;

/// The largest upload, in bytes: a file of 20 MiB and what multipart adds.
pub const UPLOAD_BYTES_MAX: usize = 21 * 1024 * 1024;

/// `POST /v1/materials` (multipart, the file in the field `file`)
#[utoipa::path(post, path = "/v1/materials", tag = "申报材料", responses((status = 201, description = "已上传"), (status = "default", body = Problem, content_type = "application/problem+json", description = "没有办成")))]
pub async fn upload(
    State(api): State<Api>,
    command: Command,
    multipart: Result<Multipart, axum::extract::multipart::MultipartRejection>,
) -> Result<Response, Problem> {
    let signed = command.caller.signed()?.clone();
    let mut multipart = multipart.map_err(|_| Problem::malformed("请以multipart/form-data上传文件。"))?;
    let broken = |error: axum::extract::multipart::MultipartError| match error.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Problem::too_large("单个文件不能超过20MB。"),
        _ => Problem::malformed("上传没有完整收到，请重试。"),
    };
    while let Some(field) = multipart.next_field().await.map_err(broken)? {
        if field.name() != Some("file") {
            continue;
        }
        let name = field.file_name().unwrap_or("未命名").to_owned();
        if name.contains('\0') {
            return Err(Problem::malformed("文件名不能含有空字符（NUL）。"));
        }
        let bytes = field.map(|chunk| chunk.map_err(|error| error.to_string()));
        let done = api.app.upload(&signed, command.acting_as, command.key, &name, bytes).await?;
        let body = json!({
            "id": done.receipt.id, "digest": done.digest, "size": done.size, "media_type": done.media_type,
            "version": done.receipt.version, "position": done.receipt.position, "stage": done.receipt.stage,
        });
        let mut response = (StatusCode::CREATED, marks(&done.receipt), Json(body)).into_response();
        if let Ok(value) = HeaderValue::from_str(&format!("/v1/materials/{}", done.receipt.id)) {
            response.headers_mut().insert(header::LOCATION, value);
        }
        return Ok(response);
    }
    Err(Problem::malformed("请在字段 file 中上传文件。"))
}

/// `GET /v1/materials/{id}`
#[utoipa::path(get, path = "/v1/materials/{id}", tag = "申报材料", params(("id" = String, Path, description = "编号")), responses((status = 200, description = "好"), (status = "default", body = Problem, content_type = "application/problem+json", description = "没有办成")))]
pub async fn download(
    State(api): State<Api>,
    SignedIn(signed): SignedIn,
    InPath(id): InPath<String>,
) -> Result<Response, Problem> {
    let file = api.app.download(&signed, parse(&id)?).await?;
    Ok(answer(file, "attachment"))
}

/// `GET /v1/materials/{id}/preview`: shown in the browser's own viewer, in a sandbox.
#[utoipa::path(get, path = "/v1/materials/{id}/preview", tag = "申报材料", params(("id" = String, Path, description = "编号")), responses((status = 200, description = "好"), (status = "default", body = Problem, content_type = "application/problem+json", description = "没有办成")))]
pub async fn preview(
    State(api): State<Api>,
    SignedIn(signed): SignedIn,
    InPath(id): InPath<String>,
) -> Result<Response, Problem> {
    let file = api.app.download(&signed, parse(&id)?).await?;
    Ok(answer(file, "inline"))
}

fn answer(file: Download, disposition: &str) -> Response {
    (attached(&file.name, &file.media_type, disposition), file.bytes).into_response()
}

/// The headers of a file: its name as in RFC 5987, its type, and nothing in it is run.
pub fn attached(name: &str, media_type: &str, disposition: &str) -> HeaderMap {
    let name: String = name.bytes().fold(String::new(), |mut name, byte| {
        match byte {
            b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | b'.' | b'-' | b'_' => name.push(char::from(byte)),
            other => name.push_str(&format!("%{other:02X}")),
        }
        name
    });
    let mut headers = HeaderMap::new();
    let texts = [
        (header::CONTENT_TYPE, media_type.to_owned()),
        (header::CONTENT_DISPOSITION, format!("{disposition}; filename*=UTF-8''{name}")),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox".to_owned()),
    ];
    for (header, text) in texts {
        if let Ok(value) = HeaderValue::from_str(&text) {
            headers.insert(header, value);
        }
    }
    headers
}
