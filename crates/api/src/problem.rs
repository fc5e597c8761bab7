//! The only place where an error becomes an answer: RFC 9457 `application/problem+json` with a stable code, a Chinese title and
//! detail, and field pointers (contract.md, HTTP).

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;
use zhicheng_app::Error;
use zhicheng_domain::Refusal;
use zhicheng_domain::refusal::{Kind, common};

/// How long a client waits after a 503, in seconds.
const RETRY_AFTER_SECONDS: u64 = 2;

/// A problem as it is answered.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Problem {
    /// `/v1/problems#<code>`: where the code is explained.
    #[serde(rename = "type")]
    pub kind: String,
    /// The HTTP status.
    pub status: u16,
    /// The stable code.
    pub code: String,
    /// What kind of problem, in Chinese.
    pub title: String,
    /// What happened, why, and what to do now, in Chinese.
    pub detail: String,
    /// The fields concerned.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
    /// What may be chosen, where a choice is missing.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub choices: Vec<Choice>,
    /// Where to look for this request in the log of the server.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    #[serde(skip)]
    retry_after: Option<u64>,
}

/// A field of the request that was refused.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct FieldError {
    /// JSON pointer into the request body.
    pub pointer: String,
    /// Stable code.
    pub code: String,
    /// What is wrong with it, in Chinese.
    pub message: String,
}

/// One of several things to choose from.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Choice {
    /// The value to send.
    pub id: uuid::Uuid,
    /// What people call it.
    pub name: String,
}

/// A kind of problem that is ours and none of the rules': its status, its stable code, its title.
#[derive(Debug, Clone, Copy)]
struct Ours {
    status: StatusCode,
    code: &'static str,
    title: &'static str,
}

/// Declares ours, and lists them: what is not declared here cannot be answered.
macro_rules! ours {
    ($($name:ident = $status:ident $code:literal, $title:literal;)+) => {
        impl Ours {
            $(const $name: Self = Self { status: StatusCode::$status, code: $code, title: $title };)+
            const ALL: &[Self] = &[$(Self::$name),+];
        }
    };
}

ours! {
    UNAUTHENTICATED = UNAUTHORIZED "unauthenticated", "请先登录";
    SIGN_IN_REFUSED = UNAUTHORIZED "sign-in-refused", "登录未成功";
    TOO_MANY_REQUESTS = TOO_MANY_REQUESTS "too-many-requests", "请求过于频繁";
    TICKET_TAKEN = CONFLICT "ticket-taken", "二维码已被扫描";
    REAUTHENTICATION_REQUIRED = FORBIDDEN "reauthentication-required", "须再次确认身份";
    KEY_MISSING = BAD_REQUEST "idempotency-key-missing", "缺少 Idempotency-Key";
    KEY_INVALID = BAD_REQUEST "idempotency-key-invalid", "Idempotency-Key 无效";
    KEY_REUSED = UNPROCESSABLE_ENTITY "idempotency-key-reused", "Idempotency-Key 已用于其他请求";
    VERSION_MISMATCH = PRECONDITION_FAILED "version-mismatch", "内容已被更新";
    BODY_TOO_LARGE = PAYLOAD_TOO_LARGE "body-too-large", "请求内容过大";
    EXPORT_TOO_LARGE = UNPROCESSABLE_ENTITY "export-too-large", "导出的行数过多";
    METHOD_NOT_ALLOWED = METHOD_NOT_ALLOWED "method-not-allowed", "不支持该方法";
    BUSY = CONFLICT "busy", "其他人正在办理";
    UNAVAILABLE = SERVICE_UNAVAILABLE "unavailable", "暂时不能办理";
    INTERNAL = INTERNAL_SERVER_ERROR "internal", "内部错误";
}

impl Problem {
    /// A problem without fields.
    fn new(kind: Ours, detail: impl Into<String>) -> Self {
        let Ours { status, code, title } = kind;
        Self {
            kind: format!("/v1/problems#{code}"),
            status: status.as_u16(),
            code: code.to_owned(),
            title: title.to_owned(),
            detail: detail.into(),
            errors: Vec::new(),
            choices: Vec::new(),
            request_id: None,
            retry_after: None,
        }
    }

    /// The request does not have the form that is asked for.
    pub fn malformed(detail: impl Into<String>) -> Self {
        Self { detail: detail.into(), ..common::MalformedInput.refusal().into() }
    }

    /// More was sent than is taken.
    pub fn too_large(detail: impl Into<String>) -> Self {
        Self::new(Ours::BODY_TOO_LARGE, detail)
    }

    /// The route exists, and takes other methods.
    pub fn method_not_allowed() -> Self {
        Self::new(Ours::METHOD_NOT_ALLOWED, "该地址不支持这个请求方法。")
    }

    /// No such route or thing, or not to be known of.
    pub fn not_found() -> Self {
        Error::not_found().into()
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let status = match refusal.kind {
            Kind::Rule => StatusCode::UNPROCESSABLE_ENTITY,
            Kind::Forbidden => StatusCode::FORBIDDEN,
            Kind::Unknown => StatusCode::NOT_FOUND,
            Kind::Conflict => StatusCode::CONFLICT,
            Kind::Malformed => StatusCode::BAD_REQUEST,
        };
        debug_assert!(
            zhicheng_domain::refusal::all().iter().any(|known| known.code == refusal.code),
            "{} is in no list of refusals: declare it with `refusals!`",
            refusal.code
        );
        let errors = refusal.problems.into_iter().map(|it| FieldError {
            pointer: it.pointer,
            code: it.code,
            message: it.message,
        });
        let choices = refusal.choices.into_iter().map(|it| Choice { id: it.id, name: it.name });
        Self {
            errors: errors.collect(),
            choices: choices.collect(),
            ..Self::new(Ours { status, code: refusal.code, title: refusal.title }, refusal.detail)
        }
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::Refused(refusal) => refusal.into(),
            Error::Unauthenticated => {
                Self::new(Ours::UNAUTHENTICATED, "没有登录，或登录已失效，请重新登录。")
            }
            Error::SignInRefused { wait } => {
                let detail = "用户名或密码不正确，或尝试次数过多。请核对后再试。";
                Self {
                    retry_after: wait.map(|wait| wait.as_secs().max(1)),
                    ..Self::new(Ours::SIGN_IN_REFUSED, detail)
                }
            }
            Error::TooManyRequests { wait } => Self {
                retry_after: wait.map(|wait| wait.as_secs().max(1)),
                ..Self::new(Ours::TOO_MANY_REQUESTS, "同一地址的请求过于频繁，请稍后再试。")
            },
            Error::TicketTaken => {
                Self::new(Ours::TICKET_TAKEN, "该二维码已由另一次登录扫描，请在电脑上刷新二维码后重新扫描。")
            }
            Error::ReauthenticationRequired => Self::new(
                Ours::REAUTHENTICATION_REQUIRED,
                "该操作须在5分钟内再次输入密码确认身份，请确认后重试。",
            ),
            Error::KeyMissing => Self::new(
                Ours::KEY_MISSING,
                "请在请求头 Idempotency-Key 中给出本次操作的唯一编号，重试时使用同一编号。",
            ),
            Error::KeyInvalid => Self::new(Ours::KEY_INVALID, "Idempotency-Key 应为1至128个可见ASCII字符。"),
            Error::KeyReused => Self::new(Ours::KEY_REUSED, "该编号已用于另一内容的请求，请换一个编号。"),
            Error::VersionMismatch { present } => Self::new(
                Ours::VERSION_MISMATCH,
                format!("您看到的版本已过时，当前版本为{present}，请刷新后再办理。"),
            ),
            Error::ClaimHeld { .. } => common::ClaimHeld.refusal().into(),
            Error::TooLarge { bytes_max } => {
                Self::too_large(format!("文件不能超过{}MB，请压缩后再上传。", bytes_max / (1024 * 1024)))
            }
            Error::ExportTooLarge { rows_max } => Self::new(
                Ours::EXPORT_TOO_LARGE,
                format!("一次最多导出{rows_max}行，请缩小筛选范围后分次导出。"),
            ),
            Error::UploadBroken { .. } => Self::malformed("上传没有完整收到，请重试。"),
            Error::Busy => Self {
                retry_after: Some(1),
                ..Self::new(Ours::BUSY, "多人同时办理同一事项，请稍后重试。")
            },
            Error::Unavailable { what, source } => {
                tracing::warn!(what, cause = ?source, "not now");
                Self {
                    retry_after: Some(RETRY_AFTER_SECONDS),
                    ..Self::new(Ours::UNAVAILABLE, "系统暂时不能办理，请稍后重试。")
                }
            }
            Error::Internal { what, source } => {
                #[expect(
                    clippy::disallowed_methods,
                    reason = "a reference for the log, not a fact of the domain"
                )]
                let reference = uuid::Uuid::new_v4().simple().to_string();
                tracing::error!(what, cause = ?source, request.id = reference, "internal error");
                Self {
                    request_id: Some(reference),
                    ..Self::new(Ours::INTERNAL, "系统内部错误，请将编号告知管理员。")
                }
            }
        }
    }
}

/// Every problem that an answer may be, each once for each of its causes: those of the rules, then our own.
pub fn problems() -> Vec<Problem> {
    let of_rules = zhicheng_domain::refusal::all().into_iter().map(|code| {
        let detail = String::new();
        let (kind, code, title) = (code.kind, code.code, code.title);
        Problem::from(Refusal { kind, code, title, detail, problems: Vec::new(), choices: Vec::new() })
    });
    of_rules.chain(Ours::ALL.iter().map(|kind| Problem::new(*kind, ""))).collect()
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = serde_json::to_vec(&self).unwrap_or_default();
        let mut response = Response::new(Body::from(body));
        *response.status_mut() = status;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}
